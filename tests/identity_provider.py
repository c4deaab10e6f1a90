"""A real identity provider as a process: Canaille, with one user in one group, and its log-in form filled in."""

import asyncio
import html
import json
import re
import signal
import sys
import tempfile
from pathlib import Path
from urllib.parse import urljoin

import httpx

from tests.ports import steady_port
from tests.waiting import eventually

CLIENT_ID, CLIENT_SECRET = "jobfleet", "a-secret-of-ours"
CALLBACK = "http://jobfleet.test/api/v1/sign-in/oidc/callback"
USER, PASSWORD, GROUP = "ann", "correct horse", "ops"
READY_S = 120.0


class IdentityProvider:
    """A running provider."""

    def __init__(self) -> None:
        self.port = steady_port()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it answers; raise AssertionError with its words when it does not."""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the process is stopped)
        program = Path(__file__).with_name("identity_provider_process.py")
        told = {
            "port": self.port,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "callback": CALLBACK,
            "user": USER,
            "password": PASSWORD,
            "group": GROUP,
        }
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "ignore", str(program), json.dumps(told)), stdout=self._log, stderr=self._log
        )
        async with asyncio.timeout(READY_S):
            while await self.keys() == set():
                if self.process.returncode is not None:
                    self._log.seek(0)
                    raise AssertionError(self._log.read().decode())
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        self.process.kill()
        await self.process.wait()
        self._log.close()

    async def keys(self) -> set[str]:
        """Return the ids of its keys, none while it does not answer."""
        async with httpx.AsyncClient() as http:
            try:
                answer = await http.get(f"{self.issuer}/oauth/jwks.json")
            except httpx.TransportError:
                return set()
        return {key["kid"] for key in answer.json()["keys"]}

    async def rotate_key(self) -> None:
        """Make it sign with another key from now on, and forget the former one."""
        before = await self.keys()
        self.process.send_signal(signal.SIGHUP)
        await eventually(self.keys, lambda keys: keys != before, within_s=READY_S)

    async def log_in(self, address: str) -> httpx.URL:
        """Follow an address as a browser does, fill in name and password, and return where it is sent back to."""
        async with httpx.AsyncClient() as browser:
            answer = await browser.get(address)
            for _ in range(10):
                if answer.is_redirect:
                    onward = urljoin(str(answer.url), answer.headers["location"])
                    if not onward.startswith(self.issuer):
                        return httpx.URL(onward)
                    answer = await browser.get(onward)
                else:
                    assert answer.status_code == 200, answer.text
                    answer = await browser.post(answer.url, data=_filled(answer.text))
        raise AssertionError(f"still at {answer.url}: {answer.text}")


def _filled(page: str) -> dict[str, str]:
    form = re.findall(r"<form.*?</form>", page, re.DOTALL)[0]
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    fields = {"login": USER, "password": PASSWORD}
    asked = {name: value for name, value in fields.items() if f'name="{name}"' in form}
    return asked | ({"csrf_token": html.unescape(token[0])} if token else {})
