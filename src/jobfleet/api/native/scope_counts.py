"""What goes on in a scope, in numbers."""

from jobfleet.api.native.jobs import ScopeText
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.scope import parse_scope
from jobfleet.operations.scope_counts import ScopeCounts, count_scope


class CountScope(Wanted, frozen=True):
    """Ask how many runs of a scope run and wait."""

    scope: ScopeText


async def show_counts(call: Call, wanted: CountScope) -> ScopeCounts:
    """Show how many."""
    return await count_scope(call.platform, call.caller, parse_scope(wanted.scope))


ROUTES = (
    Route(
        "GET",
        "/api/v1/runs/counts",
        Action.ACCESS_BUSINESS,
        show_counts,
        CountScope,
        ScopeCounts,
        "Count the runs of a scope that run and wait",
    ),
)
