"""Say of versions of kept scripts whether they are as new as they could be."""

from enum import IntEnum

from jobfleet.model.script_version import VersionState


class ScriptState(IntEnum):
    """Say how a step's script version stands; the numbers are the platform's."""

    CURRENT = 0
    OUTDATED = 1
    DISABLED = 2


def standing_of(version_id: int, state: VersionState, online_id: int | None) -> ScriptState:
    """Return how a version stands, of whose script another one, or this, or none is online.

    Source: docs/reference/scripts.md, «Versions».
    """
    if state is VersionState.DISABLED:
        return ScriptState.DISABLED
    return ScriptState.CURRENT if online_id in {None, version_id} else ScriptState.OUTDATED
