"""The one table of what the BlueKing surfaces serve: operation, methods, permission, handler."""

from jobfleet.api import account_routes, cron_routes, plan_routes, script_routes, service_routes
from jobfleet.api.esb_v2 import files as v2_files
from jobfleet.api.esb_v2 import jobs as v2_jobs
from jobfleet.api.esb_v2 import logs as v2_logs
from jobfleet.api.esb_v2 import plans as v2_plans
from jobfleet.api.esb_v2 import scripts as v2_scripts
from jobfleet.api.esb_v2 import sql as v2_sql
from jobfleet.api.esb_v2 import steps as v2_steps
from jobfleet.api.esb_v2 import variables as v2_variables
from jobfleet.api.esb_v3 import credentials, file_sources, files, history, jobs, logs, operate, scripts, variables
from jobfleet.api.gateway import history as v4_history
from jobfleet.api.gateway import plugin, step_detail, steps, v4
from jobfleet.api.plans import ExecuteJobPlan, StartedPlan, execute_job_plan
from jobfleet.api.scripts import Started
from jobfleet.api.sql import FastExecuteSql, fast_execute_sql
from jobfleet.api.surface import Level, Route, Surface
from jobfleet.model.caller import Action

GET, POST, BOTH = ("GET",), ("POST",), ("GET", "POST")
_APP = (Level.APP,)
_VALUES = "get_job_instance_global_var_value"
_START, _VIEW, _STEER = Action.QUICK_EXECUTE_SCRIPT, Action.VIEW_HISTORY, Action.OPERATE_JOB
_LAUNCH = Action.LAUNCH_JOB_PLAN
_SEND = Action.QUICK_TRANSFER_FILE
_V2, _V3, _GATEWAY, _V4 = Surface.ESB_V2, Surface.ESB_V3, Surface.GATEWAY_V3, Surface.GATEWAY_V4

V2: tuple[Route, ...] = (
    Route(
        _V2,
        "fast_execute_script",
        POST,
        _START,
        v2_scripts.fast_execute_script,
        v2_scripts.FastExecuteScriptV2,
        Started,
    ),
    Route(
        _V2,
        "get_job_instance_status",
        BOTH,
        _VIEW,
        v2_jobs.get_job_instance_status,
        v2_jobs.GetJobInstanceStatusV2,
        v2_jobs.JobInstanceStatusV2,
    ),
    Route(
        _V2,
        "get_step_instance_status",
        BOTH,
        _VIEW,
        v2_steps.get_step_instance_status,
        v2_steps.GetStepInstanceStatusV2,
        v2_steps.StepInstanceStatusV2,
        message="OK",
    ),
    Route(
        _V2,
        "get_job_instance_log",
        BOTH,
        _VIEW,
        v2_logs.get_job_instance_log,
        v2_logs.GetJobInstanceLog,
        list[v2_logs.StepLogV2],
    ),
    Route(
        _V2,
        "operate_job_instance",
        POST,
        _STEER,
        operate.operate_job_instance,
        operate.OperateJobInstanceV2,
        operate.OperatedJob,
    ),
    Route(
        _V2,
        "operate_step_instance",
        POST,
        _STEER,
        operate.operate_step_instance,
        operate.OperateStepInstanceV2,
        operate.OperatedStep,
    ),
    Route(_V2, "execute_job", POST, _LAUNCH, v2_plans.execute_job, v2_plans.ExecuteJob, v2_plans.StartedPlanV2),
    Route(_V2, "fast_execute_sql", POST, _START, v2_sql.fast_execute_sql, v2_sql.FastExecuteSqlV2, Started),
    Route(
        _V2,
        _VALUES,
        BOTH,
        _VIEW,
        v2_variables.get_job_instance_global_var_value,
        v2_variables.GetJobInstanceGlobalVarValueV2,
        v2_variables.JobVarValuesV2,
    ),
    Route(_V2, "fast_push_file", POST, _SEND, v2_files.fast_push_file, v2_files.FastPushFile, Started),
    Route(_V2, "push_config_file", POST, _SEND, v2_files.push_config_file, v2_files.PushConfigFileV2, Started),
)


def _version_3(surface: Surface, queries: tuple[str, ...]) -> tuple[Route, ...]:
    """Return what bus and gateway share; they differ in the methods of queries."""
    job_status = jobs.get_job_instance_status, jobs.GetJobInstanceStatus, jobs.JobInstanceStatus
    one_log = logs.get_job_instance_ip_log, logs.GetJobInstanceIpLog, logs.IpLog
    many_logs = logs.batch_get_job_instance_ip_log, logs.BatchGetJobInstanceIpLog, logs.IpLogs
    start = scripts.fast_execute_script, scripts.FastExecuteScript, Started
    steer_job = operate.operate_job_instance, operate.OperateJobInstance, operate.OperatedJob
    steer_step = operate.operate_step_instance, operate.OperateStepInstance, operate.OperatedStep
    values_of = variables.get_job_instance_global_var_value, variables.GetJobInstanceGlobalVarValue
    look_back = history.get_job_instance_list, history.GetJobInstanceList, history.PastJobs
    return (
        Route(surface, "get_job_instance_list", queries, Action.ACCESS_BUSINESS, *look_back),
        Route(surface, _VALUES, queries, _VIEW, *values_of, variables.JobInstanceGlobalVarValue),
        Route(surface, "fast_execute_script", POST, _START, *start),
        Route(surface, "get_job_instance_status", BOTH, _VIEW, *job_status),
        Route(surface, "get_job_instance_ip_log", queries, _VIEW, *one_log),
        Route(surface, "batch_get_job_instance_ip_log", POST, _VIEW, *many_logs),
        Route(surface, "operate_job_instance", POST, _STEER, *steer_job),
        Route(surface, "operate_step_instance", POST, _STEER, *steer_step),
        Route(surface, "execute_job_plan", POST, _LAUNCH, execute_job_plan, ExecuteJobPlan, StartedPlan),
        Route(surface, "fast_execute_sql", POST, _START, fast_execute_sql, FastExecuteSql, Started),
        Route(surface, "fast_transfer_file", POST, _SEND, files.fast_transfer_file, files.FastTransferFile, Started),
        Route(surface, "push_config_file", POST, _SEND, files.push_config_file, files.PushConfigFile, Started),
    )


