"""What steps of templates and plans name, looked up: accounts, hosts, kept scripts, file sources."""

from collections.abc import Iterable, Mapping

import msgspec

from jobfleet.model.account import Account, Category
from jobfleet.model.definition import FileKind
from jobfleet.model.file_source import KnownSource, may_use
from jobfleet.model.scope import Scope
from jobfleet.model.script_version import VersionState
from jobfleet.model.step_uses import accounts_of, targets_of, versions_of
from jobfleet.model.target import Host
from jobfleet.model.template import FileAction, ScriptAction, SqlAction, TemplateStep, Variable
from jobfleet.operations.named_hosts import usable_hosts
from jobfleet.operations.platform import Platform
from jobfleet.operations.script_content import open_content
from jobfleet.operations.script_states import ScriptState, standing_of
from jobfleet.store import accounts, file_sources, script_versions, scripts
from jobfleet.store.database import Transaction


class NamedScript(msgspec.Struct, frozen=True):
    """Describe a version of a kept script that a step runs.

    `online_version_id` is the version of its script that is online now, None without one; `online_version` its name.
    """

    version_id: int
    version: str
    state: VersionState
    script_id: str
    name: str
    language: int
    public: bool
    content: bytes
    online_version_id: int | None
    online_version: str = ""

    @property
    def standing(self) -> ScriptState:
        """Return whether the version may run and is as new as it could be."""
        return standing_of(self.version_id, self.state, self.online_version_id)


class Parts(msgspec.Struct, frozen=True):
    """Hold what steps and variables name; what is gone, or not for the scope, is left out.

    Accounts are found by category and id or alias, scripts by their version's id, sources by id or code.
    """

    accounts: Mapping[tuple[Category, int | str], Account]
    hosts: tuple[Host, ...]
    scripts: Mapping[int, NamedScript]
    sources: Mapping[int | str, KnownSource]

    def account(self, category: Category, account_id: int | None, alias: str) -> Account | None:
        """Return the account that is named by its id, else by its alias."""
        return self.accounts.get((category, account_id or alias))

    def script(self, action: ScriptAction | SqlAction) -> NamedScript | None:
        """Return the kept script that a step runs; None for one with a text of its own."""
        return None if action.script_version_id is None else self.scripts.get(action.script_version_id)


async def look_up(
    tx: Transaction, platform: Platform, scope: Scope, steps: Iterable[TemplateStep], variables: Iterable[Variable]
) -> Parts:
    """Return what steps and variables name."""
    known = list(steps)
    lists = [*(target for step in known for target in targets_of(step.action)), *(one.hosts for one in variables)]
    return Parts(
        accounts=await _accounts(tx, scope, known),
        hosts=await usable_hosts(tx, platform, scope, lists),
        scripts=await look_up_scripts(tx, platform, scope, versions_of(known)),
        sources=await _sources(tx, scope, known),
    )


async def look_up_scripts(
    tx: Transaction, platform: Platform, scope: Scope, version_ids: Iterable[int]
) -> dict[int, NamedScript]:
    """Return versions of the scope's own and of public scripts by their ids."""
    found = {version_id: await _script(tx, platform, scope, version_id) for version_id in sorted(set(version_ids))}
    return {version_id: one for version_id, one in found.items() if one is not None}


async def _script(tx: Transaction, platform: Platform, scope: Scope, version_id: int) -> NamedScript | None:
    version = await script_versions.find(tx, version_id)
    script = None if version is None else await scripts.find(tx, version.script_id)
    if version is None or script is None or script.scope not in {None, scope}:
        return None
    return NamedScript(
        version_id=version.id,
        version=version.version,
        state=version.state,
        script_id=script.id,
        name=script.name,
        language=script.language,
        public=script.scope is None,
        content=open_content(platform.engine.sealer, script, version),
        online_version_id=script.online_version_id,
        online_version=await _name_of(tx, script.online_version_id),
    )


async def _name_of(tx: Transaction, version_id: int | None) -> str:
    found = None if version_id is None else await script_versions.find(tx, version_id, content=False)
    return "" if found is None else found.version


async def _accounts(
    tx: Transaction, scope: Scope, steps: Iterable[TemplateStep]
) -> dict[tuple[Category, int | str], Account]:
    named = {one for step in steps for one in accounts_of(step.action)}
    ids = {account_id for _, account_id, _ in named if account_id}
    aliases = {alias for _, account_id, alias in named if not account_id}
    found = await accounts.list_named(tx, scope, ids, aliases)
    by_id: dict[tuple[Category, int | str], Account] = {(one.category, one.id): one for one in found}
    return by_id | {(one.category, one.alias): one for one in found}


async def _sources(tx: Transaction, scope: Scope, steps: Iterable[TemplateStep]) -> dict[int | str, KnownSource]:
    files = [step.action for step in steps if isinstance(step.action, FileAction)]
    if not any(source.kind == FileKind.FILE_SOURCE for action in files for source in action.sources):
        return {}
    usable = [one for one in await file_sources.list_usable(tx, scope) if may_use(one, scope)]
    by_id: dict[int | str, KnownSource] = {one.id: one for one in usable}
    return by_id | {one.code: one for one in usable}
