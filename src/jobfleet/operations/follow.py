"""Who may follow what, and for how long."""

import msgspec

from jobfleet.model.caller import Action, Caller, allows
from jobfleet.model.scope import Scope
from jobfleet.model.topic import Topic
from jobfleet.operations.platform import Platform
from jobfleet.store import inventory, jobs
from jobfleet.store.database import Transaction


class Followed(msgspec.Struct, frozen=True):
    """Name a topic that somebody may follow, the scope that it is about, and who started its job ("" for none)."""

    topic: Topic
    scope: Scope
    operator: str = ""


async def visible_topics(platform: Platform, caller: Caller, topics: tuple[Topic, ...]) -> list[Followed]:
    """Return those of the topics that the caller may follow; what is foreign is missing as what does not exist."""
    found = []
    async with platform.engine.db.begin() as tx:
        for topic in topics:
            followed = await _followed(tx, topic)
            if followed is not None and may_follow(caller, followed):
                found.append(followed)
    return found


async def _followed(tx: Transaction, topic: Topic) -> Followed | None:
    if topic.scope is not None:
        return None if await inventory.find_scope(tx, topic.scope) is None else Followed(topic, topic.scope)
    job = await jobs.find(tx, topic.job_id)
    return None if job is None else Followed(topic, job.scope, job.operator)


def may_follow(caller: Caller, followed: Followed) -> bool:
    """Tell whether a caller may follow a topic by what they are allowed now."""
    scope = followed.scope
    if not allows(caller, Action.ACCESS_BUSINESS, scope.type, scope.id):
        return False
    is_own = followed.operator != "" and followed.operator == caller.username
    return is_own or followed.topic.scope is not None or allows(caller, Action.VIEW_HISTORY, scope.type, scope.id)
