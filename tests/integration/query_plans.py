"""What PostgreSQL does for a statement."""

from typing import Any

from jobfleet.store.database import Transaction, raw


async def plan(tx: Transaction, statement: str, values: Any) -> list[dict[str, Any]]:
    """Return what PostgreSQL does for a statement, as a flat list."""
    told = await (await raw(tx)).fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", *values)
    waiting, found = [told[0]["Plan"]], []
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += node.get("Plans", [])
    return found


def touched(node: dict[str, Any]) -> int:
    """Return how many rows a scan looked at, those included that it threw away."""
    thrown = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int((node["Actual Rows"] + thrown) * node["Actual Loops"])
