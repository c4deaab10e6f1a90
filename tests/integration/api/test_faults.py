"""Faults of the server are told in the envelope and in the log, and tell the caller nothing else."""

import logging
from collections.abc import AsyncIterator

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.integration.api.site import DEMO, G3, G4, V2, V3, Site

from jobfleet.api.routes import ROUTES
from jobfleet.api.surface import Call
from jobfleet.operations.platform import Platform
from jobfleet.store.database import Database

SECRET = "what only the log may say"


async def break_down(call: Call, wanted: object) -> object:
    raise RuntimeError(SECRET)


@pytest.fixture
async def breaking_site(platform: Platform) -> AsyncIterator[Site]:
    """Give the application with handlers that all break down."""
    routes = tuple(msgspec.structs.replace(route, handler=break_down) for route in ROUTES)
    async with Site(platform, routes=routes) as site:
        yield site


@pytest.fixture
async def cut_off_site(platform: Platform) -> AsyncIterator[Site]:
    """Give the application with a database that does not answer."""
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nowhere")
    engine = msgspec.structs.replace(platform.engine, db=nowhere)
    async with Site(msgspec.structs.replace(platform, engine=engine)) as site:
        yield site
    await nowhere.close()


async def test_a_fault_is_1240002_in_the_envelope_and_logged_with_the_request_id(breaking_site: Site) -> None:
    for path in (f"{V2}/get_job_instance_status/", f"{V3}/fast_execute_script/"):
        with capture_logs() as lines:
            answer = await breaking_site.post(path, DEMO)
        assert answer["code"] == 1240002
        assert SECRET not in str(answer)
        [line] = [line for line in lines if line["log_level"] == "error"]
        assert line["request_id"] == answer["request_id"]


async def test_a_fault_is_status_500_in_version_4(breaking_site: Site) -> None:
    answer = await breaking_site.as_gateway("GET", f"{G4}/get_job_instance_status", DEMO)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL")
    assert answer.json()["error"]["details"][0]["code"] == "1240002"
    assert SECRET not in answer.text


async def test_without_its_database_the_server_lives_but_is_not_ready_and_refuses(cut_off_site: Site) -> None:
    assert (await cut_off_site.http.get("/healthz")).status_code == 200
    ready = await cut_off_site.http.get("/readyz")
    assert (ready.status_code, ready.json()["database"], ready.json()["broker"]) == (503, "no answer", "ok")
    assert (await cut_off_site.post(f"{V3}/get_job_instance_status/", DEMO))["code"] == 1240002
    answer = await cut_off_site.as_gateway("GET", f"{G3}/get_job_instance_status", DEMO)
    assert (answer.status_code, answer.json()["code"]) == (200, 1240002)


async def test_errors_of_the_framework_do_not_reach_the_caller(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    answer = await site.http.request("TRACE", f"{V3}/get_job_instance_status/")
    assert (answer.status_code, answer.json()["code"]) == (200, 1240003)
    assert "Traceback" not in answer.text + caplog.text
