"""Filters of containers as requests write them: their limits on both sides."""

import pytest

from jobfleet.api.container_targets import (
    MAX_NAMES,
    ClusterFilter,
    ContainerFilterV4,
    ContainerPropFilter,
    PluginContainerFilter,
    WorkloadFilter,
    containers_of_plugin,
    containers_of_v4,
)
from jobfleet.model.container import MAX_FILTERS, ContainerFilter
from jobfleet.model.errors import BadRequestError, IllegalRequestError

WHOLE = ContainerFilterV4(kube_cluster_filter=ClusterFilter(("c",)), execute_in_whole_cluster=True)


def names(count: int) -> PluginContainerFilter:
    wanted = tuple(f"n{number}" for number in range(count))
    return PluginContainerFilter(kube_container_prop_filter=ContainerPropFilter(wanted))


def test_a_request_has_as_many_filters_as_it_may() -> None:
    assert len(containers_of_v4("f", [WHOLE] * MAX_FILTERS).filters) == MAX_FILTERS
    with pytest.raises(BadRequestError):
        containers_of_v4("f", [WHOLE] * (MAX_FILTERS + 1))


def test_a_filter_names_as_many_as_it_may() -> None:
    [found] = containers_of_plugin("f", [names(MAX_NAMES)]).filters
    assert len(found.names) == MAX_NAMES
    with pytest.raises(BadRequestError):
        containers_of_plugin("f", [names(MAX_NAMES + 1)])


def test_in_a_whole_cluster_the_finer_parts_do_not_count() -> None:
    fine = ContainerFilterV4(
        kube_cluster_filter=ClusterFilter((" c ", 7)),
        kube_container_prop_filter=ContainerPropFilter(("web",)),
        execute_in_whole_cluster=True,
    )
    assert containers_of_v4("f", [fine]).filters == (ContainerFilter(clusters=("c", "7")),)


@pytest.mark.parametrize(
    "wanted",
    [
        PluginContainerFilter(),
        PluginContainerFilter(fetch_any_one_container=True),
        PluginContainerFilter(kube_workload_filter=WorkloadFilter(" ")),
        PluginContainerFilter(kube_container_prop_filter=ContainerPropFilter(("",))),
    ],
)
def test_a_filter_that_asks_nothing_by_mistake_is_refused(wanted: PluginContainerFilter) -> None:
    with pytest.raises(BadRequestError):
        containers_of_plugin("f", [wanted])


def test_clusters_alone_need_to_be_said_to_be_whole() -> None:
    with pytest.raises(IllegalRequestError):
        containers_of_v4("f", [ContainerFilterV4(kube_cluster_filter=ClusterFilter(("c",)))])
