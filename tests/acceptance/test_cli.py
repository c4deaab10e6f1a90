"""The command line against a running installation: what it prints, and the exit codes that tell the truth."""

import asyncio
import base64
import contextlib
import os
import pty
import re
import signal
from pathlib import Path

import httpx
import pytest
from tests.acceptance.cli import ENDS_WITHIN_S, Cli, ended
from tests.acceptance.declared import ACCOUNT, PASSWORD
from tests.acceptance.gates import Gates
from tests.acceptance.stage import Stage
from tests.waiting import WITHIN_S

from jobfleet.bus.nkey import generate_user_seed, private_key, user_text

ALL = "127.0.0.1,127.0.0.2,127.0.0.3"


@pytest.fixture
def bare(tmp_path: Path) -> Cli:
    """Give the command line of somebody who has not signed in."""
    return Cli(tmp_path)


async def test_output_comes_by_host_and_success_is_0(cli: Cli) -> None:
    done = await cli("run", "-t", ALL, "--", "echo to out; echo to err >&2")
    assert done.code == 0, done.err
    assert sorted(done.out.splitlines()) == [f"127.0.0.{n} | to out" for n in (1, 2, 3)]
    assert done.err.count("| to err") == 3
    assert "3 hosts, all succeeded" in done.err
    assert "\x1b" not in done.out + done.err


async def test_output_is_shown_while_the_script_runs(cli: Cli, gates: Gates) -> None:
    process = await cli.start("run", "-t", "1", "-f", script_file(gates))
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), ENDS_WITHIN_S)
    assert line == b"127.0.0.1 | host 1\n"
    await gates.end(1, 0, "the end")
    done = await ended(process)
    assert (done.code, done.out) == (0, "127.0.0.1 | the end\n")


def script_file(gates: Gates) -> str:
    path = gates.directory / "script.sh"
    path.write_bytes(base64.b64decode(gates.script))
    return str(path)


async def test_a_failed_host_is_1_and_named_with_its_exit_code(cli: Cli) -> None:
    done = await cli("run", "-t", "127.0.0.2", "--", "exit 7")
    assert done.code == 1
    assert "127.0.0.2: nonzero exit, exit code 7" in done.err


async def test_a_script_from_standard_input_with_parameters_runs(cli: Cli) -> None:
    script = '#!/bin/sh\necho "$1-$2"'
    done = await cli("run", "-t", "1", "-f", "-", "--param", "a", "--param", "b", stdin=script)
    assert (done.code, done.out) == (0, "127.0.0.1 | a-b\n")


async def test_a_script_too_large_for_an_order_is_fetched_by_the_agents(cli: Cli) -> None:
    script = "#!/bin/sh\n" + "# filler\n" * 20_000 + "echo large"
    done = await cli("run", "-t", ALL, "-f", "-", stdin=script)
    assert done.code == 0, done.err
    assert sorted(done.out.splitlines()) == [f"127.0.0.{n} | large" for n in (1, 2, 3)]


async def test_a_terminal_shows_progress_and_colour_and_no_color_is_obeyed(cli: Cli, gates: Gates) -> None:
    cli.environment["TERM"] = "xterm-256color"
    process, screen = await on_terminal(cli, "run", "-t", "1,2", "-f", script_file(gates))
    await gates.end(1)
    await gates.end(2)
    shown = await read_all(process, screen)
    assert process.returncode == 0
    assert re.search(r"[012]/2", shown)
    assert "host 1" in shown
    assert "\x1b[" in shown
    cli.environment["NO_COLOR"] = "1"
    process, screen = await on_terminal(cli, "job", "list")
    assert "\x1b[1m" not in await read_all(process, screen)


async def test_what_a_host_prints_steers_no_terminal_and_reaches_a_pipe_as_it_is(cli: Cli) -> None:
    script = r"printf '\033[31mred\033[2K\033[1A\033]52;c;eA==\007\r\033[8mover\n\302\2332Jend\n'"
    screen, terminal = pty.openpty()
    words = ("run", "-t", "1", "--name", "steer\x1b[2Jme", "--", script)
    process = await cli.start(*words, terminal=terminal, errors=asyncio.subprocess.PIPE)
    os.close(terminal)
    shown, (_, said) = await asyncio.gather(read_all(process, screen), process.communicate())
    assert process.returncode == 0, said
    lines = [line.partition("|\x1b[0m ")[2] for line in shown.splitlines()]
    assert lines == ["\x1b[31mred \x1b[8mover\x1b[0m", "end"]
    found = re.search(r"job (\d+)", said.decode())
    assert found, said
    log = await cli("job", "log", found[1], "--host", "127.0.0.1")
    assert log.out == "\x1b[31mred\x1b[2K\x1b[1A\x1b]52;c;eA==\x07\r\x1b[8mover\n\x9b2Jend\n"
    listed = await cli("job", "list")
    assert ("steer\\x1b[2Jme" in listed.out, "\x1b" in listed.out) == (True, False)


