"""Link the rows of the audit trail to one another, forget old ones, and look for what somebody changed.

Source: docs/reference/audit.md.
"""

import asyncio
from collections.abc import Callable
from itertools import islice, takewhile
from pathlib import Path

import msgspec
import sqlalchemy as sa
import structlog

from jobfleet.engine.context import Context
from jobfleet.model.audit import START, Place, StoredEntry, Verdict, anchor_of, breaks_in, chained, mac_of, seal_breaks
from jobfleet.model.errors import UnavailableError
from jobfleet.store import audit
from jobfleet.store.database import Transaction

_log = structlog.get_logger(__name__)

PAGE = 1_000
GENESIS = 100_000
"""Rows that the first link may take: those from before rows were sealed are among them."""

EVERY_S = 1.0
MAX_BREAKS = 20
PATIENCE_MS = 60_000
"""Rows older than this that have no place in the chain show that no server links them."""

REMEMBERED = "audit-head"
"""The file in the data directory that remembers the last place of the chain that this server has seen."""


async def chain_new(ctx: Context) -> Place | None:
    """Give rows without a place theirs, behind the last one; return the head, None while another server does so."""
    while True:
        async with ctx.db.begin() as tx:
            if not await audit.hold(tx):
                return None
            head = await _head(tx)
            rows = await audit.list_unchained(tx, GENESIS if head is START else PAGE)
            if head is START:
                rows = [await _adopted(tx, ctx, row) for row in rows]
            places = list(chained(ctx.sealer.audit_mac, head, (row.mac for row in rows)))
            if places:
                await audit.chain(tx, [row.id for row in rows], places)
        if len(rows) < PAGE:
            return places[-1] if places else head
        await asyncio.sleep(0)


async def _head(tx: Transaction) -> Place:
    head = await audit.find_head(tx)
    if head is not None:
        return head
    anchor = await audit.find_anchor(tx)
    return START if anchor is None else anchor[0]


async def _adopted(tx: Transaction, ctx: Context, row: StoredEntry) -> StoredEntry:
    """Return a row, sealed now if it was written before rows were sealed: that is so at the very beginning only."""
    if row.mac:
        return row
    sealed = mac_of(ctx.sealer.audit_mac, row.told)
    await audit.set_mac(tx, row.id, sealed)
    return msgspec.structs.replace(row, mac=sealed)


async def forget_before(ctx: Context, at: int) -> int:
    """Forget rows older than a moment, and keep the proof that a server did; return how many places are gone.

    What somebody changed is no longer what was written, its time neither: from there on nothing is forgotten.
    """
    gone = 0
    while True:
        async with ctx.db.begin() as tx:
            if not await audit.hold(tx):
                return gone
            first = await _proven_start(tx, ctx)
            old = [] if first is None else await _whole_rows_before(tx, ctx, first, at)
            if first is None or not old:
                return gone
            place = Place(old[-1].seq or 0, old[-1].link or b"")
            await audit.forget(tx, place, anchor_of(ctx.sealer.audit_mac, place), ctx.clock())
            gone += place.seq - first.seq


async def _proven_start(tx: Transaction, ctx: Context) -> Place | None:
    """Return up to which place a server has forgotten the trail; None when it was somebody else."""
    anchor = await audit.find_anchor(tx)
    if anchor is None:
        return START
    place, proof = anchor
    return place if proof == anchor_of(ctx.sealer.audit_mac, place) else None


async def _whole_rows_before(tx: Transaction, ctx: Context, first: Place, at: int) -> list[StoredEntry]:
    """Return the rows behind a place that are older than a moment and that nobody changed, but not the head."""
    rows = (await audit.list_chained(tx, first.seq, PAGE + 1))[:-1]
    old = list(takewhile(lambda row: row.told.at < at, rows))
    broken = next(breaks_in(ctx.sealer.audit_mac, first, old), None)
    if broken is None:
        return old
    _log.error("audit trail not forgotten, somebody changed it", reason=broken)
    return []


async def verify(ctx: Context, remembered: Place | None) -> Verdict:
    """Look at every row of the trail.

    Args:
        remembered: A place that the chain is known to have had, from outside the database.

    Source: docs/reference/audit.md, «Verify».
    """
    async with ctx.db.begin() as tx:
        await tx.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        return await _Check(tx, ctx).all(remembered)


