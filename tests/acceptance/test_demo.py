"""The demonstration: the main job from nothing, and nothing left of it."""

import asyncio
import json
import os
import re
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
from tests.installation import survivors


async def demo(*arguments: str, temporary: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jobfleet", "demo", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(temporary)},
    )


def answers(printed: str) -> dict[str, Any]:
    """Return the answers that the demonstration printed, by operation."""
    found = re.findall(r"^(\w+):\n(\{.*?^\})$", printed, re.MULTILINE | re.DOTALL)
    return {name: json.loads(text) for name, text in found}


def remains(directory: str) -> list[str]:
    return [path.name for path in Path(directory).iterdir()]


async def test_the_demonstration_runs_one_script_on_three_hosts_and_leaves_nothing() -> None:
    with tempfile.TemporaryDirectory(prefix="jobfleet-demo-test-") as temporary:
        process = await demo(temporary=Path(temporary))
        printed, complaint = await asyncio.wait_for(process.communicate(), 300)
        assert (process.returncode, complaint) == (0, b"")
        assert remains(temporary) == []
        assert not [each for each in psutil.process_iter(["cmdline"]) if temporary in str(each.info["cmdline"])]
    shown = answers(printed.decode())
    status = shown["get_job_instance_status"]["data"]
    assert status["finished"]
    hosts = status["step_instance_list"][0]["step_ip_result_list"]
    assert [(host["ip"], host["status"], host["tag"]) for host in hosts] == [
        (f"127.0.0.{n}", 9, "greeted") for n in (1, 2, 3)
    ]
    logs = shown["batch_get_job_instance_ip_log"]["data"]["script_task_logs"]
    assert len(logs) == 3
    assert all("a word on standard error" in log["log_content"] for log in logs)


async def test_a_demonstration_that_stays_prints_the_console_and_ends_on_request() -> None:
    with tempfile.TemporaryDirectory(prefix="jobfleet-demo-test-") as temporary:
        process = await demo("--stay", temporary=Path(temporary))
        assert process.stdout is not None
        async with asyncio.timeout(300):
            while not (line := await process.stdout.readline()).startswith(b"console: http://"):
                assert line, "the demonstration ended by itself"
        everything = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 60) == 0
        assert await survivors(everything, 3) == []
