"""Raw parameters are read as the callers in the wild write them, and refused by name otherwise."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, Request, post

from jobfleet.api.esb_v2.scripts import FastExecuteScriptV2
from jobfleet.api.esb_v3.scripts import FastExecuteScript
from jobfleet.api.fields import Int32, Int64, Text, read, text
from jobfleet.api.gateway.v4 import FastExecuteScriptV4
from jobfleet.api.reading import MAX_VALUES, body_parameters, parse, query_parameters
from jobfleet.api.rules import callback_url_of
from jobfleet.api.scope import Scoped, ScopedV2, ScopePair, scope_of
from jobfleet.api.scripts import content_of, params_of
from jobfleet.api.surface import Surface, surface_of
from jobfleet.api.targets import TargetServer, target_of
from jobfleet.api.times import seconds, time_texts
from jobfleet.model.errors import BadRequestError, JobfleetError, UnreadableBodyError
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.target import Address, TopologyNode


class Sample(msgspec.Struct):
    number: Int64 | None = None
    small: Int32 | None = None
    flag: bool = False
    word: Text | None = None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"number": "12"}, Sample(number=12)),
        ({"number": 12.0}, Sample(number=12)),
        ({"number": None, "word": ""}, Sample()),
        ({"flag": "True"}, Sample(flag=True)),
        ({"flag": "true"}, Sample(flag=True)),
        ({"flag": "1"}, Sample(flag=True)),
        ({"flag": 1}, Sample(flag=True)),
        ({"flag": "0"}, Sample(flag=False)),
        ({"word": 2}, Sample(word=2)),
        ({"word": "2"}, Sample(word="2")),
        ({"strange": {"deep": [1]}}, Sample()),
    ],
)
def test_values_may_be_written_in_other_types(raw: dict[str, Any], expected: Sample) -> None:
    assert read(raw, Sample) == expected


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ({"number": "twelve"}, "number"),
        ({"number": 1.5}, "number"),
        ({"number": True}, "number"),
        ({"number": 2**63}, "number"),
        ({"number": "9" * 40}, "number"),
        ({"small": 2**31}, "small"),
        ({"flag": "maybe"}, "flag"),
        ({"flag": 2}, "flag"),
        ({"word": [1]}, "word"),
        ({"word": True}, "word"),
    ],
)
def test_values_that_are_none_are_refused_by_name(raw: dict[str, Any], named: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        read(raw, Sample)
    assert refused.value.arguments[0] == named


def test_a_field_deep_inside_is_named_by_its_path() -> None:
    wrong = {"target_server": {"ip_list": [{"bk_cloud_id": 0, "ip": "1.1.1.1"}, {"ip": "1.1.1.2"}]}}
    with pytest.raises(BadRequestError) as refused:
        read(wrong, FastExecuteScript)
    assert refused.value.arguments == ("target_server.ip_list[1].bk_cloud_id", "is missing")


def tried(action: Callable[[], object]) -> tuple[object, JobfleetError | None]:
    """Return what an action gives, or how it refuses; any other error is the test's."""
    try:
        return action(), None
    except JobfleetError as error:
        return None, error


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_refused(body: bytes) -> None:
    members, error = tried(lambda: parse(body))
    assert isinstance(members, dict) or isinstance(error, UnreadableBodyError)


@given(st.binary(max_size=60))
def test_any_query_is_read_or_refused(query: bytes) -> None:
    members, error = tried(lambda: query_parameters(query))
    assert isinstance(members, dict) or isinstance(error, UnreadableBodyError)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)


