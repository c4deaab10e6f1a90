"""`jobfleet sim`: a simulated fleet for load and fault tests."""

from pathlib import Path
from typing import Annotated

import typer

from jobfleet.cli.data_files import ADDRESS_FILE, CREDENTIALS_FILE
from jobfleet.cli.exits import FAILED, refuse


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sim)


def sim(  # noqa: PLR0913, PLR0917 (one parameter a flag)
    agents: Annotated[int, typer.Option(help="How many agents: hosts 10.0.0.1, 10.0.0.2, …", min=1)],
    data_dir: Annotated[
        Path | None, typer.Option(help="Data directory of a running `jobfleet up`: whose fleet it is, without a token.")
    ] = None,
    server: Annotated[str, typer.Option(help="Address of the server.", envvar="JOBFLEET_SERVER")] = "",
    token: Annotated[
        str, typer.Option(help="Reusable enrolment token of a business.", envvar="JOBFLEET_AGENT_TOKEN")
    ] = "",
    business: Annotated[int, typer.Option(help="With --data-dir: the business that takes the hosts up.", min=1)] = 2,
    roster: Annotated[
        Path | None, typer.Option(help="File of identities; default: sim.json in the data directory.")
    ] = None,
    latency_ms: Annotated[str, typer.Option(help="How long a script runs: 20, or a span such as 5..50.")] = "0",
    failure_rate: Annotated[float, typer.Option(help="Share of scripts that end with 1.", min=0, max=1)] = 0.0,
    unreachable_rate: Annotated[float, typer.Option(help="Share of hosts that never connect.", min=0, max=1)] = 0.0,
    output_bytes: Annotated[
        int, typer.Option(help="What a script prints; 0: one line with its host's address.", min=0)
    ] = 0,
    seed: Annotated[int, typer.Option(help="Same seed, same fates.")] = 0,
) -> None:
    """Run protocol-true agents in one process that start no processes, until told to stop."""
    from jobfleet.sim.behaviour import Profile, parse_latency
    from jobfleet.sim.main import FleetError, SimSettings, run_fleet

    try:
        profile = Profile(parse_latency(latency_ms), failure_rate, unreachable_rate, output_bytes, seed)
    except ValueError as error:
        refuse(f"--latency-ms: {error}")
    if data_dir is not None:
        server, token = _local(data_dir, server, business)
        roster = roster or data_dir / "sim.json"
    settings = SimSettings(agents=agents, server=server, token=token, roster=roster, profile=profile)
    try:
        raise typer.Exit(run_fleet(settings))
    except FleetError as error:
        refuse(str(error), FAILED)


def _local(data_dir: Path, server: str, business: int) -> tuple[str, str]:
    """Return address and a fresh enrolment token of an installation on this machine."""
    import httpx

    from jobfleet.credentials import KeysFileError, load_or_create

    try:
        password = load_or_create(_existing(data_dir / CREDENTIALS_FILE)).admin_password
        server = server or _existing(data_dir / ADDRESS_FILE).read_text(encoding="ascii")
        return server, _token(server, password, business)
    except (FileNotFoundError, KeysFileError) as error:
        refuse(f"{data_dir} is not the data directory of a running `jobfleet up`: {error}", FAILED)
    except httpx.HTTPError as error:
        refuse(f"no enrolment token from {server}: {error}", FAILED)


def _existing(path: Path) -> Path:
    if not path.exists():
        raise FileNotFoundError(f"there is no {path.name}")
    return path


def _token(server: str, password: str, business: int) -> str:
    import httpx

    from jobfleet.cli.local_state import ADMIN

    with httpx.Client(base_url=server, trust_env=False) as http:
        session = http.post("/api/v1/sign-in", json={"username": ADMIN, "password": password}).raise_for_status()
        wanted = {"reusable": True, "business": business, "replace": True}
        bearer = {"Authorization": f"Bearer {session.json()['token']}"}
        token = http.post("/api/v1/agents/tokens", json=wanted, headers=bearer).raise_for_status()
        return str(token.json()["token"])
