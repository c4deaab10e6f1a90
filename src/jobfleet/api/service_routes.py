"""What the BlueKing surfaces serve of the service itself, agents, contexts and process operations of old."""

from jobfleet.api import agent_states, channel_tasks, processes, service
from jobfleet.api.access import OPEN, SIGNED_IN
from jobfleet.api.gateway import context, notify_config, user_scopes
from jobfleet.api.surface import Level, Route, Surface
from jobfleet.model.caller import Action

_V2, _V3, _GATEWAY, _V4 = Surface.ESB_V2, Surface.ESB_V3, Surface.GATEWAY_V3, Surface.GATEWAY_V4
_GET, _POST, _BOTH = ("GET",), ("POST",), ("GET", "POST")
_APP, _USER = (Level.APP,), (Level.USER,)
_ACCESS, _VIEW, _RUN = Action.ACCESS_BUSINESS, Action.VIEW_HISTORY, Action.QUICK_EXECUTE_SCRIPT

_VERSION = service.get_latest_service_version, service.Nothing, service.ServiceVersion
_ON_THE_BUS = "/api/c/compapi/esb/api/v3/get_latest_service_version"
_AGENTS = agent_states.query_agent_info, agent_states.QueryAgentInfo, agent_states.AgentInfos
_ALIVE = agent_states.get_agent_status, agent_states.GetAgentStatus, list[agent_states.AgentStatus]
_SENT = channel_tasks.query_gse_task, channel_tasks.QueryGseTask, list[channel_tasks.ChannelTaskLink]
_SENDER = channel_tasks.query_job_instance, channel_tasks.QueryJobInstance, channel_tasks.ChannelTaskLink
_POLICIES = notify_config.get_notify_config, notify_config.GetNotifyConfig, list[notify_config.NotifyPolicy]
_SCRIPT = context.get_script_task_context, context.GetScriptTaskContext, context.TaskContext
_FILE = context.get_file_task_context, context.GetFileTaskContext, context.TaskContext
_SCOPES = user_scopes.get_user_authorized_scopes, user_scopes.GetUserAuthorizedScopes, user_scopes.AuthorizedScopes


def _processes(surface: Surface) -> tuple[Route, ...]:
    """Return the process operations, which are the same in both versions of the bus."""
    result = processes.get_proc_result, processes.GetProcResult, processes.ProcResult
    report = processes.set_base_report, processes.SetBaseReport, processes.ProcTask
    return (
        Route(surface, "get_proc_result", _BOTH, _VIEW, *result),
        Route(surface, "manage_proc", _POST, _RUN, processes.operate, processes.ManageProc, processes.ProcTask),
        Route(surface, "operate_proc", _POST, _RUN, processes.operate, processes.OperateProc, processes.ProcTask),
        Route(surface, "operate_process", _POST, _RUN, processes.operate, processes.OperateProcess, processes.ProcTask),
        Route(surface, "set_base_report", _POST, _RUN, *report),
    )


ROUTES: tuple[Route, ...] = (
    Route(_V2, "get_agent_status", _POST, _ACCESS, *_ALIVE),
    *_processes(_V2),
    *_processes(_V3),
    Route(_V3, "get_latest_service_version", _BOTH, SIGNED_IN, *_VERSION, path=_ON_THE_BUS),
    Route(_GATEWAY, "get_latest_service_version", _GET, SIGNED_IN, *_VERSION, levels=_APP),
    Route(
        _GATEWAY,
        "callback_protocol",
        _GET,
        OPEN,
        service.callback_protocol,
        service.Nothing,
        None,
        levels=(Level.OPEN,),
    ),
    Route(_GATEWAY, "query_agent_info", _POST, _ACCESS, *_AGENTS, levels=_APP),
    Route(_GATEWAY, "query_gse_task", _GET, _VIEW, *_SENT, levels=_APP),
    Route(_GATEWAY, "query_job_instance", _GET, _VIEW, *_SENDER, levels=_APP),
    Route(_GATEWAY, "get_notify_config", _GET, _ACCESS, *_POLICIES),
    Route(_V4, "get_script_task_context", _POST, _VIEW, *_SCRIPT, levels=_USER),
    Route(_V4, "get_file_task_context", _POST, _VIEW, *_FILE, levels=_USER),
    Route(_V4, "get_user_authorized_scopes", _GET, SIGNED_IN, *_SCOPES, levels=_USER),
)
"""Everything of these subjects."""
