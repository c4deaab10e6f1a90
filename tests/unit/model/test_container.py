"""Containers: where labels say they are, which filters choose them, what label selectors ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.container import (
    Container,
    ContainerFilter,
    KnownContainer,
    Operator,
    Place,
    Requirement,
    matches,
    place_of,
)
from jobfleet.model.label_selector import MAX_REQUIREMENTS, MAX_SELECTOR_CHARS, parse_selector, selector_trouble

POD = {"io.kubernetes.pod.name": "web-5d9c-x7k2p", "io.kubernetes.pod.namespace": "prod"}


@pytest.mark.parametrize(
    ("labels", "kind", "workload"),
    [
        (POD | {"pod-template-hash": "5d9c"}, "deployment", "web"),
        (POD | {"controller-revision-hash": "abc"}, "daemonSet", "web-5d9c"),
        (
            POD | {"statefulset.kubernetes.io/pod-name": "web-0", "controller-revision-hash": "a"},
            "statefulSet",
            "web-5d9c",
        ),
        (POD | {"job-name": "once"}, "job", "once"),
        (POD | {"batch.kubernetes.io/job-name": "nightly-29400000"}, "cronJob", "nightly"),
        (POD, "", ""),
        ({"io.jobfleet.workload": "shop", "io.jobfleet.workload-kind": "gameDeployment"}, "gameDeployment", "shop"),
    ],
)
def test_labels_say_what_made_a_pod(labels: dict[str, str], kind: str, workload: str) -> None:
    place = place_of(labels)
    assert (place.workload_kind, place.workload) == (kind, workload)


def test_kubernetes_own_labels_win_over_ours() -> None:
    place = place_of(POD | {"io.jobfleet.namespace": "ours", "io.jobfleet.cluster": "c"})
    assert (place.cluster, place.namespace, place.pod) == ("c", "prod", "web-5d9c-x7k2p")


KNOWN = KnownContainer(
    Container(5, "abc", "docker", "web"),
    7,
    Place("BCS-1", "prod", "web-1", "deployment", "web"),
    {"app": "web", "weight": "7", "empty": ""},
)
FITTING = {
    "clusters": ("BCS-1",),
    "namespaces": ("prod", "x"),
    "workload_kind": "Deployment",
    "workloads": ("web",),
    "pods": ("web-1",),
    "names": ("web",),
}
STRANGE = {"workload_kind": "job"} | {name: ("other",) for name in FITTING if name != "workload_kind"}


@given(st.sets(st.sampled_from(sorted(FITTING))), st.sets(st.sampled_from(sorted(FITTING))))
def test_a_filter_chooses_what_meets_all_of_its_parts(asked: set[str], missed: set[str]) -> None:
    parts = {name: STRANGE[name] if name in missed else FITTING[name] for name in asked}
    assert matches(KNOWN, ContainerFilter(**parts)) is not (asked & missed != set())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("selector", "is_met"),
    [
        ("app=web", True),
        ("app == web", True),
        ("app!=web", False),
        ("absent!=web", True),
        ("app in (db, web)", True),
        ("app notin (db,web)", False),
        ("absent notin (x)", True),
        ("app", True),
        ("!app", False),
        ("!absent,app=web", True),
        ("weight>6,weight<8", True),
        ("weight>7", False),
        ("app>1", False),
        ("empty=", True),
        ("", True),
    ],
)
def test_selectors_mean_what_they_mean_in_kubernetes(selector: str, is_met: bool) -> None:
    assert matches(KNOWN, ContainerFilter(selector=parse_selector(selector))) is is_met


@pytest.mark.parametrize(
    "text", ["a in b", "a in ()x", "=b", "a=b=c", ",", "a,,b", "-a", "a=-b", "a>x", "a b", "a=(b)", "a in (b", "a" * 64]
)
def test_what_is_no_selector_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no|takes"):
        parse_selector(text)


@given(st.text(alphabet="ab=!,<>() in", max_size=40))
def test_any_text_is_a_selector_or_refused(text: str) -> None:
    try:
        found = parse_selector(text)
    except ValueError:
        return
    assert selector_trouble(found) == ""


def test_selectors_have_bounds() -> None:
    assert len(parse_selector(",".join(["a"] * MAX_REQUIREMENTS))) == MAX_REQUIREMENTS
    with pytest.raises(ValueError, match="more than"):
        parse_selector(",".join(["a"] * (MAX_REQUIREMENTS + 1)))
    with pytest.raises(ValueError, match="longer"):
        parse_selector("a" * (MAX_SELECTOR_CHARS + 1))


@pytest.mark.parametrize(
    "one",
    [
        Requirement("a", Operator.EXISTS, ("b",)),
        Requirement("a", Operator.EQUALS),
        Requirement("a", Operator.EQUALS, ("b", "c")),
        Requirement("a", Operator.IN),
        Requirement("a", Operator.GT, ("x",)),
        Requirement("", Operator.EXISTS),
        Requirement("a", Operator.IN, ("b" * 64,)),
    ],
)
def test_a_condition_with_the_wrong_values_is_none(one: Requirement) -> None:
    assert selector_trouble((one,))
