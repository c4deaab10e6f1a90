"""Files from an object store to hosts, over the surfaces; the store is a real process that checks signatures."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.declared import BIZ, B, C
from tests.acceptance.stage import Stage
from tests.acceptance.surfaces import Json
from tests.acceptance.test_files import log_of, send
from tests.object_store import ObjectStore, object_store


@pytest.fixture(scope="module")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ObjectStore]:
    """Give an object store with a few objects."""
    async with object_store(tmp_path_factory.mktemp("store") / "log") as running:
        for key, data in OBJECTS.items():
            await running.put(key, data)
        yield running


OBJECTS = {
    "app/one.txt": b"one\n",
    "app/two.log": b"two\n",
    "app/three.log": b"three\n",
    "app/below/deep.txt": b"deep\n",
    "app/empty": b"",
    "big": os.urandom(4 * 2**20),
}


@pytest.fixture(scope="module")
async def code(stage: Stage, store: ObjectStore) -> str:
    """Give the code of a file source that leads to the store."""
    return await source_of(stage, store, "artifacts")


async def source_of(stage: Stage, store: ObjectStore, code: str, **more: Any) -> str:
    """Make a file source with a credential of its own; return its code."""
    secret = {"credential_access_key": store.access_key, "credential_secret_key": store.secret_key}
    words = {"name": f"key of {code}", "type": "ACCESS_KEY_SECRET_KEY"}
    credential = await stage.admin.v3("create_credential", **BIZ, **(words | secret | more.pop("credential", {})))
    assert credential["code"] == 0, credential
    endpoint = more.pop("endpoint", store.endpoint)
    wanted = {"code": code, "alias": f"the {code}", "type": "S3", "access_params": {"base_url": endpoint}}
    named = {"credential_id": credential["data"]["id"]}
    made = await stage.admin.v3("create_file_source", **(BIZ | wanted | named | more))
    assert made["code"] == 0, made
    return code


def objects(code: str, *paths: str) -> Json:
    return {"file_type": 3, "file_source_code": code, "file_list": list(paths)}


def placed(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


async def test_objects_go_to_hosts_by_name_pattern_and_directory(stage: Stage, code: str, tmp_path: Path) -> None:
    target = tmp_path / "target"
    paths = ("artifacts/big", "artifacts/app/*.log", "artifacts/app/REGEX:on.*", "artifacts/app/")
    job = await send(stage, target, objects(code, *paths), hosts=(B, C))
    await stage.wait(job, 9, 9, job_status=3)
    assert placed(target) == {
        "big": OBJECTS["big"],
        "two.log": b"two\n",
        "three.log": b"three\n",
        "one.txt": b"one\n",
    } | {key: data for key, data in OBJECTS.items() if key.startswith("app/")}
    files = (await log_of(stage, job, C))["file_logs"]
    received, pulled = files[:5], files[5:]
    assert [(one["mode"], one["status"]) for one in received] == [(1, 4)] * 5
    assert [(one["mode"], one["status"], one["src_ip"]) for one in pulled] == [(0, 4, None)] * 5
    assert received[0]["src_path"] == pulled[0]["src_path"] == "the artifacts/artifacts/big"
    assert "Status: pulling" in pulled[0]["log_content"]
    assert pulled[0]["size"] == "4.0 MB"
