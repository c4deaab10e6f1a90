"""Mail to people: their addresses, how many mails a day may bring, and what one says."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from jobfleet.model.notice import Notice, Occasion, Words
from jobfleet.model.resource_errors import ScopeMailQuotaError, SystemMailQuotaError, UserMailQuotaError

_NAME = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_ADDRESS = re.compile(_NAME.pattern + r"@[A-Za-z0-9.-]{1,255}")


class MailTerms(msgspec.Struct, frozen=True):
    """Say where people without an address of their own get mail, and how many mails 24 hours may bring.

    A limit of 0 stands for any number.
    """

    domain: str = ""
    user_limit: int = 0
    scope_limit: int = 0
    system_limit: int = 0

    @property
    def has_limits(self) -> bool:
        """Tell whether mails must be counted."""
        return bool(self.user_limit or self.scope_limit or self.system_limit)


class Mailed(msgspec.Struct, frozen=True):
    """Count the mails of the last 24 hours: to a person, from a scope, and all."""

    user: int = 0
    scope: int = 0
    system: int = 0


class Letter(Notice, frozen=True, kw_only=True):
    """Tell one person, in `language` (zh or en), what a notice says."""

    language: str


def address_of(name: str, domain: str) -> str:
    """Return the address of a user: the name itself if it is one, else the name at the domain; "" without either."""
    if _ADDRESS.fullmatch(name):
        return name
    return f"{name}@{domain}" if domain and _NAME.fullmatch(name) else ""


def check_quota(mailed: Mailed, terms: MailTerms) -> None:
    """Do nothing when one more mail may go.

    Raises:
        ScopeMailQuotaError, UserMailQuotaError, SystemMailQuotaError: One more would be too many.
    """
    if terms.scope_limit and mailed.scope >= terms.scope_limit:
        raise ScopeMailQuotaError(terms.scope_limit)
    if terms.user_limit and mailed.user >= terms.user_limit:
        raise UserMailQuotaError(terms.user_limit)
    if terms.system_limit and mailed.system >= terms.system_limit:
        raise SystemMailQuotaError(terms.system_limit)


_LABELS: Mapping[str, Words] = {
    "scope": Words("业务", "Scope"),
    "job": Words("作业", "Job"),
    "step": Words("步骤", "Step"),
    "schedule": Words("定时任务", "Schedule"),
    "request": Words("执行申请", "Request"),
    "until": Words("有效期至", "Until"),
    "started": Words("开始时间", "Started"),
    "link": Words("详情", "Details"),
}
_CLOSING = Words("此邮件由 Jobfleet 自动发送。", "This mail was sent by Jobfleet.")


def subject_of(letter: Letter) -> str:
    """Return the subject of a letter, on one line."""
    return " ".join(_said(letter.title, letter.language).split())


def body_of(letter: Letter, public_url: str) -> str:
    """Return the text of a letter; `public_url` is where people reach us.

    Source: docs/reference/notifications.md, «Mail».
    """
    rows = [f"{_said(_LABELS[name], letter.language)}: {value}" for name, value in _facts(letter, public_url).items()]
    parts = [_said(letter.title, letter.language), _said(letter.text, letter.language)]
    return "\n".join([*parts, "", *rows, "", _said(_CLOSING, letter.language), ""])


def _facts(letter: Letter, public_url: str) -> dict[str, str]:
    facts = {"scope": letter.scope}
    if letter.job is not None:
        facts["job"] = f"{letter.job.name} ({letter.job.id})"
        if letter.job.started_at is not None:
            facts["started"] = _time(letter.job.started_at)
    if letter.step is not None:
        facts["step"] = letter.step.name
    if letter.schedule is not None:
        facts["schedule"] = f"{letter.schedule.name} ({letter.schedule.id})"
    if letter.request is not None:
        facts["request"] = f"{letter.request.name} ({letter.request.id})"
        if letter.occasion is Occasion.START_WAITING:
            facts["until"] = _time(letter.request.expires_at)
    link = _link(letter)
    return facts | {"link": f"{public_url}{link}"} if link and public_url else facts


def _link(letter: Letter) -> str:
    """Return where a letter leads: to the job, or to where a start is decided on."""
    job_id = letter.job.id if letter.job is not None else letter.request and letter.request.job_id
    if job_id:
        return f"/api_execute/{job_id}"
    if letter.request is None:
        return ""
    shown = "" if letter.occasion is Occasion.START_WAITING else "show=own&"
    return f"/{letter.scope.replace(':', '/')}/approvals?{shown}request={letter.request.id}"


def _time(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M:%S %z}"


def _said(words: Words, language: str) -> str:
    return words.en if language == "en" else words.zh
