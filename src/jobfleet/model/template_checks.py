"""What a template may say: names, limits, and what belongs together; every mistake with its place."""

import re
from collections.abc import Iterator

import msgspec

from jobfleet.model.declared import Mistake, nul_texts
from jobfleet.model.definition import ApprovalSpec, FileKind, TransferMode
from jobfleet.model.file_job import NewSource
from jobfleet.model.job_errors import IllegalRollingExpressionError
from jobfleet.model.paths import MAX_PATH_BYTES, is_file_name, is_too_long, is_valid_path
from jobfleet.model.rolling import MAX_WAIT_MS, Rolling, RollingMode, parse
from jobfleet.model.script import (
    HIGHEST_TIMEOUT_S,
    MAX_INTERPRETER_CHARACTERS,
    MAX_PARAM_BYTES,
    MAX_SCRIPT_BYTES,
    MAX_SENSITIVE_PARAM_BYTES,
    MIN_TIMEOUT_S,
    Language,
)
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import (
    Action,
    FileAction,
    NewTemplate,
    ScriptAction,
    SqlAction,
    TemplateStep,
    Variable,
)
from jobfleet.model.variable import VariableType, value_trouble

MAX_PLAN_NAME_CHARACTERS = 60
MAX_STEPS = 200
MAX_VARIABLES = 200
MAX_DESCRIPTION_CHARACTERS = 4_096
MAX_NAMED = 100
"""Most users, roles and channels of an approval, each; and most characters of one of them."""

MAX_CONTENTS_BYTES = 20_971_520
"""Most bytes of all scripts and files that a template holds itself."""

MAX_NUMBER = 2**63 - 1

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
Mistakes = Iterator[Mistake]


def check_template(new: NewTemplate) -> Mistakes:
    """Yield every mistake of a template.

    Source: docs/reference/plans.md, «Limits».
    """
    yield from check_name("template.name", new.name)
    if len(new.description) > MAX_DESCRIPTION_CHARACTERS:
        yield Mistake("template.description", f"is longer than {MAX_DESCRIPTION_CHARACTERS} characters")
    yield from _count("steps", len(new.steps), MAX_STEPS, at_least=1)
    yield from _count("variables", len(new.variables), MAX_VARIABLES)
    if sum(len(content) for step in new.steps for content in _contents(step.action)) > MAX_CONTENTS_BYTES:
        yield Mistake("steps", f"hold more than {MAX_CONTENTS_BYTES} bytes of scripts and files")
    yield from _variables(new.variables)
    lists = {one.name for one in new.variables if one.type is VariableType.HOSTS}
    for index, step in enumerate(new.steps):
        yield from _step(f"steps[{index}]", step, lists)


def check_name(where: str, name: str) -> Mistakes:
    """Yield what is wrong with the name of a template, plan or step."""
    if not name.strip() or len(name) > MAX_PLAN_NAME_CHARACTERS:
        yield Mistake(where, f"is not 1 to {MAX_PLAN_NAME_CHARACTERS} characters long")


def check_value(where: str, variable: Variable) -> Mistakes:
    """Yield what is wrong with the value of a variable."""
    if variable.type is VariableType.HOSTS:
        if variable.value:
            yield Mistake(f"{where}.value", "is given to a host list; give hosts")
        if variable.hosts.variable:
            yield Mistake(f"{where}.hosts", "name another variable")
        return
    if not variable.hosts.is_empty:
        yield Mistake(f"{where}.hosts", "are given to a variable that is no host list")
    if trouble := value_trouble(variable.type, variable.value):
        yield Mistake(f"{where}.value", trouble)


def _count(where: str, count: int, most: int, at_least: int = 0) -> Mistakes:
    if not at_least <= count <= most:
        yield Mistake(where, f"{count} of them; {at_least} to {most} are taken")


def _contents(action: Action) -> list[bytes]:
    match action:
        case ScriptAction() | SqlAction():
            return [action.content]
        case FileAction():
            return [one.content for one in action.contents]
    return []


