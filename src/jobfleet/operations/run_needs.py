"""What whoever starts a job needs: the permission to run this, on these hosts, as these accounts."""

from collections.abc import Iterable, Iterator, Sequence

from jobfleet.engine.accept import NewStep
from jobfleet.model.caller import Action
from jobfleet.model.definition import Definition, FileKind, FileSpec, SqlSpec
from jobfleet.model.permission import Needed, Resource, ResourceKind
from jobfleet.model.script import ScriptSpec
from jobfleet.model.target import Target
from jobfleet.operations.script_content import LoadedScript


def script_run(loaded: LoadedScript | None, targets: Sequence[Target]) -> Needed:
    """Return what running a script or SQL on hosts needs; None is a content that came with the request."""
    if loaded is None:
        return Needed(Action.QUICK_EXECUTE_SCRIPT, targets=targets)
    kind = ResourceKind.PUBLIC_SCRIPT if loaded.public else ResourceKind.SCRIPT
    action = Action.EXECUTE_PUBLIC_SCRIPT if loaded.public else Action.EXECUTE_SCRIPT
    return Needed(action, (Resource(kind, loaded.script_id, loaded.name),), targets)


def account_use(account_id: int, alias: str) -> Needed:
    """Return what running something as an account needs."""
    return Needed(Action.USE_ACCOUNT, (Resource(ResourceKind.ACCOUNT, str(account_id), alias),))


def accounts_use(steps: Iterable[NewStep]) -> Needed:
    """Return what running steps as their accounts needs: those of targets, of sources and of databases."""
    used = {id_: alias for step in steps for id_, alias in _accounts(step.definition) if id_}
    return Needed(Action.USE_ACCOUNT, tuple(Resource(ResourceKind.ACCOUNT, str(id_), used[id_]) for id_ in used))


def hosts_use(action: Action, steps: Sequence[NewStep], *resources: Resource) -> Needed:
    """Return what an action on the targets and source hosts of steps needs."""
    groups = [group for step in steps for group in (step.targets, step.sources)]
    return Needed(action, resources, [target for group in groups for target in group])


def _accounts(definition: Definition) -> Iterator[tuple[int, str]]:
    match definition:
        case ScriptSpec():
            yield definition.account_id, definition.account_alias
        case SqlSpec():
            yield definition.db_account_id, definition.db_account_alias
        case FileSpec():
            yield definition.account_id, definition.account_alias
            for source in definition.sources:
                if source.kind == FileKind.HOST:
                    yield source.account_id, source.account_alias
