"""Which rows of a list a page of the BlueKing surfaces shows."""

MAX_LENGTH = 1_000
"""No page is longer."""


def page_of(start: int | None, length: int | None, default: int = 20) -> tuple[int, int]:
    """Return start and length of a page: what is missing or senseless counts as its default, too many as MAX_LENGTH.

    Source: docs/reference/api.md, «Pages».
    """
    return max(0, start or 0), min(MAX_LENGTH, length if length and length > 0 else default)
