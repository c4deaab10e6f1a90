"""What steps of templates and plans name: scripts, accounts, hosts and variables."""

import re
from collections.abc import Iterable

from jobfleet.model.account import Category
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import Action, FileAction, ScriptAction, SqlAction, TemplateStep, Variable
from jobfleet.model.variable import VariableType


def script_version_of(step: TemplateStep) -> int | None:
    """Return the id of the kept script's version that a step runs, None for a step that runs none."""
    return step.action.script_version_id if isinstance(step.action, ScriptAction | SqlAction) else None


def versions_of(steps: Iterable[TemplateStep]) -> set[int]:
    """Return the ids of the kept scripts' versions that steps run."""
    found = map(script_version_of, steps)
    return {version_id for version_id in found if version_id is not None}


Named = tuple[Category, int | None, str]
"""An account as a step names it: its category, and its id or else its alias."""


def accounts_of(action: Action) -> list[Named]:
    """Return the accounts that a step names."""
    match action:
        case ScriptAction(account_id=account_id, account_alias=alias):
            return [(Category.SYSTEM, account_id, alias)]
        case SqlAction(db_account_id=account_id, db_account_alias=alias):
            return [(Category.DATABASE, account_id, alias)]
        case FileAction():
            named = [(action.account_id, action.account_alias)]
            named += [(one.account_id, one.account_alias) for one in action.sources]
            return [(Category.SYSTEM, account_id, alias) for account_id, alias in named if account_id or alias]
    return []


def targets_of(action: Action) -> list[TargetSpec]:
    """Return the hosts that a step names: its targets, then those that its files come from."""
    match action:
        case ScriptAction() | SqlAction():
            return [action.target]
        case FileAction():
            return [action.target, *(one.hosts for one in action.sources)]
    return []


def uses(action: Action, variable: Variable) -> bool:
    """Tell whether a step names a variable: as its hosts, or in a script, in parameters or in paths."""
    if variable.type is VariableType.HOSTS and any(one.variable == variable.name for one in targets_of(action)):
        return True
    word = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(variable.name)}(?![A-Za-z0-9_])".encode())
    return any(word.search(text) for text in _texts_of(action))


def _texts_of(action: Action) -> list[bytes]:
    match action:
        case ScriptAction():
            return [action.content, action.params.encode()]
        case SqlAction():
            return [action.content]
        case FileAction():
            paths = [action.target_path, *(path for one in action.sources for path in one.paths)]
            return [path.encode() for path in paths]
    return []
