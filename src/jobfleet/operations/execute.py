"""Start jobs."""

from jobfleet.model.caller import Caller
from jobfleet.model.job import NewScriptJob, StartedJob
from jobfleet.operations.platform import Platform


async def start_script(platform: Platform, caller: Caller, new: NewScriptJob) -> StartedJob:
    """Accept a job that runs one script on hosts, and start it unless `new.start` is False."""
    raise NotImplementedError
