"""A run once more, a template that is tried out and a schedule that is fired by hand can be asked for."""

from typing import Any

import pytest
from tests.integration.api.site import Site
from tests.integration.api.test_approvals import People
from tests.integration.api.test_approved_starts import RELEASE, release
from tests.integration.api.test_start_requests import SCOPE, decide, detail, rows

from jobfleet.store import tables

Json = dict[str, Any]


@pytest.fixture
async def people(working_site: Site) -> People:
    """Give people of whom li edits."""
    people = People(working_site)
    await people.ask("admin", "POST", "/roles", {"user": "li", "scope": "biz:2", "role": "editor"})
    return people


async def kept(people: People) -> dict[str, tuple[str, Json, Json]]:
    """Return what is kept to be started: of each kind its way, the body for that, and how a request names it."""
    plan = await release(people, "one")
    wanted = SCOPE | {"name": "nightly", "plan_id": plan["plan_id"], "expression": "0 3 * * *"}
    schedule = (await people.ask("li", "POST", "/schedules", wanted, 201))["schedule"]["id"]
    ran = await people.ask("li", "POST", f"/plans/{plan['plan_id']}/run", SCOPE, 201)
    await people.site.finished(ran["job_id"])
    [template] = (await people.ask("li", "GET", "/templates", SCOPE))["templates"]
    # From now on nobody starts anything alone.
    await people.ask("admin", "POST", "/settings/second_person_hosts", {"value": 0})
    return {
        "run": (f"/jobs/{ran['job_id']}/redo", {}, {"job_id": ran["job_id"]}),
        "template": (f"/templates/{template['id']}/debug", SCOPE, SCOPE | {"template_id": template["id"]}),
        "schedule": (f"/schedules/{schedule}/fire", {}, {"schedule_id": schedule}),
    }


async def asked_for(people: People, kind: str, named: Json) -> tuple[Json, Json]:
    """Return a request of li, and what an administrator sees of it."""
    asked = await people.ask("li", "POST", "/start-requests", {kind: named, "reason": "at last"}, 201)
    shown = await detail(people, "admin", asked["id"])
    assert (asked["kind"], shown["trouble"], shown["changed"]) == (kind, "", False), shown
    assert "canary" not in str(shown)
    assert shown["of"] in named.values()
    return asked, shown


async def test_each_is_refused_alone_and_runs_once_as_it_was_shown_when_somebody_lets_it(people: People) -> None:
    wanted = await kept(people)
    for kind, (path, body, named) in wanted.items():
        refusal = await people.ask("li", "POST", path, body, 409)
        assert refusal["code"] == 1241012
        need = (await people.ask("li", "POST", "/preview", {kind: named}))["approval"]
        assert (need["possible"], need["approvers"]) == (True, ["admin"]), kind
        asked, shown = await asked_for(people, kind, named)
        assert shown["scripts"][0]["text"] == "echo one"
        assert shown["values"] == {"secret": "******"}
        await people.ask("li", "GET", f"/start-requests/{asked['id']}", SCOPE)
        before = len(await rows(people, tables.jobs.c.id))
        started = await decide(people, "admin", asked, "approve", 201, seen=shown["digest"], answer="go")
        await decide(people, "admin", asked, "approve", 409, seen=shown["digest"])
        assert len(await rows(people, tables.jobs.c.id)) == before + 1
        run = await people.ask("li", "GET", f"/jobs/{started['job_id']}/run", {})
        assert (run["provenance"]["operator"], run["provenance"]["approved_by"]) == ("li", "admin")
    [fire] = (await people.ask("li", "GET", f"/schedules/{wanted['schedule'][2]['schedule_id']}/fires", {}))["fires"]
    assert (fire["manual"], fire["state"], fire["job_id"]) == (True, "started", started["job_id"])
    await the_trail_names_both(people)


