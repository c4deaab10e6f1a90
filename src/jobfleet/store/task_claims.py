"""Tasks whose orders are to be sent: taken by one server, and given back when nobody got them."""

from collections.abc import Collection

import msgspec

from jobfleet.store.database import Transaction, raw
from jobfleet.store.statuses import with_statuses


class ClaimedTask(msgspec.Struct, frozen=True):
    """Name a task that this server has taken to send to its host; `sent_before` when an order left earlier.

    `ordinal` is below 0 for a source of files; a host id of 0 is the server itself. It is given up after
    `deadline_at` (epoch ms), and was sent for the first time at `sent_at`.
    """

    id: int
    host_id: int
    attempt: int
    batch: int
    sent_before: bool
    ordinal: int
    deadline_at: int = 0
    sent_at: int = 0


class ClaimTerms(msgspec.Struct, frozen=True):
    """Say on what terms tasks are taken to be sent.

    `first_batch` to `batch` are the batches that may start, 0 for a step that does not roll; `lease_ms` is how long
    other servers leave the tasks alone, `patience_ms` how long from `now` (epoch ms) they may take before they are
    given up, and `own_patience_ms` those of the server itself.
    """

    attempt: int
    batch: int
    now: int
    lease_ms: int
    patience_ms: int
    limit: int
    has_sources: bool = False
    first_batch: int = 0
    own_patience_ms: int = 0


async def claim_unsent(tx: Transaction, job_id: int, step_id: int, terms: ClaimTerms) -> list[ClaimedTask]:
    """Take tasks of a running step whose order must be sent (again); other servers leave them alone meanwhile.

    The step must be held, so that nobody stops it between its tasks being counted and being taken. Targets of files
    are not taken while a source is unfinished, nor after the server could not fetch them, and tasks that an earlier
    attempt never sent are not taken any more.
    """
    # An array is made once; PostgreSQL may run the select of an IN anew for every row, with a limit and locks in it.
    rows = await (await raw(tx)).fetch(
        with_statuses("""
        UPDATE task SET sent_at = coalesce(sent_at, $3), lease_until = $4,
                        deadline_at = coalesce(deadline_at, CASE WHEN host_id = 0 THEN $10::bigint ELSE $5 END)
        WHERE job_id = $1 AND id = ANY(ARRAY(
            SELECT id FROM task WHERE job_id = $1 AND step_id = $2 AND attempt = $7 AND status = <task.WAITING>
            AND (lease_until IS NULL OR lease_until <= $3) AND batch BETWEEN $11 AND $8 AND (ordinal < 0 OR NOT $9)
            ORDER BY ordinal LIMIT $6 FOR UPDATE SKIP LOCKED))
        RETURNING id, host_id, attempt, batch, sent_at < $3, ordinal, deadline_at, sent_at
        """),
        job_id,
        step_id,
        terms.now,
        terms.now + terms.lease_ms,
        terms.now + terms.patience_ms,
        terms.limit,
        terms.attempt,
        terms.batch,
        terms.has_sources and await _is_held_up(tx, job_id, step_id, terms),
        terms.now + terms.own_patience_ms,
        terms.first_batch,
    )
    return [ClaimedTask(*row) for row in rows]


async def _is_held_up(tx: Transaction, job_id: int, step_id: int, terms: ClaimTerms) -> bool:
    """Tell whether sources still offer, or what the server itself was to fetch for these batches cannot be had."""
    query = with_statuses("""
        SELECT 1 FROM task WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND ordinal < 0
        AND batch BETWEEN $4 AND $5 AND (
            status IN (<task.OPEN>) OR (host_id = 0 AND status NOT IN (<task.SUCCEEDED>, <task.SUCCEEDED_BEFORE>))
        ) LIMIT 1
    """)
    driver = await raw(tx)
    found = await driver.fetchval(query, job_id, step_id, terms.attempt, terms.first_batch, terms.batch)
    return found is not None


async def release(tx: Transaction, job_id: int, step_id: int, task_ids: Collection[int], until: int) -> None:
    """Take back that orders of a running step were sent, because nobody got them; they are sent again after `until`.

    Of a step that is being stopped nothing is taken back: it waits for what was sent.
    """
    driver = await raw(tx)
    running = await driver.fetchval(
        with_statuses("SELECT true FROM step WHERE job_id = $1 AND id = $2 AND status = <run.RUNNING> FOR SHARE"),
        job_id,
        step_id,
    )
    if running:
        await driver.execute(
            with_statuses("""
            UPDATE task SET sent_at = NULL, deadline_at = NULL, lease_until = $3
            WHERE job_id = $1 AND id = ANY($2) AND status = <task.WAITING>
            """),
            job_id,
            list(task_ids),
            until,
        )
