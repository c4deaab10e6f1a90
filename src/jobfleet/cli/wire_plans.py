"""What commands read of the native API's answers about templates and plans."""

from typing import Any

import msgspec

from jobfleet.cli.wire import Change


class PlanApplied(msgspec.Struct, frozen=True):
    """What became of a template and a plan that a file declares."""

    template_id: int
    plan_id: int
    changes: list[Change]


class TemplateLine(msgspec.Struct, frozen=True):
    """A template in a list."""

    id: int
    name: str
    description: str
    step_count: int
    modifier: str
    modified_at: int


class TemplateList(msgspec.Struct, frozen=True):
    """A page of templates."""

    total: int
    templates: list[TemplateLine]


class PlanLine(msgspec.Struct, frozen=True):
    """A plan in a list."""

    id: int
    name: str
    template_id: int
    template_name: str
    needs_sync: bool
    modifier: str
    modified_at: int


class PlanList(msgspec.Struct, frozen=True):
    """A page of plans."""

    total: int
    plans: list[PlanLine]


class StepDefinition(msgspec.Struct, frozen=True):
    """A step of a template or plan; those of a template are all enabled."""

    id: int
    name: str
    kind: str
    ignore_error: bool
    definition: dict[str, Any]
    enabled: bool = True


class Variable(msgspec.Struct, frozen=True):
    """A variable of a template or plan."""

    id: int
    name: str
    type: str
    value: str
    hosts: dict[str, Any]
    changeable: bool
    required: bool
    description: str


class PlanView(msgspec.Struct, frozen=True):
    """A template or plan; a template never needs to be synchronised."""

    id: int
    name: str
    steps: list[StepDefinition]
    variables: list[Variable]
    modifier: str
    modified_at: int
    needs_sync: bool = False


class UploadAddress(msgspec.Struct, frozen=True):
    """Where a file is to be sent, and the path by which it is named then."""

    name: str
    address: str
    path: str


class UploadList(msgspec.Struct, frozen=True):
    """Addresses for files."""

    uploads: list[UploadAddress]


class PlanImported(msgspec.Struct, frozen=True):
    """What became of a plan of an archive."""

    id: int
    name: str
    new_id: int | None
    code: int
    message: str


class TemplateImported(msgspec.Struct, frozen=True):
    """What became of a template of an archive."""

    id: int
    name: str
    new_id: int | None
    new_name: str
    code: int
    message: str
    plans: list[PlanImported]
    remarks: list[str]


class TemplatesImported(msgspec.Struct, frozen=True):
    """What became of an archive."""

    state: str
    templates: list[TemplateImported]


class ScriptStep(msgspec.Struct, frozen=True):
    """A step that runs a kept script."""

    template_id: int
    template_name: str
    step_id: int
    step_name: str


class ScriptStepList(msgspec.Struct, frozen=True):
    """The steps that run a kept script."""

    steps: list[ScriptStep]


class StepSynced(msgspec.Struct, frozen=True):
    """What became of a step that was to run another version."""

    template_id: int
    step_id: int
    done: bool
    code: int
    message: str


class ScriptSynced(msgspec.Struct, frozen=True):
    """What became of steps that were to run another version."""

    steps: list[StepSynced]


class PlanUpdated(msgspec.Struct, frozen=True):
    """What became of a plan that was to get other values."""

    plan_id: int
    name: str
    changed: list[str]
    following: list[str]


class ValuesUpdated(msgspec.Struct, frozen=True):
    """What became of plans that were to get other values."""

    plans: list[PlanUpdated]
