"""What people type to find hosts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.host_query import MAX_TERMS, HostQuery, parse_host_query


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", HostQuery()),
        ("web 10.0.3.", HostQuery(words=("web", "10.0.3."))),
        ("10.0.0.0/16 fd00::/8", HostQuery(networks=("10.0.0.0/16", "fd00::/8"))),
        ("a/b", HostQuery(words=("a/b",))),
        ("fd00::1 3:10.0.0.1", HostQuery(words=("fd00::1", "3:10.0.0.1"))),
        ("os=linux cloud:3", HostQuery(fields=(("os", "linux"), ("cloud", "3")))),
        ('module=nginx "set=gz 01"', HostQuery(labels=(("module", "nginx"), ("set", "gz 01")))),
        ('owner="the team', HostQuery(labels=(("owner", "the team"),))),
    ],
)
def test_terms_are_words_networks_and_conditions(text: str, wanted: HostQuery) -> None:
    assert parse_host_query(text) == wanted


def test_too_many_terms_are_refused() -> None:
    assert len(parse_host_query("a " * MAX_TERMS).words) == MAX_TERMS
    with pytest.raises(ValueError, match="more than"):
        parse_host_query("a " * (MAX_TERMS + 1))


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_refused(text: str) -> None:
    found = parse_host_query(text)
    terms = [*found.words, *found.networks, *found.fields, *found.labels]
    assert all(terms)
    assert bool(terms) == bool(text.replace('"', "").strip())
