"""Put the parts together: the command line over everything else."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from jobfleet.settings import Settings


def main() -> None:
    """Run the command line."""
    with _uncollected():
        from jobfleet.cli.app import build

        run = build(_serve)
    run()


def _serve(settings: Settings) -> int:
    with _uncollected():
        from jobfleet.serve import serve
    return serve(settings)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Import without looking for garbage: nothing of a module goes away, and the looking is a quarter of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
