"""Ask a scope of 100,000 scripts: `python -m bench.scripts` prints what each list takes, in milliseconds."""

import statistics
import sys
import time

import asyncpg
import sqlalchemy as sa

from bench.database import on_a_database
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.script_version import ScriptFilter
from jobfleet.store import scripts
from jobfleet.store.database import Database

SCOPE = Scope(ScopeType.BUSINESS, 2)
SCRIPTS, OTHERS = 100_000, 10_000
RUNS = 7
_STATEMENTS = (
    f"""
INSERT INTO script (id, scope_type, scope_id, name, language, description, creator, created_at, modifier, modified_at,
                    online_version_id)
SELECT md5(n::text), 'biz', CASE WHEN n <= {SCRIPTS} THEN 2 ELSE 3 END,
       CASE n % 100 WHEN 0 THEN '重启服务 ' WHEN 1 THEN 'Backup database ' ELSE 'deploy service ' END || n,
       CASE n % 10 WHEN 3 THEN 4 ELSE 1 END, '', 'u', n / 3, 'u', n / 3,
       CASE n % 10 WHEN 7 THEN NULL ELSE 1000 + n END
FROM generate_series(1, {SCRIPTS + OTHERS}) AS n
""",
    f"""
INSERT INTO script_version (id, script_id, version, state, content, description, creator, created_at, modifier,
                            modified_at)
SELECT 1000 + n, md5(n::text), '1.0', CASE n % 10 WHEN 7 THEN 0 ELSE 1 END, 'x', '', 'u', n, 'u', n
FROM generate_series(1, {SCRIPTS + OTHERS}) AS n
""",
    "INSERT INTO tag VALUES (7, 'biz', 2, 'rare', '', 'u', 0, 'u', 0)",
    f"INSERT INTO tag_link SELECT 7, 'script', md5(n::text) FROM generate_series(1, {SCRIPTS}, 1000) AS n",
)


async def furnish(url: str) -> None:
    """Give a migrated database 100,000 scripts in SCOPE and some in another, nine of ten online, few with a tag."""
    database = Database(url)
    async with database.begin() as tx:
        for statement in _STATEMENTS:
            await tx.execute(sa.text(statement))
    await database.close()
    connection = await asyncpg.connect(url)
    await connection.execute("VACUUM (ANALYZE) script, script_version, tag_link")
    await connection.close()


ONLINE = ScriptFilter(online_only=True)
QUESTIONS: dict[str, tuple[ScriptFilter, int]] = {
    "first page": (ScriptFilter(), 0),
    "last page": (ScriptFilter(), SCRIPTS - 20),
    "first page of those online": (ONLINE, 0),
    "page behind 80,000 that are online": (ONLINE, 80_000),
    "one language": (ScriptFilter(language=4), 0),
    "a number in the name": (ScriptFilter(name="12345"), 0),
    "two letters in the name": (ScriptFilter(name="重启", online_only=True), 0),
    "a word in one name of a hundred": (ScriptFilter(name="backup data", online_only=True), 0),
    "a word in nearly every name": (ScriptFilter(name="deploy"), 0),
    "nothing has it in the name": (ScriptFilter(name="no such name"), 0),
    "one letter in the name": (ScriptFilter(name="7"), 0),
    "a tag": (ScriptFilter(tag_id=7), 0),
}


async def measure(url: str) -> None:
    """Print the median of some runs of each question."""
    database = Database(url)
    for name, (wanted, start) in QUESTIONS.items():
        spans = []
        for _ in range(RUNS):
            begun = time.perf_counter()
            async with database.begin() as tx:
                total, _ = await scripts.list_page(tx, SCOPE, wanted, start=start, length=20)
            spans.append((time.perf_counter() - begun) * 1000)
        sys.stdout.write(f"{name:35} {statistics.median(spans):8.1f} ms   of {total:,}\n")
    await database.close()


async def _run(url: str) -> None:
    begun = time.perf_counter()
    await furnish(url)
    sys.stdout.write(f"{SCRIPTS + OTHERS:,} scripts made in {time.perf_counter() - begun:.1f} s\n")
    await measure(url)


if __name__ == "__main__":
    on_a_database("scripts", time.time_ns() // 1_000_000, _run)
