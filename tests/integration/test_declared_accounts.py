"""Declared accounts: their passwords are sealed, kept and never shown; database accounts are linked."""

import sqlalchemy as sa
from tests.integration.declaring import effects, mistakes_of, rows

from jobfleet.engine.sealing import Sealer
from jobfleet.model.account import password_purpose
from jobfleet.model.declared import parse_state
from jobfleet.model.difference import MASK, Change, Effect
from jobfleet.operations.declare import apply_state
from jobfleet.store import tables
from jobfleet.store.database import Database

SEALER = Sealer(b"k" * 32)
STATE = """
[[businesses]]
id = 2
name = "demo"
[[accounts]]
id = 7
business = 2
account = "app"
category = "database"
type = "postgresql"
system_account = "system"
port = 5433
database = "shop"
description = "of the shop"
password = "PASSWORD"
[[accounts]]
business = 2
alias = "system"
account = "root"
"""
WITHOUT = STATE.replace('password = "PASSWORD"\n', "")


async def apply(db: Database, text: str) -> list[Change]:
    return await apply_state(db, parse_state(text), dry_run=False, sealer=SEALER)


async def password(db: Database) -> str:
    async with db.begin() as tx:
        sealed = (await tx.execute(sa.select(tables.accounts.c.password).where(tables.accounts.c.id == 7))).scalar_one()
    return SEALER.open_text(sealed, password_purpose(7)) if sealed else ""


async def test_an_account_is_stored_with_its_link_and_its_password_sealed_and_masked(db: Database) -> None:
    changes = await apply(db, STATE.replace("PASSWORD", "a-secret-word"))
    assert await password(db) == "a-secret-word"
    found = await rows(db, tables.accounts, "id", "type", "port", "db_name", "system_account_id", "description")
    assert found == [(7, 100, 5433, "shop", 1000, "of the shop"), (1000, 1, None, "", None, "")]
    [account] = [change for change in changes if change.key == "biz:2:app"]
    assert [field.after for field in account.fields if field.name == "password"] == [MASK]
    assert "a-secret-word" not in repr(changes)


async def test_a_password_stays_when_it_is_the_same_or_left_out_and_goes_when_it_is_empty(db: Database) -> None:
    await apply(db, STATE)
    assert effects(await apply(db, STATE)) == {Effect.UNCHANGED}
    assert effects(await apply(db, WITHOUT)) == {Effect.UNCHANGED}
    [change] = [one for one in await apply(db, STATE.replace("PASSWORD", "another")) if one.fields]
    assert [(field.name, field.before, field.after) for field in change.fields] == [("password", MASK, MASK)]
    assert await password(db) == "another"
    await apply(db, STATE.replace("PASSWORD", ""))
    assert await password(db) == ""


async def test_what_a_database_account_lacks_is_named(db: Database) -> None:
    base = WITHOUT.replace("port = 5433", "port = 70000").replace('system_account = "system"\n', "")
    assert await mistakes_of(db, base) == (
        "accounts[0].port: is not between 1 and 65535",
        "accounts[0].system_account: is missing; a database account needs one",
    )
    unknown = WITHOUT.replace('system_account = "system"', 'system_account = "nobody"')
    assert await mistakes_of(db, unknown) == ("accounts[0].system_account: system account 'nobody' is not declared",)
    assert await mistakes_of(db, STATE) == ("accounts[0].password: cannot be kept here",)
