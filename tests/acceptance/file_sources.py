"""File sources that lead to an object store, and what a job takes from them."""

from typing import Any

from tests.acceptance.declared import BIZ
from tests.acceptance.stage import Stage
from tests.acceptance.surfaces import Json
from tests.object_store import ObjectStore


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
