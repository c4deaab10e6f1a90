"""Starts that wait for a second person: ask, look, approve, refuse, withdraw."""

import msgspec

from jobfleet.engine.tell import tell_start_request
from jobfleet.model.audit import Access
from jobfleet.model.blast import Reason
from jobfleet.model.caller import Action, Approval, Caller, Origin, allows
from jobfleet.model.desk_errors import TooMuchKeptError
from jobfleet.model.errors import (
    IllegalParameterReasonError,
    IllegalRequestError,
    JobfleetError,
)
from jobfleet.model.job import LaunchMode, StartedJob
from jobfleet.model.scope import Scope
from jobfleet.model.start_errors import (
    OwnStartRequestError,
    StartChangedError,
    StartRequestNotFoundError,
    StartRequestOverError,
)
from jobfleet.model.start_request import (
    KEPT_MS,
    LIFE_MS,
    MAX_BODY_BYTES,
    MAX_PENDING,
    RequestState,
    StartRequest,
    check_open,
    check_second,
)
from jobfleet.operations import starts
from jobfleet.operations.access import demand, enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.operations.preview import Preview, preview
from jobfleet.operations.second_person import count_hosts, meant
from jobfleet.operations.starts import Start
from jobfleet.store import audit, people, start_requests
from jobfleet.store.database import Transaction

MAX_LISTED = 200
"""Most requests of a scope that are told of at once."""


class Asked(msgspec.Struct, frozen=True):
    """Show a request; `refusal` is why the caller may not decide, None when they may."""

    request: StartRequest
    refusal: JobfleetError | None


async def ask(platform: Platform, caller: Caller, start: Start, body: bytes, reason: str) -> StartRequest:
    """Ask for the approval of a start that a rule blocks, or that is on many hosts.

    Args:
        body: The request that `start` is, for reading it again when it is approved.

    Raises:
        IllegalRequestError: Nothing stands in the way of the start.
        InterceptedError: A rule stands in its way that nobody lets it pass.
        JobfleetError: Something else stands in its way; what it would be refused for.
        TooMuchKeptError: As many of the caller's requests wait as may.
        IllegalParameterReasonError: The request is larger than MAX_BODY_BYTES.

    Source: docs/reference/start-requests.md.
    """
    if len(body) > MAX_BODY_BYTES:
        raise IllegalParameterReasonError("body", f"is above {MAX_BODY_BYTES}")
    seen, now = await preview(platform, caller, start), platform.engine.clock()
    _check_liftable(seen)
    async with platform.engine.db.begin() as tx:
        await start_requests.forget(tx, now, now - KEPT_MS)
        if await start_requests.count_pending(tx, start.scope, caller.username, now) >= MAX_PENDING:
            raise TooMuchKeptError(MAX_PENDING)
        new = await _new(tx, platform, caller, start, (seen, reason))
        sealed = platform.engine.sealer.seal(body, _purpose(new))
        request = msgspec.structs.replace(new, id=await start_requests.insert(tx, new, sealed))
        subject = f"ask for approval {request.id}: {_told(request.reasons)}"
        await audit.insert(tx, caller, await starts.action_of(tx, start), subject, now, start.scope)
        await tell_start_request(tx, platform.engine, request, now)
    return request


def _check_liftable(seen: Preview) -> None:
    for error in seen.other_refusals:
        raise error
    if not seen.obstacles.reasons:
        raise IllegalRequestError("nothing stands in the way of the start")
    if not seen.obstacles.liftable:
        raise IllegalRequestError("a rule blocks the start that nobody lets it pass")


async def _new(
    tx: Transaction, platform: Platform, caller: Caller, start: Start, told: tuple[Preview, str]
) -> StartRequest:
    (seen, reason), now = told, platform.engine.clock()
    return StartRequest(
        id=0,
        scope=start.scope,
        kind=starts.kind_of(start),
        name=await starts.name_of(tx, caller, start, now),
        host_count=count_hosts([step.made for step in seen.steps]),
        reasons=seen.obstacles.reasons,
        reason=reason,
        digest=digest_of(platform, seen),
        launch_mode=starts.mode_of(start),
        job_type=await starts.type_of(tx, start),
        asked_by=caller.username,
        asked_at=now,
        expires_at=now + LIFE_MS,
        state=RequestState.PENDING,
    )


