"""What an administrator may choose while servers run: the settings of the platform, and the rules on their values."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Meta

from jobfleet.model.account import ACCOUNT_NAMES, AccountType
from jobfleet.model.errors import BadRequestError, IllegalParameterReasonError
from jobfleet.model.resource_errors import CallbackEntryError, CallbackEntryTwiceError, SettingNotFoundError
from jobfleet.model.scope import Scope, scope_text
from jobfleet.model.script import DEFAULT_TIMEOUT_S, HIGHEST_TIMEOUT_S, MAX_TIMEOUT_S

MAX_EXPRESSION_CHARACTERS = 500
MAX_ENTRIES = 1_000
_Expression = Annotated[str, Meta(min_length=1, max_length=MAX_EXPRESSION_CHARACTERS)]
_Seconds = Annotated[int, Meta(ge=1, le=HIGHEST_TIMEOUT_S)]
_ScopeText = Annotated[str, Meta(pattern=r"^(biz|biz_set):[1-9][0-9]{0,17}$")]
_Suffix = Annotated[str, Meta(pattern=r"^\.[^\s/\\.][^\s/\\]{0,30}$")]
_Suffixes = Annotated[tuple[_Suffix, ...], Meta(max_length=MAX_ENTRIES)]
_Entry = Annotated[str, Meta(min_length=1, max_length=1_000)]


class PlatformSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the platform is set to; what is not set has its default.

    Source: docs/reference/platform-settings.md.
    """

    account_name_linux: Annotated[_Expression, Meta(description="How Linux accounts may be named")] = ACCOUNT_NAMES[
        AccountType.LINUX
    ]
    account_name_windows: Annotated[_Expression, Meta(description="How Windows accounts may be named")] = ACCOUNT_NAMES[
        AccountType.WINDOWS
    ]
    account_name_database: Annotated[
        _Expression, Meta(description="How MySQL, Oracle and DB2 accounts may be named")
    ] = ACCOUNT_NAMES[AccountType.MYSQL]
    account_name_postgresql: Annotated[_Expression, Meta(description="How PostgreSQL accounts may be named")] = (
        ACCOUNT_NAMES[AccountType.POSTGRESQL]
    )
    callback_urls: Annotated[
        Annotated[tuple[_Entry, ...], Meta(max_length=MAX_ENTRIES)] | None,
        Meta(description="Where callbacks may go: hosts, *.domains and beginnings of addresses; null: anywhere"),
    ] = None
    max_timeout_s: Annotated[_Seconds, Meta(description="Seconds that a step may take")] = MAX_TIMEOUT_S
    scope_max_timeout_s: Annotated[
        Annotated[dict[_ScopeText, _Seconds], Meta(max_length=MAX_ENTRIES)],
        Meta(description="Seconds that a step may take in single scopes, by texts such as biz:2"),
    ] = {}
    upload_allowed_suffixes: Annotated[
        _Suffixes, Meta(description="Ends of names that uploads must have, such as .sh; none: any")
    ] = ()
    upload_forbidden_suffixes: Annotated[
        _Suffixes, Meta(description="Ends of names that uploads may not have, such as .exe")
    ] = ()
    second_person_hosts: Annotated[
        Annotated[int, Meta(ge=0, le=2**31 - 1)] | None,
        Meta(description="Starts on more hosts than this need a second person; null: none do"),
    ] = None
    job_list_max_start: Annotated[
        Annotated[int, Meta(ge=0, le=2**31 - 1)] | None,
        Meta(description="How deep a page of the list of jobs may begin; null: anywhere"),
    ] = None


FIELDS = {field.name: field for field in msgspec.structs.fields(PlatformSettings)}


def checked(name: str, value: object) -> Any:
    """Return a value of a setting as it is kept; whether an expression compiles is the caller's to see.

    Raises:
        SettingNotFoundError: There is no setting of this name.
        IllegalParameterReasonError: The value is none for it.
        CallbackEntryError, CallbackEntryTwiceError: A place for callbacks is none, or is there twice.
    """
    if name not in FIELDS:
        raise SettingNotFoundError(name)
    try:
        kept = msgspec.convert(value, FIELDS[name].type)
    except msgspec.ValidationError as error:
        raise IllegalParameterReasonError(name, str(error)) from error
    if name == "callback_urls":
        _check_entries(kept or ())
    return plain(kept)


def default_of(name: str) -> Any:
    """Return the default of a setting."""
    return plain(getattr(PlatformSettings(), name))


