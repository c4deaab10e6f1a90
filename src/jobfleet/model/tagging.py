"""Tags that people put on scripts and templates to find them again."""

from enum import StrEnum

import msgspec

from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.scope import Scope

MAX_NAME_CHARACTERS = 60
MAX_DESCRIPTION_CHARACTERS = 1_000
MAX_TAGS = 50
"""Most tags of one thing."""

MAX_PAGE = 1_000
"""Most tags of one page of a list."""


class Tagged(StrEnum):
    """Name the kinds of things that have tags; scripts are a scope's or public."""

    SCRIPT = "script"
    TEMPLATE = "template"


class NewTag(msgspec.Struct, frozen=True):
    """Ask for a tag, or for a tag to become this."""

    name: str
    description: str = ""


class Tag(msgspec.Struct, frozen=True):
    """Describe a tag; `scope` None means one for public scripts. Times are epoch milliseconds."""

    id: int
    scope: Scope | None
    name: str
    description: str
    creator: str
    created_at: int
    modifier: str
    modified_at: int


def check_tag(new: NewTag) -> None:
    """Do nothing when a tag may be called and described so.

    Raises:
        IllegalParameterError: The name is blank, too long or has control characters, or the description is too long.
    """
    if not new.name.strip():
        raise IllegalParameterError("name", "is missing or empty")
    for field, text, most in (
        ("name", new.name, MAX_NAME_CHARACTERS),
        ("description", new.description, MAX_DESCRIPTION_CHARACTERS),
    ):
        if len(text) > most:
            raise IllegalParameterError(field, f"is longer than {most} characters")
    if any(ord(one) < 32 for one in new.name) or "\x00" in new.description:
        field = "description" if "\x00" in new.description else "name"
        raise IllegalParameterError(field, "holds characters that no text may hold")
