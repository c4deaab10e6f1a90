"""The file in which a fleet keeps its identities, so that a second start enrols nobody again."""

import os
from pathlib import Path

import msgspec

from jobfleet.sim.fleet import Enrolled


class RosterError(Exception):
    """The file is there and is not a fleet's; the message says what to do."""


def load(path: Path) -> Enrolled | None:
    """Return the fleet in a file, or None where there is no file.

    Raises:
        RosterError: The file is damaged.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Enrolled)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise RosterError(f"{path} is damaged ({error}); remove it to enrol the fleet again") from error


def store(path: Path, fleet: Enrolled) -> None:
    """Write a fleet to a file, readable by its owner alone: it has every agent's secret."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(fleet))
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
