"""Print rows as a table, and keep them in a file."""

import platform
import time
from pathlib import Path

import msgspec
import psutil
from rich.console import Console
from rich.table import Column, Table

from bench.limits import Limits
from bench.rows import Row

RESULTS = Path(__file__).parent / "results"


def show(limits: Limits, rows: list[Row]) -> None:
    """Print the machine's limits and the table."""
    console = Console(width=160)
    console.print(
        f"This machine: {psutil.cpu_count()} cores, fork+exec {limits.fork_exec_ms:.2f} ms, "
        f"one NATS round trip {limits.round_trip_ms:.2f} ms, {limits.exchanges_per_s:,.0f} NATS exchanges/s, "
        f"one commit {limits.commit_ms:.2f} ms"
    )
    numbers = [Column(name, justify="right") for name in ("measured", "design", "of it", "machine's own", "times that")]
    table = Table("what", *numbers, "beside it")
    for row in rows:
        table.add_row(*_cells(row))
    console.print(table)


def keep(limits: Limits, rows: list[Row]) -> Path:
    """Write everything to a file of its own and return its path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / time.strftime("%Y%m%dT%H%M%S.json", time.gmtime())
    machine = {"cores": psutil.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    path.write_bytes(msgspec.json.format(msgspec.json.encode({"machine": machine, "limits": limits, "rows": rows})))
    return path


def _cells(row: Row) -> list[str]:
    more = ", ".join(f"{name} {_number(value)}" for name, value in row.more.items())
    return [
        row.name,
        f"{_number(row.value)} {row.unit}",
        "" if row.design is None else f"{_number(row.design)} {row.unit}",
        "" if row.design is None else f"{row.value / row.design:.0%}",
        "" if row.floor is None else f"{_number(row.floor)} {row.unit}",
        "" if row.floor is None else f"{row.value / row.floor:.1f}",
        more,
    ]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
