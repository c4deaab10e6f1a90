"""A sound request of every operation: `$name` stands for something of the business that is asked for.

Whoever serves a new operation adds its sample here; the matrix of roles fails until it is there.
"""

from typing import Any

from jobfleet.model.caller import Action

Json = dict[str, Any]

TRUE = "dHJ1ZQ=="
"""`true`, in Base64."""

JOB: Json = {"job_instance_id": "$job"}
STEP: Json = JOB | {"step_instance_id": "$step"}
TARGET: Json = {"host_id_list": ["$host"]}
RUN: Json = {"script_content": TRUE, "script_language": 1, "account_id": "$account", "target_server": TARGET}
FILE: Json = {"file_name": "a", "content": TRUE}
FILES: Json = {
    "account_id": "$account",
    "file_target_path": "/tmp/",
    "target_server": TARGET,
    "file_source_list": [{"file_type": 1, "file_list": ["/tmp/a"], "account": {"id": "$account"}, "server": TARGET}],
}
OLD_HOSTS: Json = {"ip_list": [{"bk_cloud_id": 0, "ip": "$ip"}]}
PROCESS: Json = {
    "op_type": 1,
    "process_infos": [{"proc_name": "a", "proc_owner": "root", "setup_path": "/a", "pid_path": "/p"} | OLD_HOSTS],
}
REPORTS: Json = dict.fromkeys(
    ("sys_id", "cpu_id", "mem_id", "net_id", "disk_id", "proc_id", "crontab_id", "iptables_id"), 1
)
SINCE: Json = {"create_time_start": 1_700_000_000_000, "create_time_end": 1_700_000_100_000}
SOURCE: Json = {
    "alias": "$fresh",
    "type": "S3",
    "access_params": {"base_url": "http://192.0.2.1:9000"},
    "credential_id": "$credential",
}
VERSION: Json = {"script_id": "$script", "script_version_id": "$version"}
PUBLIC_VERSION: Json = {"script_id": "$public", "script_version_id": "$public_version"}
CONTENT: Json = {"content": TRUE, "version": "$fresh"}
RULE: Json = {"expression": "$fresh", "script_language_list": [1], "description": "d", "action": 1}
CONTEXT: Json = STEP | {"execute_count": 0, "execute_object_type": 1, "execute_object_resource_id": "$host"}

