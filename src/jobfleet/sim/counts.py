"""What a simulated fleet counts while it works."""

from collections import Counter


class Counts:
    """Numbers of one fleet since it started; `refused` counts orders by the reason of the refusal."""

    def __init__(self) -> None:
        self.connected = 0
        self.accepted = 0
        self.stored = 0
        self.killed = 0
        self.sent_again = 0
        self.refused: Counter[str] = Counter()

    def line(self) -> str:
        """Return the numbers as one line of `key=value`."""
        numbers = {
            "connected": self.connected,
            "accepted": self.accepted,
            "stored": self.stored,
            "killed": self.killed,
            "sent_again": self.sent_again,
        }
        refused = {f"refused_{reason}": number for reason, number in sorted(self.refused.items())}
        return " ".join(f"{name}={number}" for name, number in (numbers | refused).items())
