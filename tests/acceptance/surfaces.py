"""The BlueKing surfaces of a server, called as real clients call them."""

import json
from typing import Any

import httpx
import msgspec

Json = dict[str, Any]

V2 = "/api/c/compapi/v2/job"
V3 = "/api/c/compapi/v2/jobv3"
G3 = "/api/v3"
G4 = "/api/v4"
BACK3 = "/api/job/v3/job-execute"
BACK4 = "/api/job/v4"

_QUERIES = {
    "get_job_instance_status",
    "get_step_instance_status",
    "get_job_instance_ip_log",
    "get_credential_detail",
    "get_account_list",
    "get_account_password_encryption_metadata",
    "get_file_source_detail",
    "get_job_plan_detail",
    "get_job_plan_list",
    "get_job_template_detail",
    "get_job_template_list",
    "get_job_instance_global_var_value",
}
"""What the gateway takes as GET."""


class Who(msgspec.Struct, frozen=True):
    """Name an application and the user that it acts for; "" leaves one out."""

    app_code: str
    app_secret: str
    username: str = "admin"

    def members(self) -> dict[str, str]:
        """Return what a request tells of its caller."""
        told = {"bk_app_code": self.app_code, "bk_app_secret": self.app_secret, "bk_username": self.username}
        return {name: value for name, value in told.items() if value}


class Surfaces:
    """One caller's view of a server; every answer is checked to be a sound envelope."""

    def __init__(self, http: httpx.AsyncClient, who: Who) -> None:
        self.http = http
        self.who = who

    def as_user(self, username: str) -> "Surfaces":
        """Return the same application acting for another user."""
        return Surfaces(self.http, msgspec.structs.replace(self.who, username=username))

    def authorization(self) -> dict[str, str]:
        """Return the header that gateways' callers send."""
        return {"X-Bkapi-Authorization": json.dumps(self.who.members())}

    async def v2(self, name: str, /, **members: Any) -> Json:
        """POST to version 2: who asks stands in the body, the path ends with a slash."""
        return envelope(await self.http.post(f"{V2}/{name}/", json=self.who.members() | members))

    async def v2_get(self, name: str, /, **members: Any) -> Json:
        """GET from version 2: who asks stands in the query."""
        return envelope(await self.http.get(f"{V2}/{name}/", params=self.who.members() | members))

    async def v3(self, name: str, /, **members: Any) -> Json:
        """POST to version 3 on the bus: who asks stands in the header, the path ends without a slash."""
        return envelope(await self.http.post(f"{V3}/{name}", json=members, headers=self.authorization()))

    async def v3_get(self, name: str, /, **members: Any) -> Json:
        """GET from version 3 on the bus."""
        return envelope(await self.http.get(f"{V3}/{name}/", params=self.who.members() | members))

    async def gateway(self, name: str, /, *, root: str = G3, **members: Any) -> Json:
        """Call the gateway's version 3: queries by GET, the rest by POST."""
        return envelope(await self._gateway(f"{root}/{name}", members))

    async def system(self, name: str, /, **members: Any) -> Json:
        """Call the gateway's version 3 as an application that names its user in a header."""
        return envelope(await self._as_application(f"{G3}/system/{name}", members))

    async def v4(self, name: str, /, *, root: str = G4, **members: Any) -> Json:
        """Call the gateway's version 4 and return the data of a success."""
        return success_v4(await self._gateway(f"{root}/{name}", members))

    async def v4_refused(self, name: str, /, *, root: str = G4, **members: Any) -> tuple[int, str, str]:
        """Call the gateway's version 4; return the HTTP status, word and number of its refusal."""
        return failure_v4(await self._gateway(f"{root}/{name}", members))

    async def _gateway(self, path: str, members: Json) -> httpx.Response:
        return await self._send(path, members, self.authorization())

    async def _as_application(self, path: str, members: Json) -> httpx.Response:
        alone = msgspec.structs.replace(self.who, username="").members()
        header = {"X-Bkapi-Authorization": json.dumps(alone), "X-Bk-Username": self.who.username}
        return await self._send(path, members, header)

    async def _send(self, path: str, members: Json, headers: dict[str, str]) -> httpx.Response:
        if path.rpartition("/")[2] in _QUERIES:
            return await self.http.get(path, params=members, headers=headers)
        return await self.http.post(path, json=members, headers=headers)


def envelope(answer: httpx.Response) -> Json:
    """Return an answer of version 2 or 3 after holding it against what all of them promise."""
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    assert type(told["result"]) is bool
    assert type(told["code"]) is int
    assert type(told["message"]) is str
    assert told["result"] is (told["code"] == 0)
    assert told["request_id"] == told["job_request_id"] == answer.headers["x-request-id"]
    assert len(told["request_id"]) == 32
    assert ("data" in told) is told["result"]
    assert ("permission" in told) is (told["code"] == 9900403)
    assert told["result"] or told["message"]
    assert told["code"] != 1240002
    return told


def success_v4(answer: httpx.Response) -> Json:
    """Return the data of a success of version 4."""
    told: Json = answer.json()
    assert answer.status_code == 200, told
    assert set(told) == {"data", "job_request_id"}
    data: Json = told["data"]
    return data


def failure_v4(answer: httpx.Response) -> tuple[int, str, str]:
    """Return HTTP status, word and number of a refusal of version 4."""
    told: Json = answer.json()
    assert set(told) == {"error", "job_request_id"}, told
    error = told["error"]
    assert error["message"]
    assert answer.status_code < 500 or error["details"][0]["code"] != "1240002"
    return answer.status_code, error["code"], error["details"][0]["code"]
