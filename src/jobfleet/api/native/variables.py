"""What became of a job's variables."""

import msgspec

from jobfleet.api.native.jobs import Id
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.variable import JobVariable
from jobfleet.operations import variables, watch


class VariablesOfJob(Wanted, frozen=True):
    """Name a job."""

    job_id: Id


class VariableView(msgspec.Struct, frozen=True):
    """Show a variable; `type` is a word, the value of a password is masked, that of a host list its hosts."""

    id: int
    name: str
    type: str
    value: str


class AfterStep(msgspec.Struct, frozen=True):
    """Show the variables as they stood after a step."""

    step_id: int
    name: str
    variables: list[VariableView]


class VariablesAnswer(msgspec.Struct, frozen=True):
    """Show the variables as the job began, and after each step that is over, in order."""

    job_id: int
    first: list[VariableView]
    steps: list[AfterStep]


async def show(call: Call, wanted: VariablesOfJob) -> VariablesAnswer:
    """Show the variables of a job."""
    scope = await watch.scope_of_job(call.platform, call.caller, wanted.job_id)
    found = await variables.variable_values(call.platform, call.caller, scope, wanted.job_id)
    steps = [AfterStep(one.step.id, one.step.name, list(map(show_value, one.variables))) for one in found.steps]
    return VariablesAnswer(found.job.id, list(map(show_value, found.first)), steps)


def show_value(one: JobVariable) -> VariableView:
    """Return what is shown of a variable whose secrets are hidden."""
    return VariableView(one.id, one.name, one.type.name.lower(), one.value)


ROUTES = (
    Route(
        "GET",
        "/api/v1/jobs/{job_id}/variables",
        Action.VIEW_HISTORY,
        show,
        VariablesOfJob,
        VariablesAnswer,
        "Show what became of a job's variables",
    ),
)
