"""The native API as its tests ask it."""

from typing import Any

import httpx

STATE = """
[[users]]
name = "admin"
password = "correct horse"
platform_admin = true
[[users]]
name = "li"
password = "battery staple"
[[users]]
name = "wu"
password = "battery staple"
[[businesses]]
id = 2
name = "demo"
[[hosts]]
id = 1
ip = "127.0.0.1"
business = 2
[[accounts]]
id = 1
business = 2
account = "root"
[[role_bindings]]
user = "li"
role = "operator"
business = 2
"""


Json = dict[str, Any]


async def sign_in(http: httpx.AsyncClient, name: str, password: str) -> Json:
    answer = await http.post("/api/v1/sign-in", json={"username": name, "password": password})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}
