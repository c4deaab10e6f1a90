"""Say of steps that run kept scripts whether these are as new as they could be."""

from collections.abc import Iterable
from enum import IntEnum

from jobfleet.model.script_version import VersionState
from jobfleet.model.template import ScriptAction, SqlAction, TemplateStep
from jobfleet.store import script_versions
from jobfleet.store.database import Transaction


class ScriptState(IntEnum):
    """Say how a step's script version stands; the numbers are the platform's."""

    CURRENT = 0
    OUTDATED = 1
    DISABLED = 2


async def script_states(tx: Transaction, steps: Iterable[TemplateStep]) -> list[ScriptState | None]:
    """Return of each step how its script version stands; None of steps that name none.

    A version is outdated when another one of its script is online.

    Source: docs/reference/scripts.md, «Versions».
    """
    named = [_version_id(step) for step in steps]
    known = await script_versions.standing(tx, {one for one in named if one is not None})
    return [None if one is None or one not in known else standing_of(one, *known[one]) for one in named]


def _version_id(step: TemplateStep) -> int | None:
    return step.action.script_version_id if isinstance(step.action, ScriptAction | SqlAction) else None


def standing_of(version_id: int, state: VersionState, online_id: int | None) -> ScriptState:
    """Return how a version stands, of whose script another one, or this, or none is online."""
    if state is VersionState.DISABLED:
        return ScriptState.DISABLED
    return ScriptState.CURRENT if online_id in {None, version_id} else ScriptState.OUTDATED
