"""The console's files are served whole and safe, and nothing of the API is taken for one of its pages."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.integration.api.site import Site

from jobfleet.api.console.assets import load
from jobfleet.api.console.serving import PLACES
from jobfleet.operations.platform import Platform

INDEX = '<meta name="jobfleet-base" content="./"><script type="module" src="./assets/index-1a2b.js"></script>'
SCRIPT = b"console" * 400


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Give what a build leaves."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(INDEX)
    (tmp_path / "mark.svg").write_text("<svg/>")
    (tmp_path / "assets" / "index-1a2b.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    return tmp_path


@pytest.fixture
async def http(platform: Platform, built: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of an application that browsers reach under a path."""
    console = load(prefix="/job", frame_ancestors=("https://portal.example",), directory=built)
    async with Site(platform, console=console) as site:
        yield site.http


async def test_pages_files_and_the_api_are_told_apart(http: httpx.AsyncClient) -> None:
    for place in PLACES:
        address = place.replace("{rest:path}", "runs/7/steps/8").replace(":int}", "}")
        address = address.format(job_id=1, step_id=2, plan_id=3, app_id=4)
        for prefix in ("", "/job"):
            page = await http.get(prefix + address)
            assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache"), address
            assert '="/job/assets/index-1a2b.js"' in page.text
            assert 'content="/job/"' in page.text
    for unknown in ("/api/v1/nothing", "/openapi/nothing", "/metrics/nothing", "/apis", "/biz", "/static/x.js"):
        answer = await http.get(unknown, headers={"accept": "text/html"})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json"), unknown
    assert (await http.get("/job/api/v1/sign-in/ways")).json() == {"oidc": False}
    assert (await http.get("/assets/index-0000.js")).status_code == 404
    assert (await http.post("/biz/2/home")).status_code == 400


async def test_files_are_kept_for_ever_and_come_compressed_to_who_takes_that(http: httpx.AsyncClient) -> None:
    address = "/job/assets/index-1a2b.js"
    packed = await http.get(address, headers={"accept-encoding": "br, gzip;q=0.5"})
    plain = await http.get(address, headers={"accept-encoding": "gzip;q=0, identity"})
    assert packed.content == plain.content == SCRIPT
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) == len(SCRIPT)
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["content-type"].startswith("text/javascript")
    assert (await http.get("/mark.svg")).headers["content-type"].startswith("image/svg+xml")


async def test_every_answer_carries_what_keeps_it_safe_and_head_has_the_same(http: httpx.AsyncClient) -> None:
    for address in ("/", "/biz/2/home", "/assets/index-1a2b.js", "/assets/none.js", "/mark.svg"):
        answer = await http.get(address)
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["frame-ancestors"] == "'self' https://portal.example"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        head = await http.head(address)
        assert head.content == b""
        assert (head.status_code, head.headers) == (answer.status_code, answer.headers)


async def test_without_built_files_the_page_says_how_to_build_them(tmp_path: Path) -> None:
    page = load(directory=tmp_path).page.decode()
    assert "make console" in page
