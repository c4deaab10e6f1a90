"""Answer what a step was told to do: its content, parameters, accounts and hosts."""

from collections.abc import Mapping, Sequence

import msgspec

from jobfleet.engine.sealing import content_purpose
from jobfleet.engine.variables import values_before
from jobfleet.model.caller import Caller
from jobfleet.model.definition import Definition, FileSpec, SqlSpec
from jobfleet.model.difference import MASK
from jobfleet.model.expansion import shown_files, shown_params, texts
from jobfleet.model.job import Step
from jobfleet.model.scope import Scope
from jobfleet.model.script import ScriptSpec
from jobfleet.model.target import Target
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import any_visible_step
from jobfleet.store import contents, task_reads
from jobfleet.store.database import Transaction

"""Stands for parameters that nobody may read again."""


class StepDetail(msgspec.Struct, frozen=True):
    """Show what a step was told to do, as it was when its job was accepted.

    `content` is the clear text of a script or of SQL, None for other steps and where it is gone. `params` are a
    script's, MASK for sensitive ones; they and the paths of files have the values of variables as the step finds
    them. `sources` are the hosts that files come from, by host id.
    """

    step: Step
    content: str | None
    params: str
    targets: Sequence[Target]
    sources: Mapping[int, Target]


class Told(msgspec.Struct, frozen=True):
    """Hold what a step was told to do apart from its hosts: `content` and `params` as StepDetail has them.

    `raw` is the content byte by byte, where its text is not all of it.
    """

    definition: Definition
    content: str | None
    params: str
    raw: bytes | None = None


async def step_detail(platform: Platform, caller: Caller, scope: Scope, job_id: int, step_id: int) -> StepDetail:
    """Show what a step was told to do.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        StepNotFoundError: Step or job is unknown in the scope, or the step is another job's.

    Source: docs/reference/api.md, «get_step_instance_detail».
    """
    async with platform.engine.db.begin() as tx:
        _, step, _ = await any_visible_step(tx, platform, caller, scope, job_id, step_id)
        return await detail_of(tx, platform, step)


async def detail_of(tx: Transaction, platform: Platform, step: Step) -> StepDetail:
    """Return what a step was told to do, for a caller who was found to be allowed to see it."""
    hosts = await task_reads.list_hosts(tx, step.job_id, step.id)
    told = await told_of(tx, platform, step)
    step = msgspec.structs.replace(step, definition=told.definition)
    sources = {host.host_id: host for host in hosts if host.ordinal < 0}
    return StepDetail(step, told.content, told.params, [host for host in hosts if host.ordinal >= 0], sources)


async def told_of(tx: Transaction, platform: Platform, step: Step) -> Told:
    """Return what a step was told to do without its hosts, for a caller who was found to be allowed to see it."""
    content = await _content(tx, platform, step)
    step = await _with_values(tx, platform, step)
    text = None if content is None else content.decode("utf-8", "replace")
    is_exact = text is None or text.encode() == content
    return Told(step.definition, text, _params(step), None if is_exact else content)


async def _content(tx: Transaction, platform: Platform, step: Step) -> bytes | None:
    if not isinstance(step.definition, ScriptSpec | SqlSpec):
        return None
    content_hash = step.definition.content_hash
    sealed = await contents.find(tx, content_hash)
    if sealed is None:
        return None
    return platform.engine.sealer.open(sealed, content_purpose(content_hash))


async def _with_values(tx: Transaction, platform: Platform, step: Step) -> Step:
    """Return a step with the values of variables in its parameters and paths."""
    if not step.has_variables:
        return step
    values = texts(await values_before(tx, platform.engine, step))
    match step.definition:
        case ScriptSpec(sensitive=False) as script:
            told: Definition = msgspec.structs.replace(script, params=shown_params(script.params, values))
        case FileSpec() as files:
            told = shown_files(files, values)
        case other:
            told = other
    return msgspec.structs.replace(step, definition=told)


def _params(step: Step) -> str:
    if not isinstance(step.definition, ScriptSpec):
        return ""
    return MASK if step.definition.sensitive else step.definition.params
