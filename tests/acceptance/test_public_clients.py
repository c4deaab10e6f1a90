"""BlueKing's own Python clients run every flow against Jobfleet, as the example shows it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.acceptance.declared import ACCOUNT, SECRET, A, B
from tests.acceptance.stage import Stage, staged

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
async def behind() -> AsyncIterator[Stage]:
    """Give an installation behind the stage of a gateway, which may be brought to its limits."""
    async with staged("--path-prefix", "/prod", agents=3) as running:
        toml = (EXAMPLES / "greeting.toml").read_text()
        wanted = {"scope": "biz:2", "toml": toml}
        answer = await running.http.post("/api/v1/plans/apply", json=wanted, headers=await running.bearer())
        assert answer.status_code == 200, answer.text
        yield running


async def run(stage: Stage, *flows: str) -> str:
    """Run flows of the example and return what it printed."""
    who = {"BK_APP_CODE": "esb_test", "BK_APP_SECRET": SECRET}
    place = {"url": stage.installation.url, "stage": "prod", "account": ACCOUNT, "hosts": f"{A},{B}", "stranger": "sam"}
    flags = [f"--{name}={value}" for name, value in place.items()]
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, str(EXAMPLES / "public_clients.py"), *flags, *flows),
        env=os.environ | who,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complaint = await asyncio.wait_for(program.communicate(), 120)
    assert program.returncode == 0, (printed.decode() + complaint.decode())[-3000:]
    return printed.decode()


@pytest.mark.parametrize("flow", ["script", "plan", "file", "cron", "refusals"])
async def test_the_public_clients_run_a_flow(behind: Stage, flow: str) -> None:
    assert (await run(behind, flow)).startswith(f"{flow}: ")


async def test_the_public_clients_meet_a_quota(behind: Stage) -> None:
    bearer = await behind.bearer()
    limits = {"toml": "[quotas]\napps = { esb_test = 0 }\n"}
    (await behind.http.post("/api/v1/apply", json=limits, headers=bearer)).raise_for_status()
    assert "1244033" in await run(behind, "quota")
