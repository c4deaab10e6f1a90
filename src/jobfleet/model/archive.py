"""Templates and plans as they travel from one installation to another."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.model.definition import FileKind
from jobfleet.model.file_job import NewContent, NewSource
from jobfleet.model.template import Action, FileAction, ScriptAction, SqlAction, TemplateStep, Variable
from jobfleet.model.template_checks import MAX_PLAN_NAME_CHARACTERS, MAX_STEPS
from jobfleet.model.variable import VariableType

FORMAT = "jobfleet-templates"
VERSION = 1
MAX_TEMPLATES = 200
"""Most templates of one archive."""

MAX_PLANS = 2_000
"""Most plans of one archive, those of all its templates together."""

MAX_SCRIPTS = 10_000
"""Most versions of kept scripts of one archive."""

MAX_ARCHIVE_BYTES = 64 * 1024 * 1024
"""Most bytes of an archive before it is packed."""

SUFFIX = "_imported"
"""What is added to a name that is taken."""


Id = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Ids(StrEnum):
    """Say which ids templates and plans get when they are imported.

    Those of the archive where these are free; where they are not, new ones, or none: it is left out.
    """

    NEW = "new"
    KEEP_OR_NEW = "keep_or_new"
    KEEP_OR_SKIP = "keep_or_skip"


class ArchivedScript(msgspec.Struct, frozen=True):
    """Hold a version of a kept script that steps run; it takes its place where the version is not kept."""

    version_id: Id
    language: int
    content: bytes


class ArchivedValue(msgspec.Struct, frozen=True):
    """Hold a variable of a plan with the plan's own value."""

    id: Id
    variable: Variable
    follows: bool


class ArchivedStep(msgspec.Struct, frozen=True):
    """Say of a template's step whether a plan runs it."""

    id: Id
    template_step_id: Id
    enabled: bool


class ArchivedPlan(msgspec.Struct, frozen=True):
    """Hold a plan."""

    id: Id
    name: str
    steps: tuple[ArchivedStep, ...]
    variables: tuple[ArchivedValue, ...]


class ArchivedTemplate(msgspec.Struct, frozen=True):
    """Hold a template with its plans; accounts and file sources are named by alias and code."""

    id: Id
    name: str
    description: str
    steps: tuple[TemplateStep, ...]
    variables: tuple[Variable, ...]
    plans: tuple[ArchivedPlan, ...]


class Archive(msgspec.Struct, frozen=True):
    """Hold templates; times are epoch milliseconds, `expires_at` None stands for never."""

    exported_at: int
    expires_at: int | None
    exported_by: str
    scope: str
    secrets: bool
    templates: tuple[ArchivedTemplate, ...]
    scripts: tuple[ArchivedScript, ...]


def problem_of(archive: Archive) -> str | None:
    """Return of what an archive has too much, None when it is within the limits."""
    plans = sum(len(template.plans) for template in archive.templates)
    steps = max((len(template.steps) for template in archive.templates), default=0)
    counts = {
        f"{MAX_TEMPLATES} templates": len(archive.templates) > MAX_TEMPLATES,
        f"{MAX_PLANS} plans": plans > MAX_PLANS,
        f"{MAX_SCRIPTS} scripts": len(archive.scripts) > MAX_SCRIPTS,
        f"{MAX_STEPS} steps in a template": steps > MAX_STEPS,
    }
    return next((f"it has more than {most}" for most, is_over in counts.items() if is_over), None)


def held_bytes(steps: Iterable[TemplateStep]) -> int:
    """Return how many bytes of scripts and files steps hold themselves."""
    return sum(_held_by(step.action) for step in steps)


def _held_by(action: Action) -> int:
    match action:
        case ScriptAction() | SqlAction():
            return len(action.content)
        case FileAction():
            return sum(len(one.content) for one in action.contents)
        case _:
            return 0


def blank_step(step: TemplateStep) -> TemplateStep:
    """Return a step without its secret."""
    if not (isinstance(step.action, ScriptAction) and step.action.sensitive):
        return step
    return msgspec.structs.replace(step, action=msgspec.structs.replace(step.action, params=""))


def blank_variable(variable: Variable) -> Variable:
    """Return a variable without its secret."""
    is_secret = variable.type is VariableType.PASSWORD
    return msgspec.structs.replace(variable, value="") if is_secret else variable


def with_own_files(action: FileAction, files: Mapping[str, bytes]) -> FileAction:
    """Return a step that holds what was uploaded for it itself; `files` are contents by the paths of uploads."""
    uploads = [one for one in action.sources if one.kind == FileKind.UPLOAD]
    held = (NewContent(path.rpartition("/")[2], files[path]) for one in uploads for path in one.paths if path in files)
    kept = tuple(one for one in action.sources if one.kind != FileKind.UPLOAD)
    return msgspec.structs.replace(action, sources=kept, contents=(*action.contents, *held))


def uploads_of(action: Action) -> list[str]:
    """Return the paths of uploaded files that a step distributes."""
    if not isinstance(action, FileAction):
        return []
    return [path for one in action.sources if one.kind == FileKind.UPLOAD for path in one.paths]


def renamed_sources(action: FileAction, rename: Callable[[NewSource], NewSource]) -> FileAction:
    """Return a step whose sources are named otherwise."""
    return msgspec.structs.replace(action, sources=tuple(rename(one) for one in action.sources))


def with_script(step: TemplateStep, script: ArchivedScript) -> TemplateStep:
    """Return a step that runs a script's text as its own."""
    match step.action:
        case ScriptAction() as action:
            own: Action = msgspec.structs.replace(
                action, script_version_id=None, content=script.content, language=script.language
            )
        case SqlAction() as action:
            own = msgspec.structs.replace(action, script_version_id=None, content=script.content)
        case other:
            own = other
    return msgspec.structs.replace(step, action=own)


def free_name(name: str, suffix: str, taken: Callable[[str], bool]) -> str:
    """Return a name that is not taken: itself, else with a suffix, else with a suffix and a number."""
    if not taken(name):
        return name
    number = 1
    while True:
        end = suffix if number == 1 else f"{suffix}{number}"
        found = name[: MAX_PLAN_NAME_CHARACTERS - len(end)] + end
        if not taken(found):
            return found
        number += 1
