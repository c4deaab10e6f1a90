"""How far a plan is behind its template, and the plan as its template has it now."""

from collections.abc import Iterable, Iterator

import msgspec

from jobfleet.model.template import PlanStep, PlanVariable, TemplateStep, Variable


def behind(own: tuple[str, int], current: tuple[str, int]) -> int:
    """Return how many versions a plan is behind its template, 0 when it is what that is now.

    Args:
        own: Version and revision of the plan, then those of its template.
    """
    return 0 if own[0] == current[0] else max(1, current[1] - own[1])


def sync_steps(
    old: Iterable[PlanStep], current: Iterable[TemplateStep], fresh_ids: Iterator[int]
) -> tuple[PlanStep, ...]:
    """Return a plan's steps as its template has them now: what is new comes in disabled.

    Source: docs/reference/plans.md, «Synchronise».
    """
    known = {one.step.id: one for one in old}
    return tuple(
        msgspec.structs.replace(known[step.id], step=step)
        if step.id in known
        else PlanStep(next(fresh_ids), enabled=False, step=step)
        for step in current
    )


def sync_variables(
    old: Iterable[PlanVariable], current: Iterable[Variable], fresh_ids: Iterator[int]
) -> tuple[PlanVariable, ...]:
    """Return a plan's variables as its template has them now, with the plan's own values."""
    known = {one.variable.id: one for one in old}
    return tuple(
        _synced(known[variable.id], variable) if variable.id in known else PlanVariable(next(fresh_ids), variable)
        for variable in current
    )


def _synced(one: PlanVariable, current: Variable) -> PlanVariable:
    """Return a variable as the template has it; a value of another type means nothing any more."""
    if one.follows or one.variable.type is not current.type:
        return msgspec.structs.replace(one, variable=current)
    own = msgspec.structs.replace(current, value=one.variable.value, hosts=one.variable.hosts)
    return msgspec.structs.replace(one, variable=own)
