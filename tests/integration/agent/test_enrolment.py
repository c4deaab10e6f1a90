"""How an agent becomes one: enrolment, identity on disk, its rights on a broker that checks them."""

import base64
import hashlib
import tomllib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.errors import NoRespondersError
from tests.engines import Broker as TrustedBroker
from tests.engines import now_s
from tests.integration.agent.http_server import Server, serving
from tests.integration.agent.server import AgentProcess, Host, run_order, until
from tests.waiting import WITHIN_S

from jobfleet.agent.identity import Identity, store
from jobfleet.agent.settings import AgentSettings
from jobfleet.bus import identity as identities
from jobfleet.bus import subjects
from jobfleet.bus.nkey import generate_user_seed, private_key, user_text
from jobfleet.model.outcome import ErrorCode

HOST_ID = 5


class Installation:
    """A broker that checks identities, an HTTP server, and one host's agent."""

    def __init__(self, broker: TrustedBroker, server: Server, host: Host, agent: AgentProcess) -> None:
        self.broker = broker
        self.server = server
        self.host = host
        self.agent = agent

    def settings(self, **changes: object) -> AgentSettings:
        given = AgentSettings(
            data_dir=str(self.agent.data_dir), server=self.server.url, token="good", ip="127.0.0.5", cloud_id=3
        )
        return msgspec.structs.replace(given, **changes)

    def grant(self, seed: str) -> str:
        """Return the JWT that a server gives to the agent with this seed."""
        public_key = user_text(private_key(seed).public_key())
        return identities.agent_jwt(self.broker.keys, HOST_ID, public_key, now_s())


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server({})) as found:
        yield found


@pytest.fixture
async def installation(nats: TrustedBroker, server: Server, tmp_path: Path) -> AsyncIterator[Installation]:
    key = Ed25519PrivateKey.generate()
    client = await nats.server()
    host = Host(HOST_ID, client, key)
    await host.listen()
    found = Installation(nats, server, host, AgentProcess(tmp_path / "agent", tmp_path / "agent.log"))
    server.answer = {
        "host_id": HOST_ID,
        "nats_urls": [nats.url],
        "order_key": base64.b64encode(key.public_key().public_bytes_raw()).decode(),
        "nats_ca": "",
    }
    yield found
    if found.agent.is_started:
        await found.agent.stop()
    await client.close()


def prepare_seed(installation: Installation) -> str:
    """Leave the seed on disk that an agent leaves whose enrolment was not answered; grant it its JWT."""
    seed = generate_user_seed()
    installation.agent.data_dir.mkdir(mode=0o700)
    (installation.agent.data_dir / "seed.new").write_text(seed)
    installation.server.answer["user_jwt"] = installation.grant(seed)
    return seed


async def test_an_agent_enrols_once_and_needs_no_token_afterwards(installation: Installation) -> None:
    prepare_seed(installation)
    await installation.agent.start(installation.settings())
    [enrolment] = installation.server.enrolments
    assert (enrolment["ip"], enrolment["cloud_id"], enrolment["os"]) == ("127.0.0.5", 3, "linux")
    assert str(enrolment["public_key"]).startswith("U")
    assert (await installation.host.run(run_order("exit 3"))).exit_code == 3
    await installation.agent.stop()
    await installation.agent.start()
    assert (await installation.host.run(run_order("exit 4"))).exit_code == 4
    assert len(installation.server.enrolments) == 1


async def test_the_identity_on_disk_is_complete_and_nobody_elses_to_read(installation: Installation) -> None:
    seed = prepare_seed(installation)
    await installation.agent.start(installation.settings())
    path = installation.agent.data_dir / "identity.toml"
    stored = tomllib.loads(path.read_text())
    assert stored["seed"] == seed
    assert stored["host_id"] == HOST_ID
    assert path.stat().st_mode & 0o777 == 0o600
    assert not (installation.agent.data_dir / "seed.new").exists()
    assert "good" not in path.read_text() + installation.agent.log()


async def test_an_enrolment_that_was_not_answered_is_asked_again_with_the_same_key(
    installation: Installation,
) -> None:
    installation.server.fails = 1
    await installation.agent.start(installation.settings(), is_ready=False)
    assert await installation.agent.wait() == 7
    seed = (installation.agent.data_dir / "seed.new").read_text()
    installation.server.answer["user_jwt"] = installation.grant(seed)
    await installation.agent.start(installation.settings())
    assert installation.server.public_key == user_text(private_key(seed).public_key())


@pytest.mark.parametrize(
    ("changes", "exit_code", "words"),
    [
        ({"token": ""}, 2, "needs --server and --token"),
        ({"server": ""}, 2, "needs --server and --token"),
        ({"server": "ftp://x"}, 2, "must be an http:// or https:// address"),
        ({"token": "bad"}, 6, "token: unknown or expired"),
        ({"server": "http://127.0.0.1:9"}, 7, "cannot reach the server"),
    ],
)
async def test_an_agent_that_cannot_enrol_says_why(
    installation: Installation, changes: dict[str, str], exit_code: int, words: str
) -> None:
    await installation.agent.start(installation.settings(**changes), is_ready=False)
    assert await installation.agent.wait() == exit_code
    assert words in installation.agent.log()


