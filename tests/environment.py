"""What processes that a test starts find around them."""

import os


def plain_environment() -> dict[str, str]:
    """Return our own variables without those that are Jobfleet's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("JOBFLEET_")}
