"""`jobfleet whitelist`: let businesses use hosts of others."""

from typing import Annotated

import typer

from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, FormOption, host_address, say, show_json, show_table, tell
from jobfleet.cli.place import with_server
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_platform import WhitelistPage, WhitelistRecord

_ALL = "/api/v1/whitelist"

RecordId = Annotated[int, typer.Argument(help="Id of the record.", min=1)]
HostsOption = Annotated[
    list[str], typer.Option("--hosts", "-t", help="Host ids or addresses, with commas or several times.")
]
ScopesOption = Annotated[str, typer.Option(help="Who may use them: biz:2,biz_set:9991001 and so on, or all.")]
ActionsOption = Annotated[str, typer.Option(help="For what: script, file or script,file.")]
RemarkOption = Annotated[str, typer.Option(help="Why.")]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Let businesses use hosts of others.", no_args_is_help=True)
    group.command("list")(list_records)
    group.command("add")(add)
    group.command("set")(change)
    group.command()(delete)
    app.add_typer(group, name="whitelist")


@with_server
def list_records(
    api: Api,
    *,
    count: Annotated[int, typer.Option("--count", "-n", help="How many.", min=1, max=100)] = 100,
    output: FormOption = Form.TEXT,
) -> None:
    """List the records by id."""
    answer = api.get(_ALL, WhitelistPage, length=count)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (
            record.id,
            ",".join(host_address(host.cloud_id, host.ip or host.ipv6, host.id) for host in record.hosts),
            ",".join(record.scopes),
            ",".join(record.actions),
            record.remark,
        )
        for record in answer.records
    ]
    show_table(("id", "hosts", "scopes", "for", "remark"), rows)
    if answer.total > len(answer.records):
        say(f"{len(answer.records)} of {answer.total}")


@with_server
def add(
    api: Api,
    hosts: HostsOption,
    *,
    scopes: ScopesOption,
    actions: ActionsOption = "script,file",
    remark: RemarkOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Let scopes use hosts of other businesses."""
    record = api.post(_ALL, WhitelistRecord, _body(hosts, scopes, actions, remark))
    if output is Form.JSON:
        show_json(record)
        return
    tell(record.id)


@with_server
def change(
    api: Api,
    record_id: RecordId,
    hosts: HostsOption,
    *,
    scopes: ScopesOption,
    actions: ActionsOption = "script,file",
    remark: RemarkOption = "",
) -> None:
    """Make a record this."""
    api.post(f"{_ALL}/{record_id}", WhitelistRecord, _body(hosts, scopes, actions, remark))
    say(f"record {record_id} is changed")


@with_server
def delete(api: Api, record_id: RecordId) -> None:
    """Delete a record: what only it allowed is refused from now on."""
    api.post(f"{_ALL}/{record_id}/delete", Done)
    say(f"record {record_id} is gone")


def _body(hosts: list[str], scopes: str, actions: str, remark: str) -> dict[str, object]:
    return {
        "hosts": [one for text in hosts for one in _parts(text)],
        "scopes": _parts(scopes),
        "actions": _parts(actions),
        "remark": remark,
    }


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
