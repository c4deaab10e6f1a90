"""The audit trail as a file: comma-separated values, or a JSON object a line."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from typing import Literal

import msgspec

from jobfleet.api.native.audit import AuditChoice, AuditRow, filter_of, show_row
from jobfleet.api.native.route import Call, Download, Route
from jobfleet.model.audit import StoredEntry
from jobfleet.model.caller import Action
from jobfleet.operations import audit_trail

_COLUMNS = AuditRow.__struct_fields__
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How texts begin that programs for tables would calculate."""

_encoder = msgspec.json.Encoder()


class ExportAudit(AuditChoice, frozen=True, kw_only=True):
    """Ask for all rows that match as a file; `language` is that of `words` and `action_name`."""

    format: Literal["csv", "jsonl"] = "csv"
    language: Literal["zh", "en"] = "en"


async def export_audit(call: Call, wanted: ExportAudit) -> Download:
    """Send rows of the trail as a file."""
    pages = await audit_trail.export(call.platform, call.caller, filter_of(wanted))
    if wanted.format == "jsonl":
        return Download("audit.jsonl", _chunks(pages, _json_lines, wanted.language), "application/x-ndjson")
    return Download("audit.csv", _with_head(_chunks(pages, _csv_lines, wanted.language)), "text/csv; charset=utf-8")


async def _chunks(
    pages: AsyncIterator[list[StoredEntry]], lines: Callable[[list[AuditRow]], bytes], words: str
) -> AsyncIterator[bytes]:
    async for page in pages:
        yield lines([show_row(one, words) for one in page])


async def _with_head(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield _written([list(_COLUMNS)])
    async for chunk in chunks:
        yield chunk


def _json_lines(rows: list[AuditRow]) -> bytes:
    return b"".join(_encoder.encode(row) + b"\n" for row in rows)


def _csv_lines(rows: list[AuditRow]) -> bytes:
    return _written([[_cell(getattr(row, name)) for name in _COLUMNS] for row in rows])


def _cell(value: object) -> str:
    if value is None or value == {}:
        return ""
    text = value if isinstance(value, str) else _encoder.encode(value).decode()
    return f"'{text}" if text.startswith(_FORMULA) else text


def _written(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


ROUTES = (
    Route("GET", "/api/v1/audit/export", Action.VIEW_AUDIT, export_audit, ExportAudit, bytes, "Send the audit trail"),
)
