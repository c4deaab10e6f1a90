"""What `jobfleet up` declares by itself: one business whose hosts are this machine several times."""

import os
import pwd
import secrets
from pathlib import Path

from jobfleet.credentials import Credentials
from jobfleet.engine.context import wall_clock
from jobfleet.engine.sealing import Sealer
from jobfleet.model.agent import EnrolmentToken
from jobfleet.model.declared import Account, App, Business, BusinessSet, Host, State, User, parse_state
from jobfleet.model.token_hash import hash_token
from jobfleet.operations.declare import apply_state
from jobfleet.settings import Settings
from jobfleet.store import agents
from jobfleet.store.database import Database

ADMIN = "admin"
BUSINESS_ID = 2
BUSINESS_SET_ID = 9991001
TIME_ZONE = "Asia/Shanghai"
_TOKEN_LIFE_MS = 300_000


def local_state(credentials: Credentials, count: int) -> State:
    """Return the state of a new installation on one machine with so many agents.

    Host n is 127.0.0.n; account 1 is the user that the agents run as.
    """
    account = pwd.getpwuid(os.geteuid()).pw_name
    return State(
        users=(User(name=ADMIN, password=credentials.admin_password, platform_admin=True),),
        apps=(App(code=credentials.demo_app_code, secret=credentials.demo_app_secret, trusted=True),),
        businesses=(Business(id=BUSINESS_ID, name="demo", time_zone=TIME_ZONE),),
        business_sets=(BusinessSet(id=BUSINESS_SET_ID, name="all", businesses="all", time_zone=TIME_ZONE),),
        hosts=tuple(Host(id=n, ip=address_of(n), business=BUSINESS_ID) for n in range(1, count + 1)),
        accounts=(Account(id=1, business=BUSINESS_ID, alias=account, account=account),),
    )


def address_of(host_id: int) -> str:
    """Return the loopback address of a local host."""
    return f"127.0.{host_id >> 8}.{host_id & 255}"


async def declare(db: Database, directory: Path, credentials: Credentials, count: int) -> None:
    """Apply what belongs to a new installation once, and hosts for further agents when there are more of them.

    What people have changed since the first start stays as they left it.
    """
    note = directory / "declared-agents"
    before = int(note.read_text(encoding="ascii")) if note.exists() else None
    if before is not None and before >= count:
        return
    state = local_state(credentials, count)
    if before is not None:
        state = State(hosts=state.hosts[before:])
    await apply_state(db, state, dry_run=False)
    note.write_text(str(count), encoding="ascii")


async def declare_text(db: Database, credentials: Credentials, text: str) -> None:
    """Apply declared state in TOML.

    Raises:
        DeclarationError: The text is wrong; every mistake is named, nothing has changed.
    """
    await apply_state(db, parse_state(text), dry_run=False, sealer=Sealer(credentials.keys.master_key))


async def enrolment_token(settings: Settings) -> str:
    """Return a token with which one local agent enrols, good for a few minutes."""
    token, now = secrets.token_urlsafe(32), wall_clock()
    new = EnrolmentToken(
        business_id=None,
        reusable=False,
        created_by=ADMIN,
        created_at=now,
        expires_at=now + _TOKEN_LIFE_MS,
        replaces=True,
    )
    db = Database(settings.database_url, pool_size=2)
    try:
        async with db.begin() as tx:
            await agents.insert_token(tx, hash_token(token), new)
    finally:
        await db.close()
    return token
