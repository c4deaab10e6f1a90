"""Every setting of the server, with its type, default, unit and meaning."""

import re
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

PREFIX = "JOBFLEET_"


Issuer = r"^(|https://[^\s?#]+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?[^\s?#]*)$"
"""Without encryption only on this machine itself: who can change the provider's answers can be anybody."""

Url = r"^(|https?://[^\s]+[^/\s])$"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an installation can choose; a flag beats a variable, that the file, and that the default.

    Source: docs/reference/settings.md.
    """

    database_url: Annotated[
        str,
        Meta(
            description="Address of PostgreSQL: postgresql://user:password@host:port/name",
            pattern=r"^(|postgres(ql)?://.+)$",
        ),
    ] = ""
    database_pool_size: Annotated[
        int, Meta(description="Most connections one server opens to PostgreSQL", ge=2, le=500)
    ] = 20
    nats_url: Annotated[
        list[Annotated[str, Meta(pattern=r"^(nats|tls)://.+$")]],
        Meta(description="Addresses of NATS: nats://host:port or tls://host:port; several with commas"),
    ] = []
    nats_public_url: Annotated[
        list[Annotated[str, Meta(pattern=r"^(nats|tls)://.+$")]],
        Meta(description="Addresses of NATS that agents are told; empty: those of nats_url"),
    ] = []
    nats_ca: Annotated[
        str, Meta(description="File (PEM) of the authority that signed NATS's certificate; empty: the system's")
    ] = ""
    keys_file: Annotated[str, Meta(description="File with the installation's keys, mode 0600")] = ""
    host: Annotated[str, Meta(description="Address that HTTP listens on", min_length=1)] = "127.0.0.1"
    port: Annotated[int, Meta(description="Port that HTTP listens on; 0: a free one", ge=0, le=65535)] = 8080
    public_url: Annotated[
        str, Meta(description="Address under which agents and callers reach us; empty: from host and port", pattern=Url)
    ] = ""
    path_prefix: Annotated[
        list[Annotated[str, Meta(pattern=r"^/[^\s]*[^/\s]$")]],
        Meta(description="Prefixes that a gateway puts before our paths, such as /prod; several with commas"),
    ] = []
    console_path: Annotated[
        str,
        Meta(
            description="Path under which browsers reach the console, such as /job; empty: the root",
            pattern=r"^(|(/[A-Za-z0-9._~-]+)+)$",
        ),
    ] = ""
    console_frame_ancestors: Annotated[
        list[Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9.*:\[\]-]+$")]],
        Meta(description="Origins whose pages may show ours in frames: https://portal.example; several with commas"),
    ] = []
    time_zone: Annotated[str, Meta(description="IANA zone of scopes that have none of their own")] = "Asia/Shanghai"
    role: Annotated[
        Literal["all", "api", "engine"], Meta(description="What this server does: answer HTTP, run jobs, or both")
    ] = "all"
    history_days: Annotated[int, Meta(description="Days for which jobs and their tasks are kept", ge=1, le=36500)] = 180
    output_days: Annotated[int, Meta(description="Days for which the output of scripts is kept", ge=1, le=36500)] = 60
    audit_days: Annotated[int, Meta(description="Days for which the audit trail is kept", ge=1, le=36500)] = 365
    output_cap_bytes: Annotated[
        int, Meta(description="Bytes of output kept of one script on one host", ge=1024, le=1 << 30)
    ] = 5 * 1024 * 1024
    log_answer_bytes: Annotated[
        int, Meta(description="Bytes of output that one answer holds; the rest says that it was left out", ge=1024)
    ] = 256 * 1024 * 1024
    request_body_limit_bytes: Annotated[
        int, Meta(description="Bytes a request's body may have", ge=1024, le=1 << 30)
    ] = 32 * 1024 * 1024
    callback_allowed_hosts: Annotated[
        list[str], Meta(description="Hosts that callbacks may go to; several with commas; empty: any host but our own")
    ] = []
    callback_loopback: Annotated[
        bool, Meta(description="Let callbacks go to this machine itself; `jobfleet up` does")
    ] = False
    file_source_allowed_hosts: Annotated[
        list[str], Meta(description="Hosts that file sources may be on; several with commas; empty: any but our own")
    ] = []
    file_source_loopback: Annotated[
        bool, Meta(description="Let file sources be on this machine itself; `jobfleet up` does")
    ] = False
    upload_limit_bytes: Annotated[int, Meta(description="Bytes an uploaded file may have", ge=1, le=1 << 50)] = (
        5 * 1024 * 1024 * 1024
    )
    compat_escape_v2_logs: Annotated[
        bool, Meta(description="Escape HTML in the logs of the ESB v2 surface, as old callers may expect")
    ] = False
    trusted_proxies: Annotated[
        list[Annotated[str, Meta(pattern=r"^[0-9a-fA-F.:]+(/[0-9]{1,3})?$")]],
        Meta(description="Addresses or networks of our own proxies, whose X-Forwarded-For counts; several with commas"),
    ] = []
    session_life_s: Annotated[
        int, Meta(description="Seconds after which a browser's session ends in any case", ge=60, le=30 * 86_400)
    ] = 43_200
    session_idle_s: Annotated[
        int, Meta(description="Seconds without a request after which a browser's session ends", ge=120, le=30 * 86_400)
    ] = 3600
    oidc_issuer: Annotated[
        str, Meta(description="Address of the identity provider (OpenID Connect), as it calls itself", pattern=Issuer)
    ] = ""
    oidc_client_id: Annotated[str, Meta(description="Our name at the identity provider")] = ""
    oidc_client_secret_file: Annotated[
        str, Meta(description="File with our secret at the identity provider; empty: we have none")
    ] = ""
    oidc_scopes: Annotated[
        str, Meta(description="What we ask the identity provider for", pattern=r"^openid( [\x21-\x7e]+)*$")
    ] = "openid profile"
    oidc_username_claim: Annotated[
        str, Meta(description="Claim of the identity provider that becomes the user's name", min_length=1)
    ] = "preferred_username"
    oidc_groups_claim: Annotated[
        str, Meta(description="Claim of the identity provider that lists a user's groups", min_length=1)
    ] = "groups"
    oidc_roles: Annotated[
        list[str], Meta(description="Roles of groups: GROUP=ROLE@biz:2 or GROUP=admin@platform; several with commas")
    ] = []
    oidc_new_users: Annotated[
        bool, Meta(description="Make a user of whom the identity provider vouches for the first time")
    ] = False
    rate_limit_per_s: Annotated[
        int,
        Meta(
            description="Requests a second that an application or user may make of one server; 0: any", ge=0, le=10**6
        ),
    ] = 0
    rate_limit_burst: Annotated[
        int, Meta(description="Requests that an application or user may make at once", ge=1, le=10**6)
    ] = 100
    smtp_url: Annotated[
        str,
        Meta(
            description="Mail server: smtp://user:password@host:port (TLS where offered) or smtps://…; empty: no mail",
            pattern=r"^(|smtps?://[^\s/]+)$",
        ),
    ] = ""
    mail_from: Annotated[str, Meta(description="Address that mail is from", pattern=r"^[^\s@<>]+@[^\s@<>]+$")] = (
        "jobfleet@localhost"
    )
    mail_domain: Annotated[
        str,
        Meta(
            description="Domain of users whose names are no addresses: li gets mail at li@domain", pattern=r"^[^\s@]*$"
        ),
    ] = ""
    mail_user_limit: Annotated[
        int, Meta(description="Mails to one user in 24 hours; 0: any number", ge=0, le=10**9)
    ] = 0
    mail_scope_limit: Annotated[
        int, Meta(description="Mails from one scope in 24 hours; 0: any number", ge=0, le=10**9)
    ] = 0
    mail_system_limit: Annotated[int, Meta(description="Mails in 24 hours; 0: any number", ge=0, le=10**9)] = 0
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="Least severe lines that are logged")
    ] = "info"
    log_format: Annotated[
        Literal["console", "json"], Meta(description="Form of log lines: for people, or one JSON object a line")
    ] = "console"
    files_dir: Annotated[
        str, Meta(description="Directory of files on their way, shared by all servers; empty: files in data_dir")
    ] = ""
    files_store_url: Annotated[
        str,
        Meta(
            description=(
                "Bucket of which hosts fetch large files: https://KEY:SECRET@host/bucket[/prefix][?region=name]; "
                "empty: all from the servers"
            ),
            pattern=r"^(|https?://[^\s/@:]+:[^\s/@:]+@[^\s/@]+/[^\s/?]+[^\s]*)$",
        ),
    ] = ""
    data_dir: Annotated[
        str,
        Meta(
            description="Directory of all that `jobfleet up` keeps, or of what one server keeps for itself",
            min_length=1,
        ),
    ] = "jobfleet-data"


FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}


def flag_of(name: str) -> str:
    """Return the command-line flag of a setting, without its dashes."""
    return name.replace("_", "-")


def description_of(name: str) -> str:
    """Return what a setting means, in one line."""
    return str(_meta(name).description)


def allowed(name: str) -> str:
    """Return in words what values a setting takes."""
    kind, meta = FIELDS[name].type.__origin__, _meta(name)
    if choices := get_args(kind) if get_origin(kind) is Literal else ():
        return "one of " + ", ".join(choices)
    if kind is bool:
        return "true or false"
    if kind is int:
        return f"a whole number from {meta.ge} {'on' if meta.le is None else f'to {meta.le}'}"
    if meta.pattern or is_list(name):
        return "of the form given here"
    return "a text that is not empty" if meta.min_length else "a text"


def masked(settings: Settings) -> dict[str, Any]:
    """Return the settings as plain values, with the passwords in addresses replaced by `***`."""
    return {name: _mask(value) for name, value in msgspec.to_builtins(settings).items()}


def _mask(value: Any) -> Any:
    if isinstance(value, list):
        return [_mask(item) for item in value]
    if not isinstance(value, str):
        return value
    # A password may hold any sign, so everything up to the last @ is taken for user and password.
    shown = re.sub(r"(?<=://)(.*)@", _mask_user, value, flags=re.DOTALL)
    return re.sub(r"([?&][^=&]*password=)[^&]*", r"\1***", shown, flags=re.IGNORECASE)


def _mask_user(match: re.Match[str]) -> str:
    user, colon, _password = match[1].partition(":")
    return f"{user}:***@" if colon else "***@"


def is_list(name: str) -> bool:
    """Tell whether a setting takes several values."""
    return isinstance(FIELDS[name].default, list) or FIELDS[name].default_factory is list


def default_of(name: str) -> object:
    """Return what a setting is when nothing says."""
    return [] if is_list(name) else FIELDS[name].default


def _meta(name: str) -> Meta:
    return next(part for part in FIELDS[name].type.__metadata__ if isinstance(part, Meta))
