"""Answer what became of each file that one host of a step gets or sends, with sums to check them by."""

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.file_log import FileLog
from jobfleet.model.job import HostSelector, StepType
from jobfleet.operations.file_logs import expanded, read_files
from jobfleet.operations.file_sums import file_sums
from jobfleet.operations.host_log import LogKey, find_task
from jobfleet.operations.platform import Platform


class HostFile(msgspec.Struct, frozen=True):
    """Show a file on its way; `sha256` is "" for a directory and while nobody knows it."""

    log: FileLog
    sha256: str


async def host_files(platform: Platform, caller: Caller, key: LogKey) -> list[HostFile]:
    """Show the files of one host of a step: what it gets, then what the sources send; none for other steps.

    Raises:
        JobNotFoundError, StepNotFoundError, ForbiddenError: It is not there, or not for the caller.
    """
    async with platform.engine.db.begin() as tx:
        _, step, _, task, info = await find_task(tx, platform, caller, key)
        if step.type is not StepType.FILE:
            return []
        step = await expanded(tx, platform, step)
        nobody = HostSelector()
        found = await read_files(tx, step, [task] if task.target.ordinal >= 0 else [], nobody, info.time_zone or "")
        shown = {log.last.source for host in found for log in host.files}
        sums = await file_sums(tx, platform, step, task.attempt, shown)
    return [HostFile(log, sums.get((log.last.source, log.path), "")) for host in found for log in host.files]
