"""A call as text: a command for a shell, or a program in Python."""

import json
from collections.abc import Sequence
from typing import Any

from jobfleet.api.native.call_parts import StartCall

MARK = "JOBFLEET"
"""Ends the body of a command; no line of JSON is this word."""


def as_curl(call: StartCall, origin: str, notes: Sequence[str]) -> str:
    """Return a call as a command; its body is read from a here-document, which no shell looks into or cuts.

    Args:
        origin: Where the server is, without a slash at the end.
        notes: What somebody has to know first; one comment each.
    """
    header = (
        '-H "X-Bkapi-Authorization: {\\"access_token\\": \\"$JOBFLEET_TOKEN\\"}"'
        if call.is_published
        else '-H "Authorization: Bearer $JOBFLEET_TOKEN"'
    )
    lines = [*(f"# {note}" for note in notes), f"curl -sS '{origin}{call.path}' \\", f"  {header} \\"]
    lines += ["  -H 'Content-Type: application/json' \\", f"  --data-binary @- <<'{MARK}'"]
    return "\n".join([*lines, json.dumps(call.body, ensure_ascii=False, indent=2), MARK, ""])


def as_python(call: StartCall, origin: str, notes: Sequence[str]) -> str:
    """Return a call as a program that needs nothing but Python; it prints the new job's id."""
    own = '"Authorization": "Bearer " + os.environ["JOBFLEET_TOKEN"]', '["job_id"]'
    published = (
        '"X-Bkapi-Authorization": json.dumps({"access_token": os.environ["JOBFLEET_TOKEN"]})',
        '["data"]["job_instance_id"]',
    )
    named, answer = published if call.is_published else own
    lines = [
        *(f"# {note}" for note in notes),
        "import json, os, urllib.request",
        "",
        f"body = {_literal(call.body, '')}",
        "request = urllib.request.Request(",
        f'    "{origin}{call.path}",',
        "    data=json.dumps(body).encode(),",
        f'    headers={{{named}, "Content-Type": "application/json"}},',
        ")",
        f"print(json.load(urllib.request.urlopen(request)){answer})",
        "",
    ]
    return "\n".join(lines)


def _literal(value: Any, indent: str) -> str:
    """Return a value as Python writes it, a member a line."""
    inner = f"{indent}    "
    if isinstance(value, dict) and value:
        members = "".join(f"{inner}{_text(name)}: {_literal(one, inner)},\n" for name, one in value.items())
        return f"{{\n{members}{indent}}}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + "".join(f"{inner}{_literal(one, inner)},\n" for one in value) + f"{indent}]"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)