def plain(value: Any) -> Any:
    """Return a value of a setting as JSON has it."""
    return list(value) if isinstance(value, tuple) else value


class Form(msgspec.Struct, frozen=True):
    """Say of what form the values of a setting are: `text`, `number`, `list` of texts or `table` of numbers by text."""

    kind: Literal["text", "number", "list", "table"]
    nullable: bool
    least: int | None = None
    most: int | None = None


_KINDS: Mapping[str, Literal["text", "number", "list", "table"]] = {
    "string": "text",
    "integer": "number",
    "array": "list",
    "object": "table",
}


def form_of(name: str) -> Form:
    """Return of what form the values of a setting are."""
    schema = msgspec.json.schema(FIELDS[name].type)
    choices = schema.get("anyOf", [schema])
    [held] = [one for one in choices if one.get("type") != "null"]
    return Form(_KINDS[held["type"]], len(choices) > 1, held.get("minimum"), held.get("maximum"))


def description_of(name: str) -> str:
    """Return what a setting means, in one line."""
    return next(str(part.description) for part in FIELDS[name].type.__metadata__ if part.description)


def name_rule(settings: PlatformSettings, kind: AccountType) -> str:
    """Return the expression that the whole of an account's name must match."""
    rules: Mapping[AccountType, str] = {
        AccountType.LINUX: settings.account_name_linux,
        AccountType.WINDOWS: settings.account_name_windows,
        AccountType.POSTGRESQL: settings.account_name_postgresql,
    }
    return rules.get(kind, settings.account_name_database)


def timeout_within(settings: PlatformSettings, scope: Scope, given: int | None) -> int | None:
    """Return the time limit of a step; without one it is the default, and never above what the scope may have.

    Raises:
        BadRequestError: It is above that.
    """
    most = max_timeout_s(settings, scope)
    if given is None:
        return None if most >= DEFAULT_TIMEOUT_S else most
    if given > most:
        raise BadRequestError("timeout_s", f"is above {most} seconds")
    return given


def max_timeout_s(settings: PlatformSettings, scope: Scope) -> int:
    """Return how long a step of a scope may take."""
    return settings.scope_max_timeout_s.get(scope_text(scope), settings.max_timeout_s)


def check_callback(settings: PlatformSettings, url: str) -> None:
    """Do nothing when a job may call back to an address; "" is none.

    Raises:
        BadRequestError: The list of places is on, and none of them is the address's.
    """
    if (
        url
        and settings.callback_urls is not None
        and not any(_leads_to(entry, url) for entry in settings.callback_urls)
    ):
        raise BadRequestError("callback_url", "is not on the white list")


def may_upload(settings: PlatformSettings, name: str) -> bool:
    """Tell whether a file of this name may be uploaded; upper and lower case are alike."""
    lower = name.lower()
    if any(lower.endswith(suffix.lower()) for suffix in settings.upload_forbidden_suffixes):
        return False
    allowed = settings.upload_allowed_suffixes
    return not allowed or any(lower.endswith(suffix.lower()) for suffix in allowed)


_HOST = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}


def _check_entries(entries: tuple[str, ...]) -> None:
    for index, entry in enumerate(entries):
        if not _is_entry(entry):
            raise CallbackEntryError(entry)
        if entry in entries[:index]:
            raise CallbackEntryTwiceError(entry)


def _is_entry(entry: str) -> bool:
    if "://" not in entry:
        return _HOST.fullmatch(entry) is not None
    parts = _parts(entry)
    plain = parts is not None and not (parts.query or parts.fragment or "@" in parts.netloc)
    return plain and parts is not None and parts.scheme in _PORTS and bool(parts.hostname)


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        is_sane = parts.port != 0
    except ValueError:
        return None
    return parts if is_sane else None


def _leads_to(entry: str, url: str) -> bool:
    """Tell whether an address is at a place: a host, a host below a domain, or an address that it begins with."""
    parts = _parts(url)
    if parts is None:
        return False
    if "://" in entry:
        return _begins(urlsplit(entry), parts)
    host, wanted = (parts.hostname or "").lower(), entry.lower().strip("[]")
    return host.endswith(wanted[1:]) if wanted.startswith("*.") else host == wanted


def _begins(entry: SplitResult, url: SplitResult) -> bool:
    if _origin(entry) != _origin(url):
        return False
    path = entry.path.rstrip("/")
    climbs = "/." in url.path or "%2e" in url.path.lower()  # `/allowed/../other`, as some servers read it
    return not path or (not climbs and f"{url.path}/".startswith(f"{path}/"))


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme)