async def test_a_server_that_answers_something_else_is_named(installation: Installation) -> None:
    installation.server.answer = {"hello": "world"}
    await installation.agent.start(installation.settings(), is_ready=False)
    assert await installation.agent.wait() == 7
    assert "is not a Jobfleet server" in installation.agent.log()


async def test_a_damaged_identity_is_named_with_its_remedy(installation: Installation) -> None:
    installation.agent.data_dir.mkdir()
    (installation.agent.data_dir / "identity.toml").write_text("host_id = ")
    await installation.agent.start(installation.settings(), is_ready=False)
    assert await installation.agent.wait() == 2
    assert "remove it and enrol again" in installation.agent.log()


async def test_a_revoked_agent_says_so_and_its_script_runs_on(installation: Installation) -> None:
    seed = prepare_seed(installation)
    await installation.agent.start(installation.settings())
    witness = installation.agent.data_dir / "witness"
    await installation.host.order(run_order(f"sleep 0.5; touch {witness}"))
    await installation.host.client.flush()
    revoked = {user_text(private_key(seed).public_key()): now_s() + 1}
    system = await installation.broker.system()
    await identities.push_account(system, identities.account_jwt(installation.broker.keys, now_s(), revoked))
    await until(lambda: "refused-by-broker" in installation.agent.log())
    await until(witness.exists)
    await identities.push_account(system, identities.account_jwt(installation.broker.keys, now_s()))
    await system.close()


async def test_a_large_script_is_fetched_by_its_hash_with_proof(installation: Installation) -> None:
    prepare_seed(installation)
    await installation.agent.start(installation.settings())
    script = b"echo large\n#" + b"x" * 200_000 + b"\nexit 8\n"
    content_hash = hashlib.sha256(script).hexdigest()
    installation.server.contents[content_hash] = script
    installation.server.fails = 1
    order = run_order(script, content=None)
    result = await installation.host.run(order)
    assert (result.exit_code, installation.host.output(order.task_id)) == (8, b"large\n")
    assert installation.server.fetched == 2


async def test_a_large_script_is_fetched_again_when_the_server_ends_meanwhile(installation: Installation) -> None:
    prepare_seed(installation)
    await installation.agent.start(installation.settings())
    script = b"exit 8\n#" + b"x" * 200_000
    installation.server.contents[hashlib.sha256(script).hexdigest()] = script
    installation.server.breaks_off = ["", "chunked"]
    result = await installation.host.run(run_order(script, content=None))
    assert (result.exit_code, installation.server.fetched) == (8, 3)


async def test_a_fetched_script_that_does_not_fit_its_hash_never_runs(installation: Installation) -> None:
    prepare_seed(installation)
    await installation.agent.start(installation.settings())
    order = run_order("echo good", content=None)
    installation.server.contents[order.content_hash] = b"echo evil"
    result = await installation.host.run(order)
    assert (result.error_code, result.exit_code) == (ErrorCode.CANNOT_START, None)
    assert "does not fit the signed hash" in result.message
    assert installation.host.output(order.task_id) == b""


async def test_a_kill_while_the_script_is_fetched_keeps_it_from_running(installation: Installation) -> None:
    prepare_seed(installation)
    await installation.agent.start(installation.settings())
    installation.server.fails = 3
    witness = installation.agent.data_dir / "ran"
    script = f"touch {witness}"
    order = run_order(script, content=None)
    installation.server.contents[order.content_hash] = script.encode()
    await installation.host.order(order)
    await until(lambda: installation.server.fetched)
    await installation.host.kill(order.task_id)
    result = await installation.host.result(order.task_id)
    assert result.error_code == ErrorCode.KILLED
    await until(lambda: not any((installation.agent.data_dir / "tasks").iterdir()))
    await installation.host.run(run_order("true"))
    assert not witness.exists()


async def test_an_agent_hears_no_orders_but_its_own(installation: Installation) -> None:
    seed = generate_user_seed()
    order_key = base64.b64encode(installation.host.key.public_key().public_bytes_raw()).decode()
    stolen = Identity(
        host_id=HOST_ID + 1,
        user_jwt=installation.grant(seed),
        seed=seed,
        nats_urls=[installation.broker.url],
        order_key=order_key,
        nats_ca="",
        server=installation.server.url,
    )
    store(installation.agent.data_dir, stolen)
    await installation.agent.start(is_ready=False)
    await until(lambda: "ermissions" in installation.agent.log())
    client = installation.host.client
    with pytest.raises(NoRespondersError):
        await client.request(subjects.orders(HOST_ID + 1), b"x", timeout=WITHIN_S)
