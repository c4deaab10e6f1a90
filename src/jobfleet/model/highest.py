"""The highest number that a row can hold."""

MAX_ID = 2**63 - 1
"""The highest id: the database keeps them as signed 64-bit numbers."""
