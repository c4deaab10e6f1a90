"""The history of jobs, of version 4."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.esb_v3.history import HistoryWords, PastJob, found_of, show
from jobfleet.api.surface import Call

MAX_OFFSET = 10_000
MAX_LENGTH = 200

Offset = Annotated[int, Meta(ge=0, le=MAX_OFFSET, extra_json_schema={"format": "int32"})]
Length = Annotated[int, Meta(ge=1, le=MAX_LENGTH, extra_json_schema={"format": "int32"})]


class GetJobInstanceListV4(HistoryWords, frozen=True, kw_only=True):
    """Ask for a page of the history."""

    offset: Offset = 0
    length: Length = 10


class PastJobsV4(msgspec.Struct, frozen=True):
    """Show a page of the history, newest first."""

    job_instance_list: list[PastJob]


async def get_job_instance_list(call: Call, wanted: GetJobInstanceListV4) -> PastJobsV4:
    """Answer a page of the history.

    Source: docs/reference/api.md, «get_job_instance_list».
    """
    return PastJobsV4(show(await found_of(call, wanted, wanted.offset, wanted.length)))
