"""Try out whether a file source can be reached, with its own credential."""

import asyncio
from collections.abc import Mapping

import msgspec

from jobfleet.engine.guard import Guard
from jobfleet.engine.object_store import Bucket, ObjectError, StoredObject
from jobfleet.engine.secrets import open_secrets
from jobfleet.model.caller import Action, Caller
from jobfleet.model.credential import CredentialType
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.file_source import KnownSource
from jobfleet.model.object_path import parse_object_path
from jobfleet.model.permission import ResourceKind
from jobfleet.model.scope import Scope
from jobfleet.operations.access import demand_on, enter_scope
from jobfleet.operations.file_sources import own_source
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, credentials
from jobfleet.store.database import Transaction

PATIENCE_S = 15
MOST_SHOWN = 20


class Reached(msgspec.Struct, frozen=True):
    """Say whether a store was reached, with some of what is there; `trouble` is "" when it was."""

    trouble: str
    objects: tuple[StoredObject, ...] = ()
    has_more: bool = False


async def check_source(platform: Platform, caller: Caller, scope: Scope, code: str, path: str) -> Reached:
    """List what is below a path of a file source, as fetching from it would.

    Args:
        path: `bucket/` or `bucket/directory/`; "" for the root of the source's only bucket.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller may not change file sources of the scope.
        FileSourceCodeUnknownError, ForeignFileSourceError: The scope has no such source, or it is another's.
        IllegalParameterReasonError: The path is none of a directory in the source's bucket (names `path`).

    Source: docs/reference/file-sources.md, «Trying it out».
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.MANAGE_FILE_SOURCE, info, ResourceKind.FILE_SOURCE, code)
        source = await own_source(tx, platform, scope, code)
        bucket, prefix = _place(source, path)
        keys = await _keys(tx, platform, source)
        now = platform.engine.clock()
        await audit.insert(tx, caller, Action.MANAGE_FILE_SOURCE, f"try out file source {code}", now, scope)
    if keys is None:
        return Reached("the credential of the file source is gone, or holds no access key")
    return await _list(platform, source, (bucket, prefix), keys)


async def _list(platform: Platform, source: KnownSource, place: tuple[str, str], keys: Mapping[str, str]) -> Reached:
    guard = Guard(platform.engine.source_policy)
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = await Bucket(source.access, place[0], keys, await guard.url()).list_all(place[1], MOST_SHOWN)
    except ObjectError as error:
        return Reached(str(error))
    except TimeoutError:
        return Reached(f"the object store did not answer within {PATIENCE_S} s")
    finally:
        await guard.close()
    return Reached("", tuple(found[:MOST_SHOWN]), len(found) > MOST_SHOWN)


def _place(source: KnownSource, path: str) -> tuple[str, str]:
    only = source.access.bucket
    if not path and only:
        return only, ""
    try:
        place = parse_object_path(path)
    except ValueError as error:
        raise IllegalParameterReasonError("path", str(error)) from error
    if not place.is_directory or place.fits is not None:
        raise IllegalParameterReasonError("path", "is no directory: it has to end with /")
    if only and place.bucket != only:
        raise IllegalParameterReasonError("path", f"is not in the bucket {only}")
    return place.bucket, place.key


async def _keys(tx: Transaction, platform: Platform, source: KnownSource) -> Mapping[str, str] | None:
    found = await credentials.find(tx, source.scope, source.credential_id)
    if found is None or found[0].type is not CredentialType.ACCESS_KEY:
        return None
    return open_secrets(platform.engine.sealer, source.credential_id, found[1])
