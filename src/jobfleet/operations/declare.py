"""Apply declared state: compare it with what is there, and write the difference in one transaction."""

import asyncio
from collections.abc import Sequence
from itertools import chain, groupby

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from jobfleet.engine.context import wall_clock
from jobfleet.engine.sealing import Sealer
from jobfleet.model.account import AccountType, password_purpose
from jobfleet.model.caller import Action, Caller
from jobfleet.model.declared import HostRef, Mistake, State, parse_state, refuse
from jobfleet.model.declared_checks import check_state
from jobfleet.model.declared_inventory import Ids, Known, inventory_of, own_addresses, parse_host_address
from jobfleet.model.declared_rows import Row, known_account_ids, known_host_ids, rows_of, with_default_accounts
from jobfleet.model.difference import Change, Effect, compare
from jobfleet.model.platform_settings import PlatformSettings
from jobfleet.operations import access, callers, passwords
from jobfleet.operations.platform import Platform
from jobfleet.operations.platform_settings import problem_of_name
from jobfleet.store import audit, declared, platform_settings
from jobfleet.store.database import Database, Transaction


async def apply_state(
    db: Database, state: State, *, dry_run: bool, sealer: Sealer | None = None, caller: Caller | None = None
) -> list[Change]:
    """Make what is declared so, and return what became of each declared thing, in the order of the tables.

    Applying the same state again changes nothing. What the state does not mention stays. Passwords of users and
    accounts and secrets of applications that are left out stay too. New businesses and business sets without a declared
    account get the usual ones.

    Args:
        dry_run: Do everything, then undo it: the difference is exact, and nothing has changed.
        sealer: Seals passwords of accounts; without one none can be declared.
        caller: Who asks for it; None for who sets the installation up, where there is nobody yet.

    Raises:
        DeclarationError: The state contradicts itself or what is there; every mistake is named, nothing changed.

    Source: docs/reference/declared-state.md.
    """
    async with db.begin() as tx:
        settings = await platform_settings.load(tx)
        refuse([*check_state(state), *_check_gateway(state), *_misnamed(state, settings)])
        await declared.lock(tx)
        changes = await _apply(tx, state, sealer)
        if dry_run:
            await tx.rollback()
        elif caller is not None:
            await _remember(tx, caller, changes)
    return changes


async def _remember(tx: Transaction, caller: Caller, changes: Sequence[Change]) -> None:
    changed = sum(change.effect is not Effect.UNCHANGED for change in changes)
    await audit.insert(tx, caller, Action.MANAGE_PLATFORM, f"apply declared state: {changed} changes", wall_clock())


def _misnamed(state: State, settings: PlatformSettings) -> list[Mistake]:
    found = [problem_of_name(settings, AccountType[row.type.upper()], row.account) for row in state.accounts]
    return [Mistake(f"accounts[{at}].account", problem) for at, problem in enumerate(found) if problem]


async def apply_text(platform: Platform, caller: Caller, text: str, *, dry_run: bool) -> list[Change]:
    """Apply declared state given as TOML, for a platform administrator.

    Raises:
        ForbiddenError: The caller is none.
        DeclarationError: See `apply_state`.
    """
    access.demand_platform(caller, Action.MANAGE_PLATFORM)
    ctx = platform.engine
    return await apply_state(ctx.db, parse_state(text), dry_run=dry_run, sealer=ctx.sealer, caller=caller)


async def _apply(tx: Transaction, state: State, sealer: Sealer | None) -> list[Change]:
    known = await declared.known(tx, *_wanted_hosts(state))
    state = with_default_accounts(state, known)
    rows = await _rows(tx, state, known, sealer)
    changes = {(row.table, row.key): _change(row, known) for row in rows}
    touched = [row for row in rows if changes[row.table, row.key].effect is not Effect.UNCHANGED]
    await declared.release_addresses(tx, [row.key[0] for row in touched if _moves(changes[row.table, row.key])])
    for table, group in groupby(touched, key=lambda row: row.table):
        await declared.upsert(tx, table, [_stamped(row) for row in group])
    return list(changes.values())


def _stamped(row: Row) -> Row:
    """Return a row that is written with the time of its change, if its table keeps that."""
    if row.table != "accounts":
        return row
    return msgspec.structs.replace(row, fields={**row.fields, "modifier": "", "modified_at": wall_clock()})


async def _rows(tx: Transaction, state: State, known: Known, sealer: Sealer | None) -> list[Row]:
    mistakes = [*_missing_secrets(state, known), *_unsealable(state, sealer)]
    ids = await _ids(tx, state, known)
    rows = rows_of(state, ids, inventory_of(state, known, ids), mistakes)
    refuse(mistakes)
    secrets = await _hashes(state, known) | _sealed(state, known, ids, sealer)
    return [_with_secret(row, secrets) for row in rows if not _is_nothing(row, known)]


def _change(row: Row, known: Known) -> Change:
    return compare(row.table, row.label, known[row.table].get(row.key), row.fields)


