"""How people name targets: one text each."""

from collections.abc import Callable, Iterable, Mapping

from jobfleet.model.container import ContainerSpec
from jobfleet.model.declared_inventory import parse_host_address, parse_number
from jobfleet.model.target import Address, ObjectSpec, TargetSpec, TopologyNode


def parse_targets(texts: Iterable[str]) -> TargetSpec:
    """Return the target that texts name together.

    A text is an address (`10.0.0.1`, `3:10.0.0.1`, `3:[fe80::1]`), a host id (`17`), a dynamic group (`group:ID`)
    or a topology node (`node:TYPE:ID`, such as `node:module:100`). Host ids and addresses do not mix: the
    platform counts addresses only where there is no id.

    Raises:
        ValueError: A text is none of these, or both are given; the message names it.
    """
    found: dict[str, list[object]] = {"host": [], "address": [], "group": [], "node": []}
    for text in texts:
        kind, value = _parse(text.strip())
        found[kind].append(value)
    if found["host"] and found["address"]:
        raise ValueError("name hosts either by id or by address")
    return TargetSpec(
        host_ids=tuple(found["host"]),  # type: ignore[arg-type]
        addresses=tuple(found["address"]),  # type: ignore[arg-type]
        dynamic_groups=tuple(found["group"]),  # type: ignore[arg-type]
        topology_nodes=tuple(found["node"]),  # type: ignore[arg-type]
    )


def parse_hosts(texts: Iterable[str]) -> tuple[tuple[int, ...], tuple[Address, ...]]:
    """Return the host ids and the addresses that texts name; both may stand side by side.

    Raises:
        ValueError: A text is neither; the message names it.
    """
    found = [_parse(text.strip()) for text in texts]
    strange = next((kind for kind, _ in found if kind in _READERS), None)
    if strange is not None:
        raise ValueError(f"name hosts by id or address, not by {strange}")
    ids = (value for _, value in found if isinstance(value, int))
    addresses = (value for _, value in found if isinstance(value, Address))
    return tuple(dict.fromkeys(ids)), tuple(dict.fromkeys(addresses))


def parse_objects(texts: Iterable[str]) -> ObjectSpec:
    """Return the target that texts name together, of which some may be containers: `container:ID`.

    Raises:
        ValueError: A text is none of these; see `parse_targets`.
    """
    listed = [text.strip() for text in texts]
    ids = [_container(text) for text in listed if text.startswith(_CONTAINER)]
    hosts = parse_targets(text for text in listed if not text.startswith(_CONTAINER))
    return ObjectSpec(hosts, ContainerSpec(tuple(dict.fromkeys(ids))))


_CONTAINER = "container:"


def _container(text: str) -> int:
    try:
        return parse_number(text.removeprefix(_CONTAINER))
    except ValueError as error:
        raise ValueError(f"{text!r} is no container:ID") from error


def _parse(text: str) -> tuple[str, object]:
    kind, _, rest = text.partition(":")
    reader = _READERS.get(kind)
    try:
        if reader is not None:
            return kind, reader(rest)
        return ("host", parse_number(text)) if text.isdecimal() else ("address", Address(*parse_host_address(text)))
    except ValueError as error:
        raise ValueError(f"{text!r} is no address, host id, group:ID or node:TYPE:ID") from error


def _group(text: str) -> str:
    if not text:
        raise ValueError("empty")
    return text


def parse_node(text: str) -> TopologyNode:
    """Return the node that a text such as `set:7` names.

    Raises:
        ValueError: It names none.
    """
    kind, _, number = text.partition(":")
    return TopologyNode(kind, parse_number(number))


_READERS: Mapping[str, Callable[[str], object]] = {"group": _group, "node": parse_node}