PUBLISHED: dict[str, Json] = {
    "fast_execute_script": RUN,
    "get_job_instance_status": JOB,
    "get_step_instance_status": STEP,
    "get_job_instance_log": JOB,
    "operate_job_instance": JOB | {"operation_code": 1},
    "operate_step_instance": STEP | {"operation_code": 2},
    "execute_job": {"bk_job_id": "$plan"},
    "fast_execute_sql": {"script_content": TRUE, "db_account_id": "$db_account", "target_server": TARGET},
    "get_job_instance_global_var_value": JOB,
    "fast_push_file": {
        "account": "root",
        "file_target_path": "/tmp/",
        "file_source": [{"files": ["/tmp/a"], "account": "root"} | OLD_HOSTS],
    }
    | OLD_HOSTS,
    "push_config_file": {
        "account_id": "$account",
        "file_target_path": "/tmp/",
        "file_list": [FILE],
        "target_server": TARGET,
    },
    "get_job_instance_list": SINCE,
    "get_job_instance_ip_log": STEP | {"bk_host_id": "$host"},
    "batch_get_job_instance_ip_log": STEP | {"host_id_list": ["$host"]},
    "execute_job_plan": {"job_plan_id": "$plan"},
    "fast_transfer_file": FILES,
    "create_credential": {"name": "$fresh", "type": "PASSWORD", "credential_password": "p"},
    "update_credential": {"id": "$credential", "description": "d"},
    "create_file_source": SOURCE | {"code": "$fresh"},
    "update_file_source": {"code": "$code", "alias": "$fresh"},
    "generate_local_file_upload_url": {"file_name_list": ["a"]},
    "get_credential_detail": {"id": "$credential"},
    "get_file_source_detail": {"code": "$code"},
    "bkci_plugin_fast_transfer_file": FILES | {"execute_object": {"host_list": [{"bk_host_id": "$host"}]}},
    "get_step_instance_detail": STEP,
    "bkci_plugin_fast_execute_script": RUN | {"execute_target": {"host_list": [{"bk_host_id": "$host"}]}},
    "bkci_plugin_get_job_instance_status": JOB,
    "bkci_plugin_batch_get_job_instance_execute_object_log": STEP
    | {"execute_object_list": [{"type": 1, "resource_id": "$host"}]},
    "batch_get_job_instance_execute_object_log": STEP | {"host_id_list": ["$host"]},
    "save_cron": {"name": "$fresh", "job_plan_id": "$plan", "expression": "0 0 1 1 *"},
    "get_cron_list": {},
    "update_cron_status": {"id": "$cron", "status": 2},
    "get_cron_detail": {"id": "$cron"},
    "delete_cron": {"id": "$cron"},
    "get_os_account": {},
    "get_own_db_account_list": {},
    "get_account_list": {},
    "create_account": {"account": "someone", "alias": "$fresh", "type": 1, "category": 1},
    "delete_account": {"id": "$spare_account"},
    "create_dangerous_rule": RULE,
    "update_dangerous_rule": RULE | {"id": "$rule"},
    "delete_dangerous_rule": {"id": "$rule"},
    "enable_dangerous_rule": {"id": "$rule"},
    "disable_dangerous_rule": {"id": "$rule"},
    "get_dangerous_rule_list": {},
    "get_account_password_encryption_metadata": {},
    "update_account": {"id": "$spare_account", "description": "d"},
    "get_agent_status": OLD_HOSTS,
    "get_proc_result": {"bk_gse_taskid": "a"},
    "manage_proc": PROCESS,
    "operate_proc": PROCESS,
    "operate_process": PROCESS,
    "set_base_report": REPORTS | OLD_HOSTS,
    "get_latest_service_version": {},
    "callback_protocol": {},
    "query_agent_info": {"host_id_list": ["$host"]},
    "query_gse_task": {"step_instance_id": "$step"},
    "query_job_instance": {"gse_task_id": "$step"},
    "get_notify_config": {},
    "get_script_task_context": CONTEXT,
    "get_file_task_context": CONTEXT | {"mode": 0},
    "get_user_authorized_scopes": {},
    "get_job_list": {},
    "get_job_detail": {"bk_job_id": "$plan"},
    "get_job_template_list": {},
    "get_job_plan_list": {},
    "get_job_plan_detail": {"job_plan_id": "$plan"},
    "get_job_template_detail": {"id": "$template"},
    "create_job_plan": {"job_template_id": "$template", "name": "$fresh"},
    "get_script_list": {},
    "get_script_detail": {"id": "$version"},
    "get_public_script_list": {},
    "create_script": CONTENT | {"name": "$fresh", "script_language": 1},
    "create_script_version": CONTENT | {"script_id": "$script"},
    "update_script_basic": {"script_id": "$script", "name": "$fresh"},
    "update_script_version": VERSION | {"content": TRUE},
    "publish_script_version": VERSION,
    "disable_script_version": VERSION,
    "delete_script_version": VERSION,
    "delete_script": {"script_id": "$script"},
    "create_public_script": CONTENT | {"name": "$fresh", "script_language": 1},
    "create_public_script_version": CONTENT | {"script_id": "$public"},
    "update_public_script_basic": {"script_id": "$public", "name": "$fresh"},
    "update_public_script_version": PUBLIC_VERSION | {"content": TRUE},
    "publish_public_script_version": PUBLIC_VERSION,
    "disable_public_script_version": PUBLIC_VERSION,
    "delete_public_script_version": PUBLIC_VERSION,
    "delete_public_script": {"script_id": "$public"},
    "get_script_version_list": {"script_id": "$script"},
    "get_script_version_detail": {"id": "$version"},
    "get_public_script_version_list": {"script_id": "$public"},
    "get_public_script_version_detail": {"id": "$public_version"},
    "check_script": {"script_language": 1, "content": TRUE},
    "import_job": {"params": {"content": "e30="}},
    "execute_platform_job": {"bk_job_id": "$plan", "source_bk_biz_id": "$business", "target_bk_biz_id": "$business"},
}
"""By the name of the operation, for all surfaces of the BlueKing API that have it."""

