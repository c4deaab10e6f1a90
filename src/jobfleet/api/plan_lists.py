"""Lists of templates and plans in version 3: what bus and gateway share. Times are epoch milliseconds."""

import msgspec

from jobfleet.api.fields import Int32, Int64, Text, text
from jobfleet.api.paging import page_of
from jobfleet.api.scope import Scoped, business_of, scope_of
from jobfleet.api.surface import Call
from jobfleet.api.times import first_ms, last_ms
from jobfleet.model.scope import Scope
from jobfleet.model.template import Template
from jobfleet.operations import plans, templates
from jobfleet.store.kept_filter import KeptFilter
from jobfleet.store.plans import PlanFilter, PlanRow
from jobfleet.store.templates import TemplateRow


class GetJobTemplateList(Scoped, frozen=True, kw_only=True):
    """Ask for a page of templates; times are epoch milliseconds, or seconds."""

    creator: Text | None = None
    name: Text | None = None
    create_time_start: Int64 | None = None
    create_time_end: Int64 | None = None
    last_modify_user: Text | None = None
    last_modify_time_start: Int64 | None = None
    last_modify_time_end: Int64 | None = None
    start: Int32 | None = None
    length: Int32 | None = None


class GetJobPlanList(GetJobTemplateList, frozen=True, kw_only=True):
    """Ask for a page of plans; times are epoch milliseconds, or seconds."""

    job_template_id: Int64 | None = None


class TemplateItem(msgspec.Struct, frozen=True, kw_only=True):
    """Show a template in a list."""

    bk_scope_type: str
    bk_scope_id: str
    bk_biz_id: Int64 | None
    id: Int64
    name: str
    description: str
    creator: str
    create_time: Int64
    last_modify_user: str
    last_modify_time: Int64


class TemplatePage(msgspec.Struct, frozen=True):
    """Show a page of templates; `total` counts all that match."""

    start: Int32
    total: Int32
    length: Int32
    data: list[TemplateItem]


class PlanItem(msgspec.Struct, frozen=True, kw_only=True):
    """Show a plan in a list; `need_update`: its template has changed since."""

    bk_scope_type: str
    bk_scope_id: str
    bk_biz_id: Int64 | None
    id: Int64
    job_template_id: Int64
    name: str
    creator: str
    create_time: Int64
    last_modify_user: str
    last_modify_time: Int64
    need_update: bool


class PlanPage(msgspec.Struct, frozen=True):
    """Show a page of plans; `total` counts all that match."""

    start: Int32
    total: Int32
    length: Int32
    data: list[PlanItem]


async def get_job_template_list(call: Call, wanted: GetJobTemplateList) -> TemplatePage:
    """Show a page of templates.

    Source: docs/reference/plans.md, «BlueKing API».
    """
    scope, (start, length) = scope_of(wanted), page_of(wanted.start, wanted.length)
    total, found = await templates.list_templates(
        call.platform, call.caller, scope, _filter(wanted), start=start, length=length
    )
    return TemplatePage(start, total, length, [show_template(scope, row) for row in found])


async def get_job_plan_list(call: Call, wanted: GetJobPlanList) -> PlanPage:
    """Show a page of plans.

    Source: docs/reference/plans.md, «BlueKing API».
    """
    scope, (start, length) = scope_of(wanted), page_of(wanted.start, wanted.length)
    those = PlanFilter(**msgspec.structs.asdict(_filter(wanted)), template_id=wanted.job_template_id)
    total, found = await plans.list_plans(call.platform, call.caller, scope, those, start=start, length=length)
    return PlanPage(start, total, length, [_plan(scope, row) for row in found])


def _filter(wanted: GetJobTemplateList) -> KeptFilter:
    return KeptFilter(
        name=text(wanted.name),
        creator=text(wanted.creator),
        modifier=text(wanted.last_modify_user),
        created=(first_ms(wanted.create_time_start), last_ms(wanted.create_time_end)),
        modified=(first_ms(wanted.last_modify_time_start), last_ms(wanted.last_modify_time_end)),
    )


def show_template(scope: Scope, row: TemplateRow | Template) -> TemplateItem:
    """Return a template without its steps, as versions 3 and 4 show it."""
    return TemplateItem(
        bk_scope_type=scope.type.value,
        bk_scope_id=str(scope.id),
        bk_biz_id=business_of(scope),
        id=row.id,
        name=row.name,
        description=row.description,
        creator=row.creator,
        create_time=row.created_at,
        last_modify_user=row.modifier,
        last_modify_time=row.modified_at,
    )


def _plan(scope: Scope, row: PlanRow) -> PlanItem:
    return PlanItem(
        bk_scope_type=scope.type.value,
        bk_scope_id=str(scope.id),
        bk_biz_id=business_of(scope),
        id=row.id,
        job_template_id=row.template_id,
        name=row.name,
        creator=row.creator,
        create_time=row.created_at,
        last_modify_user=row.modifier,
        last_modify_time=row.modified_at,
        need_update=row.version != row.template_version,
    )
