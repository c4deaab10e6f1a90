"""`jobfleet job`: look at jobs and steer them."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from jobfleet.cli import exits, job_steering, results
from jobfleet.cli.asking import AskOption, start
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.job_steering import Detach, Fold, JobId
from jobfleet.cli.output import (
    Form,
    FormOption,
    host_name,
    say,
    show_duration,
    show_json,
    show_output,
    show_table,
    show_time,
    tell,
)
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.run import print_id
from jobfleet.cli.show import View, follow
from jobfleet.cli.wire import Done, JobAnswer, JobList, LogAnswer, Task, VariablesAnswer


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Look at jobs and steer them.", no_args_is_help=True)
    group.command("list")(list_jobs)
    for command in (show, log, retry, redo, stop, confirm, reject):
        group.command()(command)
    job_steering.add_to(group)
    group.command("variables")(show_variables)
    group.command("follow")(follow_job)
    app.add_typer(group, name="job")


@with_server
def list_jobs(  # noqa: PLR0913 (a flag each)
    api: Api,
    *,
    scope: ScopeOption = "",
    count: Annotated[int, typer.Option("--count", "-n", help="How many.", min=1, max=1000)] = 20,
    name: Annotated[str, typer.Option(help="Part of the name.")] = "",
    operator: Annotated[str, typer.Option(help="Who started it.")] = "",
    status: Annotated[str, typer.Option(help="Status as a word, such as failed.")] = "",
    ip: Annotated[str, typer.Option(help="Address of any of its targets.")] = "",
    output: FormOption = Form.TEXT,
) -> None:
    """List the jobs that were created in the last 30 days in a business, newest first."""
    asked = {"name": name, "operator": operator, "status": status, "ip": ip}
    given = {key: value for key, value in asked.items() if value}
    answer = api.get("/api/v1/jobs", JobList, scope=scope_of(api, scope), length=count, **given)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (job.id, job.status, show_time(job.created_at), show_duration(job.total_ms), job.operator, job.name)
        for job in answer.jobs
    ]
    show_table(("id", "status", "created", "took", "operator", "name"), rows)


@with_server
def show(api: Api, job_id: JobId, *, output: FormOption = Form.TEXT) -> None:
    """Show a job with its steps, and how each host fared."""
    answer = api.get(f"/api/v1/jobs/{job_id}", JobAnswer, tasks=True)
    if output is Form.JSON:
        show_json(answer)
        return
    tell(f"{answer.job.name}  {answer.job.scope}  {show_time(answer.job.created_at)}  {answer.job.operator}")
    if len(answer.steps) > 1:
        _show_steps(answer)
    else:
        rows = [(host_name(task.host), results.verdict(task), show_duration(task.total_ms)) for task in answer.tasks]
        show_table(("host", "result", "took"), rows)
    tell(results.summary(answer))


def _show_steps(answer: JobAnswer) -> None:
    steps = [(one.name, one.type, one.status, show_duration(one.total_ms)) for one in answer.steps]
    show_table(("step", "kind", "status", "took"), steps)
    tell()
    names = {step.id: step.name for step in answer.steps}
    rows = [
        (names[task.step_id], host_name(task.host), results.verdict(task), show_duration(task.total_ms))
        for task in answer.tasks
    ]
    show_table(("step", "host", "result", "took"), rows)


@with_server
def log(
    api: Api,
    job_id: JobId,
    *,
    host: Annotated[str, typer.Option(help="Only this host, by address, cloud:address or id.")] = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Show what the hosts of a job printed; with --host the text of all its steps and nothing else."""
    answer = api.get(f"/api/v1/jobs/{job_id}/log", LogAnswer, host=host)
    if output is Form.JSON:
        show_json(answer)
    elif host and not answer.logs:
        raise CommandError(f"job {job_id} has no host {host}", exits.NO_TARGET)
    elif host:
        show_output("".join(entry.text for entry in answer.logs))
    else:
        _show_logs(answer, _step_names(api, answer))


def _step_names(api: Api, answer: LogAnswer) -> dict[int, str]:
    """Return what is written before the hosts of each step: its name in a job of many, else nothing."""
    if len({entry.task.step_id for entry in answer.logs}) <= 1:
        return {}
    job = api.get(f"/api/v1/jobs/{answer.job.id}", JobAnswer)
    return {step.id: f"{step.name}, " for step in job.steps}


def _show_logs(answer: LogAnswer, names: dict[int, str]) -> None:
    for entry in answer.logs:
        place = names.get(entry.task.step_id, "") + host_name(entry.task.host)
        tell(f"== {place}: {results.verdict(entry.task)}", bold=True)
        show_output(entry.text, ends_line=True)


