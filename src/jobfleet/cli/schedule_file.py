"""Schedules as a file declares them: read, with every mistake named by its place."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from jobfleet.cli import exits
from jobfleet.cli.http import CommandError


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A schedule in a file; `plan` is a name, or an id. A moment has an offset, such as 2026-12-24T18:00:00+01:00."""

    name: str
    plan: str | int
    expression: str = ""
    execute_at: datetime | None = None
    time_zone: str = ""
    end_at: datetime | None = None
    overlap: str = "allow"
    enabled: bool = True
    values: dict[str, str] = msgspec.field(default_factory=dict)
    hosts: dict[str, list[str]] = msgspec.field(default_factory=dict)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schedules: list[Declared]


def read_schedules(path: str) -> list[Declared]:
    """Return the schedules that a TOML file declares.

    Raises:
        CommandError: The file cannot be read, or a field is unknown, missing or wrong; its place is named.

    Source: docs/reference/schedules.md, «Schedules as a file».
    """
    try:
        found = msgspec.convert(tomllib.loads(Path(path).read_text(encoding="utf-8")), _File).schedules
    except (OSError, ValueError) as error:  # TOML's and msgspec's refusals are of this kind too
        raise CommandError(f"{path}: {error}", exits.USAGE) from error
    for index, one in enumerate(found):
        for field, moment in (("execute_at", one.execute_at), ("end_at", one.end_at)):
            if moment is not None and moment.tzinfo is None:
                raise CommandError(f"{path}: schedules[{index}].{field}: give an offset, such as +08:00", exits.USAGE)
    return found


def body_of(one: Declared, scope: str) -> dict[str, Any]:
    """Return the request that makes a schedule what is declared."""
    body: dict[str, Any] = {
        "scope": scope,
        "name": one.name,
        "expression": one.expression,
        "time_zone": one.time_zone,
        "overlap": one.overlap,
        "enabled": one.enabled,
        "values": one.values,
        "hosts": one.hosts,
    }
    body |= {"plan": one.plan} if isinstance(one.plan, str) else {"plan_id": one.plan}
    moments = {"execute_at": one.execute_at, "end_at": one.end_at}
    return body | {name: int(at.timestamp() * 1000) for name, at in moments.items() if at is not None}
