"""Refusals in version 2's names of fields."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from jobfleet.model.errors import BadRequestError, IllegalParameterReasonError, MissingParameterError

START_FIELDS = {"timeout": "script_timeout", "callback_url": "bk_callback_url"}
"""How version 2 calls what starts of scripts and SQL name in refusals."""


@contextmanager
def in_words_of_version_2(fields: Mapping[str, str]) -> Iterator[None]:
    """Let refusals name the fields as the caller knows them."""
    try:
        yield
    except (BadRequestError, IllegalParameterReasonError, MissingParameterError) as refusal:
        field, *why = refusal.arguments
        if field not in fields:
            raise
        raise type(refusal)(fields[field], *why) from refusal