async def on_terminal(cli: Cli, *words: str) -> tuple[asyncio.subprocess.Process, int]:
    """Start a command on a terminal of its own; return it and the terminal's other end."""
    screen, terminal = pty.openpty()
    process = await cli.start(*words, terminal=terminal)
    os.close(terminal)
    return process, screen


async def read_all(process: asyncio.subprocess.Process, screen: int) -> str:
    """Return everything that a command shows on its terminal until it ends."""
    shown = b""
    async with asyncio.timeout(ENDS_WITHIN_S):
        with contextlib.suppress(OSError):  # how Linux says that nobody has the terminal open any more
            while part := await asyncio.to_thread(os.read, screen, 65_536):
                shown += part
        await process.wait()
    os.close(screen)
    return shown.decode()


async def test_a_script_of_any_bytes_reaches_the_host_as_it_is(cli: Cli) -> None:
    cli.environment |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = await cli.apart("run", "-t", "1", "-o", "json", "--", "printf 你好 | od -An -tx1")
    assert done.json["hosts"][0]["output"].split() == ["e4", "bd", "a0", "e5", "a5", "bd"]
    shown = await cli.apart("run", "-t", "1", "--", "echo 你好")
    assert (shown.code, shown.out) == (0, "127.0.0.1 | ??\n")


async def test_a_python_script_runs(cli: Cli) -> None:
    done = await cli("run", "-t", "1", "--lang", "python", "--account", ACCOUNT, "--", "print(6 * 7)")
    assert (done.code, done.out) == (0, "127.0.0.1 | 42\n")


async def test_a_last_line_without_an_end_is_shown(cli: Cli) -> None:
    done = await cli("run", "-t", "1", "--", "printf abc")
    assert (done.code, done.out) == (0, "127.0.0.1 | abc\n")


async def test_equal_output_is_folded(cli: Cli) -> None:
    done = await cli("run", "-t", ALL, "--fold", "--", "echo same")
    assert (done.code, done.out.splitlines()[1:]) == (0, ["same"])
    assert "(3): succeeded, exit code 0" in done.out.splitlines()[0]


async def test_the_json_of_a_run_has_every_host_with_its_output(cli: Cli) -> None:
    done = await cli("run", "-t", ALL, "-o", "json", "--", "echo 'job_success:[good]'; exit 0")
    assert done.code == 0
    assert (done.json["status"], done.json["exit_code"]) == ("succeeded", 0)
    assert [(host["host"], host["tag"], host["output"]) for host in done.json["hosts"]] == [
        (f"127.0.0.{n}", "good", "job_success:[good]\n") for n in (1, 2, 3)
    ]


async def test_wrong_use_is_2(cli: Cli) -> None:
    assert (await cli("run", "--", "true")).code == 2
    assert (await cli("run", "-t", "1")).code == 2
    assert (await cli("run", "-t", "somewhere", "--", "true")).code == 2
    assert (await cli("run", "-t", "1", "--timeout", "0", "--", "true")).code == 2
    assert (await cli("run", "-t", "1", "--lang", "cobol", "--", "true")).code == 2
    assert (await cli("agent", "enrol-token", "--expires", "soon")).code == 2


@pytest.mark.parametrize("target", ["192.0.2.1", "group:empty", "group:none", ","])
async def test_no_target_is_3(cli: Cli, target: str) -> None:
    done = await cli("run", "-t", target, "--scope", "2", "--", "true")
    assert done.code == 3, done.err


async def test_a_host_that_ran_out_of_time_is_4(cli: Cli) -> None:
    done = await cli("run", "-t", "1", "--timeout", "1", "--", "sleep 30")
    assert done.code == 4
    assert "timed out" in done.err


async def test_a_host_without_a_connected_agent_is_1(cli: Cli) -> None:
    done = await cli("run", "-t", "10.0.0.10", "--", "true")
    assert done.code == 1
    assert "agent unreachable" in done.err


async def test_a_stopped_job_is_5(cli: Cli, gates: Gates) -> None:
    process = await cli.start("run", "-t", "1", "-f", script_file(gates))
    assert process.stdout is not None
    await asyncio.wait_for(process.stdout.readline(), ENDS_WITHIN_S)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    said = await until(process.stderr, b"Ctrl-C again")
    process.send_signal(signal.SIGINT)
    done = await ended(process)
    assert done.code == 5, said + done.err
    assert "killed" in done.err


async def until(stream: asyncio.StreamReader, mark: bytes) -> str:
    said = b""
    async with asyncio.timeout(WITHIN_S):
        while mark not in said:
            line = await stream.readline()
            assert line, said  # the end of a stream says nothing at once, for ever: no time limit would end that
            said += line
    return said.decode()