def _variables(variables: tuple[Variable, ...]) -> Mistakes:
    seen: dict[str, int] = {}
    for index, variable in enumerate(variables):
        where = f"variables[{index}]"
        if not _VARIABLE.match(variable.name) or len(variable.name) > MAX_PLAN_NAME_CHARACTERS:
            yield Mistake(f"{where}.name", "is not letters, digits and _, beginning with a letter or _, at most 60")
        first = seen.setdefault(variable.name, index)
        if first != index:
            yield Mistake(f"{where}.name", f"{variable.name} is declared by variables[{first}] already")
        if len(variable.description) > MAX_DESCRIPTION_CHARACTERS:
            yield Mistake(f"{where}.description", f"is longer than {MAX_DESCRIPTION_CHARACTERS} characters")
        yield from check_value(where, variable)
        yield from nul_texts(where, msgspec.to_builtins(variable))
        yield from _large_numbers(where, msgspec.to_builtins(variable))


def _step(where: str, step: TemplateStep, lists: set[str]) -> Mistakes:
    yield from check_name(f"{where}.name", step.name)
    yield from nul_texts(where, msgspec.to_builtins(step))
    yield from _large_numbers(where, msgspec.to_builtins(step))
    match step.action:
        case ScriptAction() as action:
            yield from _script(where, action, lists)
        case SqlAction() as action:
            yield from _sql(where, action, lists)
        case FileAction() as action:
            yield from _files(where, action, lists)
        case ApprovalSpec() as action:
            yield from _approval(where, action)


def _large_numbers(where: str, value: object) -> Mistakes:
    """Yield numbers that the record cannot keep."""
    match value:
        case int() if abs(value) > MAX_NUMBER:
            yield Mistake(where, f"is larger than {MAX_NUMBER}")
        case dict():
            for name, member in value.items():
                yield from _large_numbers(f"{where}.{name}", member)
        case list():
            for index, member in enumerate(value):
                yield from _large_numbers(f"{where}[{index}]", member)


def _approval(where: str, action: ApprovalSpec) -> Mistakes:
    if len(action.message) > MAX_DESCRIPTION_CHARACTERS:
        yield Mistake(f"{where}.message", f"is longer than {MAX_DESCRIPTION_CHARACTERS} characters")
    for field, names in (("users", action.users), ("roles", action.roles), ("channels", action.channels)):
        yield from _count(f"{where}.{field}", len(names), MAX_NAMED)
        if any(len(name) > MAX_NAMED for name in names):
            yield Mistake(f"{where}.{field}", f"hold a name longer than {MAX_NAMED} characters")


def _script(where: str, action: ScriptAction, lists: set[str]) -> Mistakes:
    yield from _runs(where, "script", action)
    yield from _targets(f"{where}.targets", action.target, lists)
    yield from _account(f"{where}.account", action.account_id, action.account_alias)
    yield from _rolling(f"{where}.rolling", action.rolling)
    if action.language not in set(Language) - {Language.SQL}:
        yield Mistake(f"{where}.language", "is no script language")
    most = MAX_SENSITIVE_PARAM_BYTES if action.sensitive else MAX_PARAM_BYTES
    if len(action.params.encode()) > most:
        yield Mistake(f"{where}.params", f"are longer than {most} bytes")
    if len(action.interpreter) > MAX_INTERPRETER_CHARACTERS:
        yield Mistake(f"{where}.interpreter", f"is longer than {MAX_INTERPRETER_CHARACTERS} characters")
    if action.interpreter and not action.interpreter.lower().endswith(".exe"):
        yield Mistake(f"{where}.interpreter", "does not end in .exe; it is for Windows hosts only")


def _sql(where: str, action: SqlAction, lists: set[str]) -> Mistakes:
    yield from _runs(where, "sql", action)
    yield from _targets(f"{where}.targets", action.target, lists)
    yield from _account(f"{where}.db_account", action.db_account_id, action.db_account_alias)


