"""Containers of hosts: how agents tell of them, what their labels say, and which a filter means."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

MAX_CONTAINERS = 512
"""Most containers of one host that its agent tells of."""

MAX_NAME_BYTES = 253
"""A container whose name, pod or namespace is longer in UTF-8 is left out: Kubernetes gives none, and an index has to
hold the three of them."""

MAX_GONE = 1_536
"""Most containers of one host that are gone and keep their ids; those that went first give theirs up."""

MAX_LABELS = 64
"""Most labels of one container that are kept."""

MAX_LABEL_CHARS = 256
"""A label whose name or value is longer is not kept."""

MAX_FILTERS = 50
"""Most filters of one request; each looks at every container of the business."""

Runtime = Literal["docker", "podman", "nerdctl", "crictl"]
"""The container runtimes that agents know, by the name of their command line."""

CONTAINER_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}\Z"
ContainerUid = Annotated[str, Meta(pattern=CONTAINER_ID_PATTERN)]
"""A runtime's own id of a container; whatever matches is no option of a command line."""

_Word = Annotated[str, Meta(max_length=MAX_LABEL_CHARS, pattern=r"^[^\x00]*\Z")]


class FoundContainer(msgspec.Struct, frozen=True):
    """Describe a running container as its host's agent tells of it; `labels` include those of its pod."""

    uid: ContainerUid
    runtime: Runtime
    name: _Word
    labels: Annotated[dict[_Word, _Word], Meta(max_length=MAX_LABELS)] = {}


class Container(msgspec.Struct, frozen=True):
    """Name a container as a job keeps it, frozen when the job was accepted."""

    id: int
    uid: str
    runtime: Runtime
    name: str


class Place(msgspec.Struct, frozen=True):
    """Say where in a cluster a container runs; what its labels do not say is empty."""

    cluster: str = ""
    namespace: str = ""
    pod: str = ""
    workload_kind: str = ""
    workload: str = ""


class KnownContainer(msgspec.Struct, frozen=True):
    """Describe a running container of the inventory."""

    container: Container
    host_id: int
    place: Place
    labels: dict[str, str]


class Operator(StrEnum):
    """Compare a label."""

    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    IN = "in"
    NOT_IN = "not_in"
    EXISTS = "exists"
    NOT_EXISTS = "not_exists"
    GT = "gt"
    LT = "lt"


class Requirement(msgspec.Struct, frozen=True):
    """Ask something of one label of a pod."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()


class ContainerFilter(msgspec.Struct, frozen=True):
    """Choose containers that meet everything; an empty list asks nothing. `any_one` takes one of them."""

    clusters: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    workload_kind: str = ""
    workloads: tuple[str, ...] = ()
    pods: tuple[str, ...] = ()
    selector: tuple[Requirement, ...] = ()
    names: tuple[str, ...] = ()
    any_one: bool = False


class ContainerSpec(msgspec.Struct, frozen=True):
    """Say which containers are meant: those with these ids, and those that any of the filters chooses."""

    ids: tuple[int, ...] = ()
    filters: tuple[ContainerFilter, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing names any."""
        return not (self.ids or self.filters)


def place_of(labels: Mapping[str, str]) -> Place:
    """Return where a container runs, by the labels that Kubernetes and we give.

    Source: docs/reference/containers.md, «Where a container is».
    """
    pod = labels.get("io.kubernetes.pod.name", labels.get(f"{_OURS}pod", ""))
    kind, workload = _told_workload(labels) or _workload(pod, labels)
    return Place(
        cluster=labels.get(f"{_OURS}cluster", ""),
        namespace=labels.get("io.kubernetes.pod.namespace", labels.get(f"{_OURS}namespace", "")),
        pod=pod,
        workload_kind=kind,
        workload=workload,
    )


_OURS = "io.jobfleet."


def _told_workload(labels: Mapping[str, str]) -> tuple[str, str] | None:
    told = labels.get(f"{_OURS}workload")
    return None if told is None else (labels.get(f"{_OURS}workload-kind", ""), told)


def _workload(pod: str, labels: Mapping[str, str]) -> tuple[str, str]:
    """Return kind and name of what made a pod, as its name and the labels of its controller tell."""
    job = labels.get("batch.kubernetes.io/job-name", labels.get("job-name", ""))
    if job:
        cron = re.fullmatch(r"(.+)-[0-9]{8,10}", job)
        return ("cronJob", cron[1]) if cron else ("job", job)
    if "statefulset.kubernetes.io/pod-name" in labels:
        return "statefulSet", pod.rpartition("-")[0]
    revision = labels.get("pod-template-hash")
    if revision:
        return "deployment", pod.rpartition(f"-{revision}-")[0]
    return ("daemonSet", pod.rpartition("-")[0]) if "controller-revision-hash" in labels else ("", "")


def matches(known: KnownContainer, wanted: ContainerFilter) -> bool:
    """Tell whether a container meets everything that a filter asks; kinds of workloads in any case of letters."""
    place = known.place
    return (
        _is_among(place.cluster, wanted.clusters)
        and _is_among(place.namespace, wanted.namespaces)
        and wanted.workload_kind.casefold() in {"", place.workload_kind.casefold()}
        and _is_among(place.workload, wanted.workloads)
        and _is_among(place.pod, wanted.pods)
        and _is_among(known.container.name, wanted.names)
        and all(_meets(known.labels.get(asked.key), asked) for asked in wanted.selector)
    )


def _is_among(value: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or value in wanted


def _meets(value: str | None, asked: Requirement) -> bool:
    """Tell whether a label has the value that is asked for; as in Kubernetes, one that is absent is not equal."""
    match asked.operator:
        case Operator.EXISTS:
            return value is not None
        case Operator.NOT_EXISTS:
            return value is None
        case Operator.EQUALS | Operator.IN:
            return value in asked.values
        case Operator.NOT_EQUALS | Operator.NOT_IN:
            return value not in asked.values
        case Operator.GT:
            return is_number(value) and int(value or "") > int(asked.values[0])
        case Operator.LT:
            return is_number(value) and int(value or "") < int(asked.values[0])


def is_number(text: str | None) -> bool:
    """Tell whether a label's value is a whole number, which `gt` and `lt` compare."""
    return text is not None and re.fullmatch(r"-?[0-9]{1,18}", text) is not None
