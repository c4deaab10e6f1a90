"""The table of the native API's routes."""

from litestar.handlers import HTTPRouteHandler

from jobfleet.api.native import (
    accounts,
    approvals,
    audit,
    bookmarks,
    containers,
    credentials,
    drafts,
    file_sources,
    host_logs,
    host_pages,
    host_story,
    hosts,
    job_record,
    jobs,
    logs,
    notifications,
    notify_policies,
    oidc,
    outputs,
    password_keys,
    plan_course,
    plans,
    preview,
    rules,
    run_list,
    runs,
    schedules,
    script_check,
    script_uses,
    scripts,
    session,
    settings,
    sql,
    start_file,
    start_script,
    state,
    step_hosts,
    stream,
    tags,
    target_boxes,
    template_archives,
    template_tools,
    templates,
    tokens,
    uploads,
    users,
    variables,
    whitelist,
)
from jobfleet.api.native.mount import mount
from jobfleet.api.native.route import Route
from jobfleet.operations.platform import Platform

ROUTES: tuple[Route, ...] = (
    *session.ROUTES,
    *tokens.ROUTES,
    *users.ROUTES,
    *oidc.ROUTES,
    *start_script.ROUTES,
    *start_file.ROUTES,
    *jobs.ROUTES,
    *job_record.ROUTES,
    *approvals.ROUTES,
    *run_list.ROUTES,
    *target_boxes.ROUTES,
    *preview.ROUTES,
    *drafts.ROUTES,
    *bookmarks.ROUTES,
    *logs.ROUTES,
    *runs.ROUTES,
    *step_hosts.ROUTES,
    *host_logs.ROUTES,
    *outputs.ROUTES,
    *host_story.ROUTES,
    *stream.ROUTES,
    *variables.ROUTES,
    *hosts.ROUTES,
    *host_pages.ROUTES,
    *containers.ROUTES,
    *state.ROUTES,
    *accounts.ROUTES,
    *password_keys.ROUTES,
    *audit.ROUTES,
    *sql.ROUTES,
    *plans.ROUTES,
    *plan_course.ROUTES,
    *templates.ROUTES,
    *template_archives.ROUTES,
    *template_tools.ROUTES,
    *schedules.ROUTES,
    *notifications.ROUTES,
    *notify_policies.ROUTES,
    *scripts.ROUTES,
    *script_uses.ROUTES,
    *script_check.ROUTES,
    *tags.ROUTES,
    *rules.ROUTES,
    *credentials.ROUTES,
    *file_sources.ROUTES,
    *uploads.ROUTES,
    *whitelist.ROUTES,
    *settings.ROUTES,
)


def routes(platform: Platform) -> list[HTTPRouteHandler]:
    """Return the handlers of the native API, and of its OpenAPI document.

    Raises:
        UndeclaredPermissionError: A route declares no permission.
    """
    from jobfleet.api.native.openapi import ROUTE

    return mount(platform, (*ROUTES, ROUTE))
