"""`jobfleet notify`: who hears of jobs over which channels, and who is sent nothing."""

from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer

from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, tell
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_notify import MutedList, PolicyAnswer

_ROOT, _MUTED = "/api/v1/notification-policies", "/api/v1/notification-mutes"
_KINDS = ("SCRIPT", "FILE", "JOB")


class TriggerName(StrEnum):
    """How a job was started, as it is written here."""

    API = "api"
    PAGE = "page"
    TIMER = "timer"


_TRIGGERS = {"api": "API_INVOKE", "page": "PAGE_EXECUTE", "timer": "TIMER_TASK"}
OwnFlag = Annotated[bool, typer.Option("--own", help="Your own policies in the business, not the business's.")]
Trigger = Annotated[TriggerName, typer.Argument(help="How jobs were started.")]
Role = Annotated[list[str] | None, typer.Option(help="Who hears: a role; several times. Without: who started the job.")]
Observer = Annotated[list[str] | None, typer.Option(help="Who else hears: a user; several times.")]
Channels = Annotated[list[str] | None, typer.Option(help="A channel, such as mail; several times.")]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Who hears of jobs over which channels, and who is sent nothing.", no_args_is_help=True)
    group.command("set")(set_policy)
    for command in (show, reset, mute):
        group.command()(command)
    app.add_typer(group, name="notify")


@with_server
def show(api: Api, *, own: OwnFlag = False, scope: ScopeOption = "", output: FormOption = Form.TEXT) -> None:
    """Show the notification policies of a business."""
    answer = _get(api, scope_of(api, scope), own=own)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (one.trigger, ", ".join(one.kinds), ", ".join([*one.roles, *one.observers]), _told(one.channels))
        for one in answer.policies
    ]
    show_table(("started by", "kinds", "who hears", "of what, over what"), rows)
    if not answer.saved:
        say("nobody saved any; these are the usual ones" if rows else "none saved")


@with_server
def set_policy(  # noqa: PLR0913 (a flag each)
    api: Api,
    trigger: Trigger,
    *,
    fail: Channels = None,
    success: Channels = None,
    ready: Channels = None,
    role: Role = None,
    observer: Observer = None,
    own: OwnFlag = False,
    scope: ScopeOption = "",
) -> None:
    """Say who hears of jobs that were started in one way; the policies of the other ways stay."""
    named, word = scope_of(api, scope), _TRIGGERS[trigger.value]
    others = [one for one in _get(api, named, own=own).policies if one.trigger != word]
    observers = observer or []
    roles = role or ["JOB_RESOURCE_TRIGGER_USER"]
    new = {
        "trigger": word,
        "kinds": _KINDS,
        "roles": [*roles, *(["JOB_EXTRA_OBSERVER"] if observers else [])],
        "observers": observers,
        "channels": {"FAIL": fail or [], "SUCCESS": success or [], "READY": ready or []},
    }
    policies: list[Any] = [*(msgspec.to_builtins(one) for one in others), new]
    api.post(_ROOT, PolicyAnswer, {"scope": named, "own": own, "policies": policies})
    say(f"the policy of jobs started by {trigger.value} is set")


@with_server
def reset(api: Api, *, own: OwnFlag = False, scope: ScopeOption = "") -> None:
    """Forget the notification policies of a business; the usual ones count again."""
    api.post(f"{_ROOT}/reset", Done, {"scope": scope_of(api, scope), "own": own})
    say("the policies are gone")


@with_server
def mute(
    api: Api,
    *,
    user: Annotated[list[str] | None, typer.Option(help="Who is never sent anything; several times.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Nobody is muted any more.")] = False,
) -> None:
    """Show who is never sent anything, or say who it is from now on."""
    given = [] if clear else user
    answer = api.get(_MUTED, MutedList) if given is None else api.post(_MUTED, MutedList, {"users": given})
    for name in answer.users:
        tell(name)


def _get(api: Api, scope: str, *, own: bool) -> PolicyAnswer:
    return api.get(_ROOT, PolicyAnswer, scope=scope, own=str(own).lower())


def _told(channels: dict[str, list[str]]) -> str:
    return "; ".join(f"{ending.lower()}: {', '.join(over)}" for ending, over in channels.items() if over)