@with_server
def show_variables(api: Api, job_id: JobId, *, output: FormOption = Form.TEXT) -> None:
    """Show the values of a job's variables as it began and after each of its steps; passwords are masked."""
    answer = api.get(f"/api/v1/jobs/{job_id}/variables", VariablesAnswer)
    if output is Form.JSON:
        show_json(answer)
        return
    after = [("-", "the beginning", answer.first), *((one.step_id, one.name, one.variables) for one in answer.steps)]
    rows = [(step, name, one.name, one.type, one.value) for step, name, known in after for one in known]
    show_table(("step", "after", "variable", "type", "value"), rows)


@with_server
def retry(
    api: Api,
    job_id: JobId,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Run on all hosts again, not only on those that failed.")
    ] = False,
    hosts: Annotated[
        list[str] | None,
        typer.Option("--host", help="Run only this failed host again, by address, cloud:address or id; repeatable."),
    ] = None,
    detach: Detach = False,
    fold: Fold = False,
    output: FormOption = Form.TEXT,
) -> None:
    """Run the failed hosts of a job's current step again, and follow it; exit codes are those of `run`."""
    if everything and hosts:
        raise CommandError("--all and --host do not go together", exits.USAGE)
    answer = api.get(f"/api/v1/jobs/{job_id}", JobAnswer, tasks=bool(hosts))
    wanted: dict[str, Any] = {"operation": "retry_all" if everything else "retry_failed"}
    if hosts:
        wanted["task_ids"] = _tasks_of(answer, hosts)
    api.post(f"/api/v1/jobs/{job_id}/steps/{answer.job.current_step_id}/operate", Done, wanted)
    if detach:
        say(f"job {job_id} runs again")
    else:
        follow(api, job_id, View(output, fold))


def _tasks_of(answer: JobAnswer, hosts: Sequence[str]) -> list[int]:
    """Return the ids of the tasks that the current step of a job has on some hosts, leaving out what succeeded there.

    Raises:
        CommandError: A host is none of the step.
    """
    found: list[int] = []
    for host in hosts:
        tasks = [task for task in answer.tasks if task.step_id == answer.job.current_step_id and _is_of(task, host)]
        if not tasks:
            raise CommandError(f"the current step of job {answer.job.id} has no host {host}", exits.NO_TARGET)
        # In several containers of a host, or batches of files, only what failed is meant; of one, the server says why.
        failed = [task for task in tasks if task.status != "succeeded"]
        found += [task.id for task in failed or tasks]
    return found


def _is_of(task: Task, host: str) -> bool:
    target = task.host
    addresses = {one for one in (target.ip, target.ipv6) if one}
    return host in {str(target.id), *addresses, *(f"{target.cloud_id}:{one}" for one in addresses)}


@with_server
def confirm(
    api: Api, job_id: JobId, *, detach: Detach = False, fold: Fold = False, output: FormOption = Form.TEXT
) -> None:
    """Let a job that waits for a person go on, and follow it."""
    _decide(api, job_id, "confirm")
    if detach:
        say(f"job {job_id} goes on")
    else:
        follow(api, job_id, View(output, fold))


@with_server
def reject(api: Api, job_id: JobId) -> None:
    """End a job that waits for a person."""
    _decide(api, job_id, "reject")
    say(f"job {job_id} was rejected")


def _decide(api: Api, job_id: int, operation: str) -> None:
    """Steer the step that a job waits in: an approval, or batches that are asked for one by one."""
    answer = api.get(f"/api/v1/jobs/{job_id}", JobAnswer)
    current = next((step for step in answer.steps if step.id == answer.job.current_step_id), None)
    if current is None or current.status != "waiting":
        raise CommandError(f"job {job_id} waits for nobody", exits.REFUSED)
    wanted = "continue_rolling" if operation == "confirm" and current.type != "approval" else operation
    api.post(f"/api/v1/jobs/{job_id}/steps/{current.id}/operate", Done, {"operation": wanted})


@with_server
def redo(
    api: Api,
    job_id: JobId,
    *,
    detach: Detach = False,
    fold: Fold = False,
    ask: AskOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Run a finished job once more, as a new job, and follow it; exit codes are those of `run`."""
    started = start(api, "run", f"/api/v1/jobs/{job_id}/redo", {}, output, ask, named={"job_id": job_id})
    if detach:
        print_id(started, output)
    else:
        say(f"job {started.job_id}")
        follow(api, started.job_id, View(output, fold))


@with_server
def stop(
    api: Api,
    job_id: JobId,
    *,
    detach: Detach = False,
    output: FormOption = Form.TEXT,
) -> None:
    """Stop a job on all hosts and wait until it is over; exit code 5 says that it was stopped."""
    api.post(f"/api/v1/jobs/{job_id}/operate", Done, {"operation": "stop"})
    if detach:
        say(f"job {job_id} is being stopped")
    else:
        follow(api, job_id, View(output))


@with_server
def follow_job(api: Api, job_id: JobId, *, fold: Fold = False, output: FormOption = Form.TEXT) -> None:
    """Show what a job prints, from its beginning to its end; exit codes are those of `run`."""
    follow(api, job_id, View(output, fold))
