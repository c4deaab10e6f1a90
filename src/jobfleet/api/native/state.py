"""Applying declared state."""

import msgspec

from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.difference import Change
from jobfleet.operations.declare import apply_text


class Apply(Wanted, frozen=True):
    """Give declared state as TOML; a dry run shows the difference and changes nothing."""

    toml: str
    dry_run: bool = False


class Applied(msgspec.Struct, frozen=True):
    """Show what became of each declared thing; secrets are masked."""

    dry_run: bool
    changes: list[Change]


async def apply(call: Call, wanted: Apply) -> Applied:
    """Make what is declared so."""
    changes = await apply_text(call.platform, call.caller, wanted.toml, dry_run=wanted.dry_run)
    return Applied(wanted.dry_run, changes)


ROUTES = (Route("POST", "/api/v1/apply", Action.MANAGE_PLATFORM, apply, Apply, Applied, "Apply declared state"),)
