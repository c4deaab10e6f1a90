"""Jobs of the fault tests: started, asked for and steered over HTTP, through whichever server lives."""

import asyncio
import base64
import time
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
from tests.acceptance.faults.cluster import Cluster
from tests.acceptance.faults.parts import Server

from jobfleet.cli.local_state import address_of

Json = dict[str, Any]

SUCCEEDED, FAILED, STOPPING, STOPPED = 3, 4, 10, 11
OK, RESULT_LOST, NONZERO, AGENT_UNREACHABLE, BROKEN = 9, 15, 104, 310, 399
KILLED, KILL_FAILED = 403, 404
UNAVAILABLE = 1240002
RECOVERS_S = 60.0
"""Longer than parts wait before they try again, one after the other, after a fault."""

_API = "/api/c/compapi/v2/jobv3"


class Job(msgspec.Struct, frozen=True):
    """Name a job and its step."""

    id: int
    step: int

    @property
    def ids(self) -> Json:
        return {"job_instance_id": self.id, "step_instance_id": self.step}


class RefusedError(Exception):
    """An answer other than success; `code` is the envelope's."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Jobs:
    """The ESB v3 surface of a cluster."""

    def __init__(self, cluster: Cluster, http: httpx.AsyncClient) -> None:
        self._cluster = cluster
        self._http = http

    async def ask(self, name: str, /, server: Server | None = None, key: str = "", **members: object) -> Json:
        """Return an operation's data, from one server or the first that lives.

        Raises:
            RefusedError: The answer is a refusal.
            httpx.TransportError: The server cannot be reached or died meanwhile.
        """
        where = server or next(server for server in self._cluster.servers if server.is_alive)
        made = self._cluster.made
        who = {"bk_app_code": made.demo_app_code, "bk_app_secret": made.demo_app_secret, "bk_username": "admin"}
        scope = {"bk_scope_type": "biz", "bk_scope_id": "2"}
        headers = {"Idempotency-Key": key} if key else {}
        answer = await self._http.post(f"{where.url}{_API}/{name}/", json=who | scope | members, headers=headers)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        if not told["result"]:
            raise RefusedError(told["code"])
        data: Json = told["data"]
        return data

    async def start(
        self,
        script: str,
        hosts: tuple[int, ...] = (1,),
        *,
        server: Server | None = None,
        key: str = "",
        **members: object,
    ) -> Job:
        """Start a job that runs a shell script on local hosts."""
        return await self.start_on(script, [address_of(host) for host in hosts], server=server, key=key, **members)

    async def start_on(
        self, script: str, addresses: list[str], *, server: Server | None = None, key: str = "", **members: object
    ) -> Job:
        """Start a job that runs a shell script on the hosts at some addresses."""
        ips = [{"bk_cloud_id": 0, "ip": address} for address in addresses]
        content = base64.b64encode(script.encode()).decode()
        wanted = {"script_content": content, "script_language": 1, "account_id": 1, "target_server": {"ip_list": ips}}
        told = await self.ask("fast_execute_script", server, key, **(wanted | members))
        return Job(told["job_instance_id"], told["step_instance_id"])

    async def start_surely(self, script: str, hosts: tuple[int, ...], key: str, within_s: float = RECOVERS_S) -> Job:
        """Start a job as a careful caller does: the same request under the same key until a server answers it."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            for server in self._cluster.servers:
                if (job := await self._try(script, hosts, key, server)) is not None:
                    return job
            await asyncio.sleep(0.05)
        raise AssertionError("no server took the job")

    async def _try(self, script: str, hosts: tuple[int, ...], key: str, server: Server) -> Job | None:
        try:
            return await self.start(script, hosts, server=server, key=key)
        except httpx.TransportError:
            return None
        except RefusedError as error:
            if error.code != UNAVAILABLE:
                raise
            return None

    async def status(self, job: Job, server: Server | None = None) -> Json:
        """Return a job's status with its hosts."""
        return await self.ask("get_job_instance_status", server, job_instance_id=job.id, return_ip_result=True)

    async def hosts(self, job: Job) -> list[Json]:
        """Return the results of a job's hosts."""
        found: list[Json] = (await self.status(job))["step_instance_list"][0]["step_ip_result_list"]
        return found

    async def finished(
        self, job: Job, within_s: float = RECOVERS_S, *, server: Server | None = None
    ) -> tuple[int, list[int]]:
        """Wait for a job's end; return its status and those of its hosts."""
        told = await self.until(job, lambda told: bool(told["finished"]), within_s, server=server)
        hosts = told["step_instance_list"][0]["step_ip_result_list"]
        return told["job_instance"]["status"], [host["status"] for host in hosts]

    async def until(
        self, job: Job, holds: Callable[[Json], bool], within_s: float = RECOVERS_S, *, server: Server | None = None
    ) -> Json:
        """Return a job's status once something holds of it; servers may come and go meanwhile."""
        deadline = time.monotonic() + within_s
        told: Json | None = None
        while time.monotonic() < deadline:
            try:
                told = await self.status(job, server)
            except (httpx.TransportError, RefusedError, StopIteration):
                told = None
            if told is not None and holds(told):
                return told
            await asyncio.sleep(0.05)
        raise AssertionError(f"not so within {within_s} s: {told}")

    async def log(self, job: Job, host: int = 1) -> str:
        """Return what a script printed on a host."""
        told = await self.ask("get_job_instance_ip_log", **job.ids, bk_cloud_id=0, ip=address_of(host))
        text: str = told["log_content"]
        return text

    async def terminate(self, job: Job) -> None:
        """Ask for a job's end."""
        await self.ask("operate_job_instance", job_instance_id=job.id, operation_code=1)

    async def retry(self, job: Job) -> None:
        """Ask for another attempt on the hosts that failed."""
        await self.ask("operate_step_instance", **job.ids, operation_code=2)
