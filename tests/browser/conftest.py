"""Fixtures of the browser's tests: Debian's Chromium, and the console of the acceptance tests' installation.

It is the build without windows: the other one takes three times the processor for a page, for menus that nobody sees.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect
from tests.acceptance.stage import Stage
from tests.browser.visits import Console, signed_in
from tests.engines import quick_place

from jobfleet.api.console.assets import PAGE, STATIC

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# What is waited for comes late on a busy machine; what never comes is told no sooner.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Give how Chromium is started: Debian's without windows, or the one that `JOBFLEET_TEST_CHROMIUM` names."""
    path = os.environ.get("JOBFLEET_TEST_CHROMIUM") or shutil.which("chromium-headless-shell")
    assert path, "no chromium-headless-shell: tools/get_programs.sh installs it"
    shared = [] if quick_place() else ["--disable-dev-shm-usage"]
    return {"executable_path": path, "args": [*_FLAGS, *shared]}


@pytest.fixture(scope="session")
def built() -> None:
    """See that there is a console to look at."""
    assert Path(STATIC, PAGE).is_file(), "the console is not built: make console"


@pytest.fixture(scope="session")
async def console(built: None, browser: Browser, stage: Stage) -> Console:
    """Give the console, and somebody who is signed in; the installation is shared, so leave its processes alone."""
    return Console(browser, stage, await signed_in(browser, stage, "admin", stage.made.admin_password))
