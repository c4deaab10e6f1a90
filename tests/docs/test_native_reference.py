"""The reference names every native route, every declared field, every command and every exit code."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import typer
from typer.main import get_group

from jobfleet.api import agents
from jobfleet.api.native.routes import ROUTES
from jobfleet.cli import exits
from jobfleet.cli.app import build
from jobfleet.model.declared import SINGLE, TABLES

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def text(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def test_every_native_route_is_in_the_reference() -> None:
    page = text("native-api.md")
    for route in (*ROUTES, *agents.ROUTES):
        path = route.path.replace("{content_hash}", "{sha256}")
        assert f"`{route.method} {path}" in page, route.path


def test_every_declared_field_is_in_the_reference() -> None:
    sections = text("declared-state.md").split("\n**`[")
    declared: dict[str, type[msgspec.Struct]] = {f"[{table}]": row for table, row in TABLES.items()}
    for name, kind in (declared | dict(SINGLE)).items():
        [section] = [part for part in sections if part.startswith(f"{name}]")]
        for field in msgspec.structs.fields(kind):
            assert f"`{field.name}`" in section, (name, field.name)


def commands(group: object, above: str = "") -> Iterator[str]:
    for name, command in getattr(group, "commands", {}).items():
        inner = list(commands(command, f"{above}{name} "))
        yield from inner or [above + name]


def test_every_command_is_in_the_reference() -> None:
    page = text("cli.md")
    app: typer.Typer = build(lambda _settings: 0)
    for name in commands(get_group(app)):
        assert f"`{name} " in page or f"`{name}`" in page, name


def test_every_exit_code_is_in_the_reference() -> None:
    page = text("cli.md")
    for name, code in vars(exits).items():
        if name.isupper() and isinstance(code, int):
            assert f"\n| {code} | " in page, name
