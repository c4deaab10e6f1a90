"""What an installation's declared state may say, table by table, and how its TOML is read."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from jobfleet.model.caller import Role
from jobfleet.model.errors import DeclarationError
from jobfleet.model.target import DEFAULT_CLOUD_NAME

Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
CloudId = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Name = Annotated[str, Meta(min_length=1, max_length=255)]
Login = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s\x00-\x1f]+$")]
Secret = Annotated[str, Meta(min_length=8, max_length=1024)]
Word = Annotated[str, Meta(max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]
Limit = Annotated[int, Meta(ge=0, le=1_000_000)]
ScopeText = Annotated[str, Meta(pattern=r"^(biz|biz_set):[1-9][0-9]{0,17}$")]
HostRef = Id | Annotated[str, Meta(min_length=1, max_length=64)]
"""A host by its id, or by its address: `127.0.0.1` (cloud area 0) or `3:10.0.0.7`."""

Businesses = tuple[Id, ...] | Literal["all"]


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Refuse fields that are not known, so that a typing error never passes for a setting."""


class User(_Row, frozen=True):
    """Declare a person; without `password` an existing one stays, and a new user cannot sign in."""

    name: Login
    password: Secret | None = None
    platform_admin: bool = False
    language: Literal["zh", "en"] = "zh"


class App(_Row, frozen=True):
    """Declare a calling application; a trusted one may name its user itself."""

    code: Login
    secret: Secret | None = None
    trusted: bool = False


class Gateway(_Row, frozen=True):
    """Declare the API gateway whose signed callers are believed; an empty issuer means any."""

    jwt_public_key: str
    issuer: str = ""


class Quotas(_Row, frozen=True):
    """Declare how many jobs may run at once; what is left out is unlimited. `scopes` are texts such as `biz:2`."""

    system: Limit | None = None
    scope: Limit | None = None
    app: Limit | None = None
    scopes: dict[ScopeText, Limit] = {}
    apps: dict[Login, Limit] = {}


class Business(_Row, frozen=True):
    """Declare a business; `time_zone` is an IANA name, none means the installation's."""

    id: Id
    name: Name
    time_zone: str | None = None
    archived: bool = False


class BusinessSet(_Row, frozen=True):
    """Declare a business set with its member businesses, or all of them."""

    id: Id
    name: Name
    businesses: Businesses
    time_zone: str | None = None


class Host(_Row, frozen=True):
    """Declare a host; without `id` it is known by its address and gets an id of its own."""

    business: Id
    cloud_id: CloudId = 0
    ip: str | None = None
    ipv6: str | None = None
    id: Id | None = None
    name: Annotated[str, Meta(max_length=255)] = ""
    os: Literal["linux", "windows", "aix", "solaris"] = "linux"
    cloud_name: Name = DEFAULT_CLOUD_NAME
    tags: dict[str, str] = {}


class TopologyNode(_Row, frozen=True):
    """Declare a node of a business's tree; a module's parent is a set unless `parent_type` says else."""

    id: Id
    type: Word
    name: Name
    business: Id
    parent: Id | None = None
    parent_type: Word | None = None
    hosts: tuple[HostRef, ...] = ()


class HostFilter(_Row, frozen=True):
    """Say which hosts of a business belong to a group: all that is given must hold.

    A list holds when one of its values does. `ip` and `name` may have `*` and `?`; a tag's value too.
    """

    ip: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    os: tuple[str, ...] = ()
    cloud_id: tuple[CloudId, ...] = ()
    tags: dict[str, str] = {}


class DynamicGroup(_Row, frozen=True):
    """Declare a group by a list of hosts or by a filter, one of the two."""

    id: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s:,]+$")]
    name: Name
    business: Id
    hosts: tuple[HostRef, ...] | None = None
    filter: HostFilter | None = None


class Account(_Row, frozen=True):
    """Declare an OS or database account of a business or a business set; the alias is the name if left out.

    Without `password` an existing one stays. `system_account` is the alias of the account that a database's client
    runs as.
    """

    account: Name
    business: Id | None = None
    business_set: Id | None = None
    alias: Annotated[str, Meta(max_length=255)] = ""
    category: Literal["system", "database"] = "system"
    type: Literal["linux", "windows", "mysql", "oracle", "db2", "postgresql"] = "linux"
    id: Id | None = None
    password: str | None = None
    port: int | None = None
    database: str = ""
    system_account: str = ""
    description: str = ""


class WhitelistedHost(_Row, frozen=True):
    """Let other businesses use a host for scripts, files or both; it is named by `host` or by `ip` and `cloud_id`."""

    businesses: Businesses
    actions: tuple[Literal["script", "file"], ...]
    ip: str | None = None
    cloud_id: CloudId = 0
    host: HostRef | None = None


