"""What a job was told to do, what happened to it, and when its parts ran."""

import base64

import msgspec

from jobfleet.api.native.jobs import Id
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.definition import ApprovalSpec, FileKind, FileSource, FileSpec, SqlSpec, TransferMode
from jobfleet.model.event import Event, EventKind
from jobfleet.model.host_counts import HostCounts
from jobfleet.model.job import Step
from jobfleet.model.rolling import RollingMode
from jobfleet.model.script import Language, ScriptSpec
from jobfleet.operations import job_record, watch
from jobfleet.operations.step_detail import Told

MAX_SHOWN_CHARACTERS = 262_144
"""A longer script is cut: this is to be read by people, and 16 MiB are not."""


class RecordOfJob(Wanted, frozen=True):
    """Name a job."""

    job_id: Id


class WantDefinition(Wanted, frozen=True):
    """Name a job; `whole` is the id of a step whose script is not cut, for who runs it again."""

    job_id: Id
    whole: Id | None = None


class ScriptTold(msgspec.Struct, frozen=True):
    """Show the script or SQL that a step ran.

    `content` is null where it is gone; `cut` when only its beginning is shown. Of the step that is told whole,
    `content_base64` has the bytes where they are no UTF-8: in `content` U+FFFD stands for what cannot be shown.
    """

    language: str
    content: str | None
    content_bytes: int
    cut: bool
    params: str
    interpreter: str
    script_id: str
    script_version_id: int | None
    public: bool
    content_base64: str | None = None


class SourceTold(msgspec.Struct, frozen=True):
    """Show where files came from: `kind` is host, upload, file_source or content."""

    kind: str
    files: list[str]
    account: str
    host_ids: list[int]
    title: str


class FilesTold(msgspec.Struct, frozen=True):
    """Show which files a step distributed; limits are KiB a second, 0 for none."""

    sources: list[SourceTold]
    target_path: str
    target_name: str
    mode: str
    upload_limit_kib_s: int
    download_limit_kib_s: int


class ApprovalTold(msgspec.Struct, frozen=True):
    """Show what a step asked whom."""

    message: str
    users: list[str]
    roles: list[str]
    channels: list[str]


class RollingTold(msgspec.Struct, frozen=True):
    """Show how a step was cut into batches: `mode` is pause_on_failure, ignore_failures or ask_each_time.

    `expression` is "" for one that was cut by the sources of its files. Parallel batches start `wait_ms` and a random
    time up to `random_ms` after the one before.
    """

    expression: str
    mode: str
    parallel: bool
    wait_ms: int
    random_ms: int


class StepTold(msgspec.Struct, frozen=True):
    """Show what a step was told to do, the values of variables filled in.

    Of the three parts the one of its kind is there. `account` is an alias, "" for a step without one.
    """

    step_id: int
    name: str
    type: str
    account: str
    timeout_s: int
    ignore_error: bool
    target_count: int
    rolling: RollingTold | None
    script: ScriptTold | None = None
    files: FilesTold | None = None
    approval: ApprovalTold | None = None


class DefinitionAnswer(msgspec.Struct, frozen=True):
    """Show a job as it was executed."""

    job_id: int
    steps: list[StepTold]


class EventView(msgspec.Struct, frozen=True):
    """Show what happened at a time (epoch ms); `actor` is a person, «engine» or «agent», statuses are numbers."""

    at: int
    kind: EventKind
    actor: str
    step_id: int | None
    from_status: int | None
    to_status: int | None
    detail: str


class EventsAnswer(msgspec.Struct, frozen=True):
    """Show what happened to a job and its steps, first things first; `cut` when earlier events are left out."""

    job_id: int
    events: list[EventView]
    cut: bool


class SpanView(msgspec.Struct, frozen=True):
    """Show when a batch of a step ran in an attempt; `ended_at` is null while hosts are awaited."""

    step_id: int
    attempt: int
    batch: int
    started_at: int | None
    ended_at: int | None
    counts: HostCounts


class TimelineAnswer(msgspec.Struct, frozen=True):
    """Show when the parts of a job ran; hosts that an attempt did not run again are not in it."""

    job_id: int
    spans: list[SpanView]


async def definition(call: Call, wanted: WantDefinition) -> DefinitionAnswer:
    """Show a job as it was executed."""
    scope = await watch.scope_of_job(call.platform, call.caller, wanted.job_id)
    found = await job_record.definition(call.platform, call.caller, scope, wanted.job_id)
    return DefinitionAnswer(found.job.id, [_step(step, told, step.id == wanted.whole) for step, told in found.steps])


