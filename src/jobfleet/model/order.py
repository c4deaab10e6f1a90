"""What servers and agents say to each other: orders, replies, reports.

Every message may come twice, late or never. A task is known by its id on both sides; output is known by
its byte offset, so that a repeated chunk is recognised and a missing one is asked for again.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.model.container import MAX_CONTAINERS, ContainerUid, FoundContainer, Runtime
from jobfleet.model.outcome import Outcome
from jobfleet.model.transfer import Code, FailedItem
from jobfleet.model.variable import VariableType

MAX_INLINE_SCRIPT_BYTES = 64 * 1024
"""A script up to this size travels inside its order; a larger one is fetched once by its hash."""

MAX_INLINE_LIST_BYTES = 64 * 1024
"""The like for lists of paths and parts."""

MAX_INLINE_VARIABLES_BYTES = 64 * 1024
"""The like for variables that all hosts of a step get alike."""

MAX_CHUNK_BYTES = 256 * 1024
"""Most that one chunk of output takes on the wire."""

SEGMENT_BYTES = 16
"""Most that a segment takes on the wire besides its data: a script that prints single bytes pays mostly this."""

Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Count = Annotated[int, Meta(ge=0, le=2**62)]
"""What agents may say of themselves fits the record: anything else is malformed and never gets as far."""

Word = Annotated[str, Meta(max_length=128, pattern=r"^[^\x00]*$")]
"""A short text that a host tells of itself; what no column takes makes its message malformed."""

STDOUT = 1
STDERR = 2


class ScriptVariable(msgspec.Struct, frozen=True, array_like=True):
    """Give a shell script a variable: a text (STRING), or the literal of an array (ASSOCIATIVE, INDEXED).

    `is_kept` asks for what the script leaves in it.
    """

    name: str
    kind: VariableType
    value: str
    is_kept: bool = False


class RunOrder(msgspec.Struct, frozen=True, tag="run", omit_defaults=True):
    """Run a script as an account on the host.

    `content` is None when the script is larger than MAX_INLINE_SCRIPT_BYTES; the agent then fetches it over
    HTTP by `content_hash` (SHA-256, hex). `timeout_s` counts from the start of the script. Of many `variables` those
    that all hosts get are fetched likewise, a msgpack list: `variables_hash` is its SHA-256 then. `is_private` says
    that no list of processes may show the parameters.
    """

    task_id: int
    job_id: int
    step_id: int
    attempt: int
    batch: int
    language: int
    content_hash: str
    content: bytes | None
    account: str
    params: str
    timeout_s: int
    output_cap_bytes: int
    interpreter: str = ""
    variables: tuple[ScriptVariable, ...] = ()
    variables_hash: str = ""
    is_private: bool = False


class ContainerOrder(RunOrder, frozen=True, tag="container", omit_defaults=True, kw_only=True):
    """Run a script in a container of the host, as an account that the container has.

    It is an order of its own, so that an agent of old refuses it rather than running the script on the host.
    """

    runtime: Runtime
    container: ContainerUid


def in_container(order: RunOrder, runtime: Runtime, uid: str) -> ContainerOrder:
    """Return an order to run in a container what another would run on its host."""
    return ContainerOrder(**msgspec.structs.asdict(order), runtime=runtime, container=uid)


class SqlOrder(msgspec.Struct, frozen=True, tag="sql", omit_defaults=True):
    """Run SQL through the client program of a database, as an account on the host.

    `content` is as in RunOrder. The database listens on `db_port` of 127.0.0.1; `db_type` is a
    model.account.AccountType, `db_name` "" leaves the database to the client.
    """

    task_id: int
    job_id: int
    step_id: int
    attempt: int
    batch: int
    content_hash: str
    content: bytes | None
    account: str
    db_type: int
    db_account: str
    db_password: str
    db_port: int
    timeout_s: int
    output_cap_bytes: int
    db_name: str = ""

    def __repr__(self) -> str:
        """Return a text without the password, so that no log ever has it."""
        return f"SqlOrder(task_id={self.task_id}, …)"


ScriptOrder = RunOrder | ContainerOrder | SqlOrder
"""An order whose content runs: inside it, or fetched by its hash."""


class OfferOrder(msgspec.Struct, frozen=True, tag="offer", omit_defaults=True):
    """Offer files: find them as an account, give the server the contents that it lacks, then the manifest.

    `paths` are as requested: a file, a directory (ends with a slash), or a pattern in the last part. Many of them
    are fetched as a content of their own, a msgpack list: `paths_hash` is its SHA-256 then.
    """

    task_id: int
    job_id: int
    step_id: int
    attempt: int
    batch: int
    account: str
    paths: tuple[str, ...]
    timeout_s: int
    output_cap_bytes: int
    limit_kib_s: int = 0
    paths_hash: str = ""


class FetchPart(msgspec.Struct, frozen=True, omit_defaults=True):
    """Say what comes from one source into which directory.

    `manifest` is the SHA-256 of the source's manifest, fetched by it; "" when the source offers nothing but `failed`.
    """

    source: int
    directory: str
    manifest: str = ""
    failed: tuple[FailedItem, ...] = ()


class FetchOrder(msgspec.Struct, frozen=True, tag="fetch", omit_defaults=True):
    """Fetch files into directories as an account.

    `create` makes directories that are missing; `name` is what a single file is to be called instead of its own.
    Many parts are fetched as a content of their own, a msgpack list: `parts_hash` is its SHA-256 then.
    """

    task_id: int
    job_id: int
    step_id: int
    attempt: int
    batch: int
    account: str
    parts: tuple[FetchPart, ...]
    timeout_s: int
    output_cap_bytes: int
    create: bool = True
    name: str = ""
    limit_kib_s: int = 0
    parts_hash: str = ""


WorkOrder = RunOrder | ContainerOrder | SqlOrder | OfferOrder | FetchOrder
"""An order that becomes a task on the host."""


class KillOrder(msgspec.Struct, frozen=True, tag="kill"):
    """Kill the whole process tree of each task; one that never started never will."""

    task_ids: list[int]


class AskOrder(msgspec.Struct, frozen=True, tag="ask"):
    """Ask what became of tasks; the agent answers with `known` and sends results again."""

    task_ids: list[int]


MAX_LOG_LINES = 1_000
"""So many lines of its own log an agent keeps, and tells at most."""

MAX_LOG_CHARACTERS = 500
"""What is longer than this is cut from a line of an agent's own log."""


