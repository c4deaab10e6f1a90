"""What steps of templates and plans are made of, as versions 2, 3 and 4 show it."""

import base64

import msgspec

from jobfleet.api.fields import Int32, Int64
from jobfleet.model.account import Category
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.difference import MASK
from jobfleet.model.script import Language
from jobfleet.model.template import ScriptAction, SqlAction
from jobfleet.operations.step_parts import NamedScript, Parts

INLINE, OF_SCOPE, PUBLIC = 1, 2, 3
SCRIPT, FILE, APPROVAL = 1, 2, 3
"""Types of steps in templates and plans; SQL is a script whose language is 6."""

KIB_A_MIB = 1_024
ANYBODY = 1
"""How a step is confirmed: by any one of those who may."""


class PlanAccount(msgspec.Struct, frozen=True):
    """Name an account; `id` is 0 and a name null where nothing more is known of one that is gone."""

    id: Int64
    name: str | None
    alias: str | None


class PlanApprovers(msgspec.Struct, frozen=True):
    """Name who may confirm; nobody is whoever starts the plan."""

    user_list: list[str]
    role_list: list[str]


class PlanApproval(msgspec.Struct, frozen=True):
    """Show what a step asks people."""

    approval_type: Int32
    approval_user: PlanApprovers
    approval_message: str
    notify_channel: list[str]


def show_approval(approval: ApprovalSpec) -> PlanApproval:
    """Return what a step asks people as versions 3 and 4 show it."""
    people = PlanApprovers(list(approval.users), list(approval.roles))
    return PlanApproval(ANYBODY, people, approval.message, list(approval.channels))


def origin_of(action: ScriptAction | SqlAction, kept: NamedScript | None) -> int:
    """Return the number for where a script is from: its step, the scope's scripts, or the public ones."""
    if action.script_version_id is None:
        return INLINE
    return PUBLIC if kept is not None and kept.public else OF_SCOPE


def language_of(action: ScriptAction | SqlAction, kept: NamedScript | None) -> int:
    """Return the language of what a step runs."""
    if isinstance(action, SqlAction):
        return Language.SQL.value
    return action.language if kept is None else kept.language


def params_of(action: ScriptAction | SqlAction) -> str:
    """Return a script's parameters as Base64; sensitive ones are masked and no Base64."""
    if not isinstance(action, ScriptAction) or not action.params:
        return ""
    return MASK if action.sensitive else packed(action.params.encode())


def runner_of(parts: Parts, action: ScriptAction | SqlAction) -> PlanAccount:
    """Return the account that a script or SQL runs as."""
    if isinstance(action, SqlAction):
        return show_account(parts, Category.DATABASE, action.db_account_id, action.db_account_alias)
    return show_account(parts, Category.SYSTEM, action.account_id, action.account_alias)


def show_account(parts: Parts, category: Category, account_id: int | None, alias: str) -> PlanAccount:
    """Return an account that a step names."""
    known = parts.account(category, account_id, alias)
    if known is None:
        return PlanAccount(account_id or 0, None, alias or None)
    return PlanAccount(known.id, known.account, known.alias)


def mib(limit_kib_s: int) -> int | None:
    """Return a limit in MiB a second, at least 1; None for none."""
    return max(1, limit_kib_s // KIB_A_MIB) if limit_kib_s else None


def packed(content: bytes) -> str:
    """Return bytes as Base64."""
    return base64.b64encode(content).decode()
