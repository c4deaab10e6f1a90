"""Keep how people want to see things: language, time zone, theme."""

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.desk import Choices
from jobfleet.model.schedule import check_zone
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, users

AUDITED = "choices"


async def choices_of(platform: Platform, username: str) -> Choices:
    """Return what a user has chosen."""
    async with platform.engine.db.begin() as tx:
        return await users.choices(tx, username)


async def choose(platform: Platform, caller: Caller, wanted: Choices, fields: frozenset[str]) -> Choices:
    """Keep some of the caller's choices and return all of them.

    Args:
        fields: The members of `wanted` that count; None in one of them forgets the choice.

    Raises:
        IllegalParameterReasonError: There is no such time zone (names `time_zone`).

    Source: docs/reference/sign-in.md, «Choices».
    """
    if wanted.time_zone is not None:
        check_zone(wanted.time_zone)
    changes = {name: getattr(wanted, name) for name in fields}
    async with platform.engine.db.begin() as tx:
        await users.lock(tx, caller.username)
        kept = await users.choices(tx, caller.username)
        chosen = msgspec.structs.replace(kept, **changes)
        if chosen != kept:
            await users.keep_choices(tx, caller.username, chosen)
            await audit.insert(tx, caller, AUDITED, _words(changes), platform.engine.clock())
    return chosen


def _words(changes: dict[str, str | None]) -> str:
    return ", ".join(f"choose {name} {value or 'of the browser'}" for name, value in sorted(changes.items()))
