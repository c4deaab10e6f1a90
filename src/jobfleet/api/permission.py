"""The permission object: what a refused caller has to apply for."""

import msgspec

from jobfleet.model.caller import Action
from jobfleet.model.errors import ForbiddenError
from jobfleet.model.permission import Missing, Resource, ResourceKind

SYSTEM_ID = "bk_job"
INVENTORY_ID = "bk_cmdb"
_SYSTEM = ("作业平台", "Job")
_INVENTORY = ("配置平台", "CMDB")
_ACTIONS = {
    Action.ACCESS_BUSINESS: ("业务访问", "Access Business"),
    Action.VIEW_HISTORY: ("执行历史查看", "View Execution History"),
    Action.QUICK_EXECUTE_SCRIPT: ("快速执行脚本", "Quick Execute Script"),
    Action.QUICK_TRANSFER_FILE: ("快速分发文件", "Quick Transfer File"),
    Action.USE_ACCOUNT: ("账号使用", "Use Account"),
    Action.CREATE_ACCOUNT: ("账号新建", "Create Account"),
    Action.MANAGE_ACCOUNT: ("账号管理", "Manage Account"),
    Action.EXECUTE_SCRIPT: ("脚本执行", "Execute Script"),
    Action.EXECUTE_PUBLIC_SCRIPT: ("公共脚本执行", "Execute Public Script"),
    Action.VIEW_SCRIPT: ("脚本查看", "View Script"),
    Action.CREATE_SCRIPT: ("脚本新建", "Create Script"),
    Action.MANAGE_SCRIPT: ("脚本管理", "Manage Script"),
    Action.CREATE_PUBLIC_SCRIPT: ("公共脚本新建", "Create Public Script"),
    Action.MANAGE_PUBLIC_SCRIPT: ("公共脚本管理", "Manage Public Script"),
    Action.DANGEROUS_RULE: ("高危语句规则", "High-risk Detection Rule"),
    Action.DANGEROUS_HIT: ("高危语句拦截记录", "High-risk Detection Record"),
    Action.OPERATE_JOB: ("作业操作", "Operate Job"),
    Action.CREATE_JOB_TEMPLATE: ("作业模板创建", "Create Job Template"),
    Action.VIEW_JOB_TEMPLATE: ("作业模板查看", "View Job Template"),
    Action.EDIT_JOB_TEMPLATE: ("作业模板编辑", "Edit Job Template"),
    Action.DELETE_JOB_TEMPLATE: ("作业模板删除", "Delete Job Template"),
    Action.CREATE_JOB_PLAN: ("执行方案创建", "Create Job Plan"),
    Action.VIEW_JOB_PLAN: ("执行方案查看", "View Job Plan"),
    Action.EDIT_JOB_PLAN: ("执行方案编辑", "Edit Job Plan"),
    Action.DELETE_JOB_PLAN: ("执行方案删除", "Delete Job Plan"),
    Action.SYNC_JOB_PLAN: ("执行方案同步", "Sync Job Plan"),
    Action.LAUNCH_JOB_PLAN: ("作业执行", "Launch Job Plan"),
    Action.CREATE_CRON: ("定时任务新建", "Create Cron Job"),
    Action.MANAGE_CRON: ("定时任务管理", "Manage Cron Job"),
    Action.SET_NOTIFICATIONS: ("消息通知设置", "Notification Setting"),
    Action.CREATE_CREDENTIAL: ("凭证新建", "Create Credential"),
    Action.MANAGE_CREDENTIAL: ("凭证管理", "Manage Credential"),
    Action.USE_CREDENTIAL: ("凭证使用", "Use Credential"),
    Action.CREATE_FILE_SOURCE: ("文件源新建", "Create File Source"),
    Action.VIEW_FILE_SOURCE: ("文件源查看", "View File Source"),
    Action.MANAGE_FILE_SOURCE: ("文件源管理", "Manage File Source"),
    Action.MANAGE_HOSTS: ("主机管理", "Manage Hosts"),
    Action.MANAGE_PLATFORM: ("全局设置", "Global Settings"),
    Action.DEBUG_JOB_TEMPLATE: ("作业模板调试", "Debug Job Template"),
    Action.CREATE_TAG: ("标签新建", "Create Tag"),
    Action.MANAGE_TAG: ("标签管理", "Manage Tag"),
    Action.CREATE_WHITELIST: ("IP白名单新建", "Create Whitelist"),
    Action.MANAGE_WHITELIST: ("IP白名单管理", "Manage Whitelist"),
    Action.SERVICE_STATE: ("服务状态查看", "View Service State"),
    Action.DASHBOARD: ("运营视图查看", "View Dashboard"),
    Action.APPROVE_START: ("执行审批", "Approve Starts"),
    Action.VIEW_AUDIT: ("操作审计查看", "View Audit"),
}
_TYPES = {
    ResourceKind.BUSINESS: ("业务", "Business"),
    ResourceKind.BUSINESS_SET: ("业务集", "Business Set"),
    ResourceKind.HOST: ("主机", "Host"),
    ResourceKind.SCRIPT: ("脚本", "Script"),
    ResourceKind.PUBLIC_SCRIPT: ("公共脚本", "Public Script"),
    ResourceKind.TEMPLATE: ("作业模板", "Job Template"),
    ResourceKind.PLAN: ("执行方案", "Job Plan"),
    ResourceKind.CRON: ("定时任务", "Cron Job"),
    ResourceKind.ACCOUNT: ("账号", "Account"),
    ResourceKind.TAG: ("标签", "Tag"),
    ResourceKind.FILE_SOURCE: ("文件源", "File Source"),
    ResourceKind.CREDENTIAL: ("凭证", "Ticket"),
}
_OF_INVENTORY = frozenset({ResourceKind.BUSINESS, ResourceKind.BUSINESS_SET, ResourceKind.HOST})


