"""Store what agents tell of the containers of their hosts."""

from collections.abc import Sequence

import structlog

from jobfleet.engine.context import Context
from jobfleet.model.container import FoundContainer
from jobfleet.model.errors import UnavailableError
from jobfleet.model.order import Report
from jobfleet.store import containers

_log = structlog.get_logger()


async def store_containers(ctx: Context, reports: Sequence[Report]) -> frozenset[int]:
    """Store the containers that reports tell of; return the hosts whose containers are not stored.

    Nothing is raised: what one host tells must not keep anybody else's reports from their answers.
    """
    told = {report.host_id: report.containers for report in reports if report.containers is not None}
    left = set(told)
    try:
        for host_id, found in told.items():
            if await _is_stored(ctx, host_id, found):
                left.discard(host_id)
    except UnavailableError as error:
        _log.warning("containers not stored, their hosts will repeat them", reason=str(error))
    return frozenset(left)


async def _is_stored(ctx: Context, host_id: int, found: Sequence[FoundContainer]) -> bool:
    try:
        async with ctx.db.begin() as tx:  # one host a transaction: whoever declares hosts locks them in its own order
            await containers.replace(tx, host_id, found, ctx.clock())
    except UnavailableError:
        raise
    except Exception:  # noqa: BLE001 - whatever is wrong with one host's containers, the others' are stored
        _log.exception("containers not stored", host_id=host_id)
        return False
    return True
