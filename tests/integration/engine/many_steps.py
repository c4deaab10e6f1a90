"""Jobs of many steps."""

from collections.abc import Sequence

import msgspec
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, new_job

from jobfleet.engine.accept import JobHead, NewStep, accept_job, store_script
from jobfleet.engine.resolve import resolve
from jobfleet.engine.service import nudge
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.job import JobType, LaunchMode, StartedJob, StepType
from jobfleet.operations.access import enter_scope
from jobfleet.store.inventory import Account

ROOT = Account(1, "root", "root")


async def start(stage: Stage, steps: Sequence[NewStep], hosts: tuple[int, ...] = (1,)) -> StartedJob:
    """Start a job with steps on hosts."""
    ctx = stage.platform.engine
    head = JobHead(SCOPE, "a job", JobType.PLAN, LaunchMode.API, start=True, plan_id=7)
    async with ctx.db.begin() as tx:
        info = await enter_scope(tx, stage.platform, ADMIN, SCOPE)
        new = new_job(hosts)
        spec = await store_script(tx, ctx, new, ROOT)
        targets = await resolve(tx, new.target, info, "a step", action="script", now=ctx.clock())
        filled = [
            step if step.type is StepType.APPROVAL else msgspec.structs.replace(step, definition=spec, targets=targets)
            for step in steps
        ]
        started = await accept_job(tx, ctx, ADMIN, head, filled)
    await nudge(ctx.bus, started.job_id)
    return started


def script(name: str, *, ignore_error: bool = False) -> NewStep:
    return NewStep(name, StepType.SCRIPT, ApprovalSpec(""), ignore_error=ignore_error)


def approval(spec: ApprovalSpec) -> NewStep:
    return NewStep("ask", StepType.APPROVAL, spec)
