"""How the native API gives scripts: their content as text or bytes, and their language as a word."""

import base64
import binascii
from typing import Literal

from jobfleet.api.native.route import FieldError
from jobfleet.model.script import MAX_SCRIPT_BYTES, Language

LanguageName = Literal["shell", "bat", "perl", "python", "powershell", "sql"]


def content_of(script: str | None, script_base64: str | None) -> bytes:
    """Return the bytes of a script that is given as text or as Base64.

    Raises:
        FieldError: Both or none are given, or it is empty, too large or no Base64.
    """
    if (script is None) == (script_base64 is None):
        raise FieldError("script", "give either script or script_base64")
    content = _decoded(script_base64) if script is None else script.encode()
    if not content:
        raise FieldError("script", "is empty")
    if len(content) > MAX_SCRIPT_BYTES:
        raise FieldError("script", f"is larger than {MAX_SCRIPT_BYTES} bytes")
    return content


def language_of(name: str) -> int:
    """Return the number of a language."""
    return int(Language[name.upper()])


def language_name(number: int) -> str:
    """Return the word for a language."""
    return Language(number).name.lower()


def _decoded(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise FieldError("script_base64", "is not base64") from error
