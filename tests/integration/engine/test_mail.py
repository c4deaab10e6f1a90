"""Who hears by mail, what a letter says, and what becomes of one that the server does not take."""

import asyncio
import threading
from collections.abc import Sequence

import msgspec
import pytest
import sqlalchemy as sa
from tests.integration.engine.plans import make_plan
from tests.integration.engine.post_office import PostOffice
from tests.integration.engine.receiver import Receiver
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, new_job, now_ms
from tests.waiting import WITHIN_S, eventually

from jobfleet.engine.mail import MAILS_AT_ONCE, Mailer, MailServer
from jobfleet.model.caller import Caller, Grant, Role
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.job import StartedJob
from jobfleet.model.mail import Letter, MailTerms
from jobfleet.model.notice import Hook, Occasion, Words
from jobfleet.model.notify_policy import Channel, Ending, Kind, Policy, Trigger
from jobfleet.model.scope import ScopeType
from jobfleet.model.status import RunStatus
from jobfleet.model.template import NewPlanJob
from jobfleet.operations import execute, notifications, notify_policies
from jobfleet.operations.start_plan import start_plan
from jobfleet.store import mails, tables
from jobfleet.store.mails import NewMail
from jobfleet.store.notifications import Delivery

MAIL = (Channel.MAIL,)
TERMS = MailTerms("example.org")
LI = Caller("li", "", platform_admin=False, grants=(Grant(Role.OPERATOR, ScopeType.BUSINESS, 2),))
PUBLIC_URL = "https://jobs.example.org"
LETTER = Letter(
    occasion=Occasion.TEST,
    scope="biz/2",
    at=1_800_000_000_000,
    receivers=("li",),
    title=Words("试", "a test"),
    text=Words("试", "a test"),
    language="en",
)


async def with_mail(stage: Stage, office: PostOffice, terms: MailTerms = TERMS) -> None:
    """Let the stage's engine send mail, and have some people who can get it."""
    stage.platform = msgspec.structs.replace(
        stage.platform, engine=msgspec.structs.replace(stage.platform.engine, mail=terms)
    )
    people = [
        {"name": name, "platform_admin": name == "admin", "language": language}
        for name, language in (("admin", "en"), ("li", "zh"), ("wang@elsewhere.example", "en"), ("zhao", "en"))
    ]
    role = {"user_name": "zhao", "scope_type": "biz", "scope_id": 2, "role": "admin"}
    async with stage.platform.engine.db.begin() as tx:
        await tx.execute(sa.insert(tables.users), people)
        await tx.execute(sa.insert(tables.role_bindings), role)
    await stage.start_engine(mailer=Mailer(MailServer(office.url, "robot@example.org", PUBLIC_URL)))


async def failed(stage: Stage, caller: Caller = ADMIN, name: str = "bad") -> StartedJob:
    """Run a job that fails, on a host without an agent."""
    started = await execute.start_script(stage.platform, caller, new_job((1,), name=name))
    await stage.wait(started.job_id, RunStatus.FAILED)
    return started


async def over(stage: Stage, count: int) -> list[Delivery]:
    """Return the notifications by receiver, once all of them are over."""
    found = await eventually(
        lambda: notifications.list_deliveries(stage.platform, ADMIN, SCOPE, 20),
        lambda found: len(found) == count and all(one.ended_at is not None for one in found),
    )
    return sorted(found, key=lambda one: one.receiver)


def policy(roles: Sequence[str], *observers: str, **channels: tuple[Channel, ...]) -> Policy:
    told = {Ending[name.upper()]: over for name, over in channels.items()}
    return Policy(Trigger.API, tuple(Kind), tuple(roles), observers, told)


async def test_who_started_a_job_hears_that_it_failed_in_their_language(idle_stage: Stage) -> None:
    async with PostOffice("250 OK").open() as office:
        await with_mail(idle_stage, office)
        started = await failed(idle_stage, LI, "deploy\nX-Evil: 1")
        letter = await office.letter()
        assert (letter["To"], letter["From"]) == ("li@example.org", "robot@example.org")
        assert letter["Subject"] == "作业[deploy X-Evil: 1]执行失败"
        assert letter["X-Evil"] is None
        assert letter["Auto-Submitted"] == "auto-generated"
        text = letter.get_content()
        assert "执行人：li" in text
        assert f"{PUBLIC_URL}/api_execute/{started.job_id}" in text
        [one] = await over(idle_stage, 1)
        assert (one.receiver, one.delivered, one.hook) == ("li", True, "")
        assert f"<notification-{one.id}@example.org>" == letter["Message-ID"]


async def test_a_success_is_not_told_unless_somebody_wants_it(idle_stage: Stage) -> None:
    async with PostOffice("250 OK").open() as office:
        await with_mail(idle_stage, office)
        agent = await idle_stage.agent(1)
        first = await idle_stage.run(name="quiet")
        await agent.end(await agent.run_order())
        await idle_stage.wait(first.job_id, RunStatus.SUCCEEDED)
        mine = [policy(["JOB_RESOURCE_TRIGGER_USER"], success=MAIL)]
        await notify_policies.save(idle_stage.platform, ADMIN, SCOPE, mine, own=True)
        second = await idle_stage.run(name="told")
        await agent.end((await agent.runs(2))[-1])
        await idle_stage.wait(second.job_id, RunStatus.SUCCEEDED)
        assert (await office.letter())["Subject"] == "Job [told] succeeded"
        assert office.letters.empty()


