"""Finding a tag by its name."""

from jobfleet.cli import exits
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.wire_scripts import Tag, TagList

TAGS = "/api/v1/tags"


def find_tag(api: Api, name: str, owner: str) -> Tag:
    """Return the tag of a name of a scope, or of the public scripts.

    Raises:
        CommandError: There is none.
    """
    for tag in api.get(TAGS, TagList, scope=owner, name=name, length=1000).tags:
        if tag.name == name:
            return tag
    raise CommandError(f"there is no tag {name} in {owner}", exits.REFUSED)
