"""Who uses a kept script: templates, plans, and jobs that are not over."""

from typing import Literal

import msgspec

from jobfleet.model.scope import Scope


class ScriptUse(msgspec.Struct, frozen=True):
    """Name a template or plan with a step that runs a version; `template_id` is the plan's template, or itself."""

    version_id: int
    kind: Literal["template", "plan"]
    id: int
    name: str
    scope: Scope
    template_id: int


class RunningUse(msgspec.Struct, frozen=True):
    """Name a job that is not over with a step that runs a version."""

    version_id: int
    job_id: int
    name: str
    scope: Scope


class ScriptUses(msgspec.Struct, frozen=True):
    """Hold the uses that a person may see; `hidden` counts those in places where they may not."""

    kept: tuple[ScriptUse, ...]
    running: tuple[RunningUse, ...]
    hidden: int
