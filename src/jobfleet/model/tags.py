"""The tag that a script gives its result by printing a line."""

import re

MAX_TAG_LENGTH = 256
_TAG = re.compile(r"job_(?:success|fail):\[(.*)\]")


def tag_of(text: str) -> str:
    """Return the tag that a script printed, or "" when it printed none.

    The last `job_success:[…]` or `job_fail:[…]` line wins; a tag is cut to 256 characters.

    Source: docs/reference/scripts.md, «Tags».
    """
    tag = ""
    for match in _TAG.finditer(text):
        tag = match.group(1)
    return tag[:MAX_TAG_LENGTH]
