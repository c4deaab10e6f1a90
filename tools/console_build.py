"""Measure how long the console takes to build: all of it, as a wheel needs it, into a directory of its own."""

import subprocess
import tempfile
import time
from pathlib import Path

from tools.budget_rows import Row

ROOT = Path(__file__).parents[1]
MAX_BUILD_S = 10.0


def measure() -> list[Row]:
    """Build the console once; what is served stays as it is.

    Raises:
        CalledProcessError: It does not build.
    """
    with tempfile.TemporaryDirectory(prefix="jobfleet-console-build-") as place:
        words = (ROOT / "tools/npm", "run", "--silent", "build", "--", "--logLevel", "error")
        begun = time.perf_counter()
        subprocess.run([*words, "--outDir", place, "--emptyOutDir"], check=True, cwd=ROOT)  # noqa: S603 (our own words)
        return [Row("the console built", time.perf_counter() - begun, MAX_BUILD_S, "s")]
