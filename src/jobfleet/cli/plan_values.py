"""`jobfleet plan set`: change values in many plans at once."""

from typing import Annotated

import typer

from jobfleet.cli import exits
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import Form, FormOption, show_json, show_table
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.plan import pairs, plan_id_of
from jobfleet.cli.wire_plans import ValuesUpdated


@with_server
def set_values(
    api: Api,
    plans: Annotated[list[str], typer.Argument(help="Names of plans, or TEMPLATE/PLAN, or their ids.")],
    *,
    var: Annotated[list[str] | None, typer.Option(help="NAME=VALUE of a variable.")] = None,
    hosts: Annotated[list[str] | None, typer.Option(help="NAME=TARGETS of a host list, with commas.")] = None,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Give variables other values in plans: in all, or in none.

    Variables that follow their template are passed over; a plan without such a variable stays as it is.
    """
    wanted_scope = scope_of(api, scope)
    values = dict(pairs("--var", var))
    listed = {key: [part.strip() for part in text.split(",")] for key, text in pairs("--hosts", hosts)}
    if not values and not listed:
        raise CommandError("give --var or --hosts", exits.USAGE)
    ids = [plan_id_of(api, wanted_scope, plan) for plan in plans]
    body = {"scope": wanted_scope, "plans": ids, "values": values, "hosts": listed}
    answer = api.post("/api/v1/plans/values", ValuesUpdated, body)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [(one.plan_id, one.name, ", ".join(one.changed), ", ".join(one.following)) for one in answer.plans]
    show_table(("id", "plan", "changed", "follows its template"), rows)
