"""`jobfleet schedule`: plans that run by themselves."""

from typing import Annotated

import typer

from jobfleet.cli import exits
from jobfleet.cli.asking import AskOption, start
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, show_time, tell
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.schedule_file import body_of, read_schedules
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_schedules import FireList, Schedule, ScheduleAnswer, ScheduleApplied, ScheduleList

Which = Annotated[str, typer.Argument(help="The schedule: its name or id.")]
Count = Annotated[int, typer.Option("--count", "-n", help="How many.", min=1, max=1000)]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Plans that run by themselves.", no_args_is_help=True)
    for command in (apply, show, enable, disable, delete, fires, fire):
        group.command()(command)
    group.command("list")(list_schedules)
    app.add_typer(group, name="schedule")


@with_server
def apply(
    api: Api,
    *,
    file: Annotated[str, typer.Option("--file", "-f", help="TOML file.")],
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Make schedules what a file declares: created, changed, enabled or paused; those it does not name stay."""
    place = scope_of(api, scope)
    applied = [_apply(api, body_of(one, place)) for one in read_schedules(file)]
    if output is Form.JSON:
        show_json(applied)
        return
    for one in applied:
        tell(f"{one.effect} {one.schedule.name}: {_when(one.schedule)}")


def _apply(api: Api, body: dict[str, object]) -> ScheduleApplied:
    try:
        return api.post("/api/v1/schedules/apply", ScheduleApplied, body)
    except CommandError as error:
        raise CommandError(f"schedule {body['name']!r}: {error}", error.exit_code) from error


def _when(schedule: Schedule) -> str:
    return f"fires next at {show_time(schedule.next_fire_at)}" if schedule.enabled else "paused"


@with_server
def list_schedules(api: Api, *, scope: ScopeOption = "", count: Count = 100, output: FormOption = Form.TEXT) -> None:
    """List the schedules of a business, last changed first."""
    answer = api.get("/api/v1/schedules", ScheduleList, scope=scope_of(api, scope), length=count)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (one.id, one.name, "on" if one.enabled else "paused", show_time(one.next_fire_at), _rule(one), one.modifier)
        for one in answer.schedules
    ]
    show_table(("id", "name", "state", "next", "rule", "fires as"), rows)


def _rule(schedule: Schedule) -> str:
    return f"{schedule.expression or 'once'} ({schedule.time_zone})"


@with_server
def show(api: Api, which: Which, *, scope: ScopeOption = "", output: FormOption = Form.TEXT) -> None:
    """Show a schedule and the values that it gives; those of passwords are masked."""
    answer = api.get(f"/api/v1/schedules/{_find(api, which, scope)}", ScheduleAnswer)
    if output is Form.JSON:
        show_json(answer)
        return
    schedule = answer.schedule
    tell(f"{schedule.name}: plan {answer.plan or '(gone)'} ({schedule.plan_id}), {_rule(schedule)}")
    tell(f"{_when(schedule)}, fires as {schedule.modifier}, overlap {schedule.overlap}")
    if schedule.failures:
        tell(f"could not start {schedule.failures} times in a row")
    for one in answer.values:
        tell(f"  {one.name} = {one.value if one.hosts is None else 'hosts of its own'}")


@with_server
def enable(api: Api, which: Which, *, scope: ScopeOption = "") -> None:
    """Let a schedule fire, as you."""
    found = api.post(f"/api/v1/schedules/{_find(api, which, scope)}/enable", Schedule)
    say(f"{found.name} {_when(found)}")


@with_server
def disable(api: Api, which: Which, *, scope: ScopeOption = "") -> None:
    """Keep a schedule from firing; jobs that run go on."""
    found = api.post(f"/api/v1/schedules/{_find(api, which, scope)}/disable", Schedule)
    say(f"{found.name} is paused")


@with_server
def delete(api: Api, which: Which, *, scope: ScopeOption = "") -> None:
    """Remove a schedule; its jobs stay in the history."""
    api.post(f"/api/v1/schedules/{_find(api, which, scope)}/delete", Done)
    say(f"{which} is gone")


@with_server
def fire(
    api: Api, which: Which, *, scope: ScopeOption = "", ask: AskOption = "", output: FormOption = Form.TEXT
) -> None:
    """Start what a schedule starts, now and as you; print the job's id."""
    found = _find(api, which, scope)
    started = start(api, "schedule", f"/api/v1/schedules/{found}/fire", {}, output, ask, named={"schedule_id": found})
    if output is Form.JSON:
        show_json(started)
    else:
        tell(started.job_id)


@with_server
def fires(
    api: Api, which: Which, *, scope: ScopeOption = "", count: Count = 20, output: FormOption = Form.TEXT
) -> None:
    """List what became of a schedule's moments, latest first."""
    answer = api.get(f"/api/v1/schedules/{_find(api, which, scope)}/fires", FireList, length=count)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [(show_time(one.scheduled_at), one.state, one.job_id or "-", one.message or "-") for one in answer.fires]
    show_table(("moment", "state", "job", "why"), rows)


def _find(api: Api, which: str, scope: str) -> int:
    if which.isdecimal():
        return int(which)
    place = scope_of(api, scope)
    found = api.get("/api/v1/schedules", ScheduleList, scope=place, name=which, length=1000).schedules
    named = next((one for one in found if one.name == which), None)
    if named is None:
        raise CommandError(f"{place} has no schedule {which}", exits.REFUSED)
    return named.id
