"""What an exit code or a status of a host usually means, in Chinese and English."""

from collections.abc import Mapping

from jobfleet.model.status import TaskStatus

Words = tuple[str, str]

_CODES: Mapping[int, Words] = {
    0: ("成功", "success"),
    1: ("一般性错误", "a general error"),
    2: ("用法错误，或 shell 语法错误", "wrong usage, or a mistake in the shell's syntax"),
    124: ("被 timeout 命令终止", "ended by the command timeout"),
    125: ("timeout、docker 等外层命令自身失败", "an outer command such as timeout or docker failed itself"),
    126: ("命令存在但不可执行", "the command is there but cannot be executed"),
    127: ("命令不存在", "command not found"),
    128: ("exit 的参数不合法", "exit was given a wrong argument"),
    255: ("退出码超出范围，或 ssh 失败", "an exit code out of range, or ssh failed"),
}
_SIGNALS: Mapping[int, Words] = {
    1: ("SIGHUP：终端断开", "SIGHUP: the terminal went away"),
    2: ("SIGINT：被中断", "SIGINT: interrupted"),
    3: ("SIGQUIT：被要求退出", "SIGQUIT: asked to quit"),
    4: ("SIGILL：非法指令", "SIGILL: an illegal instruction"),
    6: ("SIGABRT：程序自行中止", "SIGABRT: the program aborted itself"),
    7: ("SIGBUS：内存访问错误", "SIGBUS: memory was accessed wrongly"),
    8: ("SIGFPE：算术错误", "SIGFPE: an arithmetic error"),
    9: ("SIGKILL：被强制杀死，常见于内存不足", "SIGKILL: killed, often for want of memory"),
    11: ("SIGSEGV：段错误", "SIGSEGV: segmentation fault"),
    13: ("SIGPIPE：管道另一端已关闭", "SIGPIPE: the other end of a pipe was closed"),
    14: ("SIGALRM：定时器到期", "SIGALRM: a timer ran out"),
    15: ("SIGTERM：被要求结束", "SIGTERM: asked to end"),
    24: ("SIGXCPU：CPU 时间超限", "SIGXCPU: over its limit of CPU time"),
    25: ("SIGXFSZ：文件大小超限", "SIGXFSZ: over its limit of file size"),
}
_STATUSES: Mapping[TaskStatus, Words] = {
    TaskStatus.INVALID_TARGET: (
        "目标不属于该业务，或不能执行这种步骤",
        "The target does not belong to the business, or cannot run such a step",
    ),
    TaskStatus.AGENT_NOT_INSTALLED: ("主机上没有安装 Agent", "No agent is installed on the host"),
    TaskStatus.AGENT_ERROR: ("Agent 异常，任务没有在主机上执行", "The agent is out of order; nothing ran on the host"),
    TaskStatus.AGENT_UNREACHABLE: (
        "Agent 没有连接，任务没有下发",
        "The agent is not connected; the order was not sent",
    ),
    TaskStatus.NOT_SUBMITTED: ("任务没有下发到主机", "The order was not sent to the host"),
    TaskStatus.RESULT_LOST: (
        "在规定时间内没有收到结果，脚本可能仍在执行",
        "No result came in time; the script may still run",
    ),
    TaskStatus.SCRIPT_TIMED_OUT: ("脚本超过时限，已被终止", "The script took longer than allowed and was ended"),
    TaskStatus.FILE_TIMED_OUT: ("文件传输超过时限", "Moving files took longer than allowed"),
    TaskStatus.TIMED_OUT: ("任务超过时限", "The task took longer than allowed"),
    TaskStatus.SCRIPT_DISCARDED: ("脚本没有开始就被终止", "The script was ended before it began"),
    TaskStatus.KILLED: ("被人强制终止", "Terminated by a person"),
    TaskStatus.KILL_FAILED: ("终止后仍有进程存活", "Processes outlived the termination"),
    TaskStatus.ACCOUNT_MISSING: ("主机上没有这个账号", "The account does not exist on the host"),
    TaskStatus.ACCOUNT_PASSWORD_WRONG: ("账号密码错误", "The account's password is wrong"),
    TaskStatus.NONZERO_EXIT: ("脚本以非零退出码结束", "The script ended with an exit code other than 0"),
    TaskStatus.SCRIPT_FAILED: ("脚本执行失败", "The script failed"),
    TaskStatus.FILE_UNREADABLE: ("源文件不存在或不可读", "The source file is not there or not readable"),
    TaskStatus.FILE_TOO_LARGE: ("文件超出大小限制", "The file is larger than allowed"),
    TaskStatus.FILE_TRANSFER_FAILED: ("文件传输失败", "Moving the file failed"),
    TaskStatus.EXECUTION_ERROR: ("Agent 无法执行任务", "The agent could not run the task"),
    TaskStatus.UNKNOWN: ("步骤被强制跳过，结果未知", "The step was skipped by force; nobody knows the result"),
}


def exit_meaning(code: int, words: str) -> str:
    """Return what an exit code usually means, "" for one that means nothing by itself; `words` is zh or en."""
    return _pick(_CODES.get(code) or _SIGNALS.get(code - 128) or ("", ""), words)


def status_meaning(status: TaskStatus, words: str) -> str:
    """Return what a status says of a host in a sentence, "" where its name says it all."""
    return _pick(_STATUSES.get(status, ("", "")), words)


def _pick(pair: Words, words: str) -> str:
    return pair[1] if words == "en" else pair[0]
