"""Hosts that see disks of their own: each agent has a mount namespace in which one path leads to its own directory."""

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.acceptance.processes import agent_of
from tests.acceptance.stage import Stage

SMALL_KIB = 64
_ENTER = """
mount --bind "$1" "$2"
if [ "$3" = small ]; then mount -t tmpfs -o size=$4k tmpfs "$2/small"; fi
shift 4
exec "$@"
"""


@asynccontextmanager
async def boxes(stage: Stage, parent: Path, hosts: Collection[int], small: int) -> AsyncIterator[dict[int, Path]]:
    """Give agents to hosts, and what each of them sees at `parent`/box as paths by which we see it.

    Below it there is `small`, which on the host `small` is a disk of SMALL_KIB.
    """
    (parent / "box").mkdir()
    async with AsyncExitStack() as stack:
        yield {host: await _boxed(stack, stage, parent, host, "small" if host == small else "") for host in hosts}


async def _boxed(stack: AsyncExitStack, stage: Stage, parent: Path, host: int, kind: str) -> Path:
    own = parent / f"disk-{host}"
    (own / "small").mkdir(parents=True)
    enter = ("sh", "-euc", _ENTER, "sh", str(own), str(parent / "box"), kind, str(SMALL_KIB))
    agent = await stack.enter_async_context(
        agent_of(stage, host, parent / f"agent-{host}", within=("unshare", "--mount", *enter))
    )
    return Path(f"/proc/{agent.pid}/root{parent}/box")
