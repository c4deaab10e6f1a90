"""Jobfleet runs scripts, distributes files and runs SQL on fleets of hosts."""

__version__ = "0.1.0"
