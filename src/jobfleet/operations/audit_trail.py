"""Keep and show the audit trail: runs, refusals, who did what, and whether somebody changed it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from jobfleet.engine import audit_chain
from jobfleet.model.audit import Result, StoredEntry, Verdict
from jobfleet.model.caller import Action, Caller
from jobfleet.model.errors import ForbiddenError, UnavailableError
from jobfleet.model.job import StartedJob
from jobfleet.model.permission import Needed, Resource, ResourceKind
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.operations.access import demand, demand_platform, enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, audit_verdicts
from jobfleet.store.audit import AuditFilter
from jobfleet.store.audit_verdicts import LastVerdict
from jobfleet.store.database import Transaction

MAX_PAGE = 1_000

_LOOKS = frozenset(
    {
        Action.ACCESS_BUSINESS,
        Action.VIEW_HISTORY,
        Action.VIEW_SCRIPT,
        Action.VIEW_JOB_TEMPLATE,
        Action.VIEW_JOB_PLAN,
        Action.VIEW_FILE_SOURCE,
        Action.USE_CREDENTIAL,
        Action.DANGEROUS_HIT,
        Action.SERVICE_STATE,
        Action.DASHBOARD,
        Action.VIEW_AUDIT,
    }
)
"""What only looks: clients poll, and a refusal of that is no event."""

_SCOPES = frozenset({ResourceKind.BUSINESS, ResourceKind.BUSINESS_SET})


async def note_run(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope, needed: Needed, started: StartedJob
) -> None:
    """Remember that a job was accepted.

    Args:
        needed: The permission that it was started with.
    """
    resource = needed.resources[0] if needed.resources else None
    subject, now = f"start job {started.job_id}", platform.engine.clock()
    if caller.approval is not None:
        subject += f", approved by {caller.approval.by}"
    await audit.insert(tx, caller, needed.action, subject, now, scope, resource=resource)


@asynccontextmanager
async def noted(platform: Platform, caller: Caller, permission: object) -> AsyncIterator[None]:
    """Remember when somebody is refused within the block what would have changed something.

    Args:
        permission: What the operation declares; nothing is remembered of those that only look.
    """
    try:
        yield
    except ForbiddenError as error:
        if permission not in _LOOKS:
            await _note_refusal(platform, caller, permission, error)
        raise


async def _note_refusal(platform: Platform, caller: Caller, permission: object, error: ForbiddenError) -> None:
    paths = [path for one in error.missing for path in one.paths]
    root = next((path[0] for path in paths if path[0].kind in _SCOPES), None)
    leaf = next((path[-1] for path in paths if path[-1].kind not in _SCOPES), None)
    subject = f"{permission}: lacks {', '.join(one.action.value for one in error.missing)}"
    now, result = platform.engine.clock(), Result.REFUSED
    with suppress(UnavailableError):  # the refusal itself is what counts
        async with platform.engine.db.begin() as tx:
            await audit.insert(tx, caller, str(permission), subject, now, _scope(root), resource=leaf, result=result)


async def list_entries(
    platform: Platform, caller: Caller, wanted: AuditFilter, *, before: int | None, length: int
) -> list[StoredEntry]:
    """Return rows of the trail that match, newest first.

    Args:
        wanted: Without a scope, rows of all scopes and of the platform.
        before: Only rows with a smaller id, for the next page.
        length: 1 to MAX_PAGE.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller may not look at the trail of the scope, or of everything.

    Source: docs/reference/audit.md.
    """
    async with platform.engine.db.begin() as tx:
        if wanted.scope is None:
            demand_platform(caller, Action.VIEW_AUDIT)
        else:
            demand(caller, Action.VIEW_AUDIT, await enter_scope(tx, platform, caller, wanted.scope))
        return await audit.list_entries(tx, wanted, before=before, length=length)


async def verify(platform: Platform, caller: Caller) -> Verdict:
    """Look at the whole trail for rows that were changed, removed, inserted or moved.

    Raises:
        ForbiddenError: The caller may not look at the trail of everything.

    Source: docs/reference/audit.md, «Verify».
    """
    demand_platform(caller, Action.VIEW_AUDIT)
    remembered = platform.memory.load()
    await audit_chain.chain_new(platform.engine)
    found = await audit_chain.verify(platform.engine, remembered)
    kept = LastVerdict(platform.engine.clock(), caller.username, found.rows, list(found.breaks))
    async with platform.engine.db.begin() as tx:
        await audit_verdicts.put(tx, kept)
    return found


async def state(platform: Platform, caller: Caller) -> tuple[LastVerdict | None, int]:
    """Return what was found when somebody last looked at the whole trail, and how many rows wait to be linked.

    Raises:
        ForbiddenError: The caller may not look at the trail of everything.
    """
    demand_platform(caller, Action.VIEW_AUDIT)
    async with platform.engine.db.begin() as tx:
        return await audit_verdicts.find(tx), (await audit_verdicts.count_unchained(tx))[0]


async def export(platform: Platform, caller: Caller, wanted: AuditFilter) -> AsyncIterator[list[StoredEntry]]:
    """Return all rows that match, newest first, page by page; what may be refused is refused at once.

    Rows that are written meanwhile are left out.

    Raises:
        ScopeNotFoundError, ForbiddenError: See `list_entries`.
    """
    first = await list_entries(platform, caller, wanted, before=None, length=MAX_PAGE)
    return _pages(platform, caller, wanted, first)


async def _pages(
    platform: Platform, caller: Caller, wanted: AuditFilter, page: list[StoredEntry]
) -> AsyncIterator[list[StoredEntry]]:
    while page:
        yield page
        if len(page) < MAX_PAGE:
            return
        page = await list_entries(platform, caller, wanted, before=page[-1].id, length=MAX_PAGE)


def _scope(root: Resource | None) -> Scope | None:
    return None if root is None else Scope(ScopeType(root.kind.value), int(root.id))
