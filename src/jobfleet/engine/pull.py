"""Fetch the files of third-party sources for steps: one server at a time, taken over by another when it dies.

A source is a task of the server itself (host id 0): it is claimed with a lease like every task, and the server that
works on it keeps the lease as long as it lives.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import msgspec
import structlog

from jobfleet.engine.advance import Dispatchable, give_up_step
from jobfleet.engine.context import Context
from jobfleet.engine.definition import check_seal
from jobfleet.engine.guard import Guard, check_endpoint
from jobfleet.engine.prepare import Preparation, Wanted
from jobfleet.engine.sealing import content_purpose
from jobfleet.engine.secrets import open_secrets, source_parts
from jobfleet.engine.settle import apply_changes
from jobfleet.engine.tale import Tale
from jobfleet.engine.transfers import manifest_parts, with_values
from jobfleet.engine.variables import values_before
from jobfleet.model.credential import CredentialType
from jobfleet.model.definition import FileSource, FileSpec, host_sources
from jobfleet.model.errors import InternalError, UnavailableError
from jobfleet.model.expansion import texts
from jobfleet.model.order import Segment
from jobfleet.model.outcome import ErrorCode, status_of_error
from jobfleet.model.resource_errors import EndpointRefusedError
from jobfleet.model.status import UNFINISHED_TASK, RunStatus, TaskStatus
from jobfleet.model.transfer import FailedItem, Manifest
from jobfleet.store import contents, credentials, file_sources, files, jobs, outputs, pulls, tasks
from jobfleet.store.database import Transaction
from jobfleet.store.files import OfferingTask
from jobfleet.store.outputs import NewChunk
from jobfleet.store.task_claims import ClaimedTask
from jobfleet.store.tasks import TaskChange

LEASE_MS = 15_000
"""How long a server has for tasks that it took; after that any server takes them again."""

KEEP_S = 2.0
"""How often a server keeps its lease, and tells how far it is."""

PREPARE_MS = 3_600_000
"""How long fetching the files of a source may take, from when it was first tried."""

AT_ONCE = 8
"""Sources that one server fetches from side by side; others wait, with their leases kept."""

STDOUT = 1
_log = structlog.get_logger()


class Pull(msgspec.Struct, frozen=True):
    """Name a source to fetch from that this server has taken; `deadline_at` is epoch milliseconds."""

    job_id: int
    step_id: int
    attempt: int
    task_id: int
    ordinal: int
    deadline_at: int


def pull_of(job_id: int, step_id: int, task: ClaimedTask) -> Pull:
    """Return what a claimed task of the server itself is to fetch."""
    return Pull(job_id, step_id, task.attempt, task.id, task.ordinal, task.deadline_at)


class Puller:
    """Work on the sources that this server has taken."""

    def __init__(self, ctx: Context, decide: Callable[[list[int]], Awaitable[None]]) -> None:
        """Pass ids of jobs that have something to decide then to `decide`."""
        self._ctx = ctx
        self._decide = decide
        self._guard = Guard(ctx.source_policy)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._running: dict[int, asyncio.Task[None]] = {}
        self._held: set[tuple[int, int]] = set()

    def take(self, pull: Pull) -> None:
        """Begin to fetch from a source, unless that is being done here."""
        if pull.task_id not in self._running:
            self._held.add((pull.job_id, pull.task_id))
            self._running[pull.task_id] = asyncio.create_task(self._run(pull))

    async def stop(self) -> None:
        """Give up what is under way; whoever takes it next goes on with the bytes that are there."""
        running, held = list(self._running.values()), list(self._held)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._guard.close()
        with suppress(UnavailableError):  # then the leases end by themselves
            async with self._ctx.db.begin() as tx:
                await pulls.release(tx, held, self._ctx.clock())

    async def _run(self, pull: Pull) -> None:
        try:
            await self._decide(await self._pull(pull))
        except UnavailableError as error:
            _log.warning("fetching put off", job_id=pull.job_id, reason=str(error))
        except InternalError as error:
            await give_up_step(self._ctx, Dispatchable(pull.job_id, pull.step_id), str(error))
        except Exception:  # noqa: BLE001 - the edge of a task: the lease ends and another try follows
            _log.exception("fetching failed", job_id=pull.job_id, task_id=pull.task_id)
        finally:
            self._running.pop(pull.task_id, None)
            self._held.discard((pull.job_id, pull.task_id))

    async def _pull(self, pull: Pull) -> list[int]:
        tale = Tale(self._ctx.clock, self._ctx.output_cap_bytes)
        source, wanted, why = await _begin(self._ctx, pull)
        if source is None:
            return []
        if wanted is None:
            return await _finish(
                self._ctx, pull, _all_failed(source, ErrorCode.FILE_FORBIDDEN, why, tale), source, tale
            )
        manifest = await _kept(self._ctx, pull, tale, self._fetch(pull, source, wanted, tale))
        return [] if manifest is None else await _finish(self._ctx, pull, manifest, source, tale)

    async def _fetch(self, pull: Pull, source: FileSource, wanted: Wanted, tale: Tale) -> Manifest:
        left_s = (pull.deadline_at - self._ctx.clock()) / 1000
        if left_s <= 0:  # before anything is tried again that may fail each time
            return _too_late(source, tale)
        try:
            await check_endpoint(self._ctx.source_policy, wanted.source.access.endpoint)
            async with asyncio.timeout(left_s), self._places:
                return await Preparation(self._ctx, wanted, await self._guard.url(), tale).run()
        except EndpointRefusedError as error:
            return _all_failed(source, ErrorCode.FILE_FORBIDDEN, f"the address is refused: {error.arguments[1]}", tale)
        except TimeoutError:
            return _too_late(source, tale)


async def _begin(ctx: Context, pull: Pull) -> tuple[FileSource | None, Wanted | None, str]:
    """Return the source of a step that runs, and what is to be fetched, or why nothing can be.

    Raises:
        InternalError: Step, source or credential were changed in the database.
    """
    async with ctx.db.begin() as tx:
        step = await jobs.find_step(tx, pull.job_id, pull.step_id)
        if step is None or step.status is not RunStatus.RUNNING or step.attempt != pull.attempt:
            return None, None, ""
        await check_seal(tx, ctx, step)
        if not isinstance(step.definition, FileSpec):
            raise InternalError(detail=f"step {step.id} moves no files")
        values = texts(await values_before(tx, ctx, step)) if step.has_variables else {}
        source, _ = host_sources(with_values(step, step.definition, values))[-pull.ordinal - 1]
        stored = await file_sources.find(tx, source.file_source_id)
        if stored is None or not stored.info.enabled:
            return source, None, "the file source is switched off or gone"
        if not ctx.sealer.matches(stored.seal, *source_parts(stored.info)):
            raise InternalError(detail=f"file source {stored.info.id} was changed in the database")
        found = await credentials.find(tx, stored.info.scope, stored.info.credential_id)
        if found is None:
            return source, None, "the credential of the file source is gone"
        if found[0].type is not CredentialType.ACCESS_KEY:
            return source, None, "the credential of the file source holds no access key"
        keys = open_secrets(ctx.sealer, stored.info.credential_id, found[1])
        return source, Wanted(stored.info, source.items, keys), ""


def _too_late(source: FileSource, tale: Tale) -> Manifest:
    return _all_failed(source, ErrorCode.TIME_LIMIT, f"not fetched within {PREPARE_MS // 1000} s", tale)


def _all_failed(source: FileSource, code: ErrorCode, why: str, tale: Tale) -> Manifest:
    failed = tuple(FailedItem(f"{source.title}/{item.path.lstrip('/')}", code, why) for item in source.items)
    for one in failed:
        tale.fail(one)
    return Manifest((), failed)


async def _kept(ctx: Context, pull: Pull, tale: Tale, work: Coroutine[Any, Any, Manifest]) -> Manifest | None:
    """Do the work while the lease is kept; None when the task is over: stopped, skipped, or another server's."""
    over = asyncio.Event()
    keeping = asyncio.create_task(_keep(ctx, pull, tale, over))
    working = asyncio.create_task(work)
    try:
        await asyncio.wait({keeping, working}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        over.set()  # not cancelled: what it is just writing is to be written
        working.cancel()
        await asyncio.gather(keeping, working, return_exceptions=True)


async def _keep(ctx: Context, pull: Pull, tale: Tale, over: asyncio.Event) -> None:
    """Keep the lease and tell how far the files are, until the task or the work is over."""
    while not over.is_set() and await _keep_once(ctx, pull, tale):
        with suppress(TimeoutError):
            async with asyncio.timeout(KEEP_S):
                await over.wait()


async def _keep_once(ctx: Context, pull: Pull, tale: Tale) -> bool:
    lines = b""
    try:
        async with ctx.db.begin() as tx:
            stored = await pulls.hold(tx, pull.job_id, pull.task_id, ctx.clock(), LEASE_MS)
            if stored is None:
                return False
            lines = tale.take(stored)
            await _tell(tx, ctx, pull, stored, lines)
    except asyncio.CancelledError:  # the work is done: the last word is still to come
        tale.give_back(lines)
        raise
    except UnavailableError as error:
        tale.give_back(lines)
        _log.warning("lease not kept", job_id=pull.job_id, reason=str(error))
    return True


async def _tell(tx: Transaction, ctx: Context, pull: Pull, stored: int, lines: bytes) -> None:
    if not lines:
        return
    now = ctx.clock()
    await outputs.insert(tx, [NewChunk(pull.job_id, pull.task_id, stored, [Segment(STDOUT, now, lines)])], now)
    await tasks.set_output_bytes(tx, {(pull.job_id, pull.task_id): stored + len(lines)})


async def _finish(ctx: Context, pull: Pull, manifest: Manifest, source: FileSource, tale: Tale) -> list[int]:
    """Store what a source offers and end its task; return jobs with something to decide.

    When a file cannot be had no target is sent an order: only the other sources are awaited any more.
    """
    key = pull.job_id, pull.task_id
    async with ctx.db.begin() as tx:
        states = await tasks.lock_states(tx, [key])
        state = states.get(key)
        if state is None or state.status not in UNFINISHED_TASK:
            return []
        await _tell(tx, ctx, pull, state.output_bytes, tale.take_last(state.output_bytes))
        if manifest.failed:
            waiting = await pulls.count_open_sources(tx, pull.job_id, pull.step_id, pull.attempt)
            await jobs.set_open_count(tx, pull.job_id, pull.step_id, waiting)
        else:
            await _offer(tx, ctx, pull, manifest)
        return await apply_changes(tx, states, [_change(pull, manifest, source, ctx.clock())], ctx.clock(), "engine")


async def _offer(tx: Transaction, ctx: Context, pull: Pull, manifest: Manifest) -> None:
    written = msgspec.msgpack.encode(manifest)
    manifest_hash = hashlib.sha256(written).hexdigest()
    await contents.insert(tx, manifest_hash, ctx.sealer.seal(written, content_purpose(manifest_hash)), ctx.clock())
    await files.allow(tx, pull.job_id, pull.step_id, {manifest_hash} | manifest.hashes)
    task = OfferingTask(pull.job_id, pull.step_id, pull.attempt, pull.ordinal, pull.task_id)
    parts = manifest_parts(task.job_id, task.step_id, task.attempt, task.ordinal, manifest_hash)
    await files.set_manifest(tx, task, manifest_hash, ctx.sealer.mac(*parts))


def _change(pull: Pull, manifest: Manifest, source: FileSource, now: int) -> TaskChange:
    last = manifest.failed[-1] if manifest.failed else FailedItem("", ErrorCode.OK, "")
    return TaskChange(
        job_id=pull.job_id,
        id=pull.task_id,
        status=status_of_error(last.error_code) if manifest.failed else TaskStatus.SUCCEEDED,
        tag="",
        exit_code=None if manifest.failed else 0,
        error_code=last.error_code,
        started_at=None,
        ended_at=now,
        total_ms=None,
        message=f"file source {source.title}: {last.message}" if manifest.failed else "",
        survivors=(),
    )
