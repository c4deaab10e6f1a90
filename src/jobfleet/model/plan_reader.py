"""From a declaration to a template: files are taken in, words become numbers, steps find what they were before."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from jobfleet.model.arrays import render_array
from jobfleet.model.declared import Mistake
from jobfleet.model.declared_plan import (
    Declaration,
    DeclaredApproval,
    DeclaredFiles,
    DeclaredRolling,
    DeclaredScript,
    DeclaredSource,
    DeclaredSql,
    DeclaredStep,
    DeclaredVariable,
    LocalFiles,
)
from jobfleet.model.definition import ApprovalSpec, FileKind, TransferMode
from jobfleet.model.difference import MASK
from jobfleet.model.file_job import NewContent, NewSource
from jobfleet.model.rolling import Rolling, RollingMode
from jobfleet.model.scope import Scope
from jobfleet.model.script import Language
from jobfleet.model.target import TargetSpec
from jobfleet.model.target_text import parse_targets
from jobfleet.model.template import (
    Action,
    FileAction,
    NewTemplate,
    ScriptAction,
    SqlAction,
    Template,
    TemplateStep,
    Variable,
)
from jobfleet.model.variable import VariableType

LIST_OF = "variable:"
"""Begins a target that names a host list."""

_ROLLING = {
    "pause": RollingMode.PAUSE_ON_FAILURE,
    "ignore": RollingMode.IGNORE_FAILURES,
    "ask": RollingMode.ASK_EACH_TIME,
}
_MODES = {
    "strict": TransferMode.STRICT,
    "force": TransferMode.FORCE,
    "by_ip": TransferMode.SAFE_BY_IP,
    "by_date": TransferMode.SAFE_BY_DATE,
}

Value = TypeVar("Value")


class Reader:
    """Make templates of declarations, and note the mistakes that are met on the way.

    Args:
        files: The local files that the declaration names.
        account_id: The account that is meant where none is named; None when there is no such.
    """

    def __init__(self, files: LocalFiles, account_id: int | None) -> None:
        self.mistakes: list[Mistake] = []
        self._account_id = account_id
        self._files = files

    def template(self, scope: Scope, declared: Declaration, old: Template | None) -> NewTemplate:
        """Return the template that is declared; steps and variables of `old` with the same names keep their ids."""
        self._check_names("steps", [one.name for one in declared.steps])
        steps = {} if old is None else {one.name: one.id for one in old.steps}
        variables = {} if old is None else {(one.name, one.type): one.id for one in old.variables}
        return NewTemplate(
            scope=scope,
            name=declared.template.name,
            description=declared.template.description,
            steps=tuple(self._step(f"steps[{n}]", one, steps) for n, one in enumerate(declared.steps)),
            variables=tuple(
                self._variable(f"variables[{n}]", one, variables) for n, one in enumerate(declared.variables)
            ),
        )

    def _check_names(self, where: str, names: list[str]) -> None:
        for index, name in enumerate(names):
            if name in names[:index]:
                self._note(f"{where}[{index}].name", f"{name!r} is declared already")

    def _note(self, where: str, problem: str) -> None:
        self.mistakes.append(Mistake(where, problem))

    def _step(self, where: str, declared: DeclaredStep, ids: Mapping[str, int]) -> TemplateStep:
        ignore_error = getattr(declared, "ignore_error", False)
        return TemplateStep(declared.name, self._action(where, declared), ignore_error, ids.get(declared.name, 0))

    def _action(self, where: str, declared: DeclaredStep) -> Action:
        match declared:
            case DeclaredScript():
                return self._script(where, declared)
            case DeclaredSql():
                return self._sql(where, declared)
            case DeclaredFiles():
                return self._distribution(where, declared)
            case DeclaredApproval(message=message, users=users, roles=roles, channels=channels):
                return ApprovalSpec(message, users, roles, channels)

    def _script(self, where: str, declared: DeclaredScript) -> ScriptAction:
        if declared.params and declared.sensitive_params:
            self._note(f"{where}.sensitive_params", "are given beside params")
        return ScriptAction(
            target=self._targets(f"{where}.targets", declared.targets),
            account_id=self._account(declared.account),
            account_alias=declared.account,
            language=Language[declared.language.upper()],
            content=self._text(where, "script", declared.script, declared.script_file),
            script_version_id=declared.script_version,
            params=declared.sensitive_params or declared.params,
            sensitive=bool(declared.sensitive_params),
            timeout_s=declared.timeout_s,
            interpreter=declared.interpreter,
            rolling=_rolling(declared.rolling),
        )

    def _sql(self, where: str, declared: DeclaredSql) -> SqlAction:
        return SqlAction(
            target=self._targets(f"{where}.targets", declared.targets),
            db_account_alias=declared.db_account,
            content=self._text(where, "sql", declared.sql, declared.sql_file),
            script_version_id=declared.script_version,
            timeout_s=declared.timeout_s,
        )

    def _distribution(self, where: str, declared: DeclaredFiles) -> FileAction:
        places = [(f"{where}.sources[{n}]", one) for n, one in enumerate(declared.sources)]
        for place, source in places:
            self._check_source(place, source)
        found = (self._source(place, one) for place, one in places if not one.name)
        return FileAction(
            target=self._targets(f"{where}.targets", declared.targets),
            target_path=declared.target_path,
            account_id=self._account(declared.account),
            account_alias=declared.account,
            sources=tuple(found),
            contents=tuple(self._content(place, one) for place, one in places if one.name),
            target_name=declared.target_name,
            mode=_MODES[declared.mode],
            timeout_s=declared.timeout_s,
            upload_limit_kib_s=declared.upload_limit_kib_s,
            download_limit_kib_s=declared.download_limit_kib_s,
            rolling=_rolling(declared.rolling),
        )

    def _account(self, alias: str) -> int | None:
        return None if alias else self._account_id

    def _check_source(self, where: str, source: DeclaredSource) -> None:
        ways = (bool(source.files or source.hosts or source.file_source), bool(source.upload), bool(source.name))
        if sum(ways) != 1 or (source.hosts and source.file_source):
            self._note(where, "give one of: files of hosts or of a file_source, upload, or a name with a content")
        if bool(source.content or source.content_file) and not source.name:
            self._note(f"{where}.name", "is missing")

    def _source(self, where: str, source: DeclaredSource) -> NewSource:
        if source.upload:
            named = (self._local(f"{where}.upload", name, self._files.uploads, "") for name in source.upload)
            return NewSource(FileKind.UPLOAD, tuple(named))
        if source.file_source:
            return NewSource(FileKind.FILE_SOURCE, source.files, file_source_code=source.file_source)
        hosts = self._targets(f"{where}.hosts", source.hosts)
        return NewSource(FileKind.HOST, source.files, self._account(source.account), source.account, hosts)

    def _content(self, where: str, source: DeclaredSource) -> NewContent:
        return NewContent(source.name, self._text(where, "content", source.content, source.content_file))

    def _text(self, where: str, field: str, text: str, file: str) -> bytes:
        if text and file:
            self._note(f"{where}.{field}_file", f"is given beside {field}")
        return self._local(f"{where}.{field}_file", file, self._files.contents, b"") if file else text.encode()

    def _local(self, where: str, name: str, files: Mapping[str, Value], nothing: Value) -> Value:
        if name not in files:
            self._note(where, f"{name} was not sent along")
        return files.get(name, nothing)

    def _targets(self, where: str, texts: Iterable[str]) -> TargetSpec:
        listed = [text.strip() for text in texts]
        if len(listed) == 1 and listed[0].startswith(LIST_OF):
            return TargetSpec(variable=listed[0].removeprefix(LIST_OF))
        try:
            return parse_targets(listed)
        except ValueError as error:
            self._note(where, str(error))
            return TargetSpec(variable=where)

    def _variable(
        self, where: str, declared: DeclaredVariable, ids: Mapping[tuple[str, VariableType], int]
    ) -> Variable:
        kind = VariableType[declared.type.upper()]
        known = ids.get((declared.name, kind), 0)
        is_kept = kind is VariableType.PASSWORD and known and not declared.value
        return Variable(
            name=declared.name,
            type=kind,
            value=MASK if is_kept else self._value(where, kind, declared.value),
            hosts=self._targets(f"{where}.hosts", declared.hosts) if declared.hosts else TargetSpec(),
            changeable=declared.changeable,
            required=declared.required,
            description=declared.description,
            id=known,
        )

    def _value(self, where: str, kind: VariableType, value: str | dict[str, str] | list[str]) -> str:
        if isinstance(value, str):
            return value
        wanted = VariableType.ASSOCIATIVE if isinstance(value, dict) else VariableType.INDEXED
        if kind is not wanted:
            self._note(f"{where}.value", f"is no value of type {kind.name.lower()}")
        return _array(value)


def _rolling(declared: DeclaredRolling | None) -> Rolling | None:
    if declared is None:
        return None
    given = msgspec.structs.asdict(declared) | {"mode": _ROLLING[declared.mode]}
    return Rolling(**given)


def _array(value: dict[str, str] | list[str]) -> str:
    """Return an array as a shell would write it."""
    if isinstance(value, dict):
        return render_array(value, associative=True)
    return render_array({str(index): text for index, text in enumerate(value)}, associative=False)
