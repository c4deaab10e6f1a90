"""The audit trail: who changed what, in the transaction that changed it."""

import sqlalchemy as sa

from jobfleet.model.caller import Caller
from jobfleet.model.scope import Scope
from jobfleet.store.database import Transaction
from jobfleet.store.tables import audit


async def insert(
    tx: Transaction, caller: Caller, action: str, subject: str, at: int, scope: Scope | None = None
) -> None:
    """Remember that a caller did something.

    Args:
        action: An action's id, such as `global_settings`.
        subject: What it was done to, in words; never a secret.
        at: Epoch milliseconds.
        scope: Where it was done; None stands for the whole platform.
    """
    await tx.execute(
        sa.insert(audit).values(
            at=at,
            username=caller.username,
            app_code=caller.app_code,
            action=action,
            scope_type="" if scope is None else scope.type.value,
            scope_id=0 if scope is None else scope.id,
            subject=subject,
            result="done",
        )
    )
