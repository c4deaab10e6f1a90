"""Measure the console and print budget, measured, met or not; the exit code is 1 when a budget is missed.

Real servers, 10,000 simulated hosts, a headless Chromium: minutes. The flags make a smaller trial of it.
"""

import argparse
import asyncio
import sys

from tools import console_budgets, console_build, console_sizes, long_log_budgets
from tools.budget_rows import Row, told


def main() -> int:
    """Measure the parts that are asked for; return 1 when a budget is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("build", "sizes", "runs", "logs"), action="append")
    parser.add_argument("--hosts", type=int, default=10_000)
    parser.add_argument("--changes-per-s", type=int, default=2_000)
    parser.add_argument("--mib", type=int, default=100)
    asked = parser.parse_args()
    wanted = asked.part or ("build", "sizes", "runs", "logs")
    rows: list[Row] = []
    if "build" in wanted:
        rows += console_build.measure()
    if "sizes" in wanted:
        sizes = console_sizes.measure(console_sizes.STATIC)
        rows += [Row(name, size / 1000, most / 1000, "kB") for name, size, most in sizes]
    if "runs" in wanted:
        rows += asyncio.run(console_budgets.measure(asked.hosts, asked.changes_per_s))
    if "logs" in wanted:
        rows += asyncio.run(long_log_budgets.measure(asked.mib))
    return 0 if told(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
