"""What a row of the audit trail is about, so that a page can lead there."""

import re

import msgspec

from jobfleet.model.audit import AuditEntry

_JOB = re.compile(r"^(?:[a-z_]+ (?:step \d+ of )?|approved start request \d+ of \S+: )job (?P<id>\d+)")
_VERSION = re.compile(r"^(?:add|edit|publish|disable) version (?P<id>\d+) (?:to|of) script ")
_WORDS = (
    ("dangerous_rule", re.compile(r"^[a-z]+ dangerous rule (?P<id>\d+)")),
    ("app", re.compile(r"^[a-z ]*\bapp (?P<id>\S+)$")),
    ("user", re.compile(r"^[a-z ]*\buser (?P<id>\S+)$")),
    ("user", re.compile(r"^(?:grant|revoke) \S+ in \S+ (?:to|of) user (?P<id>\S+)$")),
    ("start_request", re.compile(r"^(?:ask for approval|(?:refused|withdrawn) start request) (?P<id>\d+)")),
    ("host", re.compile(r"^(?:enrol|revoke) the agent of host (?P<id>\d+)")),
    ("notification_hook", re.compile(r"^[a-z]+ notification hook (?P<id>.+)$")),
)
"""How subjects name what they are about; only what servers write is looked at."""

_SETTING = re.compile(r"^(?:set|reset) (?P<id>[a-z_]+)$")


class AuditObject(msgspec.Struct, frozen=True):
    """Name what was done something to: its kind, id and name as it was then.

    `version` is the id of the version of a script that it was done to, "" for others.
    """

    kind: str
    id: str
    name: str
    version: str = ""


def object_of(told: AuditEntry) -> AuditObject | None:
    """Return what a row is about, None when it is no single thing or when it was refused.

    A start is about the job that it made, whatever was started; so is its approval. Source: docs/reference/audit.md.
    """
    if told.result != "done":
        return AuditObject(told.resource_type, told.resource_id, told.resource_name) if told.resource_type else None
    job = _JOB.match(told.subject)
    if job:
        return AuditObject("job", job["id"], "")
    if told.resource_type:
        version = _VERSION.match(told.subject)
        named = told.resource_type, told.resource_id, told.resource_name
        return AuditObject(*named, version["id"] if version else "")
    return _in_words(told)


def _in_words(told: AuditEntry) -> AuditObject | None:
    setting = _SETTING.match(told.subject) if told.action == "global_settings" else None
    if setting:
        return AuditObject("setting", setting["id"], "")
    for kind, words in _WORDS:
        found = words.match(told.subject)
        if found:
            return AuditObject(kind, found["id"], "")
    return None