def _told(reasons: tuple[Reason, ...]) -> str:
    return "; ".join(f"{one.what} {one.value}" for one in reasons)


def _purpose(request: StartRequest) -> str:
    """Return what a request is sealed for: it opens as nobody else's, nor as one of another moment."""
    scope = request.scope
    return f"start request of {request.asked_by} in {scope.type.value}:{scope.id} at {request.asked_at}"


async def list_requests(platform: Platform, caller: Caller, scope: Scope) -> list[Asked]:
    """Return the requests of a scope that the caller may decide on or has made, those that wait first.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        only = None if allows(caller, Action.APPROVE_START, scope.type, scope.id) else caller.username
        now = platform.engine.clock()
        found = await start_requests.list_of_scope(tx, scope, now, MAX_LISTED, asked_by=only)
    return [Asked(one, refusal_of(caller, one, now)) for one in found]


async def count_decidable(tx: Transaction, platform: Platform, caller: Caller, scope: Scope) -> int:
    """Count the requests of a scope that wait for a decision which the caller may make."""
    if not allows(caller, Action.APPROVE_START, scope.type, scope.id):
        return 0
    return await start_requests.count_decidable(tx, scope, caller.username, platform.engine.clock())


async def open_request(platform: Platform, caller: Caller, scope: Scope, request_id: int) -> tuple[Asked, bytes]:
    """Return a request, and what was asked for as long as it waits, else nothing.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.
        StartRequestNotFoundError: There is none, or the caller neither made it nor may decide on it.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        request, sealed = await _get(tx, caller, scope, request_id)
    now = platform.engine.clock()
    try:
        check_open(request, now)
    except StartRequestOverError:
        sealed = b""
    body = platform.engine.sealer.open(sealed, _purpose(request)) if sealed else b""
    return Asked(request, refusal_of(caller, request, now)), body


async def _get(
    tx: Transaction, caller: Caller, scope: Scope, request_id: int, *, lock: bool = False
) -> tuple[StartRequest, bytes]:
    found = await start_requests.find(tx, scope, request_id, lock=lock)
    if found is None or not _may_look(caller, found[0]):
        raise StartRequestNotFoundError(request_id)
    return found


def _may_look(caller: Caller, request: StartRequest) -> bool:
    """Tell whether somebody has made a request or may decide on it; in its scope everybody is already."""
    scope = request.scope
    return request.asked_by == caller.username or allows(caller, Action.APPROVE_START, scope.type, scope.id)


def refusal_of(caller: Caller, request: StartRequest, now: int) -> JobfleetError | None:
    """Return what deciding on a request would be refused with, None when the caller may."""
    try:
        check_open(request, now)
        check_second(request, caller.username)
    except (StartRequestOverError, OwnStartRequestError) as error:
        return error
    return None


async def asker_of(platform: Platform, request: StartRequest) -> Caller:
    """Return who a request starts as, with the roles of this moment; somebody who is gone or disabled has none."""
    name, came = request.asked_by, Origin(Access.WEB)
    async with platform.engine.db.begin() as tx:
        person = await people.find_person(tx, name)
    if person is None or person.disabled:
        return Caller(name, "", platform_admin=False, grants=(), origin=came)
    roles = person.platform_admin, person.grants, person.language, person.platform_role
    return Caller(name, "", *roles, origin=came)


def as_requested(start: Start, request: StartRequest) -> Start:
    """Return a start as it was asked for."""
    return starts.as_asked(start, request.name, LaunchMode(request.launch_mode))


def digest_of(platform: Platform, seen: Preview) -> str:
    """Return what changes with what a start would do and with why it needs a second person; it tells no secret."""
    return platform.engine.sealer.mac(_meant(platform, seen), msgspec.msgpack.encode(seen.obstacles)).hex()


def _meant(platform: Platform, seen: Preview) -> bytes:
    return meant(platform, [(step.asked, step.made) for step in seen.steps], seen.variables)


class Decision(msgspec.Struct, frozen=True):
    """Hold what somebody decided: why, and on an approval the digest of what they looked at."""

    answer: str = ""
    seen: str = ""


