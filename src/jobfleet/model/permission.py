"""What a refused caller lacks: actions, and the resources that they are asked for on."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from jobfleet.model.caller import Action
from jobfleet.model.scope import Scope
from jobfleet.model.target import Target

MAX_HOSTS_NAMED = 1_000
"""A refusal names at most this many hosts of an action."""


class ResourceKind(StrEnum):
    """Name the kinds of resources that permissions are asked for on; the texts are the contract's."""

    BUSINESS = "biz"
    BUSINESS_SET = "biz_set"
    HOST = "host"
    SCRIPT = "script"
    PUBLIC_SCRIPT = "public_script"
    TEMPLATE = "job_template"
    PLAN = "job_plan"
    CRON = "cron"
    ACCOUNT = "account"
    TAG = "tag"
    FILE_SOURCE = "file_source"
    CREDENTIAL = "ticket"


class Resource(msgspec.Struct, frozen=True):
    """Name one resource."""

    kind: ResourceKind
    id: str
    name: str


class Needed(msgspec.Struct, frozen=True):
    """Say what a caller needs: an action on resources, and on the hosts of targets."""

    action: Action
    resources: tuple[Resource, ...] = ()
    targets: Sequence[Target] = ()


class Missing(msgspec.Struct, frozen=True):
    """Say what a caller lacks: an action on what each path leads to, from root to leaf."""

    action: Action
    paths: tuple[tuple[Resource, ...], ...] = ()


def missing(needed: Needed, root: Resource | None) -> Missing:
    """Return what somebody lacks who lacks all that is needed; `root` is the scope, None stands for the platform."""
    leaves = (*needed.resources, *hosts_of(needed.targets))
    paths = tuple(_path(root, leaf) for leaf in leaves)
    return Missing(needed.action, paths or (() if root is None else ((root,),)))


def scope_resource(scope: Scope, name: str) -> Resource:
    """Return a scope as the root of paths."""
    return Resource(ResourceKind(scope.type.value), str(scope.id), name)


def hosts_of(targets: Sequence[Target]) -> tuple[Resource, ...]:
    """Return the first MAX_HOSTS_NAMED hosts of targets, each once."""
    hosts = {target.host_id: target.ip for target in targets if target.host_id}
    return tuple(Resource(ResourceKind.HOST, str(id_), ip or "") for id_, ip in [*hosts.items()][:MAX_HOSTS_NAMED])


def _path(root: Resource | None, leaf: Resource) -> tuple[Resource, ...]:
    """Return the path to a resource; public scripts are nobody's."""
    return (leaf,) if root is None or leaf.kind is ResourceKind.PUBLIC_SCRIPT else (root, leaf)