def _third_party(surface: Surface) -> tuple[Route, ...]:
    """Return what changes credentials and third-party file sources."""
    make = credentials.create_credential, credentials.CreateCredential, credentials.SavedCredential
    change = credentials.update_credential, credentials.UpdateCredential, credentials.SavedCredential
    saved = file_sources.SaveFileSource, file_sources.SavedFileSource
    return (
        Route(surface, "create_credential", POST, Action.CREATE_CREDENTIAL, *make),
        Route(surface, "update_credential", POST, Action.MANAGE_CREDENTIAL, *change),
        Route(surface, "create_file_source", POST, Action.CREATE_FILE_SOURCE, file_sources.create_file_source, *saved),
        Route(surface, "update_file_source", POST, Action.MANAGE_FILE_SOURCE, file_sources.update_file_source, *saved),
    )


_CREDENTIAL = credentials.get_credential_detail, credentials.GetCredentialDetail, credentials.CredentialDetail
_SOURCE = file_sources.get_file_source_detail, file_sources.GetFileSourceDetail, file_sources.FileSourceDetail
_ADDRESSES = files.generate_local_file_upload_url, files.GenerateLocalFileUploadUrl, files.UploadAddresses
_DETAIL = step_detail.get_step_instance_detail, step_detail.GetStepInstanceDetail, step_detail.StepInstanceDetail
_STEP = steps.get_step_instance_status, steps.GetStepInstanceStatus, steps.StepInstanceStatus
_CI_START = plugin.fast_execute_script, plugin.PluginFastExecuteScript, Started
_CI_SEND = plugin.fast_transfer_file, plugin.PluginFastTransferFile, Started
_CI_STATUS = plugin.get_job_instance_status, plugin.PluginGetJobInstanceStatus, plugin.PluginJobInstanceStatus
_CI_LOG = plugin.batch_get_log, plugin.PluginBatchGetLog, plugin.PluginObjectLogs
_V4_STATUS = v4.get_job_instance_status, v4.GetJobInstanceStatusV4, v4.JobInstanceStatusV4
_V4_LIST = v4_history.get_job_instance_list, v4_history.GetJobInstanceListV4, v4_history.PastJobsV4
_V4_LOG = v4.batch_get_job_instance_execute_object_log, v4.BatchGetExecuteObjectLog, v4.ObjectLogs

GATEWAY: tuple[Route, ...] = (
    *_version_3(_GATEWAY, GET),
    *_third_party(_GATEWAY),
    Route(_GATEWAY, "get_credential_detail", GET, Action.USE_CREDENTIAL, *_CREDENTIAL),
    Route(_GATEWAY, "get_file_source_detail", GET, Action.VIEW_FILE_SOURCE, *_SOURCE),
    Route(_GATEWAY, "generate_local_file_upload_url", POST, _SEND, *_ADDRESSES, levels=_APP),
    Route(_GATEWAY, "bkci_plugin_fast_transfer_file", POST, _SEND, *_CI_SEND, levels=_APP),
    Route(_GATEWAY, "get_step_instance_status", GET, _VIEW, *_STEP),
    Route(_GATEWAY, "get_step_instance_detail", GET, _VIEW, *_DETAIL),
    Route(_GATEWAY, "bkci_plugin_fast_execute_script", POST, _START, *_CI_START, levels=_APP),
    Route(_GATEWAY, "bkci_plugin_get_job_instance_status", POST, _VIEW, *_CI_STATUS, levels=_APP),
    Route(_GATEWAY, "bkci_plugin_batch_get_job_instance_execute_object_log", POST, _VIEW, *_CI_LOG, levels=_APP),
)
V4: tuple[Route, ...] = (
    Route(_V4, "fast_execute_script", POST, _START, v4.fast_execute_script, v4.FastExecuteScriptV4, Started),
    Route(_V4, "get_job_instance_list", GET, Action.ACCESS_BUSINESS, *_V4_LIST),
    Route(_V4, "get_job_instance_status", GET, _VIEW, *_V4_STATUS),
    Route(_V4, "batch_get_job_instance_execute_object_log", POST, _VIEW, *_V4_LOG),
)

V3: tuple[Route, ...] = (
    *_version_3(_V3, BOTH),
    *_third_party(_V3),
    Route(_V3, "generate_local_file_upload_url", POST, _SEND, *_ADDRESSES),
)

CRONS: tuple[Route, ...] = (*cron_routes.V2, *cron_routes.version_3(_V3, BOTH), *cron_routes.version_3(_GATEWAY, GET))
ACCOUNTS: tuple[Route, ...] = (
    *account_routes.V2,
    *account_routes.version_3(_V3, BOTH),
    *account_routes.version_3(_GATEWAY, GET),
    *account_routes.GATEWAY,
)

ROUTES: tuple[Route, ...] = (
    *V2,
    *V3,
    *GATEWAY,
    *V4,
    *CRONS,
    *ACCOUNTS,
    *service_routes.ROUTES,
    *plan_routes.ROUTES,
    *script_routes.ROUTES,
)
"""Everything that the BlueKing surfaces serve."""
