"""Secrets that a test sends through an installation, and the places where they must not be found."""

import base64
import contextlib
import json
import pwd
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
from tests.acceptance.declared import A
from tests.acceptance.stage import Stage
from tests.acceptance.surfaces import Json, Who
from tests.walking import files_below

from jobfleet.api.native.routes import ROUTES as NATIVE
from jobfleet.api.routes import ROUTES
from jobfleet.api.surface import Level, Route, paths_of

QUERIES = ("get_", "batch_get_", "bkci_plugin_get_", "bkci_plugin_batch_get_")


def new_canary(what: str) -> str:
    """Return a text that stands nowhere else."""
    return f"canary-{what}-{secrets.token_hex(8)}"


def finds(secret: str | bytes, text: bytes) -> bool:
    """Tell whether a secret stands in bytes: as it is, in hexadecimal digits, or in Base64."""
    raw = secret.encode() if isinstance(secret, str) else secret
    return any(form in text for form in _forms(raw))


def _forms(raw: bytes) -> Iterator[bytes]:
    yield raw
    yield raw.hex().encode()
    for before in range(3):
        inside = raw[(3 - before) % 3 :]  # what of it stands alone in groups of three bytes
        yield base64.b64encode(inside[: len(inside) // 3 * 3])


def found_in(secret_by_name: Mapping[str, str | bytes], places: Iterable[tuple[str, bytes]]) -> list[tuple[str, str]]:
    """Return which secrets stand where."""
    return [(name, place) for place, text in places for name, secret in secret_by_name.items() if finds(secret, text)]


def processes() -> Iterator[tuple[str, bytes]]:
    """Yield the command line and environment of every process."""
    for path in (*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            yield str(path), path.read_bytes()


def readable_files(directory: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files below a directory that somebody besides their owner may read or write."""
    for path, state in files_below(directory):
        if state.st_mode & 0o077:
            with contextlib.suppress(OSError):
                yield str(path), path.read_bytes()


def places_of(account: str) -> list[Path]:
    """Return the directories that agents laid down for scripts of another account than their own."""
    uid = pwd.getpwnam(account).pw_uid
    places = []
    for place in Path(tempfile.gettempdir()).glob("jobfleet-*"):
        with contextlib.suppress(OSError):
            if place.lstat().st_uid == uid:
                places.append(place)
    return places


def database_files(directory: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the database: tables, and the log of every change."""
    for path, _ in files_below(directory / "postgres"):
        if path.name != "password":
            with contextlib.suppress(OSError):
                yield str(path), path.read_bytes()


async def tables(stage: Stage) -> list[tuple[str, bytes]]:
    """Return every table of the record as text; bytes are hexadecimal in it."""
    names = await stage.database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = []
    for row in names:
        rows = await stage.database.fetch(f'SELECT t::text AS text FROM "{row[0]}" t')
        found.append((row[0], "\n".join(one["text"] for one in rows).encode()))
    return found


async def surface_answers(stage: Stage, members: Json, ids: Mapping[str, object]) -> list[tuple[str, bytes, bool]]:
    """Return what every query of the BlueKing surfaces answers, and whether it was a success."""
    queries = [route for route in ROUTES if route.name.startswith(QUERIES)]
    answers = []
    for route in queries:
        more = _ids_of(route, ids)
        less = (
            {"create_time_start", "create_time_end"} if "cron" in route.name or route.name == "get_job_list" else {}
        )  # texts there, in version 2
        given = {name: value for name, value in (members | more).items() if name not in less}
        answers.append((route, await _ask(stage, route, given)))
    return [(f"{route.surface} {route.name}", answer.content, _is_success(answer)) for route, answer in answers]


def _ids_of(route: Route, ids: Mapping[str, object]) -> Json:
    """Return what names the one thing that a query is about; the other queries are about the job."""
    match route.name:
        case "get_credential_detail":
            return {"id": ids["credential_id"]}
        case "get_job_plan_detail":
            return {"job_plan_id": ids["plan_id"]}
        case "get_job_detail":
            return {"bk_job_id": ids["plan_id"]}
        case "get_agent_status":
            return {"ip_list": [{"bk_cloud_id": 0, "ip": "127.0.0.1"}]}
        case "get_job_template_detail":
            return {"id": ids["template_id"]}
    return {}


async def _ask(stage: Stage, route: Route, members: Json) -> httpx.Response:
    path, level = next(iter(paths_of(route).items()))
    who = stage.admin.who if level is Level.USER else Who(stage.admin.who.app_code, stage.admin.who.app_secret, "")
    headers = {"X-Bkapi-Authorization": json.dumps(who.members()), "X-Bk-Username": "admin"}
    if "POST" in route.methods:
        return await stage.http.post(path, json=members, headers=headers)
    plain = {name: _text(value) for name, value in members.items() if not isinstance(value, list | dict)}
    return await stage.http.get(path, params=plain, headers=headers)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_success(answer: httpx.Response) -> bool:
    told = answer.json()
    return bool(told.get("code") == 0 or (answer.status_code == 200 and "error" not in told and "code" not in told))


async def native_answers(stage: Stage, ids: Mapping[str, object]) -> list[tuple[str, bytes, bool]]:
    """Return what every query of the native API answers for which the ids are known, and whether it was a success."""
    bearer, found = await stage.bearer(), []
    for route in NATIVE:
        if route.method != "GET":
            continue
        with contextlib.suppress(KeyError):
            path = route.path.format_map(ids)
            query = {"scope": "biz:2", "tasks": "true", "topics": f"run:{ids['job_id']}", "q": "a", "level": "set"}
            query |= {"left": str(ids["task_id"]), "right": str(ids["task_id"])}
            given = {name: value for name, value in query.items() if name in route.wanted.__struct_fields__}
            answer = await stage.http.get(path, params=given, headers=bearer)
            found.append((path, answer.content, answer.status_code == 200))
    return found


def members_for(job_id: int, step_id: int) -> Json:
    """Return what the queries of all versions want to know of a job, a step and a host."""
    now = time.time_ns() // 1_000_000
    return {
        "bk_scope_type": "biz",
        "bk_scope_id": "2",
        "bk_biz_id": 2,
        "job_instance_id": job_id,
        "step_instance_id": step_id,
        "execute_count": 0,
        "host_id": A,
        "bk_host_id": A,
        "host_id_list": [A],
        "execute_object_type": 1,
        "execute_object_resource_id": A,
        "execute_object_list": [{"type": 1, "resource_id": str(A)}],
        "create_time_start": now - 3_600_000,
        "create_time_end": now + 3_600_000,
        "return_ip_result": True,
        "return_execute_object_result": True,
        "include_execute_object_task_result": True,
    }
