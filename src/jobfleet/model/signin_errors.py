"""Refusals that are about signing in: tokens, lock-outs, rates, pages of other sites."""

from jobfleet.model.errors import Family, JobfleetError


class TokenNotFoundError(JobfleetError):
    """Refuse a personal token that does not exist, or is somebody else's. Arguments: its id."""

    code = 1243061
    family = Family.NOT_FOUND


class TokenNameTakenError(JobfleetError):
    """Refuse a second personal token of one name. Arguments: the name."""

    code = 1243062
    family = Family.EXISTS


class TooManyTokensError(JobfleetError):
    """Refuse more personal tokens than a user may have. Arguments: how many that is."""

    code = 1243063
    family = Family.EXHAUSTED


class TooManyStreamsError(JobfleetError):
    """Refuse one more stream than a user may read on one server. Arguments: how many that is."""

    code = 1243063
    family = Family.EXHAUSTED


class TooManyAttemptsError(JobfleetError):
    """Refuse to look at a password after too many wrong ones. Arguments: seconds until it is looked at again.

    It says the same of users who do not exist.
    """

    code = 1247001
    family = Family.EXHAUSTED

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


class RateLimitedError(JobfleetError):
    """Refuse more requests than an application or a user may make. Arguments: seconds until the next one may come."""

    code = 1642902
    family = Family.RATE_LIMITED

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


class ForeignPageError(JobfleetError):
    """Refuse what a page of another site may have made a browser send. Arguments: what was missing or wrong."""

    code = 1247403
    family = Family.FORBIDDEN


class UserNotFoundError(JobfleetError):
    """Refuse a user who does not exist, to an administrator. Arguments: the name."""

    code = 1240003
    family = Family.NOT_FOUND


class PersonNeededError(JobfleetError):
    """Refuse a personal token or an application where the person itself must have signed in. Arguments: for what."""

    code = 1247403
    family = Family.FORBIDDEN


class AppNotFoundError(JobfleetError):
    """Refuse an application that does not exist, to an administrator. Arguments: its code."""

    code = 1240003
    family = Family.NOT_FOUND


class AppExistsError(JobfleetError):
    """Refuse a second application of one code. Arguments: the code."""

    code = 1240003
    family = Family.EXISTS


class RoleNotFoundError(JobfleetError):
    """Refuse to take away a role that is not bound here. Arguments: the user, the scope."""

    code = 1240003
    family = Family.NOT_FOUND