async def approve(
    platform: Platform, caller: Caller, request_id: int, starter: Caller, start: Start, decision: Decision
) -> StartedJob:
    """Start what somebody else asks for, as them; the record of the job names both.

    Args:
        starter: Who asks; see `asker_of`.
        start: What they ask for; see `as_requested`.

    Raises:
        StartRequestNotFoundError: There is no such request for the caller.
        ForbiddenError: The caller may not approve starts, or the asker may not start this any more.
        OwnStartRequestError: The caller has made the request.
        StartRequestOverError: It waits no more.
        StartChangedError: It would do something else by now than what the caller looked at.
        JobfleetError: What the start is refused for now; the request goes on waiting.

    Source: docs/reference/start-requests.md, «Deciding».
    """
    now = await preview(platform, starter, start)
    if digest_of(platform, now) != decision.seen:
        raise StartChangedError
    # Whatever changes from here on: the start itself proves that it stores what was looked at.
    approval = Approval(caller.username, _meant(platform, now))
    async with platform.engine.db.begin() as tx:
        request = await _hold(tx, platform, caller, start.scope, request_id)
        started = await starts.accept(tx, platform, msgspec.structs.replace(starter, approval=approval), start)
        await _decide(tx, platform, caller, request, RequestState.APPROVED, decision.answer, started.job_id)
    await starts.wake(platform, start, started)
    return started


async def refuse(platform: Platform, caller: Caller, scope: Scope, request_id: int, answer: str) -> None:
    """Refuse what somebody else asks for.

    Raises:
        StartRequestNotFoundError, ForbiddenError, OwnStartRequestError, StartRequestOverError: See `approve`.
    """
    async with platform.engine.db.begin() as tx:
        request = await _hold(tx, platform, caller, scope, request_id)
        await _decide(tx, platform, caller, request, RequestState.REFUSED, answer)


async def withdraw(platform: Platform, caller: Caller, scope: Scope, request_id: int) -> None:
    """Take back what the caller has asked for.

    Raises:
        StartRequestNotFoundError: There is no such request, or it is somebody else's.
        StartRequestOverError: It waits no more.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        request, _ = await _get(tx, caller, scope, request_id, lock=True)
        if request.asked_by != caller.username:
            raise StartRequestNotFoundError(request_id)
        check_open(request, platform.engine.clock())
        await _decide(tx, platform, caller, request, RequestState.WITHDRAWN, "")


async def _hold(tx: Transaction, platform: Platform, caller: Caller, scope: Scope, request_id: int) -> StartRequest:
    """Return a request that the caller decides on, held until the transaction ends."""
    demand(caller, Action.APPROVE_START, await enter_scope(tx, platform, caller, scope))
    request, _ = await _get(tx, caller, scope, request_id, lock=True)
    check_open(request, platform.engine.clock())
    check_second(request, caller.username)
    return request


async def open_to_decide(
    platform: Platform, caller: Caller, scope: Scope, request_id: int
) -> tuple[StartRequest, bytes]:
    """Return a request that the caller may decide on, and what was asked for.

    Raises:
        ScopeNotFoundError, ForbiddenError, StartRequestNotFoundError, OwnStartRequestError, StartRequestOverError: See
            `approve`.
    """
    async with platform.engine.db.begin() as tx:
        await _hold(tx, platform, caller, scope, request_id)
        request, sealed = await _get(tx, caller, scope, request_id)
    return request, platform.engine.sealer.open(sealed, _purpose(request))


async def _decide(
    tx: Transaction,
    platform: Platform,
    caller: Caller,
    request: StartRequest,
    state: RequestState,
    answer: str,
    job_id: int | None = None,
) -> None:
    now = platform.engine.clock()
    decided = msgspec.structs.replace(
        request, state=state, decided_by=caller.username, decided_at=now, answer=answer, job_id=job_id
    )
    if not await start_requests.decide(tx, decided):
        raise StartRequestOverError(state.value)
    await tell_start_request(tx, platform.engine, decided, now)
    what = f"{state.value} start request {request.id} of {request.asked_by}"
    what += "" if job_id is None else f": job {job_id}"
    await audit.insert(tx, caller, Action.APPROVE_START, f"{what}: {answer}" if answer else what, now, request.scope)
