"""Each operation stands behind the service that gateways forward it to, and is at the level that they say."""

import pytest

from jobfleet.api.routes import ROUTES
from jobfleet.api.services import Service, service_of
from jobfleet.api.surface import Level, Route, Surface, is_back_end, paths_of, surface_of


def route(surface: Surface, name: str) -> Route:
    return next(route for route in ROUTES if (route.surface, route.name) == (surface, name))


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("get_step_instance_status", Service.EXECUTE),
        ("bkci_plugin_fast_execute_script", Service.EXECUTE),
        ("get_file_task_context", Service.EXECUTE),
        ("save_cron", Service.CRONTAB),
        ("get_file_source_detail", Service.FILES),
        ("publish_script_version", Service.MANAGE),
        ("generate_local_file_upload_url", Service.MANAGE),
        ("create_job_plan", Service.MANAGE),
    ],
)
def test_an_operation_has_the_service_of_the_gateways_definitions(name: str, service: Service) -> None:
    assert service_of(name) is service


def test_both_levels_share_the_path_behind_a_gateway() -> None:
    assert paths_of(route(Surface.GATEWAY_V3, "save_cron")) == {
        "/api/v3/save_cron": Level.USER,
        "/api/v3/system/save_cron": Level.APP,
        "/api/job/v3/job-crontab/save_cron": Level.USER,
        "/api/job/v3/job-crontab/system/save_cron": Level.APP,
    }
    assert paths_of(route(Surface.GATEWAY_V4, "fast_execute_script"))["/api/job/v4/fast_execute_script"] is Level.USER


def test_an_operation_of_applications_alone_keeps_its_level_behind_a_gateway() -> None:
    found = paths_of(route(Surface.GATEWAY_V3, "generate_local_file_upload_url"))
    assert set(found.values()) == {Level.APP}
    assert "/api/job/v3/job-manage/generate_local_file_upload_url" in found
    assert "/api/v3/generate_local_file_upload_url" not in found


def test_every_path_tells_its_surface_and_whether_it_is_behind_a_gateway() -> None:
    for declared in ROUTES:
        for path in paths_of(declared):
            assert surface_of("/prod" + path) is declared.surface
            assert is_back_end("/prod" + path) is ("/api/job/" in path)
    assert surface_of("/api/job/v3/no-such-service/x") is Surface.GATEWAY_V3
