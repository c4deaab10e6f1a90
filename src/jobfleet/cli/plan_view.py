"""How templates and plans are shown: their steps and variables, one line each."""

from collections.abc import Mapping
from typing import Any

from jobfleet.cli.output import show_table, show_time, tell
from jobfleet.cli.wire_plans import PlanView, StepDefinition, Variable


def show_definition(view: PlanView) -> None:
    """Write a template or plan for people."""
    stale = "  needs sync" if view.needs_sync else ""
    tell(f"{view.name}  id {view.id}  {show_time(view.modified_at)}  {view.modifier}{stale}")
    show_table(("step", "kind", "runs", "name", "on"), [_step(number, one) for number, one in enumerate(view.steps, 1)])
    if view.variables:
        tell()
        show_table(("variable", "type", "needed", "value", "meaning"), [_variable(one) for one in view.variables])


def _step(number: int, one: StepDefinition) -> tuple[object, ...]:
    runs = "yes" if one.enabled else "no"
    return number, one.kind, runs, one.name, targets_text(one.definition.get("target", {}))


def _variable(one: Variable) -> tuple[object, ...]:
    value = targets_text(one.hosts) if one.type == "hosts" else one.value
    return one.name, one.type, "yes" if one.required else "", value, one.description


def targets_text(target: Mapping[str, Any]) -> str:
    """Return a target as people name it."""
    if target.get("variable"):
        return f"variable:{target['variable']}"
    parts = [str(host_id) for host_id in target.get("host_ids", ())]
    parts += [f"{one['cloud_id']}:{one['ip']}" if one["cloud_id"] else one["ip"] for one in target.get("addresses", ())]
    parts += [f"group:{group}" for group in target.get("dynamic_groups", ())]
    parts += [f"node:{one['type']}:{one['id']}" for one in target.get("topology_nodes", ())]
    return ", ".join(parts)
