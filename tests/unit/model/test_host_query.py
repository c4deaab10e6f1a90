"""What people type to find hosts, and the target text that names the same hosts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.host_query import MAX_TERMS, parse_host_query
from jobfleet.model.target_query import Expression, Term, expression_text, read_text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ()),
        ("web 10.0.3.", (Term("host", ("*web*",)), Term("host", ("*10.0.3.*",)))),
        ("web-*", (Term("host", ("web-*",)),)),
        ("10.0.0.0/16 fd00::/8", (Term("ip", ("10.0.0.0/16",)), Term("ip", ("fd00::/8",)))),
        ("a/b", (Term("host", ("*a/b*",)),)),
        ("fd00::1", (Term("host", ("*fd00::1*",)),)),
        ("os=linux cloud:3", (Term("os", ("linux",)), Term("cloud", ("3",)))),
        ("OS!=linux,aix", (Term("os", ("linux", "aix"), True),)),
        ('module=nginx "set=gz 01"', (Term("module", ("nginx",)), Term("set", ("gz 01",)))),
        ('owner="the team', (Term("owner", ("the team",)),)),
    ],
)
def test_terms_are_words_networks_and_conditions(text: str, wanted: tuple[Term, ...]) -> None:
    assert parse_host_query(text) == wanted


def test_too_many_terms_are_refused() -> None:
    assert len(parse_host_query("a " * MAX_TERMS)) == MAX_TERMS
    with pytest.raises(ValueError, match="more than"):
        parse_host_query("a " * (MAX_TERMS + 1))


@given(st.text(max_size=60))
def test_any_text_is_a_query_and_its_target_text_means_the_same(text: str) -> None:
    terms = parse_host_query(text)
    assert bool(terms) == bool(text.replace('"', "").strip())
    target = expression_text(terms)
    if target:
        assert read_text(target).meaning == Expression(terms or (Term("name", ("*",)),))


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ("", "name=*"),
        ("web os!=aix", "host=*web* os!=aix"),
        ('10.0.0.0/8 "set=gz 01,gz 02"', 'ip=10.0.0.0/8 set="gz 01,gz 02"'),
        ("a,b", ""),
        ("module=" + "x" * 500, ""),
    ],
)
def test_what_was_found_is_named_by_a_target_text_where_one_can(query: str, target: str) -> None:
    assert expression_text(parse_host_query(query)) == target
