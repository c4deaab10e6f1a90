"""The kinds of account that scripts run as, and how their names may look."""

import re
from collections.abc import Mapping
from enum import IntEnum


class Category(IntEnum):
    """Name the categories of accounts; the numbers are the contract's."""

    SYSTEM = 1
    DATABASE = 2


class AccountType(IntEnum):
    """Name the types of accounts; the numbers are the contract's."""

    LINUX = 1
    WINDOWS = 2
    MYSQL = 9
    ORACLE = 10
    DB2 = 11

    @property
    def category(self) -> Category:
        """Return the category that the type belongs to."""
        return Category.SYSTEM if self in {AccountType.LINUX, AccountType.WINDOWS} else Category.DATABASE


_DATABASE_NAME = re.compile(r"^[a-zA-Z0-9.\-_]{1,16}\Z")
ACCOUNT_NAMES: Mapping[AccountType, re.Pattern[str]] = {
    AccountType.LINUX: re.compile(r"^[a-zA-Z_][a-zA-Z0-9_.-]{0,31}\Z"),
    AccountType.WINDOWS: re.compile(r"^[a-zA-Z0-9-]{1,32}\Z"),
    AccountType.MYSQL: _DATABASE_NAME,
    AccountType.ORACLE: _DATABASE_NAME,
    AccountType.DB2: _DATABASE_NAME,
}
"""How an account of each type may be named; Linux allows what `useradd` of the usual distributions does."""

DEFAULT_ACCOUNTS: tuple[tuple[str, AccountType], ...] = (
    ("root", AccountType.LINUX),
    ("system", AccountType.WINDOWS),
    ("Administrator", AccountType.WINDOWS),
)
"""What a new business or business set gets when no account is declared for it."""
