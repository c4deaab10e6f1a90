"""A page that is live: it goes on where its stream was cut, and says so while it is."""

import re

from playwright.async_api import expect
from tests.acceptance.gates import Gates, gates
from tests.browser.visits import BIZ, Console, answered
from tests.browser.wire import STREAM, wire_to
from tests.waiting import until

__all__ = ["gates"]

_SHOW = """(isShown) => {
  Object.defineProperty(document, 'hidden', {value: !isShown, configurable: true})
  document.dispatchEvent(new Event('visibilitychange'))
}"""


async def test_a_cut_stream_is_told_of_and_goes_on_without_loss(console: Console, gates: Gates) -> None:
    stage = console.stage
    job = await stage.run(gates.script, 1, 2, 3)
    async with (
        wire_to(console.url) as wire,
        console.visit(f"{wire.url}{BIZ}/runs/{job.id}?view=table", language="en") as page,
    ):
        done = page.locator(".progress-line")
        await expect(done).to_contain_text("0/3")
        await expect(page.locator(".counter.run")).to_contain_text(re.compile(r"\d runs? (is|are) at work"))
        await gates.succeed(1)
        await expect(done).to_contain_text("1/3")
        wire.cut()
        await gates.fail(2, 7, "no disk")
        await gates.succeed(3)
        await stage.wait_end(job)
        await expect(page.get_by_text("Live updates paused")).to_be_visible()
        await expect(done).to_contain_text("1/3")
        wire.mend()
        await expect(done).to_contain_text("3/3")
        await expect(page.get_by_text("Live updates paused")).to_have_count(0)
        await expect(page.get_by_text("no disk").first).to_be_visible()
    listed = [line for line in wire.asked if f"/steps/{job.step_id}/hosts" in line]
    streams = [line for line in wire.asked if STREAM in line]
    assert len(listed) == 1, "hosts were listed anew, not told of"
    assert "after=" in streams[-1]


async def test_a_hidden_tab_closes_its_stream(console: Console) -> None:
    """Prove it with the page's own clock put forward: nobody waits twenty seconds."""
    async with wire_to(console.url) as wire, console.visit("/sign-in", signed_in=True) as page:
        await page.clock.install()
        await page.goto(f"{wire.url}{BIZ}/home")
        await expect(page.get_by_role("navigation").first).to_be_visible()
        await until(lambda: any(STREAM in line for line in wire.asked))
        await page.evaluate(_SHOW, False)
        await page.clock.run_for(21_000)
        await answered(page)
        closed = len(wire.asked)
        await page.clock.run_for(20_000)  # with what has passed, more than a stream may be silent that is still read
        await answered(page)
        assert not any(STREAM in line for line in wire.asked[closed:])
        await page.evaluate(_SHOW, True)
        await until(lambda: any(STREAM in line for line in wire.asked[closed:]))