async def happened(call: Call, wanted: RecordOfJob) -> EventsAnswer:
    """Show what happened to a job."""
    scope = await watch.scope_of_job(call.platform, call.caller, wanted.job_id)
    found = await job_record.happened(call.platform, call.caller, scope, wanted.job_id)
    return EventsAnswer(wanted.job_id, [_event(one) for one in found.events], found.cut)


async def timeline(call: Call, wanted: RecordOfJob) -> TimelineAnswer:
    """Show when the parts of a job ran."""
    scope = await watch.scope_of_job(call.platform, call.caller, wanted.job_id)
    found = await job_record.times(call.platform, call.caller, scope, wanted.job_id)
    return TimelineAnswer(wanted.job_id, [msgspec.convert(one, SpanView, from_attributes=True) for one in found])


def _step(step: Step, told: Told, whole: bool) -> StepTold:
    shown = StepTold(
        step_id=step.id,
        name=step.name,
        type=step.type.name.lower(),
        account="",
        timeout_s=0,
        ignore_error=step.ignore_error,
        target_count=step.target_count,
        rolling=_rolling(step),
    )
    replace = msgspec.structs.replace
    match told.definition:
        case ScriptSpec() as script:
            part = _script(told, script, whole)
            return replace(shown, account=script.account_alias, timeout_s=script.timeout_s, script=part)
        case SqlSpec() as sql:
            part = _script(told, sql, whole)
            return replace(shown, account=sql.db_account_alias, timeout_s=sql.timeout_s, script=part)
        case FileSpec() as files:
            return replace(shown, account=files.account_alias, timeout_s=files.timeout_s, files=_files(files))
        case ApprovalSpec() as asked:
            lists = list(asked.users), list(asked.roles), list(asked.channels)
            return replace(shown, approval=ApprovalTold(asked.message, *lists))


def _script(told: Told, kept: ScriptSpec | SqlSpec, whole: bool) -> ScriptTold:
    content = told.content
    shown = content if content is None or whole else content[:MAX_SHOWN_CHARACTERS]
    return ScriptTold(
        language=Language(kept.language).name.lower() if isinstance(kept, ScriptSpec) else "sql",
        content=shown,
        content_bytes=kept.content_bytes,
        cut=shown != content,
        params=told.params,
        interpreter=kept.interpreter if isinstance(kept, ScriptSpec) else "",
        script_id=kept.script_id,
        script_version_id=kept.script_version_id,
        public=kept.public,
        content_base64=base64.b64encode(told.raw).decode() if whole and told.raw is not None else None,
    )


def _files(files: FileSpec) -> FilesTold:
    return FilesTold(
        sources=[_source(source) for source in files.sources],
        target_path=files.target_path,
        target_name=files.target_name,
        mode=TransferMode(files.mode).name.lower(),
        upload_limit_kib_s=files.upload_limit_kib_s,
        download_limit_kib_s=files.download_limit_kib_s,
    )


def _source(source: FileSource) -> SourceTold:
    shown = [source.shown(item) for item in source.items]
    return SourceTold(FileKind(source.kind).name.lower(), shown, source.account_alias, [*source.host_ids], source.title)


def _rolling(step: Step) -> RollingTold | None:
    if step.rolling is None:
        return None
    told = step.rolling
    mode = RollingMode(told.mode).name.lower()
    return RollingTold(told.expression, mode, told.parallel, told.wait_fixed_ms, told.wait_random_max_ms)


def _event(event: Event) -> EventView:
    return EventView(
        at=event.at,
        kind=event.kind,
        actor=event.actor,
        step_id=event.step_id,
        from_status=event.from_status,
        to_status=event.to_status,
        detail=event.detail,
    )


ROUTES = (
    Route(
        "GET",
        "/api/v1/jobs/{job_id}/definition",
        Action.VIEW_HISTORY,
        definition,
        WantDefinition,
        DefinitionAnswer,
        "Show a job as it was executed",
    ),
    Route(
        "GET",
        "/api/v1/jobs/{job_id}/events",
        Action.VIEW_HISTORY,
        happened,
        RecordOfJob,
        EventsAnswer,
        "Show what happened to a job",
    ),
    Route(
        "GET",
        "/api/v1/jobs/{job_id}/timeline",
        Action.VIEW_HISTORY,
        timeline,
        RecordOfJob,
        TimelineAnswer,
        "Show when the parts of a job ran",
    ),
)
