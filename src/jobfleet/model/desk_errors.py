"""Refusals that are about what people keep for themselves: drafts, views, favourites."""

from jobfleet.model.errors import Family, JobfleetError


class DraftNotFoundError(JobfleetError):
    """Refuse a draft that does not exist, or is somebody else's. Arguments: its id."""

    code = 1241012
    family = Family.NOT_FOUND


class TooMuchKeptError(JobfleetError):
    """Refuse one more view or favourite than a user may keep in a scope. Arguments: how many that is."""

    code = 1241012
    family = Family.EXHAUSTED
