"""What is raised for bytes of somebody else that are not what they should be."""

import msgspec

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""For MessagePack and JSON alike: no message of the kind, a text that is no UTF-8, or nested too deep."""