class LogOrder(msgspec.Struct, frozen=True, tag="log"):
    """Ask for the latest `lines` of the agent's own log; the agent answers with `log`."""

    lines: Annotated[int, Meta(ge=1, le=MAX_LOG_LINES)]


Order = RunOrder | ContainerOrder | SqlOrder | OfferOrder | FetchOrder | KillOrder | AskOrder | LogOrder


class OrderBody(msgspec.Struct, frozen=True):
    """The signed part of an envelope, bound to one host and a span of time (epoch milliseconds)."""

    host_id: int
    issued_at: int
    expires_at: int
    nonce: bytes
    order: Order


class Envelope(msgspec.Struct, frozen=True):
    """Carry an order: `body` is a msgpack OrderBody, `signature` is Ed25519 over the prefixed body."""

    body: bytes
    signature: bytes


class LogLine(msgspec.Struct, frozen=True, array_like=True):
    """Hold a line of an agent's own log: when it was written (epoch milliseconds), how grave it is, and its words."""

    at: Count
    level: Annotated[str, Meta(max_length=20)]
    text: Annotated[str, Meta(max_length=MAX_LOG_CHARACTERS)]


class OrderReply(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Answer an order.

    `accepted` is False when the order was refused, with `reason` one of: malformed, forged, foreign, expired,
    repeated, busy (too many unfinished tasks), disk (it does not take the order). An order for a task already in the
    journal is accepted again without effect.
    `unknown` lists asked or killed tasks that the journal does not have; they never ran and never will.
    `log` are lines of the agent's own log, oldest first, of all that it wrote since `log_since` (epoch milliseconds).
    """

    accepted: bool
    reason: Word = ""
    unknown: list[int] = []
    log: Annotated[list[LogLine], Meta(max_length=MAX_LOG_LINES)] = []
    log_since: Count = 0


class Segment(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A run of output bytes of one stream that arrived at one time (epoch milliseconds)."""

    stream: int
    at: Count
    data: bytes


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """Output of one task from byte `offset` on, both streams in arrival order."""

    task_id: Id
    job_id: Id
    offset: Count
    segments: list[Segment]

    @property
    def size_bytes(self) -> int:
        """Count the output bytes in the chunk."""
        return sum(len(segment.data) for segment in self.segments)

    @property
    def wire_bytes(self) -> int:
        """Count what the chunk takes on the wire at most, but for its head."""
        return self.size_bytes + SEGMENT_BYTES * len(self.segments)


class TaskStarted(msgspec.Struct, frozen=True, gc=False):
    """Say that a task's script was started (epoch milliseconds)."""

    task_id: Id
    job_id: Id
    started_at: Count


class TaskResult(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Say how a task ended.

    `survivors` are pids that outlived a kill; `output_bytes` is the
    size of the whole output, so that the server knows when it has all of it. `message` says why a script
    did not run or what else an operator should know; the output never contains it. `left` are the variables that
    the script changed, name to value.
    """

    task_id: Id
    job_id: Id
    outcome: Outcome
    exit_code: Code | None
    error_code: Code
    started_at: Count
    ended_at: Count
    output_bytes: Count
    tag: str = ""
    message: str = ""
    survivors: list[Code] = []
    left: dict[str, str] = {}


class Report(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What an agent reports in one message: starts, output and results, stored in this order.

    `containers` are all that run on the host now; None says nothing of them.
    """

    host_id: Id
    started: list[TaskStarted] = []
    chunks: list[Chunk] = []
    results: list[TaskResult] = []
    containers: Annotated[list[FoundContainer], Meta(max_length=MAX_CONTAINERS)] | None = None


class Stored(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Answer a report after the database commit.

    `output` maps a task to the number of its output bytes that are stored; the agent sends on from there.
    `results` lists tasks whose result is stored and whose files the agent may remove.
    `gone` lists tasks that the server does not have any more; the agent drops them.
    """

    output: dict[int, int] = {}
    results: list[int] = []
    gone: list[int] = []


class Hello(msgspec.Struct, frozen=True):
    """Say that an agent is connected; sent on every connect and every `HELLO_INTERVAL_S`."""

    host_id: Id
    version: Word
    boot_id: Word
    unfinished: list[Id]
    refused: Annotated[dict[Word, int], Meta(max_length=16)]


HELLO_INTERVAL_S = 30