OTHERWISE: dict[str, Json] = {
    "esb-v2 fast_execute_script": {"script_content": TRUE, "script_type": 1, "account": "root"} | OLD_HOSTS,
    "esb-v2 fast_execute_sql": {"script_content": TRUE, "db_account_id": "$db_account"} | OLD_HOSTS,
    "esb-v2 push_config_file": {"account": "root", "file_target_path": "/tmp/", "file_list": [FILE]} | OLD_HOSTS,
    "esb-v2 save_cron": {"cron_name": "$fresh", "bk_job_id": "$plan", "cron_expression": "0 0 1 1 *"},
    "esb-v2 update_cron_status": {"cron_id": "$cron", "cron_status": 2},
    "apigw-v4 fast_execute_script": {
        "script_content": TRUE,
        "script_language": 1,
        "account_id": "$account",
        "execute_target": {"host_list": [{"bk_host_id": "$host"}]},
    },
}
"""Where a surface wants it otherwise."""

SCOPE: Json = {"scope": "$scope"}
SCRIPT_WORDS: Json = {"version": "$fresh", "script": "true"}
STEPS: Json = {"steps": [{"name": "s", "kind": "approval", "definition": {"message": "?"}}]}
PLAN_FILE = '[template]\nname = "$fresh"\n[[steps]]\nkind = "approval"\nname = "one"\nmessage = "?"\n'
ONE_JOB: Json = {"job_id": "$job"}
ONE_REQUEST: Json = SCOPE | {"request_id": "$request"}
ONE_RULE: Json = {"rule_id": "$rule"}
ONE_TASK: Json = ONE_JOB | {"step_id": "$step", "task_id": "$task"}
RULE_WORDS: Json = {"expression": "$fresh", "languages": ["shell"]}
RECORD: Json = {"hosts": ["$host"], "scopes": ["all"], "actions": ["script"]}
DRAFT: Json = {"kind": "script", "content": {"script": "true"}}
VIEW: Json = {"page": "runs", "name": "$fresh"}
KEPT_VERSION: Json = {"script_id": "$script", "version_id": "$version"}
WITH_SOURCE: Json = {"name": "$fresh", "endpoint": "http://192.0.2.1:9000", "credential_id": "$credential"}

