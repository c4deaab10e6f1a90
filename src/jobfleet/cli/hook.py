"""`jobfleet hook`: where a business wants to be told of what happens in it."""

from typing import Annotated

import typer

from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_schedules import Hook, HookList

_ROOT = "/api/v1/notification-hooks"
Name = Annotated[str, typer.Argument(help="Name of the hook.")]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Where a business wants to be told of what happens in it.", no_args_is_help=True)
    group.command("set")(set_hook)
    group.command("list")(list_hooks)
    group.command("delete")(delete)
    app.add_typer(group, name="hook")


@with_server
def set_hook(
    api: Api,
    name: Name,
    *,
    url: Annotated[str, typer.Option(help="Address, http or https.")],
    on: Annotated[
        list[str],
        typer.Option(
            help="approval_waiting, job_succeeded, job_failed, schedule_failed, start_waiting, start_approved or "
            "start_refused; several times."
        ),
    ],
    scope: ScopeOption = "",
) -> None:
    """Have an address told of occasions, in place of what the hook of this name did."""
    api.post(_ROOT, Hook, {"scope": scope_of(api, scope), "name": name, "url": url, "occasions": on})
    say(f"{name} is told of {', '.join(on)}")


@with_server
def list_hooks(api: Api, *, scope: ScopeOption = "", output: FormOption = Form.TEXT) -> None:
    """List the notification hooks of a business."""
    answer = api.get(_ROOT, HookList, scope=scope_of(api, scope))
    if output is Form.JSON:
        show_json(answer)
        return
    show_table(("name", "occasions", "url"), [(one.name, ", ".join(one.occasions), one.url) for one in answer.hooks])


@with_server
def delete(api: Api, name: Name, *, scope: ScopeOption = "") -> None:
    """Remove a hook."""
    api.post(f"{_ROOT}/delete", Done, {"scope": scope_of(api, scope), "name": name})
    say(f"{name} is gone")
