"""Each surface names a wrong field as its own callers know it, and says what is wrong with it."""

from typing import Any

from tests.integration.api.site import DEMO, V3, Site

SOURCE = {"code": "store", "credential_id": "none"}
OWN: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("POST", "file-sources", SOURCE | {"name": "a/b", "endpoint": "https://s3.example.com"}, "name", "no valid value"),
    ("POST", "file-sources", SOURCE | {"name": "store", "endpoint": "ftp://s3"}, "endpoint", "http or https address"),
    ("POST", "schedules/next-times", {"expression": "* * * * *", "time_zone": "Mars/Base"}, "time_zone", "IANA"),
    ("POST", "tags", {"name": " "}, "name", "is missing or empty"),
    ("POST", "tags", {"name": "a\nb"}, "name", "characters that no text may hold"),
    ("GET", "runs", {"since": 2, "until": 1}, "since", "since|until"),
    ("GET", "jobs", {"created_from": 2, "created_to": 1}, "created_from", "created_from|created_to"),
]
BLUEKING: list[tuple[str, dict[str, Any], int, str]] = [
    (
        "create_file_source",
        {
            "code": "store",
            "alias": "store",
            "type": "S3",
            "access_params": {"base_url": "ftp://s3"},
            "credential_id": "none",
        },
        1241010,
        "access_params.base_url",
    ),
    ("save_cron", {"name": "n", "job_plan_id": 1}, 1241010, "expression/execute_time"),
    (
        "get_job_instance_list",
        {"create_time_start": 2, "create_time_end": 1},
        1241007,
        "create_time_start|create_time_end",
    ),
]


async def test_the_native_api_names_fields_as_it_calls_them_and_says_why(site: Site) -> None:
    who = {"username": "admin", "password": "only-for-tests"}
    token = (await site.http.post("/api/v1/sign-in", json=who)).json()["token"]
    headers = {"Authorization": f"Bearer {token}", "blueking-language": "en"}
    for method, path, members, field, why in OWN:
        given = {"scope": "biz:2"} | members
        body = {"params": given} if method == "GET" else {"json": given}
        answer = await site.http.request(method, f"/api/v1/{path}", headers=headers, **body)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json().get("field")) == (400, field), (path, answer.text)
        assert why in answer.json()["message"], (path, answer.text)


async def test_the_blueking_api_keeps_its_names(site: Site) -> None:
    for operation, members, code, field in BLUEKING:
        answer = await site.post(f"{V3}/{operation}/", DEMO | members)
        assert (answer["code"], field in answer["message"]) == (code, True), (operation, answer)