@pytest.mark.parametrize("kind", [FastExecuteScript, FastExecuteScriptV2, FastExecuteScriptV4])
@given(data=st.data())
def test_any_values_make_a_request_or_a_refusal(kind: type, data: st.DataObject) -> None:
    names = st.sampled_from([field.name for field in msgspec.structs.fields(kind)])
    raw = data.draw(st.dictionaries(names, VALUES, max_size=4))
    request, error = tried(lambda: read(raw, kind))
    assert isinstance(request, kind) or isinstance(error, BadRequestError)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Scoped(bk_scope_type="biz", bk_scope_id=2), Scope(ScopeType.BUSINESS, 2)),
        (Scoped(bk_scope_type="biz_set", bk_scope_id="9", bk_biz_id=2), Scope(ScopeType.BUSINESS_SET, 9)),
        (Scoped(bk_biz_id=7_999_999), Scope(ScopeType.BUSINESS, 7_999_999)),
        (Scoped(bk_biz_id=8_000_000), Scope(ScopeType.BUSINESS_SET, 8_000_000)),
        (ScopedV2(bk_biz_id=9_999_999), Scope(ScopeType.BUSINESS_SET, 9_999_999)),
        (ScopedV2(bk_biz_id=10_000_000), Scope(ScopeType.BUSINESS, 10_000_000)),
        (ScopePair(bk_scope_type="biz", bk_scope_id="2"), Scope(ScopeType.BUSINESS, 2)),
    ],
)
def test_a_scope_is_named_by_its_pair_or_its_old_id(wanted: Scoped, expected: Scope) -> None:
    assert scope_of(wanted) == expected


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        (Scoped(), "bk_scope_type"),
        (ScopedV2(), "bk_biz_id"),
        (Scoped(bk_scope_id="2", bk_biz_id=2), "bk_scope_type"),
        (Scoped(bk_scope_type="biz"), "bk_scope_id"),
        (Scoped(bk_scope_type="biz", bk_scope_id="-2"), "bk_scope_id"),
        (Scoped(bk_scope_type="biz", bk_scope_id="²"), "bk_scope_id"),
        (Scoped(bk_scope_type="biz", bk_scope_id="9" * 19), "bk_scope_id"),
        (Scoped(bk_biz_id=0), "bk_biz_id"),
    ],
)
def test_a_scope_that_is_none_is_refused_by_name(wanted: Scoped, named: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        scope_of(wanted)
    assert refused.value.arguments[0] == named


def test_a_target_is_read_with_blanks_cut_off_and_ids_winning() -> None:
    raw = {
        "ip_list": [{"bk_cloud_id": "0", "ip": " 10.0.0.1\t"}],
        "dynamic_group_list": [{"id": "2:group"}, {"id": 7}],
        "topo_node_list": [{"id": "5", "node_type": " set "}],
    }
    target = target_of(read(raw, TargetServer))
    assert target.addresses == (Address(0, "10.0.0.1"),)
    assert (target.dynamic_groups, target.topology_nodes) == (("group", "7"), (TopologyNode("set", 5),))
    assert target_of(read(raw | {"host_id_list": ["3"]}, TargetServer)).addresses == ()


@pytest.mark.parametrize("ip", ["10.0.0", "10.0.0.256", "010.0.0.1", "fd00::1::2", "::g", "a.b.c.d", "", "10.0.0.1/24"])
def test_what_is_no_ip_address_is_refused(ip: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        target_of(read({"ip_list": [{"bk_cloud_id": 0, "ip": ip}]}, TargetServer))
    assert refused.value.arguments[0] == "target_server.ip_list[0].ip"


def test_an_ipv6_address_is_read_in_every_way_to_write_it() -> None:
    target = target_of(read({"ip_list": [{"bk_cloud_id": 0, "ip": " FD00:0::0011 "}]}, TargetServer))
    assert target.addresses == (Address(0, "fd00::11"),)


def test_base64_is_strict_but_for_line_breaks() -> None:
    assert content_of("c", "ZWNo\r\nbyBh\n") == b"echo a"
    assert content_of("c", None) is None
    assert params_of("p", "5L2g", sensitive=False) == "你"
    for bad in ("ZWNo_yBh", "ZWN", "ZWNobyBh=", "=", "é", "ZW==No"):
        with pytest.raises(BadRequestError):
            content_of("c", bad)


@pytest.mark.parametrize("url", ["http://h", "https://h:8443/p?q=1#f", "HTTP://10.0.0.1/", "http://[fd00::1]/"])
def test_callback_addresses_are_http_or_https(url: str) -> None:
    assert callback_url_of("callback_url", url) == url


@pytest.mark.parametrize(
    "url",
    [
        "h",
        "//h",
        "ftp://h",
        "http://",
        "http://u@h",
        "http://u:p@h",
        "http://h:port",
        "http://h:99999",
        "http://h/a b",
        "http://h\\@x",
        "http://[fd00::1",
        "javascript:alert(1)",
        "http://h/" + "a" * 5000,
    ],
)
def test_other_callback_addresses_are_refused(url: str) -> None:
    with pytest.raises(BadRequestError):
        callback_url_of("callback_url", url)


def test_times_of_version_2_are_in_the_zone_and_durations_in_seconds() -> None:
    plain, shifted = time_texts("Asia/Shanghai", offset=False), time_texts("America/New_York", offset=True)
    assert (plain(1_605_064_271_999), plain(None)) == ("2020-11-11 11:11:11", None)
    assert shifted(1_605_064_271_000) == "2020-11-10 22:11:11 -0500"
    assert (seconds(28_395), seconds(0), seconds(None)) == (28.395, 0.0, None)


def test_paths_tell_their_surface_under_any_prefix() -> None:
    assert surface_of("/api/c/compapi/v2/job/x/") is Surface.ESB_V2
    assert surface_of("/prod/api/c/compapi/v2/jobv3/x") is Surface.ESB_V3
    assert surface_of("/prod/api/v3/x") is Surface.GATEWAY_V3
    assert surface_of("/api/job/v4/x") is Surface.GATEWAY_V4
    assert surface_of("/api/v1/jobs") is None


def test_texts_of_numbers_are_their_digits() -> None:
    assert (text(None), text(5), text("5")) == ("", "5", "5")


@pytest.mark.parametrize(
    ("story", "body"),
    [
        ("a key twice after many others", "{" + "".join(f'"{n}":1,' for n in range(300_000)) + '"z":1,"z":1}'),
        ("a NUL behind a deep way", '{"a":' + "[" * 400 + '"x",' * 300_000 + '"\\u0000"' + "]" * 400 + "}"),
        ("a NUL below a long name", '{"' + "n" * 1_000_000 + '":[' + '"x",' * 300_000 + '"\\u0000"]}'),
    ],
)
def test_a_large_body_is_refused_in_a_time_that_grows_with_its_size(story: str, body: str) -> None:
    begun = time.process_time()
    with pytest.raises(UnreadableBodyError):
        parse(body.encode())
    assert time.process_time() - begun < 5, story


def test_a_text_that_cannot_be_stored_is_named_by_its_place() -> None:
    for body, place in [
        ('{"a":{"b":["x",{"c":"\\u0000"}]},"d":1}', "a.b[1].c"),
        ('{"a":[[1],["\\ud800"]]}', "a[1][0]"),
        ('{"a":{"b":[]},"c\\u0000":1}', "c\0"),
    ]:
        with pytest.raises(UnreadableBodyError) as refusal:
            parse(body.encode())
        assert refusal.value.arguments[0] == place


def test_a_body_holds_a_million_values_and_no_more() -> None:
    def listed(commas: int) -> bytes:
        return b'{"a":[' + b"1," * commas + b"1]}"

    assert len(parse(listed(MAX_VALUES - 2))["a"]) == MAX_VALUES - 1
    for body in (listed(MAX_VALUES - 1), b"{}," * MAX_VALUES, b'[",' * MAX_VALUES, b'\\",[' * MAX_VALUES):
        with pytest.raises(UnreadableBodyError, match="body"):
            parse(body)
    text = ",[{" * MAX_VALUES
    assert parse(msgspec.json.encode({"a": text, "b": '\\",'})) == {"a": text, "b": '\\",'}


async def test_others_are_answered_while_a_large_body_is_read() -> None:
    turns: list[int] = []

    async def read_it(request: Request[Any, Any, Any]) -> int:
        reading = asyncio.create_task(body_parameters(request))
        while not reading.done():
            turns.append(1)
            await asyncio.sleep(0)
        return len((await reading)["a"])

    app: Any = Litestar([post("/")(read_it)], openapi_config=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://jobfleet.test") as http:
        answer = await http.post("/", content=b'{"a":[' + b"[]," * 200_000 + b"[]]}")
    assert answer.json() == 200_001
    assert len(turns) > 20
