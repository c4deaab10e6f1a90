"""Words for statuses and names, in Chinese and English."""

from collections.abc import Mapping

from jobfleet.model.status import RunStatus, TaskStatus

TASK_LABELS: Mapping[TaskStatus, tuple[str, str]] = {
    TaskStatus.UNKNOWN_ERROR: ("未知错误", "Unknown Error"),
    TaskStatus.AGENT_ERROR: ("Agent异常", "Abnormal Agent"),
    TaskStatus.INVALID_TARGET: ("无效执行对象", "Invalid Execute Object"),
    TaskStatus.SUCCEEDED_BEFORE: ("上次已成功", "Successful Last Time"),
    TaskStatus.WAITING: ("等待执行", "Waiting"),
    TaskStatus.RUNNING: ("正在执行", "Running"),
    TaskStatus.SUCCEEDED: ("执行成功", "Success"),
    TaskStatus.FAILED: ("执行失败", "Failed"),
    TaskStatus.NOT_SUBMITTED: ("任务下发失败", "Task send failed"),
    TaskStatus.TIMED_OUT: ("任务超时", "Task Timeout"),
    TaskStatus.RESULT_LOST: ("任务日志错误", "Error in Log"),
    TaskStatus.SCRIPT_LOG_TIMED_OUT: ("GSE脚本日志超时", "Script Log Timeout"),
    TaskStatus.FILE_LOG_TIMED_OUT: ("GSE文件日志超时", "File Log Timeout"),
    TaskStatus.AGENT_NOT_INSTALLED: ("Agent未安装", "Agent not installed"),
    TaskStatus.SCRIPT_FAILED: ("脚本执行失败", "Script Execution Failed"),
    TaskStatus.SCRIPT_TIMED_OUT: ("脚本执行超时", "Script Execution Timeout"),
    TaskStatus.SCRIPT_DISCARDED: ("脚本执行被终止", "Script Execution Terminated"),
    TaskStatus.NONZERO_EXIT: ("脚本返回码非零", "Non-zero Exit Code"),
    TaskStatus.COPY_FAILED: ("文件传输失败", "File Transmission Failed"),
    TaskStatus.SOURCE_MISSING: ("源文件不存在", "Source File Not Exists"),
    TaskStatus.FILE_ERROR_UNCLASSIFIED: ("文件任务系统错误-未分类的", "Unclassified File Failure"),
    TaskStatus.FILE_TIMED_OUT: ("文件任务超时", "File Transmission Timeout"),
    TaskStatus.AGENT_UNREACHABLE: ("Agent异常", "Abnormal Agent"),
    TaskStatus.ACCOUNT_MISSING: ("用户名不存在", "User not exist"),
    TaskStatus.ACCOUNT_PASSWORD_WRONG: ("用户密码错误", "User password incorrect"),
    TaskStatus.FILE_UNREADABLE: ("文件获取失败", "File pull failed"),
    TaskStatus.FILE_TOO_LARGE: ("文件超出限制", "File size exceeds limit"),
    TaskStatus.FILE_TRANSFER_FAILED: ("文件传输错误", "File Transmission Error"),
    TaskStatus.EXECUTION_ERROR: ("任务执行出错", "Execution Error"),
    TaskStatus.KILLED: ("任务强制终止成功", "Force Terminated"),
    TaskStatus.KILL_FAILED: ("任务强制终止失败", "Force Terminate Failed"),
    TaskStatus.UNKNOWN: ("未知状态", "Unknown"),
}
"""Label of each host status: Chinese, English."""

RUN_LABELS: Mapping[RunStatus, tuple[str, str]] = {
    RunStatus.PENDING: ("等待执行", "Pending"),
    RunStatus.RUNNING: ("正在执行", "Running"),
    RunStatus.SUCCEEDED: ("执行成功", "Success"),
    RunStatus.FAILED: ("执行失败", "Failed"),
    RunStatus.SKIPPED: ("跳过", "Skipped"),
    RunStatus.IGNORED: ("忽略错误", "Ignore Error"),
    RunStatus.WAITING: ("等待用户", "Waiting"),
    RunStatus.TERMINATED: ("手动结束", "Terminated"),
    RunStatus.ABNORMAL: ("状态异常", "Abnormal"),
    RunStatus.STOPPING: ("强制终止中", "Terminating"),
    RunStatus.STOPPED: ("强制终止成功", "Terminate Success"),
    RunStatus.REJECTED: ("确认终止", "Termination Confirmed"),
    RunStatus.ABANDONED: ("被丢弃", "Abandoned"),
    RunStatus.BETWEEN_BATCHES: ("滚动等待", "Rolling Waiting"),
}
"""Label of each status of a job or step: Chinese, English."""

_SCRIPT_JOB = ("API快速执行脚本", "API Quick execution script")
_SQL_JOB = ("API快速执行SQL", "API Quick execution SQL")
_FILE_JOB = ("API快速分发文件", "API Quick transfer file")


def task_label(status: TaskStatus, language: str) -> str:
    """Return the label of a host status; `language` is zh or en."""
    return TASK_LABELS[status][_column(language)]


def run_label(status: RunStatus, language: str) -> str:
    """Return the label of a job's or step's status; `language` is zh or en."""
    return RUN_LABELS[status][_column(language)]


def script_job_name(language: str, now: int, *, by_hand: bool = False) -> str:
    """Return the name of a script job that its caller did not name; `now` is epoch milliseconds."""
    return _named(_SCRIPT_JOB[_column(language)], now, by_hand)


def sql_job_name(language: str, now: int, *, by_hand: bool = False) -> str:
    """Return the name of an SQL job that its caller did not name; `now` is epoch milliseconds."""
    return _named(_SQL_JOB[_column(language)], now, by_hand)


def file_job_name(language: str, now: int, *, by_hand: bool = False) -> str:
    """Return the name of a file job that its caller did not name; `now` is epoch milliseconds."""
    return _named(_FILE_JOB[_column(language)], now, by_hand)


def _named(usual: str, now: int, by_hand: bool) -> str:
    """Return a usual name with its moment; it says API only where it was one."""
    return f"{usual.removeprefix('API').strip() if by_hand else usual}{now}"


def language_of(text: str) -> str:
    """Return zh or en for a language tag such as en-US; "" for one that is empty or neither."""
    return next((language for language in ("zh", "en") if text.strip().lower().startswith(language)), "")


def _column(language: str) -> int:
    return 1 if language == "en" else 0
