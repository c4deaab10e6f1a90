"""Write letters to those whom the policies name, in the transaction in which it happens; the courier sends them."""

import msgspec

from jobfleet.engine.context import Context
from jobfleet.model.definition import TRIGGER_ROLE
from jobfleet.model.errors import JobfleetError
from jobfleet.model.job import NO_PLAN, Job
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.mail import Letter, MailTerms, address_of, check_quota
from jobfleet.model.messages import message_of
from jobfleet.model.notice import Notice
from jobfleet.model.notify_policy import (
    OBSERVER_ROLE,
    OWNER_ROLE,
    Channel,
    Ending,
    Kind,
    Policy,
    Trigger,
    deciding,
    ending_of,
    kind_of,
    trigger_of,
)
from jobfleet.model.schedule import Schedule
from jobfleet.model.scope import Scope
from jobfleet.model.start_request import StartRequest
from jobfleet.store import mails, notify_policies, people, plans
from jobfleet.store.database import Transaction
from jobfleet.store.mails import NewMail


class Matter(msgspec.Struct, frozen=True):
    """Say what policies decide by: whose job it is, how and by whom it was started, and from which plan."""

    scope: Scope
    trigger: Trigger
    kind: Kind
    starter: str
    plan_id: int


def matter_of_job(job: Job) -> Matter:
    """Return what policies decide by of a job."""
    return Matter(job.scope, trigger_of(job.launch_mode), kind_of(job.type), job.operator, job.plan_id)


def matter_of_schedule(schedule: Schedule) -> Matter:
    """Return what policies decide by of a schedule whose plan could not start."""
    return Matter(schedule.scope, Trigger.TIMER, Kind.JOB, schedule.modifier, schedule.plan_id)


def matter_of_request(request: StartRequest) -> Matter:
    """Return what policies decide by of a start that waits for a second person: whoever asks would start it."""
    return Matter(request.scope, trigger_of(request.launch_mode), kind_of(request.job_type), request.asked_by, NO_PLAN)


async def post(tx: Transaction, ctx: Context, matter: Matter, told: Notice, now: int) -> None:
    """Write to everybody who is to hear of something by mail; without a mail server nothing is written.

    Source: docs/reference/notifications.md, «Mail».
    """
    if ctx.mail is None:
        return
    names = await _receivers(tx, matter, told)
    if not names:
        return
    muted = set(await notify_policies.list_muted(tx))
    languages = await people.list_languages(tx, names)
    for name in dict.fromkeys(names):
        address = address_of(name, ctx.mail.domain)
        if address and name not in muted and name in languages:
            letter = Letter(**{**msgspec.structs.asdict(told), "receivers": (name,)}, language=languages[name])
            await _write(tx, ctx.mail, matter.scope, NewMail(name, address, letter), now)


async def _write(tx: Transaction, terms: MailTerms, scope: Scope, mail: NewMail, now: int) -> None:
    """Note a mail; one that would be too many is noted as not sent, with the code."""
    try:
        if terms.has_limits:
            check_quota(await mails.count_since(tx, scope, mail.receiver, now - DAY_MS), terms)
    except JobfleetError as error:
        await mails.insert(tx, scope, mail, now, refused=f"{error.code} {message_of(error, 'en')}")
    else:
        await mails.insert(tx, scope, mail, now)


async def _receivers(tx: Transaction, matter: Matter, told: Notice) -> list[str]:
    """Return who hears by mail; an approval that names channels says itself whether mail is among them."""
    ending = ending_of(told.occasion)
    waits = ending is Ending.READY
    if waits and told.channels:
        return list(told.receivers) if Channel.MAIL.value in told.channels else []
    of_scope, of_person = await notify_policies.find_pair(tx, matter.scope, matter.starter)
    policy = deciding(of_scope, of_person, matter.trigger, matter.kind)
    if policy is None or Channel.MAIL not in policy.channels.get(ending, ()):
        return []
    return list(told.receivers) if waits else await _of_policy(tx, matter, policy)


async def _of_policy(tx: Transaction, matter: Matter, policy: Policy) -> list[str]:
    names = [matter.starter] if TRIGGER_ROLE in policy.roles else []
    if OWNER_ROLE in policy.roles:
        names.append(await plans.find_modifier(tx, matter.plan_id) or matter.starter)
    if OBSERVER_ROLE in policy.roles:
        names += policy.observers
    return names + await people.list_role_holders(tx, matter.scope, policy.roles)
