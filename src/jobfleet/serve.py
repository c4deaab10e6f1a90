"""Put a server together from its settings, and run it until it is told to stop."""

import asyncio
import gc
import signal
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from ipaddress import ip_network
from pathlib import Path

import msgspec
import structlog
import uvicorn
import uvloop
from litestar import Litestar

from jobfleet import credentials, logs
from jobfleet.api import callback
from jobfleet.api.app import create_app
from jobfleet.api.console.assets import load as load_console
from jobfleet.api.sending import Connection
from jobfleet.bus import identity
from jobfleet.bus.authority import Authority
from jobfleet.bus.client import BusClient
from jobfleet.bus.connection import Callbacks, Endpoint, connect
from jobfleet.bus.requests import Requests
from jobfleet.cli.probes import in_url
from jobfleet.credentials import Keys
from jobfleet.engine.audit_chain import REMEMBERED, Memory, keep_chain
from jobfleet.engine.context import Context
from jobfleet.engine.courier import Courier
from jobfleet.engine.file_store import FileStore
from jobfleet.engine.housekeeping import Windows
from jobfleet.engine.mail import Mailer, MailServer
from jobfleet.engine.presence import keep_presence
from jobfleet.engine.sealing import Sealer
from jobfleet.engine.service import Engine
from jobfleet.model.callback import CallbackPolicy
from jobfleet.model.errors import UnavailableError
from jobfleet.model.mail import MailTerms
from jobfleet.model.oidc import Provider, read_group_role
from jobfleet.model.rate import Rate
from jobfleet.operations.enrol import publish_revocations
from jobfleet.operations.firing import keep_time
from jobfleet.operations.oidc_provider import OidcProvider
from jobfleet.operations.platform import Platform, Sessions
from jobfleet.operations.rates import Rates
from jobfleet.settings import Settings
from jobfleet.store.blobs import Blobs
from jobfleet.store.database import Database

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_REQUEST_GRACE_S = 2
"""How long requests may still take after the word to stop."""

_KEEP_ALIVE_S = 75
_YOUNG_OBJECTS = 50_000
_REVOCATIONS_RETRY_S = 5.0

_log = structlog.get_logger()


def serve(settings: Settings) -> int:
    """Run a server until a signal says stop; return its exit code.

    Raises:
        KeysFileError: The keys file cannot be used.
    """
    logs.configure(settings.log_level, settings.log_format)
    keys = credentials.load_keys(Path(settings.keys_file))
    _collect_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(settings, keys))