class RoleBinding(_Row, frozen=True):
    """Give a user a role in one business, in one business set, or on the platform."""

    user: Login
    role: Role
    business: Id | None = None
    business_set: Id | None = None
    platform: bool = False


class State(msgspec.Struct, frozen=True):
    """Hold everything that one file declares; what it does not mention stays as it is."""

    users: tuple[User, ...] = ()
    apps: tuple[App, ...] = ()
    gateway: Gateway | None = None
    quotas: Quotas | None = None
    businesses: tuple[Business, ...] = ()
    business_sets: tuple[BusinessSet, ...] = ()
    hosts: tuple[Host, ...] = ()
    topology_nodes: tuple[TopologyNode, ...] = ()
    dynamic_groups: tuple[DynamicGroup, ...] = ()
    accounts: tuple[Account, ...] = ()
    host_whitelist: tuple[WhitelistedHost, ...] = ()
    role_bindings: tuple[RoleBinding, ...] = ()


TABLES: Mapping[str, type[_Row]] = {
    "users": User,
    "apps": App,
    "businesses": Business,
    "business_sets": BusinessSet,
    "hosts": Host,
    "topology_nodes": TopologyNode,
    "dynamic_groups": DynamicGroup,
    "accounts": Account,
    "host_whitelist": WhitelistedHost,
    "role_bindings": RoleBinding,
}
"""Arrays of tables in the file."""

SINGLE: Mapping[str, type[_Row]] = {"gateway": Gateway, "quotas": Quotas}
"""Plain tables in the file."""


class Mistake(msgspec.Struct, frozen=True):
    """Name one mistake: where it is, such as `hosts[2].ip` (rows count from 0), and what is wrong."""

    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


def parse_state(text: str) -> State:
    """Read declared state from TOML; what depends on several rows or on the database is not checked yet.

    Raises:
        DeclarationError: It is no TOML, or rows have unknown, missing or wrong fields; all of them are named.

    Source: docs/reference/declared-state.md.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise DeclarationError([f"not TOML: {error}"]) from error
    mistakes = [*_unknown_tables(document), *nul_texts("", document)]
    tables: dict[str, Any] = {
        name: tuple(_rows(name, kind, document.get(name, []), mistakes)) for name, kind in TABLES.items()
    }
    single: dict[str, Any] = {
        name: read_row(name, kind, document[name], mistakes) for name, kind in SINGLE.items() if name in document
    }
    refuse(mistakes)
    return State(**tables, **single)


def refuse(mistakes: list[Mistake]) -> None:
    """Do nothing when there is no mistake.

    Raises:
        DeclarationError: There is one; all are named.
    """
    if mistakes:
        raise DeclarationError([str(mistake) for mistake in mistakes])


def _unknown_tables(document: dict[str, Any]) -> list[Mistake]:
    known = {*TABLES, *SINGLE}
    listed = ", ".join(sorted(known))
    return [Mistake(name, f"unknown table; known are {listed}") for name in document if name not in known]


def nul_texts(where: str, value: object) -> Iterator[Mistake]:
    """Yield texts that PostgreSQL cannot keep."""
    match value:
        case str() if "\x00" in value:
            yield Mistake(where, "holds a NUL character")
        case dict():
            for name, member in value.items():
                yield from nul_texts(where, name)
                yield from nul_texts(f"{where}.{name}".lstrip("."), member)
        case list():
            for index, member in enumerate(value):
                yield from nul_texts(f"{where}[{index}]", member)


RowType = TypeVar("RowType", bound=msgspec.Struct)


def _rows(name: str, kind: type[RowType], rows: object, mistakes: list[Mistake]) -> list[RowType]:
    if not isinstance(rows, list):
        mistakes.append(Mistake(name, f"write it as an array of tables: [[{name}]]"))
        return []
    read = [read_row(f"{name}[{index}]", kind, row, mistakes) for index, row in enumerate(rows)]
    return [row for row in read if row is not None]


def read_row(where: str, kind: type[RowType], row: object, mistakes: list[Mistake]) -> RowType | None:
    """Return a table of a document as a Struct; what is wrong with it is noted, and None returned."""
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError as error:
        mistakes.append(_mistake(where, str(error)))
        return None


_PATH = re.compile(r" - at `(?:key in )?\$\.?(.*)`$")
_FIELD = re.compile(r"^Object (contains unknown|missing required) field `(.*)`")


def _mistake(where: str, message: str) -> Mistake:
    """Turn msgspec's message into the place and the problem; it holds no value of a free text, so no secret."""
    path = _PATH.search(message)
    problem = _PATH.sub("", message)
    place = f"{where}.{path.group(1)}" if path and path.group(1) else where
    named = _FIELD.match(problem)
    if named is None:
        return Mistake(place, problem[0].lower() + problem[1:])
    word = "unknown field" if named.group(1) == "contains unknown" else "is missing"
    return Mistake(f"{place}.{named.group(2)}", word)
