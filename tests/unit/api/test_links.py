"""The documents link what makes something to what takes its ids, and to nothing else."""

from typing import Any

import pytest

from jobfleet.api.documents import document
from jobfleet.api.routes import ROUTES
from jobfleet.api.surface import Surface


def links(surface: Surface, path: str) -> dict[str, Any]:
    found: dict[str, Any] = document(surface, ROUTES)["paths"][path]["post"]["responses"]["200"].get("links", {})
    return found


def test_a_started_job_leads_to_its_status_with_its_id_and_scope() -> None:
    linked = links(Surface.GATEWAY_V3, "/api/v3/fast_execute_script")["get_job_instance_status_get"]
    assert linked["parameters"] == {
        "query.job_instance_id": "$response.body#/data/job_instance_id",
        "query.bk_scope_type": "$request.body#/bk_scope_type",
        "query.bk_scope_id": "$request.body#/bk_scope_id",
        "query.bk_biz_id": "$request.body#/bk_biz_id",
    }


def test_a_kept_script_leads_to_its_publication_by_the_id_of_its_version() -> None:
    linked = links(Surface.GATEWAY_V3, "/api/v3/create_script")["publish_script_version"]
    assert linked["requestBody"]["script_version_id"] == "$response.body#/data/id"
    assert linked["requestBody"]["script_id"] == "$response.body#/data/script_id"


@pytest.mark.parametrize(
    ("maker", "other"),
    [
        ("create_script", "publish_public_script_version"),
        ("create_script", "get_cron_detail_get"),
        ("save_cron", "get_credential_detail_get"),
        ("execute_job_plan", "operate_step_instance"),
        ("fast_execute_script", "system_get_job_instance_status_get"),
    ],
)
def test_nothing_leads_to_things_of_another_kind_or_level(maker: str, other: str) -> None:
    linked = links(Surface.GATEWAY_V3, f"/api/v3/{maker}")
    assert linked
    assert other not in linked