class Instance(msgspec.Struct, frozen=True):
    """Name one resource of a path."""

    type: str
    type_name: str
    id: str
    name: str


class ResourceType(msgspec.Struct, frozen=True):
    """Say on which resources an action is asked for; each of `instances` is a path from root to leaf."""

    system_id: str
    system_name: str
    type: str
    type_name: str
    instances: list[list[Instance]]


class ActionNeeded(msgspec.Struct, frozen=True):
    """Name an action that the caller lacks."""

    id: str
    name: str
    related_resource_types: list[ResourceType]


class Permission(msgspec.Struct, frozen=True):
    """Say what to apply for."""

    system_id: str
    system_name: str
    actions: list[ActionNeeded]


def action_name(action: Action, language: str) -> str:
    """Return what an action is called."""
    return _ACTIONS[action][1 if language == "en" else 0]


_OWN = {
    "user": ("用户管理", "Users"),
    "role": ("角色授权", "Roles"),
    "app": ("应用管理", "API Clients"),
    "sign_in": ("登录", "Signing In"),
    "personal_token": ("个人令牌", "Personal Tokens"),
    "choices": ("个人偏好", "Own Preferences"),
}
"""What the audit trail says of what no permission is asked for by an action."""


def audited_name(action: str, language: str) -> str:
    """Return what the action of a row of the audit trail is called; the word itself when it is none of ours."""
    column = 1 if language == "en" else 0
    if action in _OWN:
        return _OWN[action][column]
    return _ACTIONS[Action(action)][column] if action in set(Action) else action


def audited_actions() -> tuple[str, ...]:
    """Return the actions that rows of the audit trail may have."""
    return (*_OWN, *_ACTIONS)


def permission_of(error: ForbiddenError, language: str) -> Permission:
    """Return the permission object of a refusal.

    Source: docs/reference/error-codes.md, «Permission».
    """
    column = 1 if language == "en" else 0
    return Permission(SYSTEM_ID, _SYSTEM[column], [_action(one, column) for one in error.missing])


def _action(lacking: Missing, column: int) -> ActionNeeded:
    by_kind: dict[ResourceKind, list[list[Instance]]] = {}
    for path in lacking.paths:
        by_kind.setdefault(path[-1].kind, []).append([_instance(part, column) for part in path])
    related = [_resource_type(kind, paths, column) for kind, paths in by_kind.items()]
    return ActionNeeded(lacking.action.value, _ACTIONS[lacking.action][column], related)


def _resource_type(kind: ResourceKind, paths: list[list[Instance]], column: int) -> ResourceType:
    system = (INVENTORY_ID, _INVENTORY) if kind in _OF_INVENTORY else (SYSTEM_ID, _SYSTEM)
    return ResourceType(system[0], system[1][column], kind.value, _TYPES[kind][column], paths)


def _instance(part: Resource, column: int) -> Instance:
    return Instance(part.kind.value, _TYPES[part.kind][column], part.id, part.name)
