"""A PostgreSQL of a benchmark's own, with our tables, in a directory that is gone afterwards."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from jobfleet.embedded.postgres import Postgres
from jobfleet.store.migrate import migrate

Work = Callable[[str], Awaitable[None]]
"""What is done with the address of the database."""


def on_a_database(name: str, now: int, work: Work) -> None:
    """Do work on a fresh database whose partitions are those of `now` (epoch ms)."""
    directory = Path(tempfile.mkdtemp(prefix=f"jobfleet-{name}-"))
    directory.chmod(0o711)
    try:
        asyncio.run(_run(directory, now, work))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _run(directory: Path, now: int, work: Work) -> None:
    engine = Postgres(directory / "postgres", directory / "log")
    await engine.start()
    try:
        await migrate(engine.url_of("postgres"), now)
        await work(engine.url_of("postgres"))
    finally:
        await engine.stop()
