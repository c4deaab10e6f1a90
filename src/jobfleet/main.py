"""Put the parts together: the command line over everything else."""

from jobfleet.settings import Settings


def main() -> None:
    """Run the command line."""
    from jobfleet.cli.app import build

    build(_serve)()


def _serve(settings: Settings) -> int:
    from jobfleet.serve import serve

    return serve(settings)
