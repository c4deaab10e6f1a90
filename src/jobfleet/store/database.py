"""The connection to PostgreSQL: transactions, and raw connections for bulk work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from copy import copy
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from jobfleet.model.audit import Mac
from jobfleet.model.errors import UnavailableError

Transaction = AsyncConnection
"""What every store function takes first: a connection inside a transaction."""

POOL_BESIDE = 2
"""Connections for transactions beside others."""

CONNECT_TIMEOUT_S = 5
TURN_TIMEOUT_S = 30
"""How long one waits for a connection while others use them all: a crowd is no outage."""

COMMAND_TIMEOUT_S = 60
IDLE_TIMEOUT_S = 20
"""How long a server that hangs may hold rows in an unfinished transaction before PostgreSQL ends its session."""

_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InterfaceError,
)

_AUDIT_MAC = "audit_mac"
_BUSY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)


class Database:
    """Hold the pool of connections to one PostgreSQL database.

    Args:
        url: `postgresql://user:password@host:port/name`.
        idle_s: After so long without a statement a transaction of this process is ended, should the process hang.
    """

    def __init__(self, url: str, *, pool_size: int = 20, idle_s: int = IDLE_TIMEOUT_S) -> None:
        self._engine = _engine(url, pool_size, idle_s)
        self._beside = _engine(url, POOL_BESIDE, idle_s)
        self._pool_size = pool_size
        self._turns: AbstractAsyncContextManager[None] = nullcontext()

    def seal_audit(self, mac: Mac) -> None:
        """Give what rows of the audit trail are sealed with, in every transaction from now on."""
        for engine in (self._engine, self._beside):
            engine.update_execution_options(**{_AUDIT_MAC: mac})

    def share(self) -> "Database":
        """Return the same database for one who has much to do: at most two in three of its connections at a time.

        Who wants more waits, however long, so that others find a connection meanwhile. Do not begin a second
        transaction inside one.
        """
        shared = copy(self)
        shared._turns = asyncio.Semaphore(max(1, self._pool_size * 2 // 3))  # noqa: SLF001 - one of its own kind
        return shared

    @asynccontextmanager
    async def begin(self, *, beside: bool = False) -> AsyncIterator[Transaction]:
        """Open a transaction; it commits at the end of the block and rolls back on an error.

        Args:
            beside: Take a connection kept for this, so that who is within a transaction can store what must stay
                though the other one is undone. Nobody waits for a connection while holding one of these.

        Raises:
            UnavailableError: PostgreSQL is away, or others hold what is needed; nothing of the block is stored
                unless the commit itself was cut.
        """
        try:
            turn = nullcontext() if beside else self._turns
            async with turn, (self._beside if beside else self._engine).begin() as tx:
                yield tx
        except (sa.exc.InterfaceError, sa.exc.OperationalError, sa.exc.TimeoutError, *_AWAY) as error:
            if isinstance(error, ValueError):  # asyncpg's word for a value that no column takes
                raise
            raise UnavailableError(detail=f"the database is away: {type(error).__name__}") from error
        except _BUSY as error:
            raise UnavailableError(detail="others hold what is needed") from error
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated or isinstance(error.orig and error.orig.__cause__, _AWAY):
                raise UnavailableError(detail="the database went away") from error
            if isinstance(error.orig and error.orig.__cause__, _BUSY):
                raise UnavailableError(detail="others hold what is needed") from error
            raise

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
        await self._beside.dispose()


def _engine(url: str, pool_size: int, idle_s: int) -> AsyncEngine:
    return create_async_engine(
        async_url(url),
        hide_parameters=True,  # errors are logged, and parameters hold what no log may
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=TURN_TIMEOUT_S,
        connect_args={
            "timeout": CONNECT_TIMEOUT_S,
            "command_timeout": COMMAND_TIMEOUT_S,
            "server_settings": {
                "idle_in_transaction_session_timeout": f"{idle_s}s",
                # A plan that was made once for jobs of one host would be kept for the next one of 10,000, which it
                # takes through nested loops for half a minute.
                "plan_cache_mode": "force_custom_plan",
            },
        },
    )


def audit_mac(tx: Transaction) -> Mac | None:
    """Return what rows of the audit trail are sealed with in a transaction; None where nothing was given."""
    mac: Mac | None = tx.sync_engine.get_execution_options().get(_AUDIT_MAC)
    return mac


async def raw(tx: Transaction) -> Any:
    """Return the asyncpg connection below a transaction, for COPY and unnest on the hot paths."""
    driver: Any = (await tx.get_raw_connection()).driver_connection
    if not driver.is_in_transaction():
        # SQLAlchemy sends BEGIN with the first statement of its own; without it every raw statement would commit.
        await tx.execute(sa.text("SELECT 1"))
    return driver


def async_url(url: str) -> str:
    """Return the URL with the driver that the store uses."""
    scheme, rest = url.split("://", 1)
    return f"postgresql+asyncpg://{rest}" if scheme.split("+")[0] in {"postgresql", "postgres"} else url
