"""What the BlueKing surfaces serve of kept scripts."""

from typing import Any

from jobfleet.api import kept_scripts as asked
from jobfleet.api import script_handlers as do
from jobfleet.api import script_views as shown
from jobfleet.api.access import SIGNED_IN
from jobfleet.api.esb_v2 import kept_scripts as v2
from jobfleet.api.script_check import CheckScript, ScriptFinding, check_script
from jobfleet.api.surface import Route, Surface
from jobfleet.model.caller import Action

_CREATE, _MANAGE, _VIEW = Action.CREATE_SCRIPT, Action.MANAGE_SCRIPT, Action.VIEW_SCRIPT
_CREATE_PUBLIC, _MANAGE_PUBLIC = Action.CREATE_PUBLIC_SCRIPT, Action.MANAGE_PUBLIC_SCRIPT
_V2, _POST, _BOTH = Surface.ESB_V2, ("POST",), ("GET", "POST")

V2: tuple[Route, ...] = (
    Route(_V2, "get_script_list", _BOTH, _VIEW, v2.get_script_list, v2.GetScriptListV2, v2.ScriptPageV2),
    Route(_V2, "get_script_detail", _BOTH, _VIEW, v2.get_script_detail, v2.GetScriptDetailV2, v2.ScriptV2),
    Route(
        _V2,
        "get_public_script_list",
        _BOTH,
        SIGNED_IN,
        v2.get_public_script_list,
        v2.GetPublicScriptListV2,
        v2.ScriptPageV2,
    ),
)

_CHANGES: tuple[tuple[str, str, Any, tuple[Any, Any]], ...] = (
    ("check_script", SIGNED_IN, check_script, (CheckScript, list[ScriptFinding])),
    ("create_script", _CREATE, do.create_script, (asked.CreateScript, shown.KeptVersion)),
    ("create_script_version", _MANAGE, do.create_version, (asked.CreateVersion, shown.KeptVersion)),
    ("update_script_basic", _MANAGE, do.update_basic, (asked.UpdateBasic, shown.KeptScript)),
    ("update_script_version", _MANAGE, do.update_version, (asked.UpdateVersion, shown.KeptVersion)),
    ("publish_script_version", _MANAGE, do.publish, (asked.OneVersion, shown.VersionStatus)),
    ("disable_script_version", _MANAGE, do.disable, (asked.OneVersion, shown.VersionStatus)),
    ("delete_script_version", _MANAGE, do.delete_version, (asked.OneVersion, None)),
    ("delete_script", _MANAGE, do.delete_script, (asked.OneScript, None)),
    ("create_public_script", _CREATE_PUBLIC, do.create_script, (asked.CreatePublicScript, shown.PublicVersion)),
    (
        "create_public_script_version",
        _MANAGE_PUBLIC,
        do.create_version,
        (asked.CreatePublicVersion, shown.PublicVersion),
    ),
    ("update_public_script_basic", _MANAGE_PUBLIC, do.update_basic, (asked.UpdatePublicBasic, shown.PublicScript)),
    (
        "update_public_script_version",
        _MANAGE_PUBLIC,
        do.update_version,
        (asked.UpdatePublicVersion, shown.PublicVersion),
    ),
    ("publish_public_script_version", _MANAGE_PUBLIC, do.publish, (asked.OnePublicVersion, shown.VersionStatus)),
    ("disable_public_script_version", _MANAGE_PUBLIC, do.disable, (asked.OnePublicVersion, shown.VersionStatus)),
    ("delete_public_script_version", _MANAGE_PUBLIC, do.delete_version, (asked.OnePublicVersion, None)),
    ("delete_public_script", _MANAGE_PUBLIC, do.delete_script, (asked.OnePublicScript, None)),
)

_QUERIES: tuple[tuple[str, str, Any, tuple[Any, Any]], ...] = (
    ("get_script_list", _VIEW, do.list_scripts, (asked.ListScripts, shown.ScriptPage)),
    ("get_script_version_list", _VIEW, do.list_versions, (asked.ListVersions, shown.VersionPage)),
    ("get_script_version_detail", _VIEW, do.show, (asked.FindVersion, shown.KeptVersion)),
    ("get_public_script_list", SIGNED_IN, do.list_scripts, (asked.ListPublicScripts, shown.PublicScriptPage)),
    (
        "get_public_script_version_list",
        SIGNED_IN,
        do.list_versions,
        (asked.ListPublicVersions, shown.PublicVersionPage),
    ),
    ("get_public_script_version_detail", SIGNED_IN, do.show, (asked.FindPublicVersion, shown.PublicVersion)),
)


def version_3(surface: Surface, queries: tuple[str, ...]) -> tuple[Route, ...]:
    """Return what bus and gateway serve; they differ in the methods of queries."""
    changes = [Route(surface, name, _POST, need, handler, *types) for name, need, handler, types in _CHANGES]
    views = [Route(surface, name, queries, need, handler, *types) for name, need, handler, types in _QUERIES]
    return (*changes, *views)


ROUTES: tuple[Route, ...] = (
    *V2,
    *version_3(Surface.ESB_V3, _BOTH),
    *version_3(Surface.GATEWAY_V3, ("GET",)),
)
