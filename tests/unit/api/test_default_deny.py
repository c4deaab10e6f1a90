"""No route is served that does not say what its caller needs."""

import msgspec
import pytest
from litestar import Litestar, get

from jobfleet.api.access import UndeclaredPermissionError, check_application, check_routes
from jobfleet.api.routes import ROUTES
from jobfleet.api.surface import paths_of


def test_an_operation_without_a_permission_is_refused() -> None:
    bare = msgspec.structs.replace(ROUTES[0], permission=None)
    with pytest.raises(UndeclaredPermissionError, match=r"esb-v2 fast_execute_script"):
        check_routes((*ROUTES, bare))


@pytest.mark.parametrize("opt", [{}, {"permission": ""}, {"permission": "made up"}])
def test_a_handler_without_a_known_permission_is_refused(opt: dict[str, str]) -> None:
    @get("/secret", opt=opt)
    async def secret() -> str:
        return "secret"

    with pytest.raises(UndeclaredPermissionError, match="/secret"):
        check_application(Litestar([secret], openapi_config=None, logging_config=None))


def test_every_operation_is_declared_once_on_each_path() -> None:
    paths = [path for route in ROUTES for path in paths_of(route)]
    assert len(paths) == len(set(paths))
    assert all(route.permission for route in ROUTES)
