"""Looking at a script before anybody runs it, in version 3."""

from typing import Annotated

import msgspec

from jobfleet.api.fields import Int32
from jobfleet.api.kept_scripts import Content, LanguageNumber, needed_content
from jobfleet.api.scripts import is_language
from jobfleet.api.surface import Call
from jobfleet.model.errors import IllegalParameterError, MissingParameterError
from jobfleet.model.script_check import Finding, Level
from jobfleet.operations import script_check


class CheckScript(msgspec.Struct, frozen=True, kw_only=True):
    """Name a script: its language, and its content as Base64."""

    script_language: LanguageNumber = None
    content: Content = None


class ScriptFinding(msgspec.Struct, frozen=True):
    """Show what was found in a line; `level` is 1 warning, 2 error, 3 fatal."""

    line: Int32
    line_content: str
    match_content: str
    level: Annotated[int, msgspec.Meta(extra_json_schema={"format": "int32", "enum": [int(each) for each in Level]})]
    description: str


async def check_script(call: Call, wanted: CheckScript) -> list[ScriptFinding]:
    """Tell what may be wrong with a script.

    Source: docs/reference/check-script.md.
    """
    if wanted.script_language is None:
        raise MissingParameterError("script_language")
    if not is_language(wanted.script_language):
        raise IllegalParameterError("script_language")
    found = await script_check.check_script(call.platform, wanted.script_language, needed_content(wanted.content))
    return [_show(one, call.caller.language) for one in found]


def _show(one: Finding, language: str) -> ScriptFinding:
    return ScriptFinding(one.line, one.text, one.match, one.level, one.words.en if language == "en" else one.words.zh)
