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
from tests.engines import quick_place
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
    with tempfile.TemporaryDirectory(prefix="jobfleet-demo-test-", dir=quick_place()) as temporary:
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
    with tempfile.TemporaryDirectory(prefix="jobfleet-demo-test-", dir=quick_place()) as temporary:
        process = await demo("--stay", temporary=Path(temporary))
        assert process.stdout is not None
        async with asyncio.timeout(300):
            while not (line := await process.stdout.readline()).startswith(b"console: http://"):
                assert line, "the demonstration ended by itself"
        everything = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 60) == 0
        assert await survivors(everything) == []


async def test_the_example_plan_runs_step_by_step_on_three_hosts() -> None:
    plan = Path(__file__).parents[2] / "examples/release.toml"
    with tempfile.TemporaryDirectory(prefix="jobfleet-demo-test-", dir=quick_place()) as temporary:
        process = await demo("--plan", str(plan), temporary=Path(temporary))
        raw, complaint = await asyncio.wait_for(process.communicate(), 300)
        assert (process.returncode, complaint) == (0, b""), raw.decode()
        assert remains(temporary) == []
    printed = raw.decode()
    told = re.findall(r"^== (.+?): (\w+), (\w+) \(", printed, re.MULTILINE)
    assert told == [
        ("check", "script", "succeeded"),
        ("ask", "approval", "succeeded"),
        ("send", "file", "succeeded"),
        ("migrate", "sql", "succeeded"),
        ("install", "script", "succeeded"),
        ("look for leftovers", "script", "ignored"),
        ("look whether it is well", "script", "succeeded"),
    ]
    assert "ask: waits for a person" in printed
    assert printed.count("release 2.0.0 of 2 features to 0:127.0.0.1,0:127.0.0.2,0:127.0.0.3, port 8080") == 3
    assert re.findall(r"^127\.0\.0\.(\d): batch (\d), succeeded, .*tag installed$", printed, re.MULTILINE) == [
        ("1", "1"),
        ("2", "2"),
        ("3", "2"),
    ]
    assert printed.count("app.sh was called with: --version 2.0.0\n    built for 2.0.0\n") == 3
    slots = re.findall(r"(slot-\d+) opens with a token of 12 characters; features: search dark mode release", printed)
    assert len(set(slots)) == 3
    assert re.search(r"releases\s+-+\s+1\b", printed)
    assert printed.count("release 2.0.0; on the hosts is 2.0.0 in full") == 3
    values = printed.partition("== variables at the end\n")[2]
    assert "state (string): 2.0.0 in full\n" in values
    assert "token (password): ******\n" in values
