"""The process operations of old: who calls and for which scope is checked, and then they are refused.

Our agents run scripts and move files; none keeps processes alive or collects base data, and what a control script
is, or what the result of one looks like, no published page says.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from jobfleet.api.fields import Int32, Text
from jobfleet.api.scope import ScopedV2, scope_of
from jobfleet.api.surface import Call
from jobfleet.api.targets import HostAddress, addresses
from jobfleet.model.caller import Action
from jobfleet.model.errors import UnsupportedFeatureError
from jobfleet.operations.access import check_permission


def _one_of(*numbers: int) -> Meta:
    return Meta(ge=min(numbers), le=max(numbers), extra_json_schema={"format": "int32", "enum": list(numbers)})


Percent = Annotated[int, Meta(ge=0, le=100, extra_json_schema={"format": "int32"})]
Kept = Annotated[int, _one_of(0, 1, 2)]
Registration = Annotated[int, _one_of(1, 2)]
Operation = Annotated[int, Meta(ge=0, le=9, extra_json_schema={"format": "int32", "enum": [0, 1, 2, 3, 4, 7, 8, 9]})]


class _Process(msgspec.Struct, frozen=True, kw_only=True):
    """Name a process and the hosts that it is on."""

    proc_name: str
    ip_list: tuple[HostAddress, ...]
    cpu_lmt: Percent | None = None
    mem_lmt: Percent | None = None


class _Commands(_Process, frozen=True, kw_only=True):
    """Say how a process is controlled and kept."""

    cfg_path: str | None = None
    log_path: str | None = None
    start_cmd: str | None = None
    stop_cmd: str | None = None
    restart_cmd: str | None = None
    reload_cmd: str | None = None
    kill_cmd: str | None = None
    func_id: Text | None = None
    instance_id: Text | None = None
    value_key: str | None = None
    type: Kept | None = None
    cycle_time: Int32 | None = None
    instance_num: Int32 | None = None
    op_timeout: Int32 | None = None
    start_check_begin_time: Int32 | None = None
    start_check_end_time: Int32 | None = None


class ManagedProcess(_Commands, frozen=True, kw_only=True):
    """Describe a process that is to be kept."""

    proc_owner: str
    setup_path: str | None = None
    pid_path: str | None = None


class ControlledProcess(_Process, frozen=True, kw_only=True):
    """Describe a process with a control script."""

    setup_path: str
    pid_path: str
    account: str | None = None
    cmd_shell_ext: str | None = None


class OperatedProcess(_Commands, frozen=True, kw_only=True):
    """Describe a process with its commands."""

    setup_path: str
    pid_path: str
    contact: str | None = None
    account: str | None = None


class ManageProc(ScopedV2, frozen=True, kw_only=True):
    """Ask to keep processes alive, or to end that."""

    op_type: Registration
    process_infos: tuple[ManagedProcess, ...]


class OperateProc(ScopedV2, frozen=True, kw_only=True):
    """Ask to start or stop processes by their control scripts."""

    op_type: Operation
    process_infos: tuple[ControlledProcess, ...]


class OperateProcess(ScopedV2, frozen=True, kw_only=True):
    """Ask to start or stop processes by their commands."""

    op_type: Operation
    process_infos: tuple[OperatedProcess, ...]


class GetProcResult(ScopedV2, frozen=True, kw_only=True):
    """Ask for the result of a process operation."""

    bk_gse_taskid: Text


class SetBaseReport(ScopedV2, frozen=True, kw_only=True):
    """Ask agents to report base data."""

    sys_id: Int32
    cpu_id: Int32
    mem_id: Int32
    net_id: Int32
    disk_id: Int32
    proc_id: Int32
    crontab_id: Int32
    iptables_id: Int32
    ip_list: tuple[HostAddress, ...]


class ProcTask(msgspec.Struct, frozen=True):
    """Name the task that was started."""

    bk_gse_taskid: str


class ProcResult(msgspec.Struct, frozen=True):
    """Show what became of a process operation."""

    status: Int32
    result: dict[str, Any]


async def operate(call: Call, wanted: ManageProc | OperateProc | OperateProcess) -> ProcTask:
    """Refuse to control processes.

    Source: docs/reference/service.md, «Processes».
    """
    await _permit(call, wanted, Action.QUICK_EXECUTE_SCRIPT)
    for index, process in enumerate(wanted.process_infos):
        addresses(f"process_infos[{index}].ip_list", process.ip_list)
    raise UnsupportedFeatureError("process_infos")


async def set_base_report(call: Call, wanted: SetBaseReport) -> ProcTask:
    """Refuse to have base data reported."""
    await _permit(call, wanted, Action.QUICK_EXECUTE_SCRIPT)
    addresses("ip_list", wanted.ip_list)
    raise UnsupportedFeatureError("set_base_report")


async def get_proc_result(call: Call, wanted: GetProcResult) -> ProcResult:
    """Refuse to tell of process operations: there are none."""
    await _permit(call, wanted, Action.VIEW_HISTORY)
    raise UnsupportedFeatureError("bk_gse_taskid")


async def _permit(call: Call, wanted: ScopedV2, action: Action) -> None:
    await check_permission(call.platform, call.caller, scope_of(wanted), action)