async def test_roles_and_observers_of_the_scopes_policy_hear_and_each_only_once(idle_stage: Stage) -> None:
    async with PostOffice("250 OK").open() as office:
        await with_mail(idle_stage, office)
        roles = ["JOB_RESOURCE_OWNER", "JOB_EXTRA_OBSERVER", "admin"]
        told = policy(roles, "wang@elsewhere.example", "zhao", "li", fail=MAIL)
        await notify_policies.save(idle_stage.platform, ADMIN, SCOPE, [told])
        await notify_policies.set_muted(idle_stage.platform, ADMIN, ["li"])
        await failed(idle_stage)
        receivers = sorted([(await office.letter())["To"] for _ in range(3)])
        assert receivers == ["admin@example.org", "wang@elsewhere.example", "zhao@example.org"]
        assert len(await over(idle_stage, 3)) == 3


async def test_an_approval_is_mailed_to_its_confirmers_when_it_names_mail(idle_stage: Stage) -> None:
    async with PostOffice("250 OK").open() as office:
        await with_mail(idle_stage, office)
        for channels in (("mail",), ("rtx",), ()):
            plan_id = await make_plan(idle_stage.platform, ApprovalSpec("go on?", ("zhao",), (), channels))
            started = await start_plan(idle_stage.platform, ADMIN, NewPlanJob(SCOPE, plan_id, name=f"by {channels}"))
            await idle_stage.wait(started.job_id, RunStatus.WAITING)
        letters = [await office.letter() for _ in range(2)]
        assert {letter["To"] for letter in letters} == {"zhao@example.org"}
        assert sorted(letter["Subject"] for letter in letters) == [
            "Job [by ('mail',)] waits for a confirmation",
            "Job [by ()] waits for a confirmation",
        ]
        assert "go on?" in letters[0].get_content()
        assert len(await over(idle_stage, 2)) == 2


async def test_a_letter_that_is_not_taken_now_is_sent_again_under_its_number_and_one_refused_is_not(
    idle_stage: Stage,
) -> None:
    async with PostOffice("451 later", "250 OK", "550 no such user").open() as office:
        await with_mail(idle_stage, office)
        await failed(idle_stage)
        await office.letter()
        [one] = await over(idle_stage, 1)
        assert (one.tries, one.delivered) == (2, True)
        await failed(idle_stage)
        found = await over(idle_stage, 2)
        refused = next(one for one in found if not one.delivered)
        assert (refused.tries, "550 no such user" in refused.reason) == (1, True)


async def test_the_server_is_signed_in_to(idle_stage: Stage) -> None:
    async with PostOffice("250 OK", login=("robot", "right")).open() as office:
        await with_mail(idle_stage, office)
        await failed(idle_stage)
        [one] = await over(idle_stage, 1)
        assert (one.delivered, one.tries) == (True, 1)


async def test_letters_wait_while_the_server_does_not_let_us_in(idle_stage: Stage) -> None:
    async with PostOffice("250 OK", login=("robot", "right")).open() as office:
        office.url = office.url.replace("right", "secret-but-wrong")
        await with_mail(idle_stage, office)
        await failed(idle_stage)
        [one] = await eventually(
            lambda: notifications.list_deliveries(idle_stage.platform, ADMIN, SCOPE, 1), lambda found: found[0].reason
        )
        assert (one.ended_at, one.reason) == (None, "the mail server does not let us in: 535")
        assert office.letters.empty()


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (MailTerms("example.org", user_limit=2), "1243058"),
        (MailTerms("example.org", scope_limit=2), "1243057"),
        (MailTerms("example.org", system_limit=2), "1243059"),
    ],
)
async def test_a_mail_too_many_is_not_sent_and_says_which_quota_is_used_up(
    idle_stage: Stage, terms: MailTerms, code: str
) -> None:
    async with PostOffice("250 OK").open() as office:
        await with_mail(idle_stage, office, terms)
        for _ in range(3):
            await failed(idle_stage)
        found = await over(idle_stage, 3)
        assert [one.delivered for one in sorted(found, key=lambda one: one.id)] == [True, True, False]
        assert [one.reason.split()[0] for one in found if not one.delivered] == [code]
        assert office.letters.qsize() == 2


async def test_without_a_mail_server_nothing_is_written(stage: Stage) -> None:
    await failed(stage)
    assert await notifications.list_deliveries(stage.platform, ADMIN, SCOPE, 20) == []


async def test_letters_that_nobody_takes_hold_up_no_hook(idle_stage: Stage) -> None:
    hung, over = asyncio.Event(), asyncio.Event()

    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hung.set()
        await over.wait()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server, Receiver("200 OK").listening() as receiver:
        try:
            async with idle_stage.platform.engine.db.begin() as tx:
                for _ in range(2 * MAILS_AT_ONCE):
                    await mails.insert(tx, SCOPE, NewMail("li", "li@example.org", LETTER), now_ms())
            url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            await idle_stage.start_engine(mailer=Mailer(MailServer(url, "robot@example.org")))
            await asyncio.wait_for(hung.wait(), WITHIN_S)
            hook = Hook("pager", receiver.url, (Occasion.TEST,))
            await notifications.set_hook(idle_stage.platform, ADMIN, SCOPE, hook)
            await notifications.test_hook(idle_stage.platform, ADMIN, SCOPE, "pager")
            await receiver.call()
        finally:
            over.set()


async def test_letters_have_threads_of_their_own() -> None:
    """A mail server that hangs must hold up nobody else's work, nor that work a letter."""
    let_go, loop = threading.Event(), asyncio.get_running_loop()
    others = [loop.run_in_executor(None, let_go.wait) for _ in range(40)]  # as many as have a thread, and more
    try:
        async with PostOffice("250 OK").open() as office, asyncio.timeout(WITHIN_S):
            await Mailer(MailServer(office.url, "robot@example.org")).send(7, "li@example.org", LETTER)
            assert (await office.letter())["Message-ID"] == "<notification-7@example.org>"
    finally:
        let_go.set()
        await asyncio.gather(*others)
