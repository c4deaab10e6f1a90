"""What every operation works with: the engine's context and the installation's choices."""

import msgspec

from jobfleet.bus.authority import Authority
from jobfleet.engine.context import Context


class Platform(msgspec.Struct, frozen=True):
    """Hold the engine's context and what surfaces need besides.

    `time_zone` is the IANA zone of scopes that have none of their own. `history_days` and `output_days` say how
    long runs and their output are kept. `authority` gives agents their identities.
    `public_url` is where people reach us, without a slash at its end.
    """

    engine: Context
    time_zone: str
    history_days: int
    output_days: int
    authority: Authority | None = None
    public_url: str = ""
