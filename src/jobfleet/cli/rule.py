"""`jobfleet rule`: keep the rules on dangerous commands, and look at their hits."""

from typing import Annotated

import typer

from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, show_time, tell
from jobfleet.cli.place import with_server
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_scripts import HitList, Rule, RuleList

_RULES, _HITS = "/api/v1/dangerous-rules", "/api/v1/dangerous-hits"

RuleId = Annotated[int, typer.Argument(help="Id of the rule.", min=1)]
Expression = Annotated[str, typer.Argument(help="Regular expression, as RE2 reads it.", show_default=False)]
LanguagesOption = Annotated[
    str, typer.Option("--lang", help="Languages with commas: shell, bat, perl, python, powershell, sql.")
]
InterceptFlag = Annotated[bool, typer.Option("--intercept", help="Refuse what it hits; without it, only record.")]
ApprovableFlag = Annotated[
    bool, typer.Option("--approvable", help="A second person may let a start pass that it refuses.")
]
DescriptionOption = Annotated[str, typer.Option(help="What the rule is for.")]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Keep rules on dangerous commands, and look at their hits.", no_args_is_help=True)
    group.command("list")(list_rules)
    group.command("set")(change)
    for command in (create, enable, disable, move, delete, hits):
        group.command()(command)
    app.add_typer(group, name="rule")


@with_server
def list_rules(api: Api, *, output: FormOption = Form.TEXT) -> None:
    """List the rules in the order in which they are tried."""
    answer = api.get(_RULES, RuleList)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (
            rule.id,
            "on" if rule.enabled else "off",
            f"{rule.action}, approvable" if rule.approvable else rule.action,
            ",".join(rule.languages),
            rule.expression,
            rule.description,
        )
        for rule in answer.rules
    ]
    show_table(("id", "is", "action", "languages", "expression", "description"), rows)


@with_server
def create(
    api: Api,
    expression: Expression,
    *,
    lang: LanguagesOption = "shell",
    intercept: InterceptFlag = False,
    approvable: ApprovableFlag = False,
    description: DescriptionOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Keep a rule: disabled, and last in the order."""
    rule = api.post(_RULES, Rule, _body(expression, lang, description, (intercept, approvable)))
    if output is Form.JSON:
        show_json(rule)
        return
    tell(rule.id)
    say("the rule is disabled; `jobfleet rule enable` lets it count")


@with_server
def change(
    api: Api,
    rule_id: RuleId,
    expression: Expression,
    *,
    lang: LanguagesOption = "shell",
    intercept: InterceptFlag = False,
    approvable: ApprovableFlag = False,
    description: DescriptionOption = "",
) -> None:
    """Make a rule this; whether it is enabled and its place stay."""
    api.post(f"{_RULES}/{rule_id}", Rule, _body(expression, lang, description, (intercept, approvable)))
    say(f"rule {rule_id} is changed")


@with_server
def enable(api: Api, rule_id: RuleId) -> None:
    """Let a rule count."""
    _operate(api, rule_id, "enable")
    say(f"rule {rule_id} is enabled")


@with_server
def disable(api: Api, rule_id: RuleId) -> None:
    """Let a rule not count."""
    _operate(api, rule_id, "disable")
    say(f"rule {rule_id} is disabled")


@with_server
def move(
    api: Api,
    rule_id: RuleId,
    place: Annotated[int, typer.Argument(help="Its place in the order, from 1.", min=1)],
) -> None:
    """Put a rule at a place in the order."""
    _operate(api, rule_id, "move", place)
    say(f"rule {rule_id} is at place {place}")


@with_server
def delete(api: Api, rule_id: RuleId) -> None:
    """Delete a rule; its hits stay."""
    _operate(api, rule_id, "delete")
    say(f"rule {rule_id} is gone")


@with_server
def hits(
    api: Api,
    *,
    count: Annotated[int, typer.Option("--count", "-n", help="How many.", min=1, max=1000)] = 20,
    rule: Annotated[int | None, typer.Option(help="Only of this rule.", min=1)] = None,
    output: FormOption = Form.TEXT,
) -> None:
    """List hits, newest first."""
    answer = api.get(_HITS, HitList, length=count, **({} if rule is None else {"rule_id": rule}))
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (
            show_time(hit.at),
            hit.rule_id,
            hit.action,
            hit.scope,
            hit.operator,
            hit.launch_mode,
            hit.line_number,
            hit.line,
        )
        for hit in answer.hits
    ]
    show_table(("at", "rule", "action", "scope", "operator", "started by", "line", "text"), rows)


def _body(expression: str, languages: str, description: str, refuses: tuple[bool, bool]) -> dict[str, object]:
    intercept, approvable = refuses
    return {
        "expression": expression,
        "languages": [name.strip() for name in languages.split(",")],
        "description": description,
        "action": "intercept" if intercept else "scan",
        "approvable": approvable,
    }


def _operate(api: Api, rule_id: int, operation: str, place: int = 1) -> None:
    api.post(f"{_RULES}/{rule_id}/operate", Done, {"operation": operation, "place": place})
