"""Starting a script in version 3."""

from jobfleet.api.fields import Int64
from jobfleet.api.scripts import Flag, ScriptWords, Started, new_job, scope_first, started
from jobfleet.api.surface import Call
from jobfleet.api.targets import TargetServer, target_of
from jobfleet.model.target import ObjectSpec
from jobfleet.operations import execute


class FastExecuteScript(ScriptWords, frozen=True, kw_only=True):
    """Ask for one script on hosts."""

    bk_biz_id: Int64 | None = None
    is_param_sensitive: Flag = 0
    target_server: TargetServer | None = None


async def fast_execute_script(call: Call, wanted: FastExecuteScript) -> Started:
    """Start a script.

    Source: docs/reference/api.md, «fast_execute_script».
    """
    async with scope_first(call, wanted):
        server = wanted.target_server
        target = None if server is None else ObjectSpec(target_of(server))
        job = await new_job(call, wanted, target, "target_server", sensitive=bool(wanted.is_param_sensitive))
    return started(await execute.start_script(call.platform, call.caller, job))
