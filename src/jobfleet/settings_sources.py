"""Where settings come from: flags, variables and a file; and how they go on to other processes."""

import difflib
import ipaddress
import tomllib
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from jobfleet.model.oidc import read_group_role
from jobfleet.settings import FIELDS, PREFIX, Settings, allowed, default_of, description_of, flag_of, is_list

NOT_OURS = frozenset({"CONFIG", "SERVER", "TOKEN", "USER", "PASSWORD", "TASK", "KEY"})
"""Variables with our prefix that are no settings of a server: the file's place, those of clients and scripts."""


NOT_OURS_PREFIXES = ("AGENT_", "BUILD_", "CLI_", "BENCH_", "TASK_")
"""Beginnings of more of them."""


class SettingError(Exception):
    """Refuse a setting; `name` is the setting's, or the text that should have been one."""

    def __init__(self, name: str, origin: str, why: str) -> None:
        super().__init__(f"setting {name} ({origin}): {why}")
        self.name = name


class Given(msgspec.Struct, frozen=True):
    """A value for a setting, and in words where it comes from."""

    value: object
    origin: str


class Loaded(msgspec.Struct, frozen=True):
    """The effective settings, and where each one comes from."""

    settings: Settings
    origins: dict[str, str]


def load(flags: Mapping[str, str | None], env: Mapping[str, str], config: str | None = None) -> Loaded:
    """Return the effective settings.

    Args:
        flags: Values given on the command line, by setting; None is not given.
        config: The TOML file; None takes `JOBFLEET_CONFIG`, and no file when that is not set.

    Raises:
        SettingError: A setting is unknown, or has a wrong value; the message names it and says what is allowed.
    """
    path = config or env.get(PREFIX + "CONFIG")
    given = _from_file(Path(path)) if path else {}
    given |= _from_env(env) | _from_flags(flags)
    values = {name: _checked(name, item) for name, item in given.items()}
    origins = {name: given[name].origin if name in given else "default" for name in FIELDS}
    return Loaded(Settings(**values), origins)


def required(settings: Settings, *names: str) -> None:
    """Refuse settings that are empty but needed.

    Raises:
        SettingError: The first one that is empty.
    """
    for name in names:
        if not getattr(settings, name):
            ways = f"--{flag_of(name)}, {PREFIX}{name.upper()} or {name} in the configuration file"
            raise SettingError(name, "not set", f"needed here; give {ways}")


def to_env(settings: Settings) -> dict[str, str]:
    """Return the variables that give another process the same settings; defaults are left out."""
    chosen = {name: value for name, value in msgspec.to_builtins(settings).items() if value != default_of(name)}
    return {PREFIX + name.upper(): _env_text(value) for name, value in chosen.items()}


def without_ours(env: Mapping[str, str]) -> dict[str, str]:
    """Return variables without those that hold settings, so that nothing is given twice."""
    ours = _from_env(env)
    return {key: value for key, value in env.items() if key.removeprefix(PREFIX).lower() not in ours}


def _from_flags(flags: Mapping[str, str | None]) -> dict[str, Given]:
    return {name: Given(value, f"--{flag_of(name)}") for name, value in flags.items() if value is not None}


def _from_env(env: Mapping[str, str]) -> dict[str, Given]:
    ours = {key.removeprefix(PREFIX): value for key, value in env.items() if key.startswith(PREFIX)}
    return {
        name.lower(): Given(value, PREFIX + name)
        for name, value in ours.items()
        if name not in NOT_OURS and not name.startswith(NOT_OURS_PREFIXES)
    }


def _from_file(path: Path) -> dict[str, Given]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingError("config", str(path), f"the file cannot be read: {error}") from error
    return {name: Given(value, str(path)) for name, value in _flat(tables)}


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield settings of nested tables under joined names: `[compat] x = 1` is `compat_x`."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}_")
        else:
            yield above + key, value


def _checked(name: str, given: Given) -> Any:
    if name not in FIELDS:
        raise SettingError(name, given.origin, _unknown(name))
    value, kind = given.value, FIELDS[name].type
    if is_list(name) and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        checked = msgspec.convert(value, kind, strict=not isinstance(value, str))
    except msgspec.ValidationError as error:
        raise SettingError(name, given.origin, f"must be {allowed(name)}; {description_of(name)}") from error
    _check_further(name, checked, given.origin)
    return checked


def _check_further(name: str, value: Any, origin: str) -> None:
    check = _FURTHER.get(name)
    why = check(value) if check else None
    if why is not None:
        raise SettingError(name, origin, why)


def _zone_problem(value: str) -> str | None:
    return None if value in zoneinfo.available_timezones() else f"{value!r} is no IANA time zone such as Asia/Shanghai"


def _network_problem(value: list[str]) -> str | None:
    for text in value:
        try:
            ipaddress.ip_network(text)
        except ValueError:
            return f"{text!r} is no address and no network such as 10.0.0.0/8"
    return None


def _roles_problem(value: list[str]) -> str | None:
    for text in value:
        try:
            read_group_role(text)
        except ValueError as error:
            return str(error)
    return None


_FURTHER: Mapping[str, Callable[[Any], str | None]] = {
    "time_zone": _zone_problem,
    "trusted_proxies": _network_problem,
    "oidc_roles": _roles_problem,
}


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, FIELDS, n=1)
    return "there is no such setting" + (f"; did you mean {close[0]}?" if close else "; see `jobfleet config`")


def _env_text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