async def test_one_interrupt_leaves_the_job_running(cli: Cli, gates: Gates) -> None:
    process = await cli.start("run", "-t", "1", "-f", script_file(gates))
    assert process.stdout is not None
    await asyncio.wait_for(process.stdout.readline(), ENDS_WITHIN_S)
    process.send_signal(signal.SIGINT)
    done = await ended(process)
    assert done.code == 4
    match = re.search(r"left job (\d+)", done.err)
    assert match
    await gates.end(1, 0, "after all")
    followed = await cli("job", "follow", match[1])
    assert (followed.code, followed.out) == (0, "127.0.0.1 | host 1\n127.0.0.1 | after all\n")


class Wire:
    """A way to the server that can be cut and mended."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: set[asyncio.StreamWriter] = set()
        self.is_cut = asyncio.Event()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection to the server and back."""
        if self.is_cut.is_set():
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._open |= {writer, far_writer}
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
        writer.close()

    def cut(self) -> None:
        """Break every connection, and let no new one through."""
        self.is_cut.set()
        for writer in self._open:
            writer.transport.abort()

    def mend(self) -> None:
        """Let new connections through."""
        self.is_cut.clear()


async def test_a_connection_that_breaks_for_a_moment_loses_no_output(stage: Stage, bare: Cli, gates: Gates) -> None:
    wire = Wire(int(stage.installation.url.rsplit(":", 1)[1]))
    token = await stage.sign_in("admin", stage.made.admin_password)
    async with await asyncio.start_server(wire.carry, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        flags = ("--server", address, "--token", token)
        process = await bare.start("run", "-t", "1", "-f", script_file(gates), *flags)
        assert process.stdout is not None
        first = await asyncio.wait_for(process.stdout.readline(), ENDS_WITHIN_S)
        wire.cut()
        await gates.end(1, 0, "printed meanwhile")
        wire.mend()
        done = await ended(process, before=first.decode())
    assert (done.code, done.out) == (0, "127.0.0.1 | host 1\n127.0.0.1 | printed meanwhile\n")


async def test_a_refusal_is_6(cli: Cli, stage: Stage) -> None:
    assert (await cli("run", "-t", "1", "--account", "none-such", "--", "true")).code == 6
    assert (await cli("run", "-t", "1", "--scope", "777777", "--", "true")).code == 6
    assert (await cli("run", "-t", "10.0.0.12", "--scope", "2", "--", "true")).code == 6
    viewer = ("--token", await stage.sign_in("vera", PASSWORD))
    assert (await cli("run", "-t", "1", *viewer, "--", "true")).code == 6
    assert (await cli("run", "-t", "1", "--token", "nonsense", "--", "true")).code == 6


async def test_an_unreachable_server_is_7(bare: Cli) -> None:
    done = await bare("run", "-t", "1", "--server", "http://127.0.0.1:1", "--token", "x", "--", "true")
    assert done.code == 7
    assert "127.0.0.1:1" in done.err


async def test_a_server_that_is_not_ours_is_7(bare: Cli) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        done = await bare.apart("job", "show", "1", "--server", f"http://127.0.0.1:{port}", "--token", "x")
    assert done.code == 7


async def test_with_several_businesses_the_command_asks_which(cli: Cli) -> None:
    del cli.environment["JOBFLEET_CLI_SCOPE"]
    done = await cli("host", "list")
    assert done.code == 2
    assert "biz:2, biz:3" in done.err


async def test_without_a_server_the_command_says_what_to_give(bare: Cli) -> None:
    done = await bare("host", "list")
    assert done.code == 2
    assert "--server" in done.err


async def test_a_login_is_kept_for_its_owner_and_ends(bare: Cli, stage: Stage, tmp_path: Path) -> None:
    words = ("login", "--server", stage.installation.url, "--username", "vera", "--password-stdin")
    assert (await bare(*words, stdin="wrong password\n")).code == 6
    assert (await bare(*words, stdin=f"{PASSWORD}\n")).code == 0
    kept = tmp_path / "config" / "jobfleet" / "cli.toml"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in kept.read_text()
    listed = await bare("host", "list", "-o", "json")
    assert listed.code == 0, listed.err
    assert (await bare("logout")).code == 0
    assert (await bare("host", "list")).code == 2


async def test_jobs_are_listed_shown_logged_and_retried(cli: Cli, gates: Gates) -> None:
    process = await cli.start("run", "-t", "1,2", "-f", script_file(gates), "--name", "twice")
    await gates.succeed(1, "first")
    await gates.fail(2, 3)
    assert (await ended(process)).code == 1
    listed = (await cli("job", "list", "-o", "json", "--scope", "2")).json
    job = next(job for job in listed["jobs"] if job["name"] == "twice")
    shown = await cli("job", "show", str(job["id"]))
    assert "127.0.0.2  nonzero exit, exit code 3" in shown.out
    log = await cli("job", "log", str(job["id"]), "--host", "127.0.0.1")
    assert log.out == "host 1\njob_success:[first]\n"
    assert (await cli("job", "log", str(job["id"]), "--host", "192.0.2.1")).code == 3
    for host, code in (("192.0.2.1", 3), ("127.0.0.1", 6)):  # none of the step's, and one that has succeeded
        assert (await cli("job", "retry", str(job["id"]), "--host", host)).code == code
    retried = await cli.start("job", "retry", str(job["id"]), "--host", "127.0.0.2")
    await gates.fail(2, 4)
    assert (await ended(retried)).code == 1
    retried = await cli.start("job", "retry", str(job["id"]))
    await gates.succeed(2)
    assert (await ended(retried)).code == 0
    assert (gates.runs(1), gates.runs(2)) == (1, 3)


async def test_a_detached_job_prints_its_id_and_can_be_stopped(cli: Cli, gates: Gates) -> None:
    started = await cli("run", "-t", "1", "--detach", "-f", script_file(gates))
    assert started.code == 0
    stopped = await cli("job", "stop", started.out.strip())
    assert stopped.code == 5, stopped.err
    assert (await cli("job", "stop", started.out.strip())).code == 6
    assert (await cli("job", "show", "1")).code == 6


STATE = """
[[businesses]]
id = 5
name = "for the command line"
[[hosts]]
id = 500
ip = "10.5.0.1"
business = 5
"""


async def test_declared_state_is_shown_applied_and_then_unchanged(cli: Cli) -> None:
    shown = await cli("apply", "-f", "-", "--dry-run", stdin=STATE)
    assert (shown.code, "+ businesses 5" in shown.out) == (0, True)
    assert "nothing was written" in shown.err
    assert (await cli("host", "list", "--scope", "5")).code == 6
    assert (await cli("apply", "-f", "-", stdin=STATE)).code == 0
    again = await cli("apply", "-f", "-", stdin=STATE)
    assert (again.code, again.out) == (0, "")
    wrong = await cli("apply", "-f", "-", stdin=STATE.replace("10.5.0.1", "10.5.0.999"))
    assert wrong.code == 2
    assert "hosts[0].ip: '10.5.0.999' is not an IPv4 address" in wrong.err


async def test_an_agent_enrols_with_a_token_and_is_revoked(cli: Cli, stage: Stage) -> None:
    assert (await cli("apply", "-f", "-", stdin=STATE)).code == 0
    token = (await cli("agent", "enrol-token", "--expires", "5m")).out.strip()
    key = user_text(private_key(generate_user_seed()).public_key())
    async with httpx.AsyncClient(base_url=stage.installation.url) as http:
        wanted = {"token": token, "ip": "10.5.0.1", "public_key": key}
        assert (await http.post("/api/agent/v1/enrol", json=wanted)).json()["host_id"] == 500
    assert (await agents_of(cli)) == ["offline"]
    assert (await cli("agent", "revoke", "10.5.0.1", "--scope", "5")).code == 0
    assert (await agents_of(cli)) == ["revoked"]
    assert (await cli("agent", "revoke", "10.5.0.77", "--scope", "5")).code == 3


async def test_roles_and_api_clients_are_kept(cli: Cli) -> None:
    made = await cli("api-client", "create", "cli-made", "--scope", "biz:2", "--rate", "5")
    assert (made.code, len(made.out.strip())) == (0, 43)
    rotated = await cli("api-client", "rotate", "cli-made")
    assert (rotated.code, rotated.out != made.out) == (0, True)
    assert (await cli("api-client", "disable", "cli-made")).code == 0
    listed = await cli("api-client", "list")
    [row] = [line for line in listed.out.splitlines() if line.startswith("cli-made")]
    assert ("biz:2" in row, made.out.strip() in listed.out) == (True, False)
    assert (await cli("user", "add", "cli-person")).code == 0
    assert (await cli("role", "grant", "cli-person", "viewer", "--scope", "biz:2")).code == 0
    held = await cli("role", "list", "--user", "cli-person", "-o", "json")
    assert held.json["roles"] == [{"user": "cli-person", "scope": "biz:2", "role": "viewer", "source": "bound"}]
    assert (await cli("role", "revoke", "cli-person", "--scope", "biz:2")).code == 0
    assert (await cli("role", "list", "--user", "cli-person", "-o", "json")).json["roles"] == []


async def agents_of(cli: Cli) -> list[str]:
    listed = await cli("host", "list", "--scope", "5", "-o", "json")
    return [host["agent"] for host in listed.json["hosts"]]
