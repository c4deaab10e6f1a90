"""What commands read of the native API's answers about users and tokens."""

import msgspec


class TokenView(msgspec.Struct, frozen=True):
    """A personal token; times are epoch milliseconds."""

    id: int
    username: str
    name: str
    role: str
    scopes: list[str]
    platform: bool
    expires_at: int
    used_at: int | None


class MadeToken(msgspec.Struct, frozen=True):
    """A token that was made, shown this once."""

    token: str
    about: TokenView


class TokenList(msgspec.Struct, frozen=True):
    """Personal tokens."""

    tokens: list[TokenView]


class Identity(msgspec.Struct, frozen=True):
    """Whom an identity provider knows."""

    issuer: str
    subject: str


class User(msgspec.Struct, frozen=True):
    """A user; `disabled_at` is epoch milliseconds."""

    name: str
    platform_admin: bool
    language: str
    has_password: bool
    disabled_at: int | None
    identities: list[Identity]


class UserList(msgspec.Struct, frozen=True):
    """A page of users."""

    total: int
    users: list[User]


class UserSet(msgspec.Struct, frozen=True):
    """Whether a user is new."""

    created: bool


class Unlocked(msgspec.Struct, frozen=True):
    """Whether there were wrong passwords to forget."""

    unlocked: bool


class Ended(msgspec.Struct, frozen=True):
    """How many sessions and sign-ins have ended."""

    ended: int


class Unlinked(msgspec.Struct, frozen=True):
    """How many identities were linked."""

    unlinked: int


class ApiClient(msgspec.Struct, frozen=True):
    """An application that calls the API; times are epoch milliseconds."""

    code: str
    description: str
    trusted: bool
    scopes: list[str]
    rate_per_s: int | None
    disabled_at: int | None
    used_at: int | None


class ApiClientList(msgspec.Struct, frozen=True):
    """Applications that call the API."""

    apps: list[ApiClient]


class ClientSecret(msgspec.Struct, frozen=True):
    """The secret of an application, shown this once."""

    secret: str


class BoundRole(msgspec.Struct, frozen=True):
    """A role of a user, in a scope or on the platform."""

    user: str
    scope: str
    role: str
    source: str


class RoleList(msgspec.Struct, frozen=True):
    """Roles of users."""

    roles: list[BoundRole]
