"""Plans that are applied over HTTP."""

from tests.acceptance.stage import Stage
from tests.acceptance.surfaces import Json


async def apply(stage: Stage, text: str) -> Json:
    """Apply a template and a plan; return the plan."""
    bearer = await stage.bearer()
    wanted = {"scope": "biz:2", "toml": text}
    answer = await stage.http.post("/api/v1/plans/apply", json=wanted, headers=bearer)
    assert answer.status_code == 200, answer.text
    path = f"/api/v1/plans/{answer.json()['plan_id']}"
    plan: Json = (await stage.http.get(path, params={"scope": "biz:2"}, headers=bearer)).raise_for_status().json()
    return plan