NATIVE: dict[str, Json] = {
    "GET /api/v1/callback-key": {},
    "GET /api/v1/whoami": {},
    "POST /api/v1/choices": {},
    "GET /api/v1/permissions": SCOPE,
    "GET /api/v1/tokens": {},
    "GET /api/v1/users": {},
    "POST /api/v1/users": {"name": "$fresh"},
    "POST /api/v1/users/{name}/disable": {"name": "spare"},
    "POST /api/v1/users/{name}/enable": {"name": "spare"},
    "POST /api/v1/users/{name}/unlock": {"name": "spare"},
    "POST /api/v1/users/{name}/end-sessions": {"name": "spare"},
    "POST /api/v1/users/{name}/link": {"name": "spare", "subject": "$fresh"},
    "POST /api/v1/users/{name}/unlink": {"name": "spare"},
    "POST /api/v1/unlock-address": {"address": "192.0.2.7"},
    "POST /api/v1/jobs/script": SCOPE | {"targets": ["$host_text"], "script": "true"},
    "POST /api/v1/jobs/file": SCOPE
    | {"targets": ["$host_text"], "target_path": "/tmp/", "sources": [{"hosts": ["$host_text"], "paths": ["/tmp/a"]}]},
    "POST /api/v1/targets/resolve": SCOPE | {"texts": ["$host_text"]},
    "GET /api/v1/topology": SCOPE,
    "GET /api/v1/runs": SCOPE,
    "GET /api/v1/runs/hours": SCOPE,
    "GET /api/v1/platform/runs": {},
    "GET /api/v1/platform/runs/hours": {},
    "POST /api/v1/preview": {"script": SCOPE | {"targets": ["$host_text"], "script": "true"}},
    "GET /api/v1/drafts": SCOPE,
    "POST /api/v1/drafts": SCOPE | DRAFT,
    "GET /api/v1/drafts/{draft_id}": SCOPE | {"draft_id": 1},
    "POST /api/v1/drafts/{draft_id}": SCOPE | DRAFT | {"draft_id": 1},
    "POST /api/v1/drafts/{draft_id}/delete": SCOPE | {"draft_id": 1},
    "GET /api/v1/views": SCOPE,
    "POST /api/v1/views": SCOPE | VIEW | {"query": "status=failed"},
    "POST /api/v1/views/delete": SCOPE | VIEW,
    "GET /api/v1/favourites": SCOPE,
    "POST /api/v1/favourites": SCOPE | {"kind": "plan", "id": "$fresh"},
    "POST /api/v1/favourites/delete": SCOPE | {"kind": "plan", "id": "1"},
    "GET /api/v1/jobs": SCOPE,
    "GET /api/v1/jobs/{job_id}": ONE_JOB,
    "POST /api/v1/jobs/{job_id}/redo": {"job_id": "$ended_job"},
    "POST /api/v1/jobs/{job_id}/operate": ONE_JOB | {"operation": "stop"},
    "POST /api/v1/jobs/{job_id}/steps/{step_id}/operate": ONE_JOB | {"step_id": "$step", "operation": "retry_failed"},
    "GET /api/v1/jobs/{job_id}/log": ONE_JOB,
    "GET /api/v1/jobs/{job_id}/definition": ONE_JOB,
    "GET /api/v1/jobs/{job_id}/call": ONE_JOB,
    "GET /api/v1/jobs/{job_id}/events": ONE_JOB,
    "GET /api/v1/jobs/{job_id}/timeline": ONE_JOB,
    "GET /api/v1/stream/poll": {"topics": "run:1"},
    "GET /api/v1/runs/counts": SCOPE,
    "GET /api/v1/jobs/{job_id}/run": ONE_JOB,
    "GET /api/v1/jobs/{job_id}/steps/{step_id}/hosts": ONE_JOB | {"step_id": "$step"},
    "GET /api/v1/jobs/{job_id}/steps/{step_id}/files": ONE_JOB | {"step_id": "$step"},
    "GET /api/v1/jobs/{job_id}/steps/{step_id}/silent": ONE_JOB | {"step_id": "$step"},
    "GET /api/v1/jobs/{job_id}/steps/{step_id}/places": ONE_JOB | {"step_id": "$step", "level": "set"},
    "POST /api/v1/jobs/{job_id}/output": {"job_id": "$ended_job"},
    "GET /api/v1/jobs/{job_id}/steps/{step_id}/tasks/{task_id}/log": ONE_TASK,
    "GET /api/v1/jobs/{job_id}/steps/{step_id}/tasks/{task_id}/log/search": ONE_TASK | {"q": "a"},
    "GET /api/v1/jobs/{job_id}/steps/{step_id}/tasks/{task_id}/log/raw": ONE_TASK,
    "GET /api/v1/jobs/{job_id}/steps/{step_id}/tasks/{task_id}/log/plain": ONE_TASK,
    "GET /api/v1/jobs/{job_id}/steps/{step_id}/tasks/{task_id}/log/text": ONE_TASK,
    "GET /api/v1/jobs/{job_id}/steps/{step_id}/tasks/{task_id}/why": ONE_TASK,
    "GET /api/v1/jobs/{job_id}/steps/{step_id}/tasks/{task_id}/files": ONE_TASK,
    "GET /api/v1/jobs/{job_id}/steps/{step_id}/logs.zip": ONE_JOB | {"step_id": "$step"},
    "GET /api/v1/jobs/{job_id}/steps/{step_id}/outputs": ONE_JOB | {"step_id": "$step"},
    "GET /api/v1/jobs/{job_id}/steps/{step_id}/diff": ONE_JOB | {"step_id": "$step", "left": "$task", "right": "$task"},
    "GET /api/v1/jobs/{job_id}/variables": ONE_JOB,
    "GET /api/v1/hosts": SCOPE,
    "GET /api/v1/hosts/{host_id}": SCOPE | {"host_id": "$host"},
    "GET /api/v1/hosts/{host_id}/runs": SCOPE | {"host_id": "$host"},
    "POST /api/v1/agents/tokens": {"business": "$business"},
    "POST /api/v1/agents/{host_id}/revoke": {"host_id": "$host"},
    "GET /api/v1/agents/{host_id}/log": {"host_id": "$host"},
    "POST /api/v1/apply": {"toml": "", "dry_run": True},
    "GET /api/v1/accounts": SCOPE,
    "POST /api/v1/accounts": SCOPE | {"account": "someone", "alias": "$fresh"},
    "GET /api/v1/accounts/{account_id}": SCOPE | {"account_id": "$account"},
    "GET /api/v1/accounts/{account_id}/uses": SCOPE | {"account_id": "$account"},
    "POST /api/v1/accounts/{account_id}": SCOPE | {"account_id": "$spare_account", "description": "d"},
    "POST /api/v1/accounts/{account_id}/delete": SCOPE | {"account_id": "$spare_account"},
    "GET /api/v1/password-key": {},
    "POST /api/v1/password-key/rotate": {},
    "GET /api/v1/audit": SCOPE,
    "GET /api/v1/audit/verify": {},
    "GET /api/v1/audit/actions": {},
    "GET /api/v1/audit/state": {},
    "GET /api/v1/audit/export": SCOPE,
    "GET /api/v1/roles": {},
    "POST /api/v1/roles": {"user": "spare", "scope": "platform", "role": "viewer"},
    "POST /api/v1/roles/revoke": {"user": "spare", "scope": "platform"},
    "GET /api/v1/roles/allowed": {},
    "GET /api/v1/apps": {},
    "POST /api/v1/apps": {"code": "$fresh"},
    "POST /api/v1/apps/{code}": {"code": "spare"},
    "POST /api/v1/apps/{code}/rotate": {"code": "spare"},
    "POST /api/v1/apps/{code}/disable": {"code": "spare"},
    "POST /api/v1/apps/{code}/enable": {"code": "spare"},
    "GET /api/v1/agents": {},
    "GET /api/v1/system": {},
    "GET /api/v1/analytics": {},
    "POST /api/v1/jobs/sql": SCOPE | {"targets": ["$host_text"], "sql": "select 1", "db_account": "db"},
    "GET /api/v1/approvals": SCOPE,
    "GET /api/v1/start-requests": SCOPE,
    "POST /api/v1/start-requests": {"script": SCOPE | {"targets": ["$host_text"], "script": "true"}},
    "GET /api/v1/start-requests/{request_id}": ONE_REQUEST,
    "POST /api/v1/start-requests/{request_id}/approve": ONE_REQUEST | {"seen": "0" * 64},
    "POST /api/v1/start-requests/{request_id}/refuse": ONE_REQUEST,
    "POST /api/v1/start-requests/{request_id}/withdraw": ONE_REQUEST,
    "GET /api/v1/plans": SCOPE,
    "POST /api/v1/plans/apply": SCOPE | {"toml": PLAN_FILE},
    "GET /api/v1/links/plans/{plan_id}": {"plan_id": "$plan"},
    "GET /api/v1/plans/{plan_id}": SCOPE | {"plan_id": "$plan"},
    "GET /api/v1/plans/{plan_id}/difference": SCOPE | {"plan_id": "$plan"},
    "GET /api/v1/plans/{plan_id}/last-run": SCOPE | {"plan_id": "$plan"},
    "POST /api/v1/templates/{template_id}/plans": SCOPE | {"template_id": "$template", "name": "$fresh"},
    "POST /api/v1/plans/{plan_id}/update": SCOPE | {"plan_id": "$plan", "name": "$fresh"},
    "POST /api/v1/plans/{plan_id}/run": SCOPE | {"plan_id": "$plan", "start": False},
    "POST /api/v1/plans/{plan_id}/delete": SCOPE | {"plan_id": "$plan"},
    "GET /api/v1/templates": SCOPE,
    "GET /api/v1/templates/{template_id}": SCOPE | {"template_id": "$template"},
    "POST /api/v1/templates/{template_id}/delete": SCOPE | {"template_id": "$template"},
    "POST /api/v1/templates": SCOPE | STEPS | {"name": "$fresh"},
    "POST /api/v1/templates/{template_id}/update": SCOPE | STEPS | {"template_id": "$template", "name": "$fresh"},
    "POST /api/v1/templates/{template_id}/debug": SCOPE | {"template_id": "$template", "start": False},
    "GET /api/v1/templates/script-steps": SCOPE | {"script_id": "$script"},
    "POST /api/v1/templates/sync-script": SCOPE
    | {"script_version": "$version", "steps": [{"template_id": "$template", "step_id": 1}]},
    "POST /api/v1/plans/values": SCOPE | {"plans": ["$plan"]},
    "POST /api/v1/plans/{plan_id}/sync": SCOPE | {"plan_id": "$plan"},
    "GET /api/v1/schedules": SCOPE,
    "POST /api/v1/schedules": SCOPE | {"name": "$fresh", "plan_id": "$plan", "expression": "0 0 1 1 *"},
    "POST /api/v1/schedules/apply": SCOPE | {"name": "$fresh", "plan_id": "$plan", "expression": "0 0 1 1 *"},
    "POST /api/v1/schedules/next-times": SCOPE | {"expression": "0 0 1 1 *"},
    "GET /api/v1/schedules/{schedule_id}": {"schedule_id": "$cron"},
    "POST /api/v1/schedules/{schedule_id}/update": {"schedule_id": "$cron", "name": "$fresh"},
    "POST /api/v1/schedules/{schedule_id}/enable": {"schedule_id": "$cron"},
    "POST /api/v1/schedules/{schedule_id}/disable": {"schedule_id": "$cron"},
    "POST /api/v1/schedules/{schedule_id}/delete": {"schedule_id": "$cron"},
    "POST /api/v1/schedules/{schedule_id}/fire": {"schedule_id": "$cron"},
    "GET /api/v1/schedules/{schedule_id}/fires": {"schedule_id": "$cron"},
    "GET /api/v1/notification-hooks": SCOPE,
    "POST /api/v1/notification-hooks": SCOPE
    | {"name": "$fresh", "url": "http://192.0.2.1/", "occasions": ["job_failed"]},
    "POST /api/v1/notification-hooks/test": SCOPE | {"name": "hook"},
    "POST /api/v1/notification-hooks/delete": SCOPE | {"name": "hook"},
    "GET /api/v1/notifications": SCOPE,
    "GET /api/v1/notification-policies": SCOPE,
    "POST /api/v1/notification-policies": SCOPE | {"policies": []},
    "POST /api/v1/notification-policies/reset": SCOPE,
    "GET /api/v1/notification-mutes": {},
    "POST /api/v1/notification-mutes": {"users": ["spare"]},
    "GET /api/v1/scripts": SCOPE,
    "POST /api/v1/scripts": SCOPE | SCRIPT_WORDS | {"name": "$fresh"},
    "GET /api/v1/scripts/{script_id}": {"script_id": "$script"},
    "GET /api/v1/scripts/{script_id}/uses": {"script_id": "$script"},
    "POST /api/v1/scripts/{script_id}": {"script_id": "$script", "name": "$fresh"},
    "POST /api/v1/scripts/{script_id}/delete": {"script_id": "$script"},
    "GET /api/v1/scripts/{script_id}/versions": {"script_id": "$script"},
    "POST /api/v1/scripts/{script_id}/versions": SCRIPT_WORDS | {"script_id": "$script"},
    "GET /api/v1/scripts/{script_id}/versions/{version_id}": KEPT_VERSION,
    "POST /api/v1/scripts/{script_id}/versions/{version_id}": SCRIPT_WORDS | KEPT_VERSION,
    "POST /api/v1/scripts/{script_id}/versions/{version_id}/operate": KEPT_VERSION | {"operation": "publish"},
    "GET /api/v1/dangerous-rules": {},
    "POST /api/v1/dangerous-rules": RULE_WORDS,
    "POST /api/v1/dangerous-rules/{rule_id}": RULE_WORDS | ONE_RULE,
    "POST /api/v1/dangerous-rules/{rule_id}/operate": ONE_RULE | {"operation": "enable"},
    "POST /api/v1/dangerous-rules/try": {"expression": "x", "language": "shell", "text": "x"},
    "GET /api/v1/dangerous-hits": SCOPE,
    "GET /api/v1/dangerous-hits/scripts/{script_hash}": {"script_hash": "0" * 64},
    "POST /api/v1/credentials": SCOPE | {"name": "$fresh", "type": "password", "secrets": {"password": "p"}},
    "GET /api/v1/credentials": SCOPE,
    "GET /api/v1/credentials/{credential_id}": SCOPE | {"credential_id": "$credential"},
    "GET /api/v1/credentials/{credential_id}/uses": SCOPE | {"credential_id": "$credential"},
    "POST /api/v1/credentials/{credential_id}": SCOPE | {"credential_id": "$credential", "description": "d"},
    "POST /api/v1/credentials/{credential_id}/delete": SCOPE | {"credential_id": "$credential"},
    "POST /api/v1/file-sources": SCOPE | WITH_SOURCE | {"code": "$fresh"},
    "GET /api/v1/file-sources": SCOPE,
    "GET /api/v1/file-sources/{code}": SCOPE | {"code": "$code"},
    "POST /api/v1/file-sources/{code}": SCOPE | {"code": "$code", "name": "$fresh"},
    "POST /api/v1/file-sources/{code}/check": SCOPE | {"code": "$code"},
    "POST /api/v1/file-sources/{code}/delete": SCOPE | {"code": "$code"},
    "GET /api/v1/uploads": SCOPE,
    "POST /api/v1/uploads": SCOPE | {"names": ["a"]},
    "GET /api/v1/containers": SCOPE,
    "POST /api/v1/templates/export": SCOPE | {"templates": ["$template"]},
    "POST /api/v1/templates/import": SCOPE | {"archive": "e30="},
    "POST /api/v1/script-checks": {"language": "shell", "script": "true"},
    "GET /api/v1/tags": SCOPE,
    "POST /api/v1/tags": SCOPE | {"name": "$fresh"},
    "POST /api/v1/tags/change": SCOPE | {"scripts": ["$script"], "remove": ["$tag"]},
    "POST /api/v1/tags/{tag_id}": SCOPE | {"tag_id": "$tag", "name": "$fresh"},
    "POST /api/v1/tags/{tag_id}/delete": SCOPE | {"tag_id": "$tag"},
    "POST /api/v1/scripts/{script_id}/tags": {"script_id": "$script", "tags": []},
    "POST /api/v1/templates/{template_id}/tags": SCOPE | {"template_id": "$template", "tags": []},
    "GET /api/v1/settings": {},
    "POST /api/v1/settings/{name}": {"name": "none", "value": 1},
    "POST /api/v1/settings/{name}/reset": {"name": "none"},
    "GET /api/v1/whitelist": {},
    "POST /api/v1/whitelist": RECORD,
    "POST /api/v1/whitelist/{record_id}": RECORD | {"record_id": "$record"},
    "POST /api/v1/whitelist/{record_id}/delete": {"record_id": "$record"},
}
"""By method and path, for the native API."""

