"""What the command lines of container runtimes are told, and what they answer."""

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec

from jobfleet.model.container import (
    CONTAINER_ID_PATTERN,
    MAX_LABEL_CHARS,
    MAX_LABELS,
    FoundContainer,
    Runtime,
)

RUNTIMES: tuple[Runtime, ...] = get_args(Runtime)
"""In the order in which they are asked; what two of them show is taken from the first."""

_ACCOUNT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}\$?")
_SIGNS_OF_LIFE: Mapping[Runtime, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "docker": (("DOCKER_HOST",), ("/run/docker.sock", "/var/run/docker.sock")),
    "podman": (("CONTAINER_HOST",), ("/var/lib/containers/storage", "~/.local/share/containers/storage")),
    "nerdctl": (("CONTAINERD_ADDRESS",), ("/run/containerd/containerd.sock",)),
    "crictl": (
        ("CONTAINER_RUNTIME_ENDPOINT",),
        ("/etc/crictl.yaml", "/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/cri-dockerd.sock"),
    ),
}
"""By what one sees, without asking it, that a runtime is used here: variables of the environment, or files."""


def is_here(runtime: Runtime) -> bool:
    """Tell whether a runtime's program is on the search path, and something of it that runs."""
    if shutil.which(runtime) is None:
        return False
    variables, paths = _SIGNS_OF_LIFE[runtime]
    return any(name in os.environ for name in variables) or any(Path(path).expanduser().exists() for path in paths)


def list_command(runtime: Runtime) -> list[str]:
    """Return the command line that lists running containers."""
    return [runtime, "ps", "-o", "json"] if runtime == "crictl" else [runtime, "ps", "-q", "--no-trunc"]


def inspect_command(runtime: Runtime, uids: Iterable[str]) -> list[str]:
    """Return the command line that describes containers; of `crictl` the one that lists their pods."""
    return ["crictl", "pods", "-o", "json"] if runtime == "crictl" else [runtime, "container", "inspect", *uids]


def exec_command(runtime: Runtime, uid: str, account: str, argv: list[str], *, with_stdin: bool) -> list[str]:
    """Return the command line that runs a program in a container.

    `crictl` cannot choose the account: what runs must look at its own.

    Raises:
        ValueError: The account's name could be read as something else.
    """
    if _ACCOUNT.fullmatch(account) is None or re.search(CONTAINER_ID_PATTERN, uid) is None:
        raise ValueError(f"{account!r} is no account of a container")
    options = [*(["-i"] if with_stdin else []), *([] if runtime == "crictl" else [f"--user={account}"])]
    return [runtime, "exec", *options, "--", uid, *argv]


def listed(runtime: Runtime, output: bytes) -> list[str]:
    """Return the ids that a list names.

    Raises:
        ValueError: It is none.
    """
    if runtime == "crictl":
        return [one["id"] for one in _member(output, "containers") if _is_id(one.get("id"))]
    return [line for line in output.decode(errors="replace").split() if _is_id(line)]


def described(runtime: Runtime, listing: bytes, output: bytes) -> list[FoundContainer]:
    """Return what `inspect_command` says of the containers of a listing; those that hold a pod together are left out.

    Raises:
        ValueError: It is not what such a program says.
    """
    try:
        return _of_cri(listing, output) if runtime == "crictl" else _of_docker(runtime, output)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{runtime} says what it should not: {error!r}") from error


def _of_docker(runtime: Runtime, output: bytes) -> list[FoundContainer]:
    told = msgspec.json.decode(output or b"[]", type=list[dict[str, Any]])
    labels = {one["Id"]: one["Config"].get("Labels") or {} for one in told}
    return [
        FoundContainer(
            uid=one["Id"],
            runtime=runtime,
            name=_name(one["Name"].removeprefix("/"), labels[one["Id"]]),
            labels=kept_labels(labels.get(labels[one["Id"]].get("io.kubernetes.sandbox.id"), {}) | labels[one["Id"]]),
        )
        for one in told
        if one["State"].get("Running") and _is_id(one["Id"]) and not _holds_a_pod(one, labels[one["Id"]])
    ]


def _holds_a_pod(one: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    is_sandbox = labels.get("io.kubernetes.docker.type") == "podsandbox"
    return is_sandbox or labels.get("io.kubernetes.container.name") == "POD" or bool(one.get("IsInfra"))


def _of_cri(listing: bytes, output: bytes) -> list[FoundContainer]:
    pods = {one["id"]: one.get("labels") or {} for one in _member(output, "items")}
    return [
        FoundContainer(
            uid=one["id"],
            runtime="crictl",
            name=_name(one["metadata"]["name"], one.get("labels") or {}),
            labels=kept_labels(pods.get(one.get("podSandboxId"), {}) | (one.get("labels") or {})),
        )
        for one in _member(listing, "containers")
        if one.get("state") == "CONTAINER_RUNNING" and _is_id(one["id"])
    ]


def _member(output: bytes, name: str) -> list[dict[str, Any]]:
    found = msgspec.json.decode(output, type=dict[str, Any]).get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError(f"{name} is no list")
    return found


def _name(name: str, labels: Mapping[str, str]) -> str:
    """Return what a container is called: in a pod as the pod calls it."""
    return str(labels.get("io.kubernetes.container.name", name)).replace("\0", "")[:MAX_LABEL_CHARS]


def kept_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels that the server is told of: where a container is first, then by name, within the limits."""
    fitting = [
        (name, value)
        for name, value in labels.items()
        if isinstance(value, str) and max(len(name), len(value)) <= MAX_LABEL_CHARS and "\0" not in name + value
    ]
    first = sorted(fitting, key=lambda pair: (not pair[0].startswith(("io.kubernetes.pod.", "io.jobfleet.")), pair))
    return dict(first[:MAX_LABELS])


def _is_id(value: object) -> bool:
    return isinstance(value, str) and re.search(CONTAINER_ID_PATTERN, value) is not None
