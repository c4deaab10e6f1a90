"""Values that a request has to give."""

from jobfleet.model.errors import IllegalParameterReasonError


def needed(name: str, value: str | None) -> str:
    """Return a text that must be there.

    Raises:
        IllegalParameterReasonError: It is missing or empty; it is named.
    """
    if not value:
        raise IllegalParameterReasonError(name, "is missing or empty")
    return value
