"""What a token leaves of its user's rights."""

from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.caller import Action, Caller, Grant, Role, allows
from jobfleet.model.ceiling import Ceiling, limited
from jobfleet.model.scope import Scope, ScopeType

scopes = st.builds(Scope, st.sampled_from(ScopeType), st.integers(1, 3))
grants = st.builds(lambda role, scope: Grant(role, scope.type, scope.id), st.sampled_from(Role), scopes)
callers = st.builds(
    lambda admin, held: Caller("li", "", admin, tuple(held)), st.booleans(), st.lists(grants, max_size=4)
)
ceilings = st.builds(
    Ceiling, st.sampled_from(Role), st.lists(scopes, max_size=2, unique=True).map(tuple), st.booleans()
)


@given(callers, ceilings, st.sampled_from(Action), scopes)
def test_a_token_never_allows_what_its_user_may_not_do(
    caller: Caller, ceiling: Ceiling, action: Action, scope: Scope
) -> None:
    if allows(limited(caller, ceiling), action, scope.type, scope.id):
        assert allows(caller, action, scope.type, scope.id)


@given(callers, ceilings, st.sampled_from(Action), scopes)
def test_a_token_allows_what_user_and_ceiling_allow_and_nothing_else(
    caller: Caller, ceiling: Ceiling, action: Action, scope: Scope
) -> None:
    if ceiling.platform:
        return
    under = Caller("", "", platform_admin=False, grants=(Grant(ceiling.role, scope.type, scope.id),))
    is_covered = (not ceiling.scopes or scope in ceiling.scopes) and allows(under, action, scope.type, scope.id)
    expected = is_covered and allows(caller, action, scope.type, scope.id)
    assert allows(limited(caller, ceiling), action, scope.type, scope.id) is expected


@given(callers, ceilings)
def test_only_a_token_for_the_platform_administers_it(caller: Caller, ceiling: Ceiling) -> None:
    whole = ceiling == Ceiling(platform=True)
    assert limited(caller, ceiling).platform_admin is (caller.platform_admin and whole)