def _moves(change: Change) -> bool:
    moved = {"cloud_id", "ip", "ipv6"} & {field.name for field in change.fields}
    return change.table == "hosts" and change.effect is Effect.CHANGED and bool(moved)


def _is_nothing(row: Row, known: Known) -> bool:
    """Tell whether a row only says that an action is not white-listed, and it never was."""
    allowed = row.fields.get("all_scopes") or row.fields.get("business_ids")
    return row.table == "host_whitelist" and not allowed and row.key not in known[row.table]


def _wanted_hosts(state: State) -> tuple[set[int], set[tuple[int, str]]]:
    """Return the ids and addresses of all hosts that the state declares or refers to."""
    listed = (node.hosts for node in state.topology_nodes)
    grouped = (group.hosts or () for group in state.dynamic_groups)
    whitelisted = (row.host for row in state.host_whitelist if row.host is not None)
    references: set[HostRef] = {*chain.from_iterable(chain(listed, grouped)), *whitelisted}
    ids = {reference for reference in references if isinstance(reference, int)}
    ids |= {host.id for host in state.hosts if host.id is not None}
    addresses = {address for host in state.hosts for address in own_addresses(host)}
    addresses |= {(row.cloud_id, row.ip) for row in state.host_whitelist if row.ip is not None}
    return ids, addresses | set(_addresses(references))


def _addresses(references: set[HostRef]) -> list[tuple[int, str]]:
    found = []
    for text in references:
        if isinstance(text, str):
            try:
                found.append(parse_host_address(text))
            except ValueError:
                continue  # named as a mistake where the reference is checked
    return found


async def _ids(tx: Transaction, state: State, known: Known) -> Ids:
    hosts = await _fill(tx, "hosts", known_host_ids(state, known))
    return Ids(hosts, await _fill(tx, "accounts", known_account_ids(state, known)))


async def _fill(tx: Transaction, table: str, ids: list[int | None]) -> tuple[int, ...]:
    taken = frozenset(id_ for id_ in ids if id_ is not None)
    fresh = iter(await declared.allocate(tx, table, ids.count(None), taken))
    return tuple(next(fresh) if id_ is None else id_ for id_ in ids)


def _check_gateway(state: State) -> list[Mistake]:
    if state.gateway is None:
        return []
    try:
        key = load_pem_public_key(state.gateway.jwt_public_key.encode())
    except (ValueError, UnsupportedAlgorithm):
        return [Mistake("gateway.jwt_public_key", "is not a public key in PEM")]
    return [] if isinstance(key, RSAPublicKey) else [Mistake("gateway.jwt_public_key", "is not an RSA key")]


def _missing_secrets(state: State, known: Known) -> list[Mistake]:
    return [
        Mistake(f"apps[{index}].secret", "is missing; a new application needs one")
        for index, app in enumerate(state.apps)
        if app.secret is None and (app.code,) not in known["apps"]
    ]


_Secrets = dict[tuple[str, str], dict[str, str | None]]


async def _hashes(state: State, known: Known) -> _Secrets:
    """Return the secret column of every user and application; a secret that is the same keeps its hash."""
    found: _Secrets = {}
    for app in state.apps:
        old = known["apps"].get((app.code,), {}).get("secret_hash")
        found["apps", app.code] = {"secret_hash": old if app.secret is None else callers.hash_secret(app.secret)}
    for user in state.users:
        old = known["users"].get((user.name,), {}).get("password_hash")
        found["users", user.name] = {"password_hash": await asyncio.to_thread(_password_hash, old, user.password)}
    return found


def _unsealable(state: State, sealer: Sealer | None) -> list[Mistake]:
    if sealer is not None:
        return []
    declared = enumerate(state.accounts)
    return [Mistake(f"accounts[{at}].password", "cannot be kept here") for at, row in declared if row.password]


def _sealed(state: State, known: Known, ids: Ids, sealer: Sealer | None) -> _Secrets:
    """Return the password of every account; one that is the same stays as it was sealed."""
    found: _Secrets = {}
    for row, id_ in zip(state.accounts, ids.accounts, strict=True):
        old = known["accounts"].get((id_,), {}).get("password")
        found["accounts", str(id_)] = {"password": _resealed(old, row.password, password_purpose(id_), sealer)}
    return found


def _resealed(old: str | None, password: str | None, purpose: str, sealer: Sealer | None) -> str | None:
    if sealer is None or password is None:
        return old
    if not password:
        return None
    return old if old and sealer.open_text(old, purpose) == password else sealer.seal_text(password, purpose)


def _password_hash(old: str | None, password: str | None) -> str | None:
    if password is None or passwords.password_matches(old, password):
        return old
    return passwords.hash_password(password)


def _with_secret(row: Row, secrets: _Secrets) -> Row:
    extra = secrets.get((row.table, str(row.key[0])))
    return row if extra is None else msgspec.structs.replace(row, fields={**row.fields, **extra})
