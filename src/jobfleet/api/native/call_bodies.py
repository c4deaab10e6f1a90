"""What a call says that starts a job anew: of this API, or of the gateway's where this one cannot say it."""

from jobfleet.api.native.call_parts import SECRET, Members, StartCall, base64_of, is_text, told
from jobfleet.api.native.call_published import published_contents, published_files, published_script
from jobfleet.model.definition import FileKind, TransferMode
from jobfleet.model.file_job import NewFileJob, NewSource
from jobfleet.model.job import Job, NewScriptJob
from jobfleet.model.rolling import Rolling, RollingMode
from jobfleet.model.scope import scope_text
from jobfleet.model.script import Language
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.model.variable import JobVariable, VariableType
from jobfleet.operations.call_again import PlanAgain, QuickAgain

_ON_FAILURE = {
    RollingMode.PAUSE_ON_FAILURE: "pause",
    RollingMode.IGNORE_FAILURES: "go_on",
    RollingMode.ASK_EACH_TIME: "ask",
}


def call_of(again: QuickAgain | PlanAgain) -> StartCall:
    """Return the call that starts the same again."""
    if isinstance(again, PlanAgain):
        return _plan(again)
    match again.asked:
        case NewScriptJob() as script:
            return (published_script if _needs_published(script.rolling) else _script)(again.job, script)
        case NewSqlJob() as sql:
            return _sql(again.job, sql)
        case NewFileJob() as files if files.contents:
            return published_contents(again.job, files)
        case NewFileJob() as files:
            return (published_files if _needs_published(files.rolling) else _files)(again.job, files)


def _script(job: Job, asked: NewScriptJob) -> StartCall:
    body: Members = {"scope": scope_text(job.scope), "name": job.name, "targets": _targets(asked)}
    if asked.script_version_id is not None:
        body["script_version_id"] = asked.script_version_id
    else:
        body |= _text_or_bytes("script", asked.content or b"") | {"language": Language(asked.language).name.lower()}
    body |= _params(asked.params, sensitive=asked.sensitive)
    body |= told(account=asked.account_alias, timeout_s=asked.timeout_s, interpreter=asked.interpreter)
    return StartCall("/api/v1/jobs/script", body | _rolling(asked.rolling))


def _params(params: str, *, sensitive: bool) -> Members:
    if not params:
        return {}
    return {"params": SECRET, "sensitive_params": True} if sensitive else {"params": params}


def _sql(job: Job, asked: NewSqlJob) -> StartCall:
    body: Members = {"scope": scope_text(job.scope), "name": job.name, "targets": _targets(asked)}
    if asked.script_version_id is not None:
        body["script_version_id"] = asked.script_version_id
    else:
        body |= _text_or_bytes("sql", asked.content or b"")
    return StartCall("/api/v1/jobs/sql", body | told(db_account=asked.db_account_alias, timeout_s=asked.timeout_s))


def _files(job: Job, asked: NewFileJob) -> StartCall:
    body: Members = {"scope": scope_text(job.scope), "name": job.name, "targets": _targets(asked)}
    body["sources"] = [_source(one) for one in asked.sources]
    body |= {"target_path": asked.target_path, "mode": TransferMode(asked.mode).name.lower()}
    body |= told(
        target_name=asked.target_name,
        account=asked.account_alias,
        timeout_s=asked.timeout_s,
        upload_limit_kib_s=asked.upload_limit_kib_s,
        download_limit_kib_s=asked.download_limit_kib_s,
    )
    return StartCall("/api/v1/jobs/file", body | _rolling(asked.rolling))


def _source(one: NewSource) -> Members:
    body: Members = {"paths": list(one.paths)}
    if one.kind == FileKind.HOST:
        body |= {"hosts": [str(host_id) for host_id in one.hosts.host_ids], "account": one.account_alias}
    elif one.kind == FileKind.FILE_SOURCE:
        body["file_source"] = one.file_source_code
    return body


def _plan(again: PlanAgain) -> StartCall:
    texts = [one for one in again.values if one.type is not VariableType.HOSTS]
    lists = [one for one in again.values if one.type is VariableType.HOSTS]
    body: Members = {"scope": scope_text(again.job.scope), "name": again.job.name}
    body |= told(
        values={one.name: SECRET if one.name in again.secrets else one.value for one in texts},
        hosts={one.name: _hosts(one) for one in lists},
    )
    path = f"/api/v1/plans/{again.plan_id}/run"
    return StartCall(path if again.debugged is None else f"/api/v1/templates/{again.debugged}/debug", body)


def _hosts(one: JobVariable) -> list[str]:
    """Return a list of hosts as targets name them; a job keeps it as scripts see it."""
    return [_address(*text.split(":", 1)) for text in one.value.split(",") if ":" in text]


def _address(cloud_id: str, ip: str) -> str:
    return f"{cloud_id}:[{ip}]" if ":" in ip else f"{cloud_id}:{ip}"


def _needs_published(rolling: Rolling | None) -> bool:
    """Tell whether a way of rolling can be said to the gateway only."""
    return rolling is not None and (rolling.by_source or rolling.wait_random_min_ms > 0)


def _rolling(rolling: Rolling | None) -> Members:
    if rolling is None:
        return {}
    cut: Members = {"expression": rolling.expression, "on_failure": _ON_FAILURE[RollingMode(rolling.mode)]}
    if rolling.parallel:
        cut |= {"parallel": True, "wait_ms": rolling.wait_fixed_ms, "random_ms": rolling.wait_random_max_ms}
    return {"rolling": cut}


def _targets(asked: NewScriptJob | NewSqlJob | NewFileJob) -> list[str]:
    hosts = [str(host_id) for host_id in asked.target.host_ids]
    containers = () if isinstance(asked, NewSqlJob) else asked.containers.ids
    return hosts + [f"container:{one}" for one in containers]


def _text_or_bytes(name: str, content: bytes) -> Members:
    return {name: content.decode()} if is_text(content) else {f"{name}_base64": base64_of(content)}
