"""Addresses written shortly: those that differ in their last number share one text."""

from collections.abc import Iterable, Sequence


def fold(addresses: Iterable[tuple[int, str]]) -> list[str]:
    """Return texts for (cloud area, address) pairs, such as `10.0.0.[1-3,7]` or `3:10.1.0.9`, in order.

    Addresses of version 6 stand alone.
    """
    nets: dict[tuple[int, tuple[int, ...], str], set[int]] = {}
    alone = []
    for cloud_id, address in addresses:
        head, dot, last = address.rpartition(".")
        if dot and last.isdecimal() and head.replace(".", "").isdecimal():
            order = tuple(int(part) for part in head.split("."))
            nets.setdefault((cloud_id, order, head), set()).add(int(last))
        else:
            alone.append(_with_area(cloud_id, address))
    folded = [_with_area(key[0], f"{key[2]}.{_ranges(sorted(numbers))}") for key, numbers in sorted(nets.items())]
    return folded + sorted(alone)


def _with_area(cloud_id: int, text: str) -> str:
    return text if cloud_id == 0 else f"{cloud_id}:[{text}]" if ":" in text else f"{cloud_id}:{text}"


def _ranges(numbers: Sequence[int]) -> str:
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    texts = [str(first) if first == last else f"{first}-{last}" for first, last in spans]
    return texts[0] if len(texts) == 1 and "-" not in texts[0] else f"[{','.join(texts)}]"