OWN_SESSION = frozenset(
    {
        "POST /api/v1/sign-in",
        "POST /api/v1/sign-out",
        "GET /api/v1/sign-in/ways",
        "GET /api/v1/sign-in/oidc",
        "GET /api/v1/sign-in/oidc/callback",
        "POST /api/v1/session",
        "GET /api/v1/session",
        "POST /api/v1/session/end",
        "POST /api/v1/sessions/end",
        "POST /api/v1/password",
        "POST /api/v1/tokens",
        "POST /api/v1/tokens/{token_id}/revoke",
    }
)
"""What is about how one signed in, not about a role; tests/integration/api/test_sign_in.py and others look at it."""

SCOPED: dict[str, Action] = {
    "GET /api/v1/permissions": Action.ACCESS_BUSINESS,
    "GET /api/v1/notification-policies": Action.ACCESS_BUSINESS,
    "POST /api/v1/notification-policies": Action.SET_NOTIFICATIONS,
    "POST /api/v1/notification-policies/reset": Action.SET_NOTIFICATIONS,
}
"""What everybody may ask about their own, and these samples ask about the business."""

UNTOLD = frozenset(
    {
        "POST /api/v1/choices",
        "apigw-v3 callback_protocol",
        "POST /api/v1/jobs/{job_id}/output",
        "POST /api/v1/apply",
        "POST /api/v1/plans/values",
        "POST /api/v1/plans/{plan_id}/sync",
        "POST /api/v1/schedules/next-times",
        "POST /api/v1/script-checks",
        "POST /api/v1/targets/resolve",
        "POST /api/v1/preview",
        "POST /api/v1/drafts/{draft_id}",
        "POST /api/v1/dangerous-rules/try",
        "esb-v3 check_script",
        "apigw-v3 check_script",
    }
)
"""What changes nothing though it is no GET, as it is asked here: a trial, no values, a plan that is right already.

The rows of what else these do: tests/integration/test_template_tools.py and test_native_api.py.
"""
