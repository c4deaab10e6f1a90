"""Read which containers a request means, in the words of version 4 and of the CI plug-in."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.fields import NEEDED, Text, text
from jobfleet.model.container import MAX_FILTERS, ContainerFilter, ContainerSpec, Operator, Requirement
from jobfleet.model.errors import BadRequestError, IllegalRequestError
from jobfleet.model.job_errors import LabelSelectorError
from jobfleet.model.label_selector import parse_selector, selector_trouble

MAX_NAMES = 1_000
"""Most names in one list of a filter."""


class ClusterFilter(msgspec.Struct, frozen=True):
    """Choose clusters by their ids."""

    cluster_uid_list: Annotated[tuple[Text, ...] | None, NEEDED] = None


class NamespaceFilter(msgspec.Struct, frozen=True):
    """Choose namespaces by their names."""

    namespace_name_list: Annotated[tuple[Text, ...] | None, NEEDED] = None


class WorkloadFilter(msgspec.Struct, frozen=True):
    """Choose what made the pods: of a kind such as deployment, and by names."""

    kind: Annotated[str | None, NEEDED] = None
    workload_name_list: tuple[Text, ...] | None = None


Comparison = Annotated[
    Literal["equals", "not_equals", "in", "not_in", "exists", "not_exists", "gt", "lt"],
    Meta(extra_json_schema={"type": "string"}),
]


class LabelRequirement(msgspec.Struct, frozen=True):
    """Ask something of one label of a pod."""

    key: str
    operator: Comparison
    values: tuple[Text, ...] | None = None


class PodFilter(msgspec.Struct, frozen=True):
    """Choose pods by their names and labels; the conditions and the written selector all count."""

    pod_name_list: tuple[Text, ...] | None = None
    label_selector: tuple[LabelRequirement, ...] | None = None
    label_selector_expr: str | None = None


class ContainerPropFilter(msgspec.Struct, frozen=True):
    """Choose containers by their names."""

    container_name_list: Annotated[tuple[Text, ...] | None, NEEDED] = None


class _Filter(msgspec.Struct, frozen=True):
    kube_cluster_filter: ClusterFilter | None = None
    kube_namespace_filter: NamespaceFilter | None = None
    kube_workload_filter: WorkloadFilter | None = None
    kube_pod_filter: PodFilter | None = None
    kube_container_prop_filter: ContainerPropFilter | None = None


class ContainerFilterV4(_Filter, frozen=True, kw_only=True):
    """Choose containers of clusters; with `execute_in_whole_cluster` the other filters do not count."""

    kube_cluster_filter: Annotated[ClusterFilter | None, NEEDED] = None
    execute_in_whole_cluster: bool = False


class PluginContainerFilter(_Filter, frozen=True, kw_only=True):
    """Choose containers; with `is_empty_filter` all of the business."""

    is_empty_filter: bool = False
    fetch_any_one_container: bool = False


def containers_of_v4(path: str, filters: Sequence[ContainerFilterV4]) -> ContainerSpec:
    """Return the containers that version 4 names.

    Raises:
        BadRequestError: A filter names no cluster, or a value is not well-formed.
        IllegalRequestError: A filter names nothing but clusters, and does not say that whole ones are meant.
        LabelSelectorError: A label selector is none.
    """
    _check_count(path, filters)
    return ContainerSpec(filters=tuple(_of_v4(f"{path}[{at}]", one) for at, one in enumerate(filters)))


def containers_of_plugin(path: str, filters: Sequence[PluginContainerFilter]) -> ContainerSpec:
    """Return the containers that the CI plug-in names.

    Raises:
        BadRequestError: A filter asks nothing without saying so, or a value is not well-formed.
        LabelSelectorError: A label selector is none.
    """
    _check_count(path, filters)
    return ContainerSpec(filters=tuple(_of_plugin(f"{path}[{at}]", one) for at, one in enumerate(filters)))


def _check_count(path: str, filters: Sequence[object]) -> None:
    if len(filters) > MAX_FILTERS:
        raise BadRequestError(path, f"has more than {MAX_FILTERS} entries")


def _of_v4(path: str, wanted: ContainerFilterV4) -> ContainerFilter:
    clusters = _names(f"{path}.kube_cluster_filter.cluster_uid_list", _clusters(wanted))
    if not clusters:
        raise BadRequestError(f"{path}.kube_cluster_filter.cluster_uid_list", "is missing or empty")
    if wanted.execute_in_whole_cluster:
        return ContainerFilter(clusters=clusters)
    found = _filter(path, wanted)
    if found == ContainerFilter(clusters=clusters):
        raise IllegalRequestError(f"{path} names whole clusters without execute_in_whole_cluster")
    return found


def _of_plugin(path: str, wanted: PluginContainerFilter) -> ContainerFilter:
    found = ContainerFilter() if wanted.is_empty_filter else _filter(path, wanted)
    if found == ContainerFilter() and not wanted.is_empty_filter:
        raise BadRequestError(path, "asks nothing, and is_empty_filter is false")
    return msgspec.structs.replace(found, any_one=wanted.fetch_any_one_container)


def _filter(path: str, wanted: _Filter) -> ContainerFilter:
    workload, pod = wanted.kube_workload_filter, wanted.kube_pod_filter
    namespaces = wanted.kube_namespace_filter.namespace_name_list if wanted.kube_namespace_filter else None
    names = wanted.kube_container_prop_filter.container_name_list if wanted.kube_container_prop_filter else None
    return ContainerFilter(
        clusters=_names(f"{path}.kube_cluster_filter.cluster_uid_list", _clusters(wanted)),
        namespaces=_names(f"{path}.kube_namespace_filter.namespace_name_list", namespaces),
        workload_kind="" if workload is None else _kind(path, workload),
        workloads=_names(
            f"{path}.kube_workload_filter.workload_name_list", workload.workload_name_list if workload else None
        ),
        pods=_names(f"{path}.kube_pod_filter.pod_name_list", pod.pod_name_list if pod else None),
        selector=() if pod is None else _selector(pod),
        names=_names(f"{path}.kube_container_prop_filter.container_name_list", names),
    )


def _clusters(wanted: _Filter) -> tuple[str | int, ...] | None:
    return wanted.kube_cluster_filter.cluster_uid_list if wanted.kube_cluster_filter else None


def _kind(path: str, workload: WorkloadFilter) -> str:
    kind = (workload.kind or "").strip()
    if not kind:
        raise BadRequestError(f"{path}.kube_workload_filter.kind", "is missing or empty")
    return kind


def _names(path: str, written: Sequence[str | int] | None) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text(one).strip() for one in written or ()))
    if len(names) > MAX_NAMES:
        raise BadRequestError(path, f"has more than {MAX_NAMES} entries")
    if "" in names:
        raise BadRequestError(path, "has an empty entry")
    return names


def _selector(pod: PodFilter) -> tuple[Requirement, ...]:
    asked = tuple(
        Requirement(one.key.strip(), Operator(one.operator), tuple(text(value) for value in one.values or ()))
        for one in pod.label_selector or ()
    )
    try:
        found = asked + parse_selector(pod.label_selector_expr or "")
    except ValueError as error:
        raise LabelSelectorError(str(error)) from error
    if trouble := selector_trouble(found):
        raise LabelSelectorError(trouble)
    return found
