"""Hand agents the scripts that are too large for an order."""

from jobfleet.bus import agent_http
from jobfleet.bus.agent_http import AgentProofError
from jobfleet.engine.sealing import content_purpose
from jobfleet.model.errors import UnauthenticatedError
from jobfleet.model.job_errors import UnknownHostsError
from jobfleet.operations.platform import Platform
from jobfleet.store import agents, contents
from jobfleet.store.database import Transaction


async def content_for_agent(platform: Platform, header: str, path: str, content_hash: str) -> bytes:
    """Return a script to the agent that has to run it.

    Args:
        header: The agent's proof (see bus.agent_http).
        path: The path of the request as the agent signed it.
        content_hash: SHA-256 of the script, hex.

    Raises:
        UnauthenticatedError: The proof is missing, wrong, too old, or of an agent that is revoked.
        UnknownHostsError: No unfinished task of the host runs this script.
    """
    async with platform.engine.db.begin() as tx:
        host_id = await prove(tx, platform, header, "GET", path)
        needed = await agents.needs_content(tx, host_id, content_hash)
        sealed = await contents.find(tx, content_hash) if needed else None
    if sealed is None:
        raise UnknownHostsError(1, f"host {host_id} has no unfinished task with this script")
    return platform.engine.sealer.open(sealed, content_purpose(content_hash))


async def prove(tx: Transaction, platform: Platform, header: str, method: str, path: str) -> int:
    """Return the host whose agent signed a request.

    Raises:
        UnauthenticatedError: The proof is missing, wrong, too old, or of an agent that is revoked.
    """
    try:
        agent = await agents.find(tx, agent_http.host_of(header))
        if agent is None or agent.revoked_at is not None:
            raise UnauthenticatedError("agent: unknown or revoked")
        return agent_http.verify(header, agent.public_key, platform.engine.clock(), method, path)
    except AgentProofError as error:
        raise UnauthenticatedError(str(error)) from error
