"""Real processes beside an installation's own: agents of further hosts, servers with other settings."""

import asyncio
import base64
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.acceptance.declared import IPS
from tests.acceptance.stage import Stage
from tests.environment import plain_environment
from tests.installation import READY_S
from tests.ports import steady_port

from jobfleet.agent import identity as identities
from jobfleet.agent.identity import Identity
from jobfleet.bus.nkey import generate_user_seed, private_key, user_text


@asynccontextmanager
async def agent_of(
    stage: Stage, host: int, directory: Path, within: tuple[str, ...] = (), **changes: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the real agent of a declared host, with changes to the identity that it got when it was enrolled.

    Args:
        within: A command that replaces itself by the agent's, which follows as its last arguments.
    """
    seed, token = generate_user_seed(), await stage.enrolment_token()
    wanted = {"token": token, "ip": IPS[host], "public_key": user_text(private_key(seed).public_key())}
    told = (await stage.http.post("/api/agent/v1/enrol", json=wanted)).raise_for_status().json()
    own = {"seed": seed, "server": str(stage.http.base_url)}
    identities.store(directory, msgspec.convert(told | own | changes, Identity))
    async with restarted(directory, within=within) as agent:
        yield agent


@asynccontextmanager
async def restarted(directory: Path, within: tuple[str, ...] = ()) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the real agent that was enrolled in a directory, once more; see `agent_of`."""
    async with running("agent", "--data-dir", str(directory), env=plain_environment(), within=within) as agent:
        assert agent.stdout is not None
        async with asyncio.timeout(READY_S):
            while not (line := await agent.stdout.readline()).startswith(b"agent ready"):
                assert line, "the agent has ended"
        yield agent


def foreign_key() -> str:
    """Return the key that signs the orders of another installation, as identities hold it."""
    return base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()


@asynccontextmanager
async def another_server(stage: Stage, *flags: str) -> AsyncIterator[str]:
    """Give the address of a second server of the installation that answers HTTP only, with settings of its own.

    It writes in its data directory only, whichever its working directory is.
    """
    told = {
        name: value
        for name, value in stage.installation.children()["server"].environ().items()
        if name in {"JOBFLEET_DATABASE_URL", "JOBFLEET_NATS_URL", "JOBFLEET_KEYS_FILE"}
    }
    port = steady_port()
    url = f"http://127.0.0.1:{port}"

    async def is_ready() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return (await stage.http.get(f"{url}/readyz")).status_code == 200
        return False

    with TemporaryDirectory(prefix="jobfleet-server-") as directory:
        place = ("--data-dir", str(Path(directory, "data")))
        arguments = ("server", "--role", "api", "--port", str(port), *place, *flags)
        async with running(*arguments, env=plain_environment() | told, directory=directory):
            await stage.poll(is_ready, READY_S)
            yield url
        assert set(os.listdir(directory)) <= {"data"}  # noqa: PTH208 (a few names of a directory in memory)


@asynccontextmanager
async def running(
    *arguments: str, env: dict[str, str], within: tuple[str, ...] = (), directory: str | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a `jobfleet` process during the block, in a working directory or in ours."""
    process = await asyncio.create_subprocess_exec(
        *(*within, sys.executable, "-m", "jobfleet", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=env,
        cwd=directory,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.communicate(), 60)
