"""`jobfleet request`: starts that wait for a second person."""

from collections.abc import Mapping
from typing import Annotated

import typer

from jobfleet.cli import exits
from jobfleet.cli.asking import REQUESTS
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, show_time, tell
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.texts import visible
from jobfleet.cli.wire import Done, Started
from jobfleet.cli.wire_requests import AskedScript, Request, RequestDetail, RequestList

RequestId = Annotated[int, typer.Argument(help="Id of the request.", min=1)]
AnswerOption = Annotated[str, typer.Option(help="What you say to it; whoever asked reads it.")]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Look at starts that wait for a second person, and decide on them.", no_args_is_help=True)
    group.command("list")(list_requests)
    for command in (show, approve, refuse, withdraw):
        group.command()(command)
    app.add_typer(group, name="request")


@with_server
def list_requests(
    api: Api,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those too that wait no more.")] = False,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """List the starts that wait: your own, and those that you may decide on."""
    answer = api.get(REQUESTS, RequestList, scope=scope_of(api, scope))
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [_row(one) for one in answer.requests if everything or one.state == "pending"]
    show_table(("id", "state", "asked by", "kind", "name", "hosts", "because of", "asked", "reason"), rows)


@with_server
def show(api: Api, request_id: RequestId, *, scope: ScopeOption = "", output: FormOption = Form.TEXT) -> None:
    """Show what a start would do now: each script, as whom, on which hosts, and what has changed since."""
    found = _detail(api, request_id, scope_of(api, scope))
    if output is Form.JSON:
        show_json(found)
    else:
        _tell(found)


@with_server
def approve(
    api: Api,
    request_id: RequestId,
    *,
    answer: AnswerOption = "",
    seen: Annotated[str, typer.Option(help="Digest of what was looked at (`show -o json`); asks nothing more.")] = "",
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Show what a start would do, ask, and start it as whoever wants it; nobody approves what they want themselves."""
    wanted = scope_of(api, scope)
    body = {"scope": wanted, "seen": seen or _looked_at(api, request_id, wanted), "answer": answer}
    started = api.post(f"{REQUESTS}/{request_id}/approve", Started, body)
    if output is Form.JSON:
        show_json(started)
    else:
        tell(started.job_id)


@with_server
def refuse(api: Api, request_id: RequestId, *, answer: AnswerOption = "", scope: ScopeOption = "") -> None:
    """Refuse a start."""
    api.post(f"{REQUESTS}/{request_id}/refuse", Done, {"scope": scope_of(api, scope), "answer": answer})
    say(f"refused {request_id}")


@with_server
def withdraw(api: Api, request_id: RequestId, *, scope: ScopeOption = "") -> None:
    """Take back what you have asked for."""
    api.post(f"{REQUESTS}/{request_id}/withdraw", Done, {"scope": scope_of(api, scope)})
    say(f"withdrew {request_id}")


def _row(one: Request) -> tuple[object, ...]:
    what = one.kind, visible(one.name), one.hosts, visible(_why(one))
    return one.id, one.state, one.asked_by, *what, show_time(one.asked_at), visible(one.reason)


def _detail(api: Api, request_id: int, scope: str) -> RequestDetail:
    return api.get(f"{REQUESTS}/{request_id}", RequestDetail, scope=scope)


def _looked_at(api: Api, request_id: int, scope: str) -> str:
    """Return the digest of what somebody has looked at and wants to start."""
    found = _detail(api, request_id, scope)
    _tell(found)
    if not found.request.allowed or not found.digest:
        raise CommandError(found.request.refusal or found.trouble or "it cannot be shown", exits.REFUSED)
    typer.confirm(f"Start it now as {visible(found.request.asked_by)}?", abort=True, err=True)
    return found.digest


def _why(one: Request) -> str:
    return "; ".join(f"{reason.what} {reason.value}" for reason in one.reasons)


_KINDS: Mapping[str, str] = {
    "plan": "plan {id}",
    "template": "template {id} tried out",
    "schedule": "schedule {id} fired now",
    "run": "job {id} once more",
}


def _tell(found: RequestDetail) -> None:
    one = found.request
    what = _KINDS.get(one.kind, one.kind).format(id=found.of or "")
    on = f"{one.hosts} host{'' if one.hosts == 1 else 's'}"
    asked = f"{what} on {on}, asked by {one.asked_by} at {show_time(one.asked_at)}"
    tell(f"{one.state}  {visible(one.name)}  {asked}")
    tell(f"because of: {visible(_why(one))}")
    for label, text in (("reason", one.reason), ("decided by", one.decided_by), ("answer", one.answer)):
        if text:
            tell(f"{label}: {visible(text)}")
    if found.changed:
        tell("SOMETHING HAS CHANGED since it was asked for; this is what it would do now:")
    if found.trouble:
        tell(f"it would be refused: {found.trouble}")
    for script in found.scripts:
        _tell_step(found, script)
    for name, value in found.values.items():
        tell(f"{name} = {visible(value)}")


def _tell_step(found: RequestDetail, script: AskedScript) -> None:
    step = found.preview.steps[script.place - 1] if found.preview is not None else None
    total, account = (len(script.on), "") if step is None else (step.hosts.total, step.account_alias)
    more = "" if total <= len(script.on) else f" and {total - len(script.on)} more"
    said = " ".join(part for part in (script.language, script.interpreter, f"as {account}" if account else "") if part)
    tell()
    tell(f"{script.place} {visible(f'{script.step}: {said}')} on {', '.join(script.on)}{more}")
    for rule in () if step is None else step.rules:
        tell(f"  line {rule['line']}: {visible(rule['description'] or rule['expression'])} ({rule['action']})")
    for line in script.text.split("\n"):
        tell(f"    {visible(line)}")
    if script.params:
        tell(f"  params: {visible(script.params)}")
