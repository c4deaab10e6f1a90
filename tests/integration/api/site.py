"""A client on the HTTP application, with the habits of real callers."""

import base64
import time
from typing import Any, Self, cast

import httpx
from tests.platforms import Ready, app_on
from tests.waiting import eventually

from jobfleet.operations.platform import Platform

DECLARED = """
[[users]]
name = "admin"
password = "only-for-tests"
platform_admin = true
[[users]]
name = "li"
[[users]]
name = "wang"
[[users]]
name = "robot"
[[apps]]
code = "esb_test"
secret = "a-secret"
trusted = true
[[apps]]
code = "robot"
secret = "b-secret"
[[businesses]]
id = 2
name = "demo"
[[businesses]]
id = 3
name = "other"
[[business_sets]]
id = 9991001
name = "all"
businesses = "all"
[[hosts]]
id = 1
ip = "127.0.0.1"
business = 2
[[hosts]]
id = 2
ip = "127.0.0.2"
business = 2
[[hosts]]
id = 3
ip = "127.0.0.3"
business = 3
[[accounts]]
id = 1
business = 2
alias = "root"
account = "root"
category = "system"
type = "linux"
[[role_bindings]]
user = "li"
role = "operator"
business = 2
[[role_bindings]]
user = "robot"
role = "operator"
business = 2
"""

APP: dict[str, Any] = {"bk_app_code": "esb_test", "bk_app_secret": "a-secret"}
ADMIN = APP | {"bk_username": "admin"}
DEMO: dict[str, Any] = {"bk_scope_type": "biz", "bk_scope_id": "2"}

V2 = "/api/c/compapi/v2/job"
V3 = "/api/c/compapi/v2/jobv3"
G3 = "/api/v3"
G4 = "/api/v4"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def script(**more: Any) -> dict[str, Any]:
    """Return a good request for a script on host 1 in version 3; fields given as None are left out."""
    wanted = DEMO | {
        "script_content": encoded("echo hello"),
        "script_language": 1,
        "account_alias": "root",
        "target_server": {"ip_list": [{"bk_cloud_id": 0, "ip": "127.0.0.1"}]},
    }
    return {name: value for name, value in (wanted | more).items() if value is not None}


class Site:
    """The application and a client on it; `settings` are those of `create_app`."""

    def __init__(self, platform: Platform, **settings: Any) -> None:
        self.platform = platform
        self._ready = None if settings else Ready.serving(platform)
        app = self._ready.app if self._ready else app_on(platform, **settings)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(cast("Any", app)), base_url="http://jobfleet.test")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()
        if self._ready:
            self._ready.give_back()

    async def post(self, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        """POST as an administrator and return the envelope, which comes with HTTP status 200."""
        answer = await self.http.post(path, json=ADMIN | body, headers=headers)
        assert answer.status_code == 200
        return _envelope(answer)

    async def get(self, path: str, query: dict[str, Any], **headers: str) -> dict[str, Any]:
        """GET as an administrator and return the envelope, which comes with HTTP status 200."""
        answer = await self.http.get(path, params=ADMIN | query, headers=headers)
        assert answer.status_code == 200
        return _envelope(answer)

    async def as_gateway(self, method: str, path: str, parameters: dict[str, Any], **who: str) -> httpx.Response:
        """Call a gateway's path with the authorization header; `who` replaces the administrator."""
        header = {"X-Bkapi-Authorization": httpx.Response(200, json=ADMIN | who).text}
        if method == "GET":
            return await self.http.get(path, params=parameters, headers=header)
        return await self.http.post(path, json=parameters, headers=header)

    async def start(self, **more: Any) -> tuple[int, int]:
        """Start a script in version 3 and return its job's and step's ids."""
        answer = await self.post(f"{V3}/fast_execute_script/", script(**more))
        assert answer["code"] == 0, answer
        return answer["data"]["job_instance_id"], answer["data"]["step_instance_id"]

    async def finished(self, job_id: int) -> dict[str, Any]:
        """Poll a job's status in version 3 until it is over, and return it with its hosts."""
        wanted = DEMO | {"job_instance_id": job_id, "return_ip_result": True}
        told = await eventually(
            lambda: self.post(f"{V3}/get_job_instance_status/", wanted), lambda told: told["data"]["finished"]
        )
        data: dict[str, Any] = told["data"]
        return data


def _envelope(answer: httpx.Response) -> dict[str, Any]:
    envelope: dict[str, Any] = answer.json()
    assert envelope["result"] is (envelope["code"] == 0)
    assert isinstance(envelope["message"], str)
    assert envelope["request_id"] == envelope["job_request_id"] == answer.headers["x-request-id"]
    assert len(envelope["request_id"]) == 32
    if not envelope["result"]:
        assert "data" not in envelope
        assert envelope["message"]
    return envelope


class Clock:
    """The time of an installation, which can be put forward, and stopped."""

    def __init__(self) -> None:
        self.ahead_ms = 0
        self._stopped_at: int | None = None

    def __call__(self) -> int:
        return (self._stopped_at or time.time_ns() // 1_000_000) + self.ahead_ms

    def stop(self) -> None:
        """Let no time pass from now on but what it is put forward."""
        self._stopped_at = time.time_ns() // 1_000_000
