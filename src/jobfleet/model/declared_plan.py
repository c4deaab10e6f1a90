"""A template and a plan as one file declares them, and how its TOML is read.

Source: docs/reference/plans.md.
"""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from jobfleet.model.declared import Mistake, nul_texts, read_row, refuse
from jobfleet.model.errors import DeclarationError

Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Texts = tuple[str, ...]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Refuse fields that are not known, so that a typing error never passes for a setting."""


class DeclaredTemplate(_Table, frozen=True):
    """Name the template."""

    name: str
    description: str = ""


class DeclaredPlan(_Table, frozen=True):
    """Name the plan; its name is the template's if left out."""

    name: str = ""


class DeclaredVariable(_Table, frozen=True):
    """Declare a variable; a password that is left out stays as it was."""

    name: str
    type: Literal["string", "namespace", "hosts", "password", "associative", "indexed"] = "string"
    value: str | dict[str, str] | list[str] = ""
    hosts: Texts = ()
    changeable: bool = True
    required: bool = False
    description: str = ""


class DeclaredRolling(_Table, frozen=True):
    """Say how a step rolls over its targets."""

    expression: str
    mode: Literal["pause", "ignore", "ask"] = "pause"
    parallel: bool = False
    wait_fixed_ms: int = 0
    wait_random_min_ms: int = 0
    wait_random_max_ms: int = 0


class _Step(_Table, frozen=True, kw_only=True, tag_field="kind"):
    name: str
    enabled: bool = True


class DeclaredScript(_Step, frozen=True, kw_only=True, tag="script"):
    """Declare a step that runs a script: `script`, `script_file` or `script_version`."""

    targets: Texts
    script: str = ""
    script_file: str = ""
    script_version: Id | None = None
    language: Literal["shell", "bat", "perl", "python", "powershell"] = "shell"
    params: str = ""
    sensitive_params: str = ""
    account: str = ""
    timeout_s: int | None = None
    interpreter: str = ""
    ignore_error: bool = False
    rolling: DeclaredRolling | None = None


class DeclaredSql(_Step, frozen=True, kw_only=True, tag="sql"):
    """Declare a step that runs SQL: `sql`, `sql_file` or `script_version`."""

    targets: Texts
    db_account: str
    sql: str = ""
    sql_file: str = ""
    script_version: Id | None = None
    timeout_s: int | None = None
    ignore_error: bool = False


class DeclaredSource(_Table, frozen=True):
    """Say where files come from.

    They are `files` of `hosts` or of a `file_source`, local files to `upload`, or a file `name` with `content`.
    """

    hosts: Texts = ()
    account: str = ""
    file_source: str = ""
    files: Texts = ()
    upload: Texts = ()
    name: str = ""
    content: str = ""
    content_file: str = ""


class DeclaredFiles(_Step, frozen=True, kw_only=True, tag="file"):
    """Declare a step that distributes files."""

    targets: Texts
    target_path: str
    sources: tuple[DeclaredSource, ...]
    target_name: str = ""
    account: str = ""
    mode: Literal["strict", "force", "by_ip", "by_date"] = "force"
    timeout_s: int | None = None
    upload_limit_kib_s: int = 0
    download_limit_kib_s: int = 0
    ignore_error: bool = False
    rolling: DeclaredRolling | None = None


class DeclaredApproval(_Step, frozen=True, kw_only=True, tag="approval"):
    """Declare a step that waits for a person; one that names nobody is for whoever started the job."""

    message: str
    users: Texts = ()
    roles: Texts = ()
    channels: Texts = ()


DeclaredStep = DeclaredScript | DeclaredSql | DeclaredFiles | DeclaredApproval


class Declaration(msgspec.Struct, frozen=True):
    """Hold what a file declares."""

    template: DeclaredTemplate
    plan: DeclaredPlan
    variables: tuple[DeclaredVariable, ...]
    steps: tuple[DeclaredStep, ...]


class LocalFiles(msgspec.Struct, frozen=True):
    """Hold the files beside a declaration: the bytes of those that it takes in, the stored paths of uploads."""

    contents: Mapping[str, bytes] = {}
    uploads: Mapping[str, str] = {}


_TABLES = ("template", "plan", "variables", "steps")


def parse_declaration(text: str) -> Declaration:
    """Read a template and a plan from TOML; what depends on several tables is not checked yet.

    Raises:
        DeclarationError: It is no TOML, or tables have unknown, missing or wrong fields; all of them are named.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise DeclarationError([f"not TOML: {error}"]) from error
    mistakes = [*_unknown_tables(document), *nul_texts("", document)]
    template = read_row("template", DeclaredTemplate, document.get("template", {}), mistakes)
    plan = read_row("plan", DeclaredPlan, document.get("plan", {}), mistakes)
    variables = [
        read_row(where, DeclaredVariable, row, mistakes) for where, row in _rows("variables", document, mistakes)
    ]
    steps = [_step(where, row, mistakes) for where, row in _rows("steps", document, mistakes)]
    refuse(mistakes)
    assert template is not None
    assert plan is not None
    known = tuple(one for one in variables if one is not None)
    return Declaration(template, plan, known, tuple(one for one in steps if one is not None))


def local_names(declaration: Declaration) -> tuple[set[str], set[str]]:
    """Return the names of the local files that are taken in, and of those that are uploaded."""
    contents: set[str] = set()
    uploads: set[str] = set()
    for step in declaration.steps:
        match step:
            case DeclaredScript(script_file=name) | DeclaredSql(sql_file=name):
                contents.add(name)
            case DeclaredFiles(sources=sources):
                contents |= {source.content_file for source in sources}
                uploads |= {name for source in sources for name in source.upload}
    return contents - {""}, uploads


def _unknown_tables(document: Mapping[str, Any]) -> list[Mistake]:
    listed = ", ".join(_TABLES)
    return [Mistake(name, f"unknown table; known are {listed}") for name in document if name not in _TABLES]


def _rows(name: str, document: Mapping[str, Any], mistakes: list[Mistake]) -> Iterator[tuple[str, object]]:
    rows = document.get(name, [])
    if not isinstance(rows, list):
        mistakes.append(Mistake(name, f"write it as an array of tables: [[{name}]]"))
        return
    yield from ((f"{name}[{index}]", row) for index, row in enumerate(rows))


def _step(where: str, row: object, mistakes: list[Mistake]) -> DeclaredStep | None:
    """Return a step; which fields it may have depends on its kind."""
    kind = row.get("kind") if isinstance(row, dict) else None
    match kind:
        case "script":
            return read_row(where, DeclaredScript, row, mistakes)
        case "sql":
            return read_row(where, DeclaredSql, row, mistakes)
        case "file":
            return read_row(where, DeclaredFiles, row, mistakes)
        case "approval":
            return read_row(where, DeclaredApproval, row, mistakes)
    mistakes.append(Mistake(f"{where}.kind", "is none of script, sql, file, approval"))
    return None
