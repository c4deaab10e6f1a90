"""File steps without a source, and with more to do than a step may have, are refused with their codes."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from tests.integration.api.site import DEMO, V3, Site

from jobfleet.model.declared import parse_state
from jobfleet.model.file_job import MAX_FILE_TASKS
from jobfleet.model.transfer import Manifest, OfferedFile, OfferedItem
from jobfleet.operations.declare import apply_state

EMPTY = """
[[dynamic_groups]]
id = "empty"
name = "empty"
business = 2
hosts = []
"""
BOTH = {"host_id_list": [1, 2]}


def transfer(paths: list[str], sources: dict[str, Any]) -> dict[str, Any]:
    source = {"file_type": 1, "file_list": paths, "account": {"alias": "root"}, "server": sources}
    wanted = {"account_alias": "root", "file_target_path": "/tmp/", "target_server": BOTH}
    return DEMO | wanted | {"file_source_list": [source]}


async def test_a_source_without_a_host_is_refused(site: Site) -> None:
    await apply_state(site.platform.engine.db, parse_state(EMPTY), dry_run=False)
    answer = await site.post(
        f"{V3}/fast_transfer_file/", transfer(["/etc/hosts"], {"dynamic_group_list": [{"id": "empty"}]})
    )
    assert answer["code"] == 1244029


async def test_more_file_tasks_than_a_step_may_have_are_refused(site: Site) -> None:
    at_most = [f"/f/{number}" for number in range(MAX_FILE_TASKS // 4)]
    refused = await site.post(f"{V3}/fast_transfer_file/", transfer([*at_most, "/f/more"], BOTH))
    assert refused["code"] == 1244021
    assert str(MAX_FILE_TASKS) in refused["message"]
    assert (await site.post(f"{V3}/fast_transfer_file/", transfer(at_most, BOTH)))["code"] == 0


async def test_who_proves_nothing_has_no_list_read_and_learns_of_no_content(site: Site) -> None:
    item = OfferedItem("/a", "a", (OfferedFile("a", 0o644, 1, "0" * 64),))
    written = msgspec.msgpack.encode(Manifest((item,)))
    parts = []

    async def body() -> AsyncIterator[bytes]:
        parts.append(written)
        yield written

    path = f"/api/agent/v1/tasks/1/manifest/{hashlib.sha256(written).hexdigest()}"
    answer = await site.http.put(path, content=body())
    assert (answer.status_code, parts) == (401, [])
