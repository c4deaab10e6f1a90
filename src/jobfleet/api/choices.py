"""Which values the numbers and words of the BlueKing surfaces can have: one definition each, for the documents."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from jobfleet.model.account import AccountType, Category
from jobfleet.model.credential import CredentialType
from jobfleet.model.dangerous import RuleAction
from jobfleet.model.definition import FileKind, TransferMode
from jobfleet.model.job import JobOperation, JobType, LaunchMode, StepOperation, StepType
from jobfleet.model.rolling import RollingMode
from jobfleet.model.scope import ScopeType
from jobfleet.model.script import Language
from jobfleet.model.script_version import VersionState
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.model.transfer import Direction, FileStatus
from jobfleet.model.variable import VariableType

Schema = dict[str, Any]
Values = tuple[int | str, ...]

_NO_YES: Values = (0, 1)
_ON_OFF: Values = (1, 2)
_LOG_KINDS: Values = (1, 2)


def _of(kind: Iterable[Enum]) -> Values:
    return tuple(member.value for member in kind)


NAMED: Mapping[str, Values] = {
    "bk_scope_type": _of(ScopeType),
    "script_language": _of(Language),
    "launch_mode": _of(LaunchMode),
    "log_type": _LOG_KINDS,
    "is_ignore_error": _NO_YES,
    "is_param_sensitive": _NO_YES,
    "alive": _NO_YES,
    "bk_agent_alive": _NO_YES,
    "required": _NO_YES,
    "cron_status": _ON_OFF,
    "transfer_mode": _of(TransferMode),
    "file_type": _of(FileKind),
    "ip_status": _of(TaskStatus),
    "start_way": _of(LaunchMode),
    "encrypt_algorithm": ("RSA",),
}
"""Values of the fields of answers that have these names."""

_RUNS: tuple[str, ...] = (
    "JobInstanceV2",
    "StepDetail",
    "StepLogV2",
    "StepInstanceStatus",
    "StepInstanceV2",
    "PluginStepStatus",
)
_RUNS += ("StepStatus", "StepStatusV4", "JobStatus", "PastJob")
_STEPS: tuple[str, ...] = (
    "JobStepV2",
    "PlanStepV3",
    "StepDetail",
    "StepInstanceDetail",
    "TemplateStepV4",
    "PluginStepStatus",
)
_STEPS += ("StepStatus", "StepStatusV4", "StepInstanceStatus", "StepInstanceV2")
_HOSTS = ("HostResult", "ObjectResult", "PluginObjectResult", "StepIpResult", "StepIpStatus")

PLACED: Mapping[str, Values] = {
    **{f"{name}.status": _of(RunStatus) for name in _RUNS},
    **{f"{name}.status": _of(TaskStatus) for name in _HOSTS},
    **{f"{name}.type": _of(StepType) for name in _STEPS},
    **{f"{name}.type": _of(VariableType) for name in ("CronVariable", "PlanVariableV3", "StepVarValue")},
    **{f"{name}.status": _of(VersionState) for name in ("KeptVersion", "PublicVersion", "VersionStatus")},
    **{f"{name}.status": _of(FileStatus) for name in ("FileLog", "FileRecord")},
    **{f"{name}.mode": _of(Direction) for name in ("FileLog", "FileRecord")},
    **{f"{name}.status": _ON_OFF for name in ("Cron", "CronItem")},
    **{f"{name}.status": _NO_YES for name in ("AgentAlive", "Rule", "RuleStatus")},
    **{f"{name}.category": _of(VariableType) for name in ("JobVariableV2", "VarValueV2")},
    **{f"{name}.action": _of(RuleAction) for name in ("Rule", "CreateDangerousRule", "UpdateDangerousRule")},
    "TemplateVariable.type": _of(VariableType),
    "ScriptV2.type": _of(Language),
    "JobStepV2.script_type": _of(Language),
    "Account.category": _of(Category),
    "Account.type": _of(AccountType),
    "CredentialDetail.type": _of(CredentialType),
    "ExecuteObject.type": (1, 2),
    "FileSourceDetail.status": (0, 1),
    "PastJob.type": _of(JobType),
    "PlanApproval.approval_type": (1, 2),
    "OperateJobInstance.operation_code": _of(JobOperation),
    "OperateJobInstanceV2.operation_code": _of(JobOperation),
    "OperateStepInstance.operation_code": _of(StepOperation),
    "OperateStepInstanceV2.operation_code": _of(StepOperation),
    "RollingConfig.mode": _of(RollingMode),
    "FastExecuteScript.script_language": _of(Language),
    "FastExecuteScriptV4.script_language": _of(Language),
    "PluginFastExecuteScript.script_language": _of(Language),
    "FastExecuteScriptV2.script_type": _of(Language),
    "UpdateCronStatus.status": _ON_OFF,
    "UpdateCronStatusV2.cron_status": _ON_OFF,
}
"""Values of single fields of requests and answers, by Struct and name."""


def tell(struct: str, properties: Mapping[str, Any], *, requests: bool) -> None:
    """Write into the schemas of a Struct's fields which values they can have, where their types do not say it."""
    for name, schema in properties.items():
        values = PLACED.get(f"{struct}.{name}", () if requests else NAMED.get(name, ()))
        if values:
            _write(schema, values)


def _write(schema: Schema, values: Values) -> None:
    wanted = "string" if isinstance(values[0], str) else "integer"
    for choice in schema.get("anyOf", [schema]):
        if choice.get("type") == wanted and "enum" not in choice:
            choice["enum"] = list(values)
