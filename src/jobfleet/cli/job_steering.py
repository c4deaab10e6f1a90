"""`jobfleet job ignore`, `skip`, `ask-again`, `start`: let a job go on that stands still."""

from typing import Annotated

import typer

from jobfleet.cli import exits
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import Form, FormOption, say
from jobfleet.cli.place import with_server
from jobfleet.cli.show import View, follow
from jobfleet.cli.wire import Done, JobAnswer

JobId = Annotated[int, typer.Argument(help="Id of the job.", min=1)]
Fold = Annotated[bool, typer.Option("--fold", help="Show equal output of hosts once, at the end.")]
Detach = Annotated[bool, typer.Option("--detach", help="Do not follow the job.")]

_SKIPS = {"stopping": "force_skip", "stopped": "next_step"}
"""How a step is left behind, by its status: while hosts are being stopped, and when all are."""


def add_to(group: typer.Typer) -> None:
    """Add the commands to those of `jobfleet job`."""
    group.command()(ignore)
    group.command()(skip)
    group.command("ask-again")(ask_again)
    group.command()(start)


@with_server
def ignore(
    api: Api, job_id: JobId, *, detach: Detach = False, fold: Fold = False, output: FormOption = Form.TEXT
) -> None:
    """Let a job go on whose current step failed, as if it had not, and follow it."""
    step_id, _ = _current(api, job_id)
    _steer(api, job_id, step_id, "ignore_error")
    _show(api, job_id, View(output, fold), detach=detach)


@with_server
def skip(
    api: Api, job_id: JobId, *, detach: Detach = False, fold: Fold = False, output: FormOption = Form.TEXT
) -> None:
    """Let a job that was stopped, or is being stopped, go on after its current step, and follow it."""
    step_id, status = _current(api, job_id)
    if status not in _SKIPS:
        raise CommandError(
            f"the current step of job {job_id} is {status}: only a stopped one is skipped", exits.REFUSED
        )
    _steer(api, job_id, step_id, _SKIPS[status])
    _show(api, job_id, View(output, fold), detach=detach)


@with_server
def ask_again(api: Api, job_id: JobId) -> None:
    """Ask once more at an approval that was rejected; the job waits for a person again."""
    step_id, _ = _current(api, job_id)
    _steer(api, job_id, step_id, "restart_approval")
    say(f"job {job_id} asks again")


@with_server
def start(
    api: Api, job_id: JobId, *, detach: Detach = False, fold: Fold = False, output: FormOption = Form.TEXT
) -> None:
    """Start a job that was made without being started, and follow it."""
    api.post(f"/api/v1/jobs/{job_id}/operate", Done, {"operation": "start"})
    _show(api, job_id, View(output, fold), detach=detach)


def _current(api: Api, job_id: int) -> tuple[int, str]:
    """Return id and status of the step that a job is at."""
    answer = api.get(f"/api/v1/jobs/{job_id}", JobAnswer)
    current = next((step for step in answer.steps if step.id == answer.job.current_step_id), None)
    if current is None:
        raise CommandError(f"job {job_id} has not begun", exits.REFUSED)
    return current.id, current.status


def _steer(api: Api, job_id: int, step_id: int, operation: str) -> None:
    api.post(f"/api/v1/jobs/{job_id}/steps/{step_id}/operate", Done, {"operation": operation})


def _show(api: Api, job_id: int, view: View, *, detach: bool) -> None:
    if detach:
        say(f"job {job_id} goes on")
    else:
        follow(api, job_id, view)
