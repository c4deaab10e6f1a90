"""Who asks, and what the roles of users allow."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from jobfleet.model.scope import ScopeType


class Role(StrEnum):
    """Name the roles; each includes the ones before it."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    EDITOR = "editor"
    ADMIN = "admin"


class Action(StrEnum):
    """Name what a permission is asked for; the texts are the contract's action ids."""

    ACCESS_BUSINESS = "access_business"
    VIEW_HISTORY = "view_history"
    QUICK_EXECUTE_SCRIPT = "quick_execute_script"
    QUICK_TRANSFER_FILE = "quick_transfer_file"
    USE_ACCOUNT = "use_account"
    CREATE_ACCOUNT = "create_account"
    MANAGE_ACCOUNT = "manage_account"
    EXECUTE_SCRIPT = "execute_script"
    EXECUTE_PUBLIC_SCRIPT = "execute_public_script"
    VIEW_SCRIPT = "view_script"
    CREATE_SCRIPT = "create_script"
    MANAGE_SCRIPT = "manage_script"
    CREATE_PUBLIC_SCRIPT = "create_public_script"
    MANAGE_PUBLIC_SCRIPT = "manage_public_script_instance"
    DANGEROUS_RULE = "high-risk_detect_rule"
    DANGEROUS_HIT = "high-risk_detect_record"
    OPERATE_JOB = "operate_job"
    CREATE_JOB_TEMPLATE = "create_job_template"
    VIEW_JOB_TEMPLATE = "view_job_template"
    EDIT_JOB_TEMPLATE = "edit_job_template"
    DELETE_JOB_TEMPLATE = "delete_job_template"
    CREATE_JOB_PLAN = "create_job_plan"
    VIEW_JOB_PLAN = "view_job_plan"
    EDIT_JOB_PLAN = "edit_job_plan"
    DELETE_JOB_PLAN = "delete_job_plan"
    SYNC_JOB_PLAN = "sync_job_plan"
    LAUNCH_JOB_PLAN = "launch_job_plan"
    CREATE_CRON = "create_cron"
    MANAGE_CRON = "manage_cron"
    SET_NOTIFICATIONS = "notification_setting"
    MANAGE_HOSTS = "manage_hosts"
    CREATE_CREDENTIAL = "create_ticket"
    MANAGE_CREDENTIAL = "manage_ticket"
    USE_CREDENTIAL = "use_ticket"
    APPROVE_START = "approve_start"
    CREATE_FILE_SOURCE = "create_file_source"
    VIEW_FILE_SOURCE = "view_file_source"
    MANAGE_FILE_SOURCE = "manage_file_source"
    CREATE_TAG = "create_tag"
    MANAGE_TAG = "manage_tag"
    MANAGE_PLATFORM = "global_settings"
    DEBUG_JOB_TEMPLATE = "debug_job_template"
    CREATE_WHITELIST = "create_whitelist"
    MANAGE_WHITELIST = "manage_whitelist"
    SERVICE_STATE = "service_state_access"
    DASHBOARD = "dashboard_view"
    VIEW_AUDIT = "view_audit"


SCOPE_NEEDS: Mapping[Action, Role] = {
    Action.ACCESS_BUSINESS: Role.VIEWER,
    Action.VIEW_HISTORY: Role.VIEWER,
    Action.QUICK_EXECUTE_SCRIPT: Role.OPERATOR,
    Action.QUICK_TRANSFER_FILE: Role.OPERATOR,
    Action.USE_ACCOUNT: Role.OPERATOR,
    Action.CREATE_ACCOUNT: Role.ADMIN,
    Action.MANAGE_ACCOUNT: Role.ADMIN,
    Action.EXECUTE_SCRIPT: Role.OPERATOR,
    Action.EXECUTE_PUBLIC_SCRIPT: Role.OPERATOR,
    Action.VIEW_SCRIPT: Role.VIEWER,
    Action.CREATE_SCRIPT: Role.EDITOR,
    Action.MANAGE_SCRIPT: Role.EDITOR,
    Action.OPERATE_JOB: Role.OPERATOR,
    Action.CREATE_JOB_TEMPLATE: Role.EDITOR,
    Action.VIEW_JOB_TEMPLATE: Role.VIEWER,
    Action.EDIT_JOB_TEMPLATE: Role.EDITOR,
    Action.DELETE_JOB_TEMPLATE: Role.EDITOR,
    Action.CREATE_JOB_PLAN: Role.EDITOR,
    Action.VIEW_JOB_PLAN: Role.VIEWER,
    Action.EDIT_JOB_PLAN: Role.EDITOR,
    Action.DELETE_JOB_PLAN: Role.EDITOR,
    Action.SYNC_JOB_PLAN: Role.EDITOR,
    Action.LAUNCH_JOB_PLAN: Role.OPERATOR,
    Action.CREATE_CRON: Role.EDITOR,
    Action.MANAGE_CRON: Role.EDITOR,
    Action.SET_NOTIFICATIONS: Role.ADMIN,
    Action.MANAGE_HOSTS: Role.ADMIN,
    Action.CREATE_CREDENTIAL: Role.EDITOR,
    Action.MANAGE_CREDENTIAL: Role.EDITOR,
    Action.USE_CREDENTIAL: Role.EDITOR,
    Action.CREATE_FILE_SOURCE: Role.EDITOR,
    Action.VIEW_FILE_SOURCE: Role.VIEWER,
    Action.MANAGE_FILE_SOURCE: Role.EDITOR,
    Action.DEBUG_JOB_TEMPLATE: Role.EDITOR,
    Action.CREATE_TAG: Role.EDITOR,
    Action.MANAGE_TAG: Role.EDITOR,
    Action.VIEW_AUDIT: Role.ADMIN,
    Action.DANGEROUS_HIT: Role.ADMIN,
    Action.APPROVE_START: Role.ADMIN,
}
"""The least role in a scope that allows an action there."""

