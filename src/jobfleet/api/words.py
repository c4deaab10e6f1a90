"""Refusals in the names that a surface has for fields: operations tell their own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from jobfleet.model.errors import (
    BadRequestError,
    IllegalParameterError,
    IllegalParameterReasonError,
    JobfleetError,
    MissingOrIllegalParameterError,
    MissingParameterError,
)

_NAMING = (
    BadRequestError,
    IllegalParameterError,
    IllegalParameterReasonError,
    MissingOrIllegalParameterError,
    MissingParameterError,
)

BLUEKING_FIELDS = {
    "attempt": "execute_count",
    "bucket": "access_params.bucket",
    "created_from": "create_time_start",
    "created_from|created_to": "create_time_start|create_time_end",
    "created_to": "create_time_end",
    "endpoint": "access_params.base_url",
    "expression|execute_at": "expression/execute_time",
    "host": "execute_object_resource_id",
    "job_id": "job_instance_id",
    "language": "script_language",
    "languages": "script_language_list",
    "region": "access_params.region",
    "sources.file_source": "file_source.file_source_id",
    "sources.paths": "file_source.file_list",
    "time_zone": "execute_time_zone",
    "timeout_s": "timeout",
}
"""How the BlueKing API calls what operations name in refusals; «a|b» means that one of both is wrong."""


def field_of(error: JobfleetError) -> str:
    """Return the field that a refusal is about, "" for one that names none."""
    return error.arguments[0] if isinstance(error, _NAMING) and error.arguments else ""


@contextmanager
def in_words(fields: Mapping[str, str]) -> Iterator[None]:
    """Let refusals within name fields as the caller knows them; those that are not listed keep their name."""
    try:
        yield
    except _NAMING as refusal:
        field = field_of(refusal)
        if field not in fields:
            raise
        raise type(refusal)(fields[field], *refusal.arguments[1:]) from refusal
