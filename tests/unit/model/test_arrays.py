"""Array literals of bash are read as data, and what bash would expand is refused."""

import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jobfleet.model.arrays import MAX_INDEX, MalformedArrayError, parse_array, render_array

TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=12)
PLAIN = st.text(st.characters(exclude_characters="\0\x01\x7f", codec="utf-8"), max_size=12)
"""Bash itself doubles two control characters in the literals of arrays."""

KEYED = st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=5)
INDEXED = st.dictionaries(st.integers(0, MAX_INDEX), TEXTS, max_size=5).map(
    lambda items: {str(index): items[index] for index in sorted(items)}
)


@given(KEYED)
def test_what_is_rendered_of_an_associative_array_is_read_back(items: dict[str, str]) -> None:
    assert parse_array(render_array(items, associative=True), associative=True) == items


@given(INDEXED)
def test_what_is_rendered_of_an_indexed_array_is_read_back(items: dict[str, str]) -> None:
    assert parse_array(render_array(items, associative=False), associative=False) == items


@example({"0~": "", "a#b": "~"}, ["a~#"])
@example({"\xa0": ""}, ["\u2003\x85"])
@settings(max_examples=40, deadline=None)
@given(st.dictionaries(PLAIN.filter(bool), PLAIN, max_size=5), st.lists(PLAIN, max_size=5))
def test_bash_reads_what_is_rendered_as_we_do(keyed: dict[str, str], listed: list[str]) -> None:
    indexed = {str(index): text for index, text in enumerate(listed)}
    script = f"""
    declare -A k={render_array(keyed, associative=True)}
    declare -a l={render_array(indexed, associative=False)}
    for key in "${{!k[@]}}"; do printf '%s\\0%s\\0' "$key" "${{k[$key]}}"; done
    for index in "${{!l[@]}}"; do printf '%s\\0%s\\0' "$index" "${{l[$index]}}"; done
    declare -p k l
    """
    ran = subprocess.run(["bash", "-c", script], capture_output=True, check=True)
    parts = ran.stdout.decode().split("\0")
    pairs = list(zip(parts[: 2 * (len(keyed) + len(listed)) : 2], parts[1::2], strict=False))
    assert dict(pairs[: len(keyed)]) == keyed
    assert dict(pairs[len(keyed) :]) == indexed
    declared = parts[-1]
    of_k, of_l = declared.split("declare -a l", 1)
    assert parse_array(of_k.partition("=")[2], associative=True) == keyed
    assert parse_array(of_l.partition("=")[2], associative=False) == indexed


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", {}),
        ("()", {}),
        (
            ' ( [a]=1  ["b c"]=\'x y\'\n[$\'t\\tb\']="q\\"\\$\\n" [e]= ) ',
            {"a": "1", "b c": "x y", "t\tb": 'q"$\\n', "e": ""},
        ),
        ("([a]=1 [a]=2)", {"a": "2"}),
        ("([ä]=ö$'\\xc3\\xa4\\u00e4')", {"ä": "öää"}),
    ],
)
def test_an_associative_literal_is_read(text: str, items: dict[str, str]) -> None:
    assert parse_array(text, associative=True) == items


def test_an_indexed_literal_is_read_with_gaps() -> None:
    assert parse_array('("a" [5]=b c\\ d)', associative=False) == {"0": "a", "5": "b", "6": "c d"}


@pytest.mark.parametrize(
    "text",
    [
        "a b",
        "(",
        ")(",
        "([a]=$(id))",
        '([a]="$HOME")',
        "([a]=`id`)",
        '([a]="`id`")',
        "([a]=1) ; id",
        "([a]=1); (id)",
        "([a]=x&)",
        "([a]=~)",
        "([a]={1,2})",
        "([a]=*)",
        "([a]=1[b]=2)",
        "([]=1)",
        '([""]=1)',
        "(a b)",
        "([a]=1 # )",
        '([a]="1)',
        "([$(id)]=1)",
        "([a]=$'\\xff')",
        "([a]=$'\\0')",
        "([a]=$'\\U00110000')",
        "([a]=<(id))",
    ],
)
def test_what_a_shell_would_expand_or_refuse_is_refused(text: str) -> None:
    with pytest.raises(MalformedArrayError):
        parse_array(text, associative=True)


@pytest.mark.parametrize("text", ["([x]=1)", f"([{MAX_INDEX + 1}]=1)", "([-1]=1)", f"([{MAX_INDEX}]=1 2)"])
def test_an_index_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(MalformedArrayError):
        parse_array(text, associative=False)


def test_the_highest_index_is_read() -> None:
    assert parse_array(f"([{MAX_INDEX}]=1)", associative=False) == {str(MAX_INDEX): "1"}


def test_a_long_malformed_literal_is_refused_quickly() -> None:
    with pytest.raises(MalformedArrayError):
        parse_array("(" + "a" * 60_000 + '"' * 5 + ")", associative=False)
