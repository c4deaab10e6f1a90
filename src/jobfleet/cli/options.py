"""Give a command one flag for every setting, so that settings are written down in one place only."""

import functools
import inspect
import os
from collections.abc import Callable
from typing import Annotated, Any

import typer

from jobfleet import settings
from jobfleet.cli.exits import refuse
from jobfleet.settings_sources import SettingError, load

Command = Callable[..., None]


def with_settings(command: Command) -> Command:
    """Turn a command that takes `loaded: Loaded` first into one that takes a flag for every setting.

    The command ends with exit code 2 and the setting's name when one is wrong.
    """

    @functools.wraps(command)
    def wrapper(config: str | None = None, **arguments: Any) -> None:
        flags = {name: arguments.pop(name) for name in settings.FIELDS}
        try:
            command(load(flags, os.environ, config), **arguments)
        except SettingError as error:
            refuse(str(error))

    own = list(inspect.signature(command).parameters.values())[1:]
    flags = [_flag(name) for name in settings.FIELDS if name not in {parameter.name for parameter in own}]
    parameters = [*own, _config_flag(), *flags]
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return wrapper


def _flag(name: str) -> inspect.Parameter:
    text = f"{settings.description_of(name)}. {settings.allowed(name).capitalize()}."
    option = typer.Option(f"--{settings.flag_of(name)}", help=text, metavar="…", rich_help_panel="Settings")
    return _parameter(name, option)


def _config_flag() -> inspect.Parameter:
    option = typer.Option("--config", help="TOML file with settings.", metavar="FILE", envvar="JOBFLEET_CONFIG")
    return _parameter("config", option)


def _parameter(name: str, option: Any) -> inspect.Parameter:
    kind = Annotated[str | None, option]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
