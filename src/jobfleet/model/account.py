"""The kinds of account that scripts and SQL run as, what is known of one, and the rules on its values."""

import re
from collections.abc import Iterator, Mapping
from enum import IntEnum

import msgspec

from jobfleet.model.scope import Scope

MAX_ALIAS_CHARACTERS = 255
MAX_PASSWORD_CHARACTERS = 255
MAX_NEW_PASSWORD_CHARACTERS = 117
"""What version 3 takes when an account is made: as much as fits into one block of the old transport encryption."""

MAX_DESCRIPTION_CHARACTERS = 1024
MAX_DATABASE_CHARACTERS = 128
MAX_PORT = 65_535


class Category(IntEnum):
    """Name the categories of accounts; the numbers are the contract's."""

    SYSTEM = 1
    DATABASE = 2


class AccountType(IntEnum):
    """Name the types of accounts; the numbers are the contract's, but PostgreSQL's, which is ours.

    Source: docs/adr/0010-sql-runs-through-the-client-on-the-host.md.
    """

    LINUX = 1
    WINDOWS = 2
    MYSQL = 9
    ORACLE = 10
    DB2 = 11
    POSTGRESQL = 100

    @property
    def category(self) -> Category:
        """Return the category that the type belongs to."""
        return Category.SYSTEM if self in {AccountType.LINUX, AccountType.WINDOWS} else Category.DATABASE


_DATABASE_NAME = r"[a-zA-Z0-9.\-_]{1,16}"
ACCOUNT_NAMES: Mapping[AccountType, str] = {
    AccountType.LINUX: r"[a-zA-Z_][a-zA-Z0-9_.-]{0,31}",
    AccountType.WINDOWS: r"[a-zA-Z0-9-]{1,32}",
    AccountType.MYSQL: _DATABASE_NAME,
    AccountType.ORACLE: _DATABASE_NAME,
    AccountType.DB2: _DATABASE_NAME,
    AccountType.POSTGRESQL: r"[a-zA-Z0-9.\-_]{1,63}",
}
"""How an account of each type may be named unless the platform is set to something else: the whole name matches.

Linux allows what `useradd` of the usual distributions does.
"""

DEFAULT_ACCOUNTS: tuple[tuple[str, AccountType], ...] = (
    ("root", AccountType.LINUX),
    ("system", AccountType.WINDOWS),
    ("Administrator", AccountType.WINDOWS),
)
"""What a new business or business set gets when no account is declared for it."""

USUAL_PORTS: Mapping[AccountType, int] = {
    AccountType.MYSQL: 3306,
    AccountType.ORACLE: 1521,
    AccountType.DB2: 50_000,
    AccountType.POSTGRESQL: 5432,
}
"""Where a database listens when an account does not say it."""


class Account(msgspec.Struct, frozen=True):
    """Describe an account of a scope; its password never leaves the record.

    `port`, `database`, `system_account_id` and `system_account` (its alias) are a database account's: where the
    database listens, the database or service that a session begins in ("" for the client's own choice), and the
    system account that its client runs as. Times are epoch milliseconds; `creator` is "" for one that was declared.
    """

    id: int
    scope: Scope
    alias: str
    account: str
    type: AccountType
    port: int | None
    database: str
    system_account_id: int | None
    system_account: str
    description: str
    has_password: bool
    creator: str
    created_at: int
    modifier: str
    modified_at: int

    @property
    def category(self) -> Category:
        """Return the account's category."""
        return self.type.category


class NewAccount(msgspec.Struct, frozen=True):
    """Ask for an account; an empty alias means the account's name, an empty password none.

    `system_account` is the alias of the system account that a database account is linked to.
    """

    scope: Scope
    account: str
    type: AccountType
    alias: str = ""
    password: str = ""
    port: int | None = None
    database: str = ""
    system_account: str = ""
    description: str = ""


class AccountChange(msgspec.Struct, frozen=True):
    """Ask for a change of an account; None leaves a value as it is, an empty password takes it away."""

    alias: str | None = None
    password: str | None = None
    port: int | None = None
    database: str | None = None
    system_account: str | None = None
    description: str | None = None


class AccountUse(msgspec.Struct, frozen=True):
    """Name what refers to an account: a `database account`, `template` or `plan` (`kind`).

    `template_id` is the plan's template; of others it repeats the id.
    """

    kind: str
    id: int
    name: str
    template_id: int


class AccountFilter(msgspec.Struct, frozen=True):
    """Narrow a list of accounts; None and "" mean no filter. `alias` and `account` may stand anywhere in theirs."""

    category: Category | None = None
    alias: str = ""
    account: str = ""
    start: int = 0
    length: int = 20


def password_purpose(account_id: int) -> str:
    """Return the purpose that an account's password is sealed for: it opens for no other account."""
    return f"account {account_id} password"


def name_problem(kind: AccountType, account: str) -> str:
    """Return what is wrong with a name that does not match the rule for its type."""
    return f"{account!r} is no {kind.name.lower()} account name"


def problems_of(kind: AccountType, password: str, port: int | None, database: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with an account's values, its name apart: the field, and the problem.

    Source: docs/reference/accounts.md, «Rules».
    """
    if len(password) > MAX_PASSWORD_CHARACTERS:
        yield "password", f"is longer than {MAX_PASSWORD_CHARACTERS} characters"
    if not password.isprintable():
        yield "password", "holds control characters"
    if len(database) > MAX_DATABASE_CHARACTERS or not re.fullmatch(r"[\w.$#-]*", database):
        yield "database", f"is not up to {MAX_DATABASE_CHARACTERS} letters, digits and any of _ . $ # -"
    if port is not None and not 1 <= port <= MAX_PORT:
        yield "port", f"is not between 1 and {MAX_PORT}"
    yield from _problems_of_category(kind, port, database)


def _problems_of_category(kind: AccountType, port: int | None, database: str) -> Iterator[tuple[str, str]]:
    if kind is AccountType.DB2 and not database:
        yield "database", "is missing; a DB2 client must be told one"
    if kind.category is Category.SYSTEM and port is not None:
        yield "port", "is for database accounts"
    if kind.category is Category.SYSTEM and database:
        yield "database", "is for database accounts"


def problems_of_texts(alias: str, description: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the words about an account."""
    if not alias.strip() or len(alias) > MAX_ALIAS_CHARACTERS or not alias.isprintable():
        yield "alias", f"is not 1 to {MAX_ALIAS_CHARACTERS} printable characters"
    if len(description) > MAX_DESCRIPTION_CHARACTERS or "\x00" in description:
        yield "description", f"is longer than {MAX_DESCRIPTION_CHARACTERS} characters, or holds a NUL"
