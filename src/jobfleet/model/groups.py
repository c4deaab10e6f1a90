"""Dynamic groups: a list of hosts, or a rule that hosts meet."""

from fnmatch import fnmatchcase

import msgspec

from jobfleet.model.declared import HostFilter
from jobfleet.model.target import Host


class Group(msgspec.Struct, frozen=True):
    """Describe a dynamic group of a business: either `host_ids` or `filter` is set."""

    id: str
    business_id: int
    host_ids: tuple[int, ...] | None
    filter: HostFilter | None


def matches(host: Host, wanted: HostFilter) -> bool:
    """Tell whether a host meets everything that a filter names; an empty filter is met by every host."""
    return (
        (not wanted.ip or _any_like(host.ip or "", wanted.ip) or _any_like(host.ipv6 or "", wanted.ip))
        and (not wanted.name or _any_like(host.name, wanted.name))
        and (not wanted.os or host.os in wanted.os)
        and (not wanted.cloud_id or host.cloud_id in wanted.cloud_id)
        and all(fnmatchcase(host.tags.get(key, ""), value) for key, value in wanted.tags.items())
    )


def _any_like(text: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)
