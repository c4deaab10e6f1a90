"""The names of the subjects on NATS. An agent is known on the wire by its host id."""

NUDGE = "engine.nudge"
"""Servers tell each other that a job has something to decide; the payload is the job id in text,
followed by a step id when only that step's orders are to be sent."""

LIVE = "live"
"""Servers tell each other that something about a job is new, for those who follow it; the payload is its id in text.
Who misses it finds out by looking a little later."""

ENGINES = "engines"
"""Queue group of the servers that decide and record."""

REPORTS = "report.*"
HELLOS = "hello.*"


def orders(host_id: int) -> str:
    """Return the subject on which one agent takes its orders (request and reply)."""
    return f"agent.{host_id}.order"


def report(host_id: int) -> str:
    """Return the subject on which one agent sends its reports (request and reply)."""
    return f"report.{host_id}"


def hello(host_id: int) -> str:
    """Return the subject on which one agent says that it is there."""
    return f"hello.{host_id}"


def inbox_prefix(host_id: int) -> str:
    """Return the inbox prefix that belongs to one agent alone."""
    return f"_INBOX_{host_id}"


def host_of(subject: str) -> int:
    """Return the host id that a report or hello subject names; the broker lets no agent use another's."""
    return int(subject.rsplit(".", 1)[1])
