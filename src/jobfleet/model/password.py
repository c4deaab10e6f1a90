"""What passwords of local users must be like."""

MIN_CHARACTERS = 8
MAX_CHARACTERS = 1024


def problem(password: str, username: str) -> str | None:
    """Return what is wrong with a new password, None when nothing is.

    Source: docs/reference/sign-in.md, «Passwords».
    """
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        return f"must have {MIN_CHARACTERS} to {MAX_CHARACTERS} characters"
    if password.casefold() in {username.casefold(), username.casefold()[::-1], username.casefold() * 2}:
        return "must not be the user's name"
    if len(set(password)) < 4:
        return "must have at least 4 different characters"
    return None
