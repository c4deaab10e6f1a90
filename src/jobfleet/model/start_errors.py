"""Refusals about starts that need a second person."""

from jobfleet.model.errors import Family, IllegalRequestError, JobfleetError, UnsupportedOperationError


class SecondPersonError(IllegalRequestError):
    """Refuse a start on more hosts than one person may start on alone. Arguments: how many that are."""

    family = Family.EXISTS


class StartRequestNotFoundError(JobfleetError):
    """Refuse a request for approval that does not exist, or not for the caller. Arguments: its id."""

    code = 1241012
    family = Family.NOT_FOUND


class OwnStartRequestError(JobfleetError):
    """Refuse to let somebody decide on what they ask for themselves."""

    code = 1244016
    family = Family.PRECONDITION


class StartRequestOverError(UnsupportedOperationError):
    """Refuse to decide on a request that waits no more. Arguments: what became of it."""

    family = Family.EXISTS


class StartChangedError(UnsupportedOperationError):
    """Refuse to start what is not what a second person looked at."""

    family = Family.EXISTS
