"""What every operation works with: the engine's context and the installation's choices."""

import msgspec

from jobfleet.bus.authority import Authority
from jobfleet.engine.audit_chain import Memory
from jobfleet.engine.context import Context
from jobfleet.engine.rule_book import RuleBook
from jobfleet.model.source import Network
from jobfleet.operations.content_checks import ContentChecks
from jobfleet.operations.live import Hub
from jobfleet.operations.oidc_provider import OidcProvider
from jobfleet.operations.passwords import Hashing
from jobfleet.operations.rates import Rates
from jobfleet.operations.seats import Seats
from jobfleet.operations.settled import SettledCounts


class Sessions(msgspec.Struct, frozen=True):
    """Say how long a browser's session lasts, in all and without use; milliseconds."""

    life_ms: int
    idle_ms: int


class Platform(msgspec.Struct, frozen=True):
    """Hold the engine's context and what surfaces need besides.

    `time_zone` is the IANA zone of scopes that have none of their own. `history_days` and `output_days` say how
    long runs and their output are kept.
    `log_answer_bytes` is how much output one answer may hold, `upload_limit_bytes` how large an upload may be.
    `authority` gives agents their identities.
    `callback_key` is the raw Ed25519 public key that callbacks are proven with.
    `public_url` is where people reach us, without a slash at its end. `rules` keeps the dangerous rules compiled,
    `memory` how far the audit trail has come.
    `hashing` lets sign-ins take turns. `trusted_proxies` are the networks whose word about a request's source counts.
    `rates` keeps callers to the rate of requests that is allowed. `oidc` is the identity provider.
    `live` tells those who follow what happens, `seats` counts their streams. `content_checks` reads contents anew
    that may be damaged. `settled` keeps what was counted of attempts that are final.
    """

    engine: Context
    time_zone: str
    history_days: int
    output_days: int
    log_answer_bytes: int
    upload_limit_bytes: int
    sessions: Sessions
    authority: Authority | None = None
    public_url: str = ""
    callback_key: bytes = b""
    rules: RuleBook = msgspec.field(default_factory=RuleBook)
    memory: Memory = msgspec.field(default_factory=Memory)
    hashing: Hashing = msgspec.field(default_factory=Hashing)
    trusted_proxies: tuple[Network, ...] = ()
    rates: Rates = msgspec.field(default_factory=Rates)
    oidc: OidcProvider | None = None
    live: Hub = msgspec.field(default_factory=Hub)
    content_checks: ContentChecks = msgspec.field(default_factory=ContentChecks)
    seats: Seats = msgspec.field(default_factory=Seats)
    settled: SettledCounts = msgspec.field(default_factory=SettledCounts)
