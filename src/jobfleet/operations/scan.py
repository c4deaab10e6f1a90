"""Search scripts for dangerous commands before they run, and record what was found."""

import asyncio
import hashlib
from collections.abc import Mapping

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.dangerous import MAX_LINE_CHARACTERS, Checker, Hit, HitRecord, kept_hits, languages_of, search_all
from jobfleet.model.job import LaunchMode
from jobfleet.model.job_errors import InterceptedError
from jobfleet.model.scope import KnownScope
from jobfleet.operations.platform import Platform
from jobfleet.store import dangerous_hits
from jobfleet.store.database import Transaction

LARGE_BYTES = 64 << 10
"""A larger script is searched beside the event loop."""

MAX_KEPT_BYTES = 1 << 20
"""What is kept of a script that was hit."""


async def scan(
    tx: Transaction,
    platform: Platform,
    caller: Caller,
    info: KnownScope,
    language: int,
    content: bytes,
    launch_mode: LaunchMode,
) -> None:
    """Do nothing when no rule intercepts a script; every hit is recorded, even if `tx` is undone.

    Every operation that runs a script calls this once for each, before it stores anything of the job.

    Raises:
        InterceptedError: A rule refuses the script, one that a second person who approved the start lets pass left out.

    Source: docs/reference/dangerous-rules.md.
    """
    hits, intercepting = await find_hits(tx, platform, language, content, approved=caller.approval is not None)
    if hits:
        run = _Run(caller, info, language, launch_mode, hashlib.sha256(content).hexdigest(), platform.engine.clock())
        await _record(platform, [_row(run, hit) for hit in hits], content)
    if intercepting is not None:
        raise InterceptedError(intercepting.rule.expression, intercepting.line_number)


async def find_hits(
    tx: Transaction, platform: Platform, language: int, content: bytes, *, approved: bool = False
) -> tuple[list[Hit], Hit | None]:
    """Return what rules find in a script, and the first hit that refuses it; nothing is recorded.

    Rules that a second person lets a start pass do not refuse what is `approved`.
    """
    checkers = {one: await platform.rules.checker(tx, one) for one in languages_of(language, content)}
    return await _search(checkers, content, approved=approved)


async def list_hits(platform: Platform, language: int, content: bytes) -> list[Hit]:
    """Return what rules find in a script that nobody runs yet; nothing is recorded."""
    async with platform.engine.db.begin() as tx:
        return (await find_hits(tx, platform, language, content))[0]


def line_purpose(hit: HitRecord) -> str:
    """Return what the line of a hit is sealed for: it opens as no other script's, nor at another place."""
    return f"dangerous line {hit.line_number} of {hit.script_hash}"


def script_purpose(script_hash: str) -> str:
    """Return what a script that was hit is sealed for."""
    return f"dangerous script {script_hash}"


class _Run(msgspec.Struct, frozen=True):
    """Say who wanted to run which script where, how and when."""

    caller: Caller
    info: KnownScope
    language: int
    launch_mode: LaunchMode
    script_hash: str
    at: int


async def _search(
    checkers: Mapping[int, Checker], content: bytes, *, approved: bool = False
) -> tuple[list[Hit], Hit | None]:
    if len(content) <= LARGE_BYTES or not any(checker.rules for checker in checkers.values()):
        return kept_hits(search_all(checkers, content), approved=approved)
    return await asyncio.to_thread(lambda: kept_hits(search_all(checkers, content), approved=approved))


async def _record(platform: Platform, rows: list[HitRecord], content: bytes) -> None:
    sealer = platform.engine.sealer
    script = sealer.seal(content[:MAX_KEPT_BYTES], script_purpose(rows[0].script_hash))
    async with platform.engine.db.begin(beside=True) as tx:
        await dangerous_hits.insert(tx, rows, lambda hit: sealer.seal(hit.line.encode(), line_purpose(hit)), script)


def _row(run: _Run, hit: Hit) -> HitRecord:
    return HitRecord(
        id=0,
        at=run.at,
        rule_id=hit.rule.id,
        expression=hit.rule.expression,
        action=hit.rule.action,
        scope=run.info.scope,
        operator=run.caller.username,
        app_code=run.caller.app_code,
        launch_mode=run.launch_mode,
        language=run.language,
        line_number=hit.line_number,
        line=hit.line[:MAX_LINE_CHARACTERS],
        script_hash=run.script_hash,
    )
