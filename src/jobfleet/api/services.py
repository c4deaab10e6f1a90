"""Which back-end service a gateway forwards each operation to; all of them are one server here."""

from enum import StrEnum


class Service(StrEnum):
    """Name the services as the addresses behind a gateway do."""

    MANAGE = "job-manage"
    EXECUTE = "job-execute"
    CRONTAB = "job-crontab"
    FILES = "job-file-gateway"


_CRONTAB = frozenset({"save_cron", "delete_cron", "update_cron_status", "get_cron_list", "get_cron_detail"})
_FILES = frozenset({"create_file_source", "update_file_source", "get_file_source_detail"})
_EXECUTE = frozenset(
    {
        "fast_execute_script",
        "fast_execute_sql",
        "fast_transfer_file",
        "push_config_file",
        "execute_job_plan",
        "operate_job_instance",
        "operate_step_instance",
        "get_job_instance_list",
        "get_job_instance_status",
        "get_job_instance_ip_log",
        "get_job_instance_global_var_value",
        "batch_get_job_instance_ip_log",
        "batch_get_job_instance_execute_object_log",
        "get_step_instance_detail",
        "get_step_instance_status",
        "bkci_plugin_fast_execute_script",
        "bkci_plugin_fast_transfer_file",
        "bkci_plugin_get_job_instance_status",
        "bkci_plugin_batch_get_job_instance_execute_object_log",
        "query_gse_task",
        "query_job_instance",
        "get_script_task_context",
        "get_file_task_context",
    }
)


def service_of(operation: str) -> Service:
    """Return the service of an operation; what neither runs, nor is timed, nor is a file source, is managed.

    Source: docs/reference/api.md, «Back-end paths».
    """
    if operation in _EXECUTE:
        return Service.EXECUTE
    if operation in _CRONTAB:
        return Service.CRONTAB
    return Service.FILES if operation in _FILES else Service.MANAGE
