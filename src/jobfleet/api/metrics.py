"""Counters of the HTTP surfaces; the engine registers its own beside them."""

from prometheus_client import Counter, Histogram

ANSWERS = Counter(
    "jobfleet_api_answers", "Answers of the BlueKing surfaces by code; 0 is success.", ["surface", "operation", "code"]
)
SECONDS = Histogram(
    "jobfleet_api_seconds",
    "Time from a request's head to its encoded answer.",
    ["surface", "operation"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)


def observe(surface: str, operation: str, code: int, seconds: float) -> None:
    """Count one answer and how long it took."""
    ANSWERS.labels(surface, operation, str(code)).inc()
    SECONDS.labels(surface, operation).observe(seconds)
