"""Keep applications and users to the rate of requests that the installation allows."""

import math
from collections import OrderedDict

from jobfleet.model.caller import Caller
from jobfleet.model.rate import Bucket, Rate, take
from jobfleet.model.signin_errors import RateLimitedError

MOST_CALLERS = 10_000
"""How many callers one server remembers; who has not called for longest is forgotten first."""


class Rates:
    """Remember how much each application, or user who comes without one, has left on this server."""

    def __init__(self, rate: Rate | None = None) -> None:
        self._rate = rate or Rate()
        self._buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()

    def check(self, caller: Caller, now: int, own_per_s: int | None = None) -> None:
        """Do nothing when the caller may make a request now.

        Args:
            own_per_s: The application's own rate, at which it may also burst; None for everybody's.

        Raises:
            RateLimitedError: Not yet.
        """
        rate = self._rate if own_per_s is None else Rate(own_per_s, max(own_per_s, 1))
        if not rate.per_s:
            return
        key = (caller.app_code, "" if caller.app_code else caller.username)
        self._buckets[key], wait_ms = take(rate, self._buckets.get(key), now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > MOST_CALLERS:
            self._buckets.popitem(last=False)
        if wait_ms:
            raise RateLimitedError(math.ceil(wait_ms / 1000))
