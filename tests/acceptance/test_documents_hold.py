"""Whatever is asked of an operation, the server answers as the document of its surface says."""

import json
from collections.abc import AsyncIterator, Collection

import msgspec
import pytest
from tests.acceptance.declared import ACCOUNT, BIZ, A
from tests.acceptance.fuzzing import FRESH, LONG, Json, Pool, Probe
from tests.acceptance.gates import encoded
from tests.acceptance.stage import Job, Stage, staged

from jobfleet.api.documents import document
from jobfleet.api.native.openapi import document as native_document
from jobfleet.api.routes import ROUTES
from jobfleet.api.surface import Surface

FIXED: Json = {
    **BIZ,
    "bk_biz_id": 2,
    "scope": "biz:2",
    "account_alias": ACCOUNT,
    "account": ACCOUNT,
    "script_language": 1,
    "target_server": {"host_id_list": [A]},
    "execute_target": {"host_list": [{"bk_host_id": A}]},
    "targets": {"hosts": [A]},
    "rolling_config": None,
    "execute_role": None,
    "callback_url": None,
    "bk_callback_url": None,
}
RECIPES: dict[str, Json] = {
    "fast_execute_script": {
        "script_content": encoded("true"),
        "script_language": 1,
        "account_alias": ACCOUNT,
        "target_server": {"host_id_list": [A]},
    },
    "create_script": {"content": encoded("true"), "name": FRESH, "version": "1"},
}
LAST_WORDS = frozenset(f"/api/v1/{path}" for path in ("sign-out", "session/end", "sessions/end", "password", "apply"))
"""What would end the test's own session, or take its installation away."""


@pytest.fixture(scope="module")
async def own() -> AsyncIterator[Stage]:
    """Give an installation that nobody else uses: what is made up changes anything in it."""
    async with staged(agents=3) as running:
        yield running


@pytest.fixture(scope="module")
async def job(own: Stage) -> Job:
    """Give a job that has ended, for what asks for one."""
    started = await own.run(encoded("echo hello"), A)
    await own.wait_end(started)
    return started


def probe(stage: Stage, job: Job, made: Json, headers: dict[str, str]) -> Probe:
    known = {"bk_host_id": [A], "host_id": [A], "job_instance_id": [job.id], "step_instance_id": [job.step_id]}
    pool = Pool(FIXED, known | {"job_id": [job.id], "step_id": [job.step_id]})
    return Probe(stage.installation.url, made, headers | {"blueking-language": "en"}, pool)


def twins(surface: Surface) -> frozenset[str]:
    """Return the paths that only ask for another level than one that is asked anyway."""
    both = {route.name for route in ROUTES if route.surface is surface and len(route.levels) > 1}
    root = {Surface.GATEWAY_V3: "/api/v3", Surface.GATEWAY_V4: "/api/v4"}.get(surface, "")
    return frozenset() if LONG else frozenset(f"{root}/system/{name}" for name in both)


@pytest.mark.parametrize("surface", list(Surface))
def test_every_answer_of_a_surface_is_as_its_document_says(own: Stage, job: Job, surface: Surface) -> None:
    who = {"X-Bkapi-Authorization": json.dumps(own.admin.who.members()), "X-Bk-Username": "admin"}
    asked = probe(own, job, document(surface, ROUTES), who)
    assert asked.ask_all(twins(surface)) > 3
    hold(asked)


@pytest.mark.parametrize("surface", [Surface.ESB_V3, Surface.GATEWAY_V3])
def test_what_was_just_made_is_found_by_its_links(own: Stage, surface: Surface) -> None:
    """No id is known beforehand here: only a link can lead to a job, a script or a cron."""
    who = {"X-Bkapi-Authorization": json.dumps(own.admin.who.members())}
    walked = Probe(own.installation.url, around(document(surface, ROUTES), RECIPES), who, Pool(FIXED, {}))
    walked.walk(RECIPES)
    hold(walked)
    followed = {path.rstrip("/").rpartition("/")[2] for path, code in walked.answered if code == 0}
    assert followed - RECIPES.keys(), walked.answered


def around(made: Json, makers: Collection[str]) -> Json:
    """Return a document with some operations of users that make something, and with what they link to."""
    users = {path: item for path, item in made["paths"].items() if "/system/" not in path}
    wanted = {path: item for path, item in users.items() if path.rstrip("/").rpartition("/")[2] in makers}
    linked = {name for item in wanted.values() for name in item["post"]["responses"]["200"]["links"]}
    others = {path: chosen for path, item in users.items() if (chosen := one_of(item, linked))}
    return made | {"paths": wanted | others}


def one_of(item: Json, linked: Collection[str]) -> Json:
    return {method: one for method, one in item.items() if one["operationId"] in linked}


async def test_every_answer_of_the_native_api_is_as_its_document_says(own: Stage, job: Job) -> None:
    asked = probe(own, job, msgspec.to_builtins(native_document()), await own.bearer())
    assert asked.ask_all(LAST_WORDS) > 50
    hold(asked)


def hold(asked: Probe) -> None:
    """Hold that no answer was wrong, and that the requests were not all refused for their form."""
    assert not asked.wrong, "\n".join(f"{label}\n    {told}" for label, told in asked.wrong.items())
    assert asked.codes["positive", 0] > 3, asked.codes
