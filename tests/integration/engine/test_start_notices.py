"""Who hears of a start that waits for a second person, and of what became of it: by hook and by mail."""

from typing import Any

import sqlalchemy as sa
from tests.integration.engine.post_office import PostOffice
from tests.integration.engine.receiver import Receiver
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, new_job
from tests.integration.engine.test_mail import MAIL, PUBLIC_URL, over, policy, with_mail

from jobfleet.model.caller import Caller, Grant, Role
from jobfleet.model.job import NewScriptJob
from jobfleet.model.notice import Hook, Occasion
from jobfleet.model.scope import ScopeType
from jobfleet.model.start_request import StartRequest
from jobfleet.operations import notifications, notify_policies, platform_settings, preview, start_requests, users
from jobfleet.operations.start_requests import Decision
from jobfleet.store import tables

LI = Caller("li", "", platform_admin=False, grants=(Grant(Role.OPERATOR, ScopeType.BUSINESS, 2),))
ZHAO = Caller("zhao", "", platform_admin=False, grants=(Grant(Role.ADMIN, ScopeType.BUSINESS, 2),))
TOLD = (Occasion.START_WAITING, Occasion.START_APPROVED, Occasion.START_REFUSED)


async def furnished(stage: Stage, office: PostOffice) -> None:
    """Have mail sent, li an operator and zhao an administrator of the business, and nobody start anything alone."""
    await with_mail(stage, office)
    role = {"user_name": "li", "scope_type": "biz", "scope_id": 2, "role": "operator"}
    async with stage.platform.engine.db.begin() as tx:
        await tx.execute(sa.insert(tables.role_bindings), role)
    await platform_settings.change_setting(stage.platform, ADMIN, "second_person_hosts", 0)


async def ask(stage: Stage, name: str, reason: str = "") -> tuple[StartRequest, NewScriptJob]:
    new = new_job((1,), name=name)
    return await start_requests.ask(stage.platform, LI, new, b"{}", reason), new


async def approve(stage: Stage, request: StartRequest, new: NewScriptJob, answer: str) -> int:
    starter = await start_requests.asker_of(stage.platform, request)
    start = start_requests.as_requested(new, request)
    seen = start_requests.digest_of(stage.platform, await preview.preview(stage.platform, starter, start))
    decision = Decision(answer, seen)
    return (await start_requests.approve(stage.platform, ZHAO, request.id, starter, start, decision)).job_id


async def told(receiver: Receiver) -> dict[str, Any]:
    found: Any = (await receiver.call()).said["notice"]
    return dict(found)


async def test_who_may_decide_hears_that_a_start_waits_and_who_asked_what_was_decided(idle_stage: Stage) -> None:
    async with PostOffice("250 OK").open() as office, Receiver("200 OK").listening() as receiver:
        await furnished(idle_stage, office)
        await notifications.set_hook(idle_stage.platform, ADMIN, SCOPE, Hook("robot", receiver.url, TOLD))
        request, new = await ask(idle_stage, "wipe", "the disk is full")
        notice = await told(receiver)
        assert (notice["occasion"], notice["receivers"]) == ("start_waiting", ["zhao"])
        assert notice["title"]["en"] == "Start of [wipe] waits for approval"
        assert notice["text"]["en"] == "li asks to start it on 1 host: the disk is full"
        about = notice["request"]
        assert (about["id"], about["asked_by"], about["hosts"], about["state"]) == (request.id, "li", 1, "pending")
        assert about["reasons"] == [{"what": "hosts", "value": "1"}]
        letter = await office.letter()
        assert (letter["To"], letter["Subject"]) == ("zhao@example.org", "Start of [wipe] waits for approval")
        assert f"{PUBLIC_URL}/biz/2/approvals?request={request.id}" in letter.get_content()
        job_id = await approve(idle_stage, request, new, "go")
        notice = await told(receiver)
        assert (notice["occasion"], notice["receivers"]) == ("start_approved", ["li"])
        assert (notice["request"]["job_id"], notice["text"]["zh"]) == (job_id, "审批人：zhao：go")
        # The job fails, for its host has no agent: li hears of that as well, in whichever order.
        letters = {letter["Subject"]: letter for letter in [await office.letter() for _ in range(2)]}
        assert set(letters) == {"[wipe]的执行申请已通过", "作业[wipe]执行失败"}
        letter = letters["[wipe]的执行申请已通过"]
        assert letter["To"] == "li@example.org"
        assert f"{PUBLIC_URL}/api_execute/{job_id}" in letter.get_content()


async def test_a_refusal_is_told_and_what_is_taken_back_is_not(idle_stage: Stage) -> None:
    async with PostOffice("250 OK").open() as office:
        await furnished(idle_stage, office)
        first, _ = await ask(idle_stage, "first")
        second, _ = await ask(idle_stage, "second")
        await start_requests.withdraw(idle_stage.platform, LI, SCOPE, first.id)
        await start_requests.refuse(idle_stage.platform, ZHAO, SCOPE, second.id, "not at night")
        letters = [await office.letter() for _ in range(3)]
        assert sorted(letter["To"] for letter in letters) == ["li@example.org", *["zhao@example.org"] * 2]
        refusal = next(letter for letter in letters if letter["To"] == "li@example.org")
        assert (refusal["Subject"], "zhao：not at night" in refusal.get_content()) == ("[second]的执行申请被拒绝", True)
        assert f"{PUBLIC_URL}/biz/2/approvals?show=own&request={second.id}" in refusal.get_content()
        assert len(await over(idle_stage, 3)) == 3


async def test_the_choices_of_the_scope_and_of_whoever_asks_say_whether_mail_is_sent(idle_stage: Stage) -> None:
    async with PostOffice("250 OK").open() as office:
        await furnished(idle_stage, office)
        silent = policy(["JOB_RESOURCE_TRIGGER_USER"], fail=MAIL)
        await notify_policies.save(idle_stage.platform, LI, SCOPE, [silent], own=True)
        await ask(idle_stage, "unheard")
        await notify_policies.save(idle_stage.platform, ADMIN, SCOPE, [policy(["admin"], ready=MAIL)])
        await ask(idle_stage, "heard")
        assert (await office.letter())["Subject"] == "Start of [heard] waits for approval"
        assert len(await over(idle_stage, 1)) == 1


async def test_where_nobody_else_administers_the_scope_the_platforms_administrators_hear(idle_stage: Stage) -> None:
    async with PostOffice("250 OK").open() as office:
        await furnished(idle_stage, office)
        async with idle_stage.platform.engine.db.begin() as tx:
            await tx.execute(sa.delete(tables.role_bindings).where(tables.role_bindings.c.user_name == "zhao"))
        await ask(idle_stage, "orphan")
        assert (await office.letter())["To"] == "admin@example.org"


async def test_an_administrator_who_may_not_sign_in_any_more_is_none_that_is_told(idle_stage: Stage) -> None:
    async with PostOffice("250 OK").open() as office:
        await furnished(idle_stage, office)
        await users.set_disabled(idle_stage.platform, ADMIN, "zhao", disabled=True)
        await ask(idle_stage, "orphan")
        seen = await preview.preview(idle_stage.platform, LI, new_job((1,)))
        assert (await office.letter())["To"] == "admin@example.org"
        assert list(seen.approvers) == ["admin"]
        assert len(await over(idle_stage, 1)) == 1