def _collect_seldom() -> None:
    """Keep the collector of cycles off what lives as long as we do, and let it come seldom.

    A step on 10,000 hosts makes a million short-lived objects without a cycle; looking through all that was
    imported again and again took a fifth of the server's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 50)


class _Signs(msgspec.Struct, frozen=True):
    """What may happen to a server: told to stop, thrown out by the broker, connected to it again."""

    stop: asyncio.Event
    thrown_out: asyncio.Event
    is_back: asyncio.Event


async def _serve(settings: Settings, keys: Keys) -> int:
    signs = _Signs(asyncio.Event(), asyncio.Event(), asyncio.Event())
    for number in _STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, signs.stop.set)
    async with _platform(settings, keys, signs) as platform, AsyncExitStack() as stack:
        await stack.enter_async_context(_running(_keep_revocations(platform, signs.is_back)))
        await stack.enter_async_context(_running(keep_chain(platform.engine, platform.memory)))
        await stack.enter_async_context(_running(keep_presence(platform.engine, settings.role)))
        if settings.role != "api":
            await stack.enter_async_context(_engine(settings, keys, platform))
            await stack.enter_async_context(_running(keep_time(platform)))
        if settings.role == "engine":
            await signs.stop.wait()
        elif not await _answered(settings, platform, signs.stop):
            return 1
        return 1 if signs.thrown_out.is_set() else 0


@asynccontextmanager
async def _platform(settings: Settings, keys: Keys, signs: _Signs) -> AsyncIterator[Platform]:
    ca = await asyncio.to_thread(_read, settings.nats_ca)
    db = Database(settings.database_url, pool_size=settings.database_pool_size)
    bus = await _connect(settings, keys, ca, signs)
    try:
        yield Platform(
            engine=await _context(settings, keys, db, bus),
            time_zone=settings.time_zone,
            history_days=settings.history_days,
            output_days=settings.output_days,
            log_answer_bytes=settings.log_answer_bytes,
            upload_limit_bytes=settings.upload_limit_bytes,
            callback_key=keys.callback_key().public_key().public_bytes_raw(),
            authority=_authority(settings, keys, ca),
            memory=Memory(Path(settings.data_dir, REMEMBERED), lambda what: _log.error("audit trail", problem=what)),
            public_url=settings.public_url or f"http://{in_url(settings.host)}:{settings.port}",
            sessions=Sessions(settings.session_life_s * 1000, settings.session_idle_s * 1000),
            trusted_proxies=tuple(ip_network(text) for text in settings.trusted_proxies),
            oidc=await asyncio.to_thread(_oidc, settings),
            rates=Rates(Rate(settings.rate_limit_per_s, settings.rate_limit_burst)),
        )
    finally:
        await bus.close()
        await db.close()


async def _context(settings: Settings, keys: Keys, db: Database, bus: BusClient) -> Context:
    sealer = Sealer(keys.master_key)
    db.seal_audit(sealer.audit_mac)
    return Context(
        db=db,
        bus=bus,
        requests=await Requests(bus).open(),
        order_key=keys.order_key(),
        sealer=sealer,
        output_cap_bytes=settings.output_cap_bytes,
        blobs=Blobs(Path(settings.files_dir or Path(settings.data_dir, "files"))),
        source_policy=CallbackPolicy(tuple(settings.file_source_allowed_hosts), settings.file_source_loopback),
        mail=_mail_terms(settings),
        file_store=FileStore(settings.files_store_url) if settings.files_store_url else None,
    )


def _mail_terms(settings: Settings) -> MailTerms | None:
    limits = settings.mail_user_limit, settings.mail_scope_limit, settings.mail_system_limit
    return MailTerms(settings.mail_domain, *limits) if settings.smtp_url else None


def _mailer(settings: Settings, public_url: str) -> Mailer | None:
    return Mailer(MailServer(settings.smtp_url, settings.mail_from, public_url)) if settings.smtp_url else None


def _authority(settings: Settings, keys: Keys, ca: str) -> Authority:
    urls = tuple(settings.nats_url)
    return Authority(keys=keys.bus, urls=urls, public_urls=tuple(settings.nats_public_url) or urls, ca=ca)


async def _connect(settings: Settings, keys: Keys, ca: str, signs: _Signs) -> BusClient:
    """Connect to the broker; a server that the broker throws out for good ends, and is started anew."""

    async def closed() -> None:
        if not signs.stop.is_set():
            _log.error("the broker does not want this server any more")
            signs.thrown_out.set()
            signs.stop.set()

    async def connected_again() -> None:
        signs.is_back.set()

    async def failed(error: Exception) -> None:
        _log.warning("NATS", error=str(error) or type(error).__name__)

    who = identity.server_identity(keys.bus, int(time.time()))
    endpoint = Endpoint(settings.nats_url, who, "jobfleet server", ca)
    return await connect(endpoint, Callbacks(closed=closed, connected_again=connected_again, failed=failed))


def _oidc(settings: Settings) -> OidcProvider | None:
    """Return the identity provider that is set up, if any.

    Raises:
        OSError: The file with our secret cannot be read.
    """
    if not settings.oidc_issuer or not settings.oidc_client_id:
        return None
    file = settings.oidc_client_secret_file
    secret = Path(file).read_text(encoding="utf-8").strip() if file else ""
    provider = Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=secret,
        scopes=settings.oidc_scopes,
        username_claim=settings.oidc_username_claim,
        groups_claim=settings.oidc_groups_claim,
        roles=tuple(read_group_role(text) for text in settings.oidc_roles),
        new_users=settings.oidc_new_users,
    )
    return OidcProvider(provider)


def _read(path: str) -> str:
    return Path(path).read_text(encoding="ascii") if path else ""


async def _keep_revocations(platform: Platform, is_back: asyncio.Event) -> None:
    """Tell the broker who is revoked, now and whenever it was away: it may have come back without its memory."""
    while True:
        is_back.clear()
        try:
            await publish_revocations(platform)
        except UnavailableError as error:
            _log.warning("revocations not published yet", reason=str(error))
            await asyncio.sleep(_REVOCATIONS_RETRY_S)
        else:
            await is_back.wait()


@asynccontextmanager
async def _running(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def _engine(settings: Settings, keys: Keys, platform: Platform) -> AsyncIterator[None]:
    policy = CallbackPolicy(tuple(settings.callback_allowed_hosts), settings.callback_loopback)
    mailer = _mailer(settings, platform.public_url)
    courier = Courier(platform.engine, policy, keys.callback_key(), callback.render, mailer)
    windows = Windows(settings.history_days, settings.output_days, settings.audit_days)
    engine = Engine(platform.engine, courier, windows)
    await engine.start()
    try:
        yield
    finally:
        await engine.stop()


def _app(settings: Settings, platform: Platform) -> Litestar:
    return create_app(
        platform,
        path_prefixes=settings.path_prefix,
        escape_v2_logs=settings.compat_escape_v2_logs,
        body_limit_bytes=settings.request_body_limit_bytes,
        console=load_console(prefix=settings.console_path, frame_ancestors=tuple(settings.console_frame_ancestors)),
    )


class _Http(uvicorn.Server):
    """uvicorn without its own signal handlers: we tell it when to stop, and a clean stop is exit code 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to us."""
        yield


async def _answered(settings: Settings, platform: Platform, stopping: asyncio.Event) -> bool:
    """Answer HTTP until told to stop; return False when the address cannot be listened on."""
    http = _Http(_http_config(settings, _app(settings, platform)))
    watch = asyncio.create_task(_stop_when(http, platform, stopping))
    try:
        await http.serve()
    except SystemExit:  # how uvicorn says that the address is taken
        return False
    finally:
        watch.cancel()
    return http.started


def _http_config(settings: Settings, app: Litestar) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Connection,
        loop="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whose word counts is our own setting
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_REQUEST_GRACE_S,
    )


async def _stop_when(http: uvicorn.Server, platform: Platform, stopping: asyncio.Event) -> None:
    await stopping.wait()
    http.should_exit = True
    await platform.live.stop()  # streams never end by themselves
