"""Plans for tests that start them."""

from tests.integration.engine.stage import SCOPE

from jobfleet.model.target import TargetSpec
from jobfleet.model.template import Action, Plan, PlanStep, PlanVariable, ScriptAction, Template, TemplateStep, Variable
from jobfleet.operations.plan_secrets import seal_plan, seal_template
from jobfleet.operations.platform import Platform
from jobfleet.store import plans, templates


def script(*host_ids: int, content: bytes = b"#!/bin/sh\ntrue\n") -> ScriptAction:
    return ScriptAction(target=TargetSpec(host_ids=host_ids), account_alias="root", content=content)


async def make_plan(platform: Platform, *actions: Action, variables: tuple[Variable, ...] = ()) -> int:
    """Store a template and a plan with these steps, and return the plan's id."""
    ctx, who = platform.engine, ("admin", 0, "admin", 0)
    async with ctx.db.begin() as tx:
        [template_id] = await templates.fresh_ids(tx, "template", 1)
        [plan_id] = await templates.fresh_ids(tx, "plan", 1)
        steps = tuple(TemplateStep(f"step {n}", action, id=template_id * 100 + n) for n, action in enumerate(actions))
        kept = tuple(Variable(one.name, one.type, one.value, one.hosts, id=n) for n, one in enumerate(variables, 1))
        name = f"template {template_id}"
        template = Template(template_id, SCOPE, name, "", "v1", steps, kept, *who)
        await templates.insert(tx, seal_template(ctx.sealer, template))
        plan_steps = tuple(PlanStep(step.id, enabled=True, step=step) for step in steps)
        plan_variables = tuple(PlanVariable(one.id, one) for one in kept)
        plan = Plan(plan_id, template_id, SCOPE, "a plan", "v1", plan_steps, plan_variables, *who)
        await plans.insert(tx, seal_plan(ctx.sealer, plan))
    return plan_id
