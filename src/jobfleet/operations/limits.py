"""Hold what callers ask for within what the platform is set to."""

from typing import TypeVar

import msgspec

from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.file_job import NewFileJob
from jobfleet.model.job import NewScriptJob
from jobfleet.model.platform_settings import PlatformSettings, check_callback, timeout_within
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.store import platform_settings
from jobfleet.store.database import Transaction

Asked = TypeVar("Asked", NewScriptJob, NewFileJob, NewSqlJob, NewScriptJob | NewSqlJob | NewFileJob | ApprovalSpec)


async def within_limits(tx: Transaction, new: Asked) -> Asked:
    """Return a job that may be as it is asked for; its default time limit is no longer than the scope's.

    Raises:
        BadRequestError: Its time limit is above what the scope may have, or it calls back to where no job may.

    Source: docs/reference/platform-settings.md.
    """
    return step_within(await platform_settings.load(tx), new)


def step_within(settings: PlatformSettings, new: Asked) -> Asked:
    """Do what `within_limits` does, with settings that are at hand; an approval has no limits."""
    if isinstance(new, ApprovalSpec):
        return new
    check_callback(settings, new.callback_url)
    return msgspec.structs.replace(new, timeout_s=timeout_within(settings, new.scope, new.timeout_s))