PLATFORM_NEEDS: Mapping[Action, Role] = {
    Action.SERVICE_STATE: Role.VIEWER,
    Action.DASHBOARD: Role.VIEWER,
    Action.VIEW_AUDIT: Role.VIEWER,
    Action.DANGEROUS_HIT: Role.VIEWER,
    Action.DANGEROUS_RULE: Role.EDITOR,
    Action.CREATE_PUBLIC_SCRIPT: Role.EDITOR,
    Action.MANAGE_PUBLIC_SCRIPT: Role.EDITOR,
    Action.CREATE_TAG: Role.EDITOR,
    Action.MANAGE_TAG: Role.EDITOR,
    Action.MANAGE_HOSTS: Role.ADMIN,
    Action.CREATE_WHITELIST: Role.ADMIN,
    Action.MANAGE_WHITELIST: Role.ADMIN,
    Action.MANAGE_PLATFORM: Role.ADMIN,
}
"""The least role on the platform that allows an action there; it allows nothing in the scopes."""

_ORDER = list(Role)

PLATFORM = "platform"
"""Stands in a binding of a role for the kind of its scope."""


class Grant(msgspec.Struct, frozen=True):
    """Bind a role to a business or business set."""

    role: Role
    scope_type: ScopeType
    scope_id: int


class Origin(msgspec.Struct, frozen=True):
    """Say where a request came from: which way (see model.audit.Access), and from which address; "" is unknown."""

    access: str = ""
    source: str = ""


class Approval(msgspec.Struct, frozen=True):
    """Name the second person who lets a start happen; `meant` is the code of what they let happen, and nothing else."""

    by: str
    meant: bytes


class Caller(msgspec.Struct, frozen=True):
    """Describe who asks: user, application and granted roles.

    `language` is "zh" or "en". `app_code` is "" for people who signed in themselves. `platform_role` is a role on
    the platform as a whole; whoever has the highest is a platform administrator, who may do everything. `everywhere`
    is a role in every scope: what a platform administrator keeps whose token is for less. `token` is the kind of the
    token that came with the request, "" for none. `approval` is that of the start that this is, None without one.
    """

    username: str
    app_code: str
    platform_admin: bool
    grants: tuple[Grant, ...]
    language: str = "zh"
    platform_role: Role | None = None
    everywhere: Role | None = None
    token: str = ""
    origin: Origin = Origin()
    approval: Approval | None = None


def rank(role: Role) -> int:
    """Return how much a role includes: a higher number includes the lower ones."""
    return _ORDER.index(role)


def allows(caller: Caller, action: Action, scope_type: ScopeType, scope_id: int) -> bool:
    """Tell whether the caller's roles allow an action in a scope; what no role names is for platform admins."""
    if caller.platform_admin:
        return True
    needed = SCOPE_NEEDS.get(action)
    if needed is None:
        return False
    held = [grant.role for grant in caller.grants if (grant.scope_type, grant.scope_id) == (scope_type, scope_id)]
    if caller.everywhere is not None:
        held.append(caller.everywhere)
    return any(rank(role) >= rank(needed) for role in held)


def allows_platform(caller: Caller, action: Action) -> bool:
    """Tell whether the caller's role on the platform allows an action that is about no scope."""
    if caller.platform_admin:
        return True
    needed = PLATFORM_NEEDS.get(action)
    if needed is None or caller.platform_role is None:
        return False
    return rank(caller.platform_role) >= rank(needed)
