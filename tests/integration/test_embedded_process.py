"""Child processes: watched, stopped in order, never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tests.waiting import WITHIN_S

from jobfleet.cli.probes import wait_until
from jobfleet.embedded import lock
from jobfleet.embedded.ensemble import Ensemble
from jobfleet.embedded.lock import DirectoryInUseError
from jobfleet.embedded.process import ChildFailedError, Program, Service

SAY_WHEN_STOPPED = "import signal,sys,time\nsignal.signal(15, lambda *_: (open({0!r},'a').write({1!r}), sys.exit(0)))\n"
READY_THEN_WAIT = "open({0!r},'w').close()\nwhile True: time.sleep(60)"


def program(tmp_path: Path, name: str, code: str) -> Program:
    return Program(name=name, argv=[sys.executable, "-c", code], log=tmp_path / f"{name}.log")


async def wait_for_file(path: Path) -> None:
    await wait_until(path.exists, WITHIN_S, path.name)


async def test_parts_stop_in_the_opposite_order_of_their_start(tmp_path: Path) -> None:
    order = tmp_path / "order"
    ensemble = Ensemble()
    for name in ("a", "b", "c"):
        code = SAY_WHEN_STOPPED.format(str(order), name) + READY_THEN_WAIT.format(str(tmp_path / name))
        await ensemble.start(Service(program(tmp_path, name, code)))
        await ensemble.until(wait_for_file(tmp_path / name))
    await ensemble.stop()
    assert order.read_text() == "cba"


async def test_the_end_of_one_part_names_it_with_its_exit_code_and_last_words(tmp_path: Path) -> None:
    ensemble = Ensemble()
    await ensemble.start(Service(program(tmp_path, "steady", "import time; time.sleep(60)")))
    await ensemble.start(Service(program(tmp_path, "weak", "print('out of luck'); raise SystemExit(7)")))
    with pytest.raises(ChildFailedError, match=r"(?s)weak ended with exit code 7.*out of luck"):
        await asyncio.wait_for(ensemble.until(asyncio.Event().wait()), WITHIN_S)
    await ensemble.stop()


async def test_a_part_that_ignores_the_request_to_stop_is_killed(tmp_path: Path) -> None:
    code = "import signal,time\nsignal.signal(15, signal.SIG_IGN)\n" + READY_THEN_WAIT.format(str(tmp_path / "up"))
    deaf = Service(program(tmp_path, "deaf", code), grace_s=0.2)
    await deaf.start()
    await wait_for_file(tmp_path / "up")
    await deaf.stop()
    assert not psutil.pid_exists(deaf.pid)


async def test_a_killed_part_is_named_with_its_signal(tmp_path: Path) -> None:
    service = Service(program(tmp_path, "victim", "import time; time.sleep(60)"))
    await service.start()
    os.kill(service.pid, signal.SIGKILL)
    error = await asyncio.wait_for(service.wait_failed(), WITHIN_S)
    assert "victim ended with signal SIGKILL" in str(error)


async def test_the_log_of_the_run_before_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    for word in ("first", "second"):
        service = Service(program(tmp_path, "talker", f"print({word!r})"))
        await service.start()
        await service.wait_failed()
    assert (tmp_path / "talker.log").read_text() == "second\n"
    assert (tmp_path / "talker.log.1").read_text() == "first\n"


PARENT = """
import asyncio, sys
from pathlib import Path
from jobfleet.embedded.nats import Nats, Trust
from jobfleet.embedded.postgres import Postgres
from jobfleet.embedded.process import Program, Service
from tests.engines import trust_of
from jobfleet.bus import identity

async def main():
    place = Path(sys.argv[1])
    parts = [
        Postgres(place / "pg", place / "pg.log"),
        Nats(place / "nats", place / "nats.log", trust_of(identity.generate())),
        Service(Program(name="x", argv=[sys.executable, "-c", "import time; time.sleep(60)"], log=place / "x.log")),
    ]
    for part in parts:
        await part.start()
    print(*(part.pid for part in parts), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_children_end_when_their_parent_is_killed(engine_directory: Path) -> None:
    place = engine_directory / "orphans"
    place.mkdir()
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(place), stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert parent.stdout is not None
    children = [psutil.Process(int(pid)) for pid in (await asyncio.wait_for(parent.stdout.readline(), 60)).split()]
    assert len(children) == 3
    parent.kill()
    await parent.wait()
    _, alive = await asyncio.to_thread(psutil.wait_procs, children, 30)
    assert alive == []


def test_a_directory_has_one_holder_at_a_time(tmp_path: Path) -> None:
    with lock.held(tmp_path):
        told = pytest.raises(DirectoryInUseError, match=f"in use by process {os.getpid()}")
        with told, lock.held(tmp_path):
            raise AssertionError("held twice")
    with lock.held(tmp_path):
        assert (tmp_path / "lock").read_text() == str(os.getpid())
