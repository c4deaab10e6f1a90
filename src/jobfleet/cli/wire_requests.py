"""What commands read of the native API's answers about starts that wait for a second person."""

from typing import Any

import msgspec


class Reason(msgspec.Struct, frozen=True):
    """Why a start needs a second person: `rule` and what it is about, or `hosts` and how many."""

    what: str
    value: str


class Request(msgspec.Struct, frozen=True):
    """A start that waits for a second person, or has; times are epoch milliseconds."""

    id: int
    scope: str
    kind: str
    name: str
    hosts: int
    reasons: list[Reason]
    reason: str
    asked_by: str
    asked_at: int
    expires_at: int
    state: str
    decided_by: str
    answer: str
    job_id: int | None
    own: bool
    allowed: bool
    refusal: str


class RequestList(msgspec.Struct, frozen=True):
    """Starts of a scope, those that wait first."""

    requests: list[Request]
    is_cut: bool


class HostNumbers(msgspec.Struct, frozen=True):
    """How many hosts a step runs on."""

    total: int


class StepFacts(msgspec.Struct, frozen=True):
    """What a step would do."""

    name: str
    kind: str
    hosts: HostNumbers
    account_alias: str
    timeout_s: int | None
    rules: list[dict[str, Any]]


class Preview(msgspec.Struct, frozen=True):
    """What a start would do."""

    steps: list[StepFacts]


class AskedScript(msgspec.Struct, frozen=True):
    """What a step of the preview (`place`, counted from 1) would run."""

    place: int
    step: str
    language: str
    interpreter: str
    text: str
    params: str
    on: list[str]


class RequestDetail(msgspec.Struct, frozen=True):
    """A request with what it would do now (`digest`); `of` is the id of the plan, template, schedule or run."""

    request: Request
    of: int | None
    preview: Preview | None
    scripts: list[AskedScript]
    values: dict[str, str]
    digest: str
    changed: bool
    trouble: str
