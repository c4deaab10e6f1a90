"""Finding a kept script by its name or id."""

import re

from jobfleet.cli import exits
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.place import scope_of
from jobfleet.cli.wire_scripts import Script, ScriptList

PUBLIC = "public"
SCRIPTS = "/api/v1/scripts"


def owner_of(api: Api, scope: str, *, public: bool) -> str:
    """Return the text that names whose scripts or tags are meant."""
    return PUBLIC if public else scope_of(api, scope)


def find_script(api: Api, name: str, *owners: str) -> Script:
    """Return the script of this id, or the first of this name in one of the owners (scopes, `public`).

    Raises:
        CommandError: There is none.
    """
    if re.fullmatch(r"[0-9a-f]{32}", name):
        return api.get(f"{SCRIPTS}/{name}", Script)
    for owner in owners:
        found = api.get(SCRIPTS, ScriptList, scope=owner, name=name, exact=True).scripts
        if found:
            return found[0]
    raise CommandError(f"there is no script {name} in {' or '.join(owners)}", exits.REFUSED)