async def the_trail_names_both(people: People) -> None:
    trail = await rows(people, tables.audit.c.subject)
    assert sum(one.startswith("redo job ") and one.endswith(", approved by admin") for one in trail) == 1
    assert sum(one.startswith("start job ") and one.endswith(", approved by admin") for one in trail) == 2
    assert {"debug plan Release", "fire schedule nightly"} <= {one.replace("template", "plan") for one in trail}


async def test_what_was_changed_since_is_looked_at_again(people: People) -> None:
    """Template and schedule are other ones; of a run that is over only the rules can be."""
    wanted = await kept(people)
    requests = {kind: await asked_for(people, kind, named) for kind, (_, _, named) in wanted.items()}
    await people.ask("li", "POST", "/plans/apply", SCOPE | {"toml": RELEASE.format(word="two")})
    words = {"expression": "echo one", "languages": ["shell"], "action": "intercept", "approvable": True}
    rule = await people.ask("admin", "POST", "/dangerous-rules", words, 201)
    await people.ask("admin", "POST", f"/dangerous-rules/{rule['id']}/operate", {"operation": "enable"})
    jobs = len(await rows(people, tables.jobs.c.id))
    for kind, (asked, before) in requests.items():
        refusal = await decide(people, "admin", asked, "approve", 409, seen=before["digest"])
        assert refusal["code"] == 1241003, kind
        now = await detail(people, "admin", asked["id"])
        assert (now["changed"], now["digest"] == before["digest"]) == (True, False), kind
        assert now["scripts"][0]["text"] == ("echo one" if kind == "run" else "echo two")
    assert len(await rows(people, tables.jobs.c.id)) == jobs
    asked, _ = requests["run"]
    seen = (await detail(people, "admin", asked["id"]))["digest"]
    await decide(people, "admin", asked, "approve", 201, seen=seen)


async def test_nobody_lets_their_own_pass_and_who_may_no_longer_do_it_is_not_started_for(people: People) -> None:
    """An operator neither fires schedules nor tries templates out."""
    wanted = await kept(people)
    requests = {kind: await asked_for(people, kind, named) for kind, (_, _, named) in wanted.items()}
    await people.ask("admin", "POST", "/roles", {"user": "li", "scope": "biz:2", "role": "admin"})
    for asked, shown in requests.values():
        refusal = await decide(people, "li", asked, "approve", 400, seen=shown["digest"])
        assert refusal["code"] == 1244016
    await people.ask("admin", "POST", "/roles", {"user": "li", "scope": "biz:2", "role": "operator"})
    jobs = len(await rows(people, tables.jobs.c.id))
    for kind in ("template", "schedule"):
        asked, shown = requests[kind]
        await decide(people, "admin", asked, "approve", 403, seen=shown["digest"])
    assert len(await rows(people, tables.jobs.c.id)) == jobs
    assert sorted(await rows(people, tables.start_requests.c.state)) == ["pending"] * 3
    for kind in ("template", "schedule"):
        await people.ask("li", "POST", "/start-requests", {kind: wanted[kind][2]}, 403)


async def test_what_is_gone_or_not_over_is_not_asked_for(people: People) -> None:
    wanted = await kept(people)
    asked, shown = await asked_for(people, "schedule", wanted["schedule"][2])
    await people.ask("li", "POST", f"/schedules/{wanted['schedule'][2]['schedule_id']}/delete", {})
    assert (await detail(people, "admin", asked["id"]))["trouble"]
    await decide(people, "admin", asked, "approve", 404, seen=shown["digest"])
    for kind, named, status in (
        ("run", {"job_id": 1}, 404),
        ("schedule", wanted["schedule"][2], 404),
        ("template", SCOPE | {"template_id": 999_999}, 404),
    ):
        await people.ask("li", "POST", "/start-requests", {kind: named}, status)
    await people.ask("admin", "POST", "/settings/second_person_hosts/reset", {})
    for kind in ("run", "template"):
        await people.ask("li", "POST", "/start-requests", {kind: wanted[kind][2]}, 400)
