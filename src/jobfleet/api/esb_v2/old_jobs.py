"""Operations of version 2 that stand on old pages only: importing jobs, and running those between businesses."""

import base64
import binascii
from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64, Text
from jobfleet.api.plans import StartedPlan
from jobfleet.api.scope import ScopedV2, scope_of
from jobfleet.api.scripts import scope_first
from jobfleet.api.surface import Call
from jobfleet.api.targets import HostAddress
from jobfleet.model.archive import SUFFIX, Ids
from jobfleet.model.caller import Action
from jobfleet.model.errors import MissingParameterError, UnsupportedFeatureError
from jobfleet.model.resource_errors import BadArchiveError
from jobfleet.model.scope import scope_of_business_id
from jobfleet.operations import access
from jobfleet.operations.import_templates import Import, ImportedPlan, import_together


class ImportSettings(msgspec.Struct, frozen=True):
    """Give an archive of templates as Base64, with its password; a name that is taken is changed unless forbidden."""

    content: Annotated[str | None, NEEDED] = None
    password: Annotated[Text | None, NEEDED] = None
    rename: bool = True


class ImportJob(ScopedV2, frozen=True, kw_only=True):
    """Ask for the plans of an archive."""

    params: Annotated[ImportSettings | None, NEEDED] = None


class IdPair(msgspec.Struct, frozen=True):
    """Tell a new id by the old one."""

    original_id: Int64
    new_id: Int64


class ImportedJob(msgspec.Struct, frozen=True):
    """Say which plan was made of which."""

    original_job_id: Int64
    new_job_id: Int64
    original_job_name: str
    new_job_name: str
    step_id_mapping: list[IdPair]
    global_var_id_mapping: list[IdPair]


class PlatformSource(msgspec.Struct, frozen=True):
    """Say which files come from where."""

    files: Annotated[tuple[str, ...] | None, NEEDED] = None
    account: Annotated[Text | None, NEEDED] = None
    custom_query_id: tuple[Text, ...] | None = None
    ip_list: tuple[HostAddress, ...] | None = None


class PlatformStep(msgspec.Struct, frozen=True):
    """Say how a step is to differ."""

    step_id: Annotated[Int64 | None, NEEDED] = None
    script_id: Int64 | None = None
    script_content: str | None = None
    script_param: str | None = None
    script_timeout: Int32 | None = None
    account: Text | None = None
    script_type: Int32 | None = None
    file_target_path: str | None = None
    file_source: tuple[PlatformSource, ...] | None = None
    custom_query_id: tuple[Text, ...] | None = None
    ip_list: tuple[HostAddress, ...] | None = None


class ExecutePlatformJob(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for a job between two businesses."""

    bk_job_id: Annotated[Int64 | None, NEEDED] = None
    source_bk_biz_id: Annotated[Int64 | None, NEEDED] = None
    target_bk_biz_id: Annotated[Int64 | None, NEEDED] = None
    steps: tuple[PlatformStep, ...] | None = None
    bk_callback_url: str | None = None


async def import_job(call: Call, wanted: ImportJob) -> list[ImportedJob]:
    """Make the templates and plans of an archive, all or none.

    Source: docs/reference/template-archives.md, «import_job».
    """
    async with scope_first(call, wanted):
        asked = _import(wanted)
    done = await import_together(call.platform, call.caller, asked)
    return [_imported(plan) for template in done for plan in template.plans if plan.made is not None]


def _import(wanted: ImportJob) -> Import:
    settings = wanted.params
    if settings is None or not settings.content:
        raise MissingParameterError("params.content")
    try:
        file = base64.b64decode("".join(settings.content.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadArchiveError("it is no Base64") from error
    password = "" if settings.password is None else str(settings.password)
    return Import(scope_of(wanted), file, password, Ids.NEW, SUFFIX if settings.rename else "")


def _imported(one: ImportedPlan) -> ImportedJob:
    return ImportedJob(
        original_job_id=one.id,
        new_job_id=0 if one.made is None else one.made.id,
        original_job_name=one.name,
        new_job_name="" if one.made is None else one.made.name,
        step_id_mapping=[IdPair(old, new) for old, new in one.steps.items()],
        global_var_id_mapping=[IdPair(old, new) for old, new in one.variables.items()],
    )


async def execute_platform_job(call: Call, wanted: ExecutePlatformJob) -> StartedPlan:
    """Refuse what no installation has: templates that belong to no business.

    Source: docs/reference/compatibility.md.
    """
    ids = {name: getattr(wanted, name) for name in ("bk_job_id", "source_bk_biz_id", "target_bk_biz_id")}
    if missing := [name for name, value in ids.items() if value is None or value < 1]:
        raise MissingParameterError(missing[0])
    for name in ("source_bk_biz_id", "target_bk_biz_id"):
        scope = scope_of_business_id(ids[name])
        await access.check_permission(call.platform, call.caller, scope, Action.LAUNCH_JOB_PLAN)
    raise UnsupportedFeatureError("execute_platform_job")
