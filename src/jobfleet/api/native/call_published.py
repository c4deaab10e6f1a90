"""Calls of the gateway's version 3, for what this API has no words for."""

from collections.abc import Sequence

from jobfleet.api.native.call_parts import SECRET, Members, StartCall, base64_of, told
from jobfleet.model.definition import FileKind
from jobfleet.model.file_job import NewFileJob, NewSource
from jobfleet.model.job import Job, NewScriptJob
from jobfleet.model.rolling import Rolling
from jobfleet.model.scope import Scope


def published_script(job: Job, asked: NewScriptJob) -> StartCall:
    """Return a call that runs a script on hosts."""
    body = _head(job.scope, job.name)
    if asked.script_version_id is not None:
        body["script_version_id"] = asked.script_version_id
    else:
        body |= {"script_content": base64_of(asked.content or b""), "script_language": int(asked.language)}
    if asked.params:
        body["script_param"] = SECRET if asked.sensitive else base64_of(asked.params.encode())
        body |= {"is_param_sensitive": 1} if asked.sensitive else {}
    body |= {"account_alias": asked.account_alias, "target_server": _server(asked.target.host_ids)}
    body |= told(timeout=asked.timeout_s, windows_interpreter=asked.interpreter)
    return StartCall("/api/v3/fast_execute_script", body | _config(asked.rolling))


def published_contents(job: Job, asked: NewFileJob) -> StartCall:
    """Return a call that writes small files on hosts."""
    body = _head(job.scope, job.name)
    body |= {"account_alias": asked.account_alias, "file_target_path": asked.target_path}
    body["file_list"] = [{"file_name": one.name, "content": base64_of(one.content)} for one in asked.contents]
    return StartCall("/api/v3/push_config_file", body | {"target_server": _server(asked.target.host_ids)})


def published_files(job: Job, asked: NewFileJob) -> StartCall:
    """Return a call that sends files to hosts."""
    body = _head(job.scope, job.name)
    body |= {"account_alias": asked.account_alias, "file_target_path": asked.target_path}
    body["file_source_list"] = [_source(one) for one in asked.sources]
    body |= {"target_server": _server(asked.target.host_ids), "transfer_mode": int(asked.mode)}
    body |= told(
        file_target_name=asked.target_name,
        timeout=asked.timeout_s,
        upload_speed_limit=-(-asked.upload_limit_kib_s // 1024),
        download_speed_limit=-(-asked.download_limit_kib_s // 1024),
    )
    return StartCall("/api/v3/fast_transfer_file", body | _config(asked.rolling))


def _source(one: NewSource) -> Members:
    body: Members = {"file_type": int(one.kind), "file_list": list(one.paths)}
    if one.kind == FileKind.HOST:
        body |= {"account": {"alias": one.account_alias}, "server": _server(one.hosts.host_ids)}
    elif one.kind == FileKind.FILE_SOURCE:
        body["file_source_code"] = one.file_source_code
    return body


def _head(scope: Scope, name: str) -> Members:
    return {"bk_scope_type": scope.type.value, "bk_scope_id": str(scope.id), "task_name": name}


def _server(host_ids: Sequence[int]) -> Members:
    return {"host_id_list": list(host_ids)}


def _config(rolling: Rolling | None) -> Members:
    if rolling is None:
        return {}
    config: Members = {"type": 2 if rolling.by_source else 1, "mode": int(rolling.mode)}
    if rolling.by_source:
        most = told(
            max_execute_object_num_in_batch=rolling.most_hosts, max_file_num_of_single_execute_object=rolling.most_files
        )
        return {"rolling_config": config | {"file_source": most}}
    config |= {"expression": rolling.expression, "execution_mode": 2 if rolling.parallel else 1}
    if rolling.parallel:
        config |= {
            "batch_start_wait_fixed_ms": rolling.wait_fixed_ms,
            "batch_start_wait_random_min_ms": rolling.wait_random_min_ms,
            "batch_start_wait_random_max_ms": rolling.wait_random_max_ms,
        }
    return {"rolling_config": config}
