"""What whoever runs the server asks of it: whether it lives, is ready, counts, and what it serves."""

import pytest
from tests.acceptance.declared import BIZ
from tests.acceptance.stage import Stage


async def test_a_running_installation_lives_and_is_ready(stage: Stage) -> None:
    assert (await stage.http.get("/healthz")).json() == {"status": "ok"}
    assert (await stage.http.get("/readyz")).json() == {"ready": True, "database": "ok", "broker": "ok"}


async def test_metrics_count_requests_by_operation_and_have_a_type_that_scrapers_read(stage: Stage) -> None:
    await stage.admin.v3("get_job_instance_status", **BIZ, job_instance_id=7)
    answer = await stage.http.get("/metrics")
    parameters = [part.partition("=")[0].strip() for part in answer.headers["content-type"].split(";")]
    assert parameters == ["text/plain", "version", "charset"]
    assert "get_job_instance_status" in answer.text


@pytest.mark.parametrize("surface", ["esb-v2", "esb-v3", "apigw-v3", "apigw-v4"])
async def test_each_surface_has_its_document(stage: Stage, surface: str) -> None:
    document = (await stage.http.get(f"/openapi/{surface}")).json()
    assert document["openapi"].startswith("3.1")
    assert any("fast_execute_script" in path for path in document["paths"])