async def keep_chain(ctx: Context, memory: "Memory") -> None:
    """Link new rows once a second, and look whether the chain is still the one that was seen, until cancelled."""
    while True:
        try:
            await chain_new(ctx)
            await memory.look(ctx)
        except UnavailableError as error:
            _log.warning("audit trail not linked, put off", reason=str(error))
        except Exception:  # noqa: BLE001 - the edge of a loop: the next turn tries again
            _log.exception("audit trail not linked")
        await asyncio.sleep(EVERY_S)


class _Check:
    """Walk along the chain within one transaction, and collect what is wrong."""

    def __init__(self, tx: Transaction, ctx: Context) -> None:
        self._tx = tx
        self._ctx = ctx
        self._mac = ctx.sealer.audit_mac
        self._breaks: list[str] = []
        self._rows = 0

    async def all(self, remembered: Place | None) -> Verdict:
        """Return what was found."""
        start = await self._start()
        head = await self._walk(start, remembered)
        if await audit.find_double(self._tx) is not None:
            self._breaks.append("a row stands there twice")
        unchained = await self._unchained()
        return Verdict(self._rows, start.seq + 1, head, unchained, tuple(self._breaks[:MAX_BREAKS]))

    async def _start(self) -> Place:
        anchor = await audit.find_anchor(self._tx)
        if anchor is None:
            return START
        place, proof = anchor
        if proof != anchor_of(self._mac, place):
            self._breaks.append(f"rows up to {place.seq}: were forgotten, but not by a server")
        return place

    async def _walk(self, place: Place, remembered: Place | None) -> Place:
        wanted = remembered if remembered is not None and remembered.seq > place.seq else None
        while rows := await audit.list_chained(self._tx, place.seq, PAGE):
            self._breaks += islice(breaks_in(self._mac, place, rows), MAX_BREAKS)
            self._rows += len(rows)
            if wanted is not None and any(row.seq == wanted.seq and row.link != wanted.link for row in rows):
                self._breaks.append(f"row {wanted.seq}: is another one than this server has seen there")
            place = Place(rows[-1].seq or 0, rows[-1].link or b"")
        if wanted is not None and place.seq < wanted.seq:
            self._breaks.append(f"rows {place.seq + 1} to {wanted.seq}: are missing at the end")
        return place

    async def _unchained(self) -> int:
        """Count rows that have no place yet, and look at them."""
        rows = await audit.list_unchained(self._tx, PAGE)
        for row in rows:
            self._breaks += seal_breaks(self._mac, row)
        if any(row.told.at < self._ctx.clock() - PATIENCE_MS for row in rows):
            self._breaks.append("rows wait to be linked for more than a minute: does a server run?")
        return len(rows)


class Memory:
    """Remember outside the database how far the chain has come, so that a shorter one is noticed.

    Args:
        path: The file; it is made when there is something to remember. None remembers nothing.
        alarm: Is told when the chain is not the one that was seen before; what was seen stays remembered.
    """

    def __init__(self, path: Path | None = None, alarm: Callable[[str], None] = print) -> None:
        self._path = path
        self._alarm = alarm
        self._told = ""

    def load(self) -> Place | None:
        """Return what is remembered, or None."""
        if self._path is None:
            return None
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Place)
        except FileNotFoundError:
            return None

    async def look(self, ctx: Context) -> None:
        """Compare the chain with what is remembered, and remember how far it is now."""
        remembered = self.load()
        async with ctx.db.begin() as tx:
            head = await _head(tx)
            forgotten = await _proven_start(tx, ctx)
            there = None if remembered is None else await audit.find_place(tx, remembered.seq)
        is_forgotten = remembered is not None and forgotten is not None and forgotten.seq >= remembered.seq
        if remembered is None or remembered == there or is_forgotten:
            self._keep(head, remembered)
        else:
            self._warn(f"the audit trail had a row {remembered.seq} that is gone or another one now")

    def _keep(self, head: Place, before: Place | None) -> None:
        if self._path is not None and head not in {before, START}:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_suffix(".new")
            fresh.write_bytes(msgspec.json.encode(head))
            fresh.replace(self._path)

    def _warn(self, what: str) -> None:
        if what != self._told:
            self._told = what
            self._alarm(what)