def _runs(where: str, field: str, action: ScriptAction | SqlAction) -> Mistakes:
    yield from _timeout(where, action.timeout_s)
    if bool(action.content) == (action.script_version_id is not None):
        yield Mistake(f"{where}.{field}", "give either a text or script_version")
    if len(action.content) > MAX_SCRIPT_BYTES:
        yield Mistake(f"{where}.{field}", f"is larger than {MAX_SCRIPT_BYTES} bytes")


def _files(where: str, action: FileAction, lists: set[str]) -> Mistakes:
    yield from _timeout(where, action.timeout_s)
    yield from _targets(f"{where}.targets", action.target, lists)
    yield from _account(f"{where}.account", action.account_id, action.account_alias)
    yield from _rolling(f"{where}.rolling", action.rolling)
    if not is_valid_path(action.target_path):
        yield Mistake(f"{where}.target_path", "is not an absolute path")
    if action.mode not in set(TransferMode):
        yield Mistake(f"{where}.mode", "is no transfer mode")
    if min(action.upload_limit_kib_s, action.download_limit_kib_s) < 0:
        yield Mistake(where, "has a speed limit below 0")
    for name in (action.target_name, *(one.name for one in action.contents)):
        if name and not is_file_name(name):
            yield Mistake(where, f"{name!r} is no file name")
    if not (action.sources or action.contents):
        yield Mistake(f"{where}.sources", "are missing")
    for index, source in enumerate(action.sources):
        yield from _source(f"{where}.sources[{index}]", source, lists)


def _source(where: str, source: NewSource, lists: set[str]) -> Mistakes:
    if not source.paths:
        yield Mistake(where, "names no file")
    if any(is_too_long(path) for path in source.paths):
        yield Mistake(f"{where}.files", f"has a path longer than {MAX_PATH_BYTES} bytes")
    if source.kind != FileKind.HOST:
        return
    yield from _targets(f"{where}.hosts", source.hosts, lists)
    yield from _account(f"{where}.account", source.account_id, source.account_alias)
    for path in source.paths:
        if not is_valid_path(path):
            yield Mistake(f"{where}.files", f"{path[:200]!r} is not an absolute path")


def long_steps(new: NewTemplate, most_s: int) -> Mistakes:
    """Yield the steps that may take longer than the scope's may."""
    for index, step in enumerate(new.steps):
        if not isinstance(step.action, ApprovalSpec) and (step.action.timeout_s or 0) > most_s:
            yield Mistake(f"steps[{index}].timeout_s", f"is above {most_s}")


def _targets(where: str, target: TargetSpec, lists: set[str]) -> Mistakes:
    if target.is_empty:
        yield Mistake(where, "name no host")
    if target.variable and target != TargetSpec(variable=target.variable):
        yield Mistake(where, "name a variable beside hosts")
    if target.variable and target.variable not in lists:
        yield Mistake(where, f"{target.variable} is no host list of this template")


def _account(where: str, account_id: int | None, alias: str) -> Mistakes:
    if account_id is None and not alias:
        yield Mistake(where, "is missing")


def _timeout(where: str, timeout_s: int | None) -> Mistakes:
    if timeout_s is not None and not MIN_TIMEOUT_S <= timeout_s <= HIGHEST_TIMEOUT_S:
        yield Mistake(f"{where}.timeout_s", f"is not between {MIN_TIMEOUT_S} and {HIGHEST_TIMEOUT_S}")


def _rolling(where: str, rolling: Rolling | None) -> Mistakes:
    if rolling is None:
        return
    try:
        parse(rolling.expression)
    except IllegalRollingExpressionError:
        yield Mistake(f"{where}.expression", f"{rolling.expression!r} is no rolling expression")
    if rolling.mode not in set(RollingMode):
        yield Mistake(f"{where}.mode", "is no rolling mode")
    low, high = rolling.wait_random_min_ms, rolling.wait_random_max_ms
    if not (0 <= rolling.wait_fixed_ms <= MAX_WAIT_MS and 0 <= low <= high <= MAX_WAIT_MS):
        yield Mistake(where, f"has waits that are not 0 to {MAX_WAIT_MS} ms, the least first")
