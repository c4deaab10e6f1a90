"""What the BlueKing surfaces serve of schedules."""

from jobfleet.api import crons
from jobfleet.api.esb_v2 import crons as v2
from jobfleet.api.surface import Route, Surface
from jobfleet.model.caller import Action

_SAVE, _MANAGE, _VIEW = Action.CREATE_CRON, Action.MANAGE_CRON, Action.ACCESS_BUSINESS
_V2, _POST, _BOTH = Surface.ESB_V2, ("POST",), ("GET", "POST")

V2: tuple[Route, ...] = (
    Route(_V2, "save_cron", _POST, _SAVE, v2.save_cron, v2.SaveCronV2, v2.SavedCronV2),
    Route(_V2, "get_cron_list", _BOTH, _VIEW, v2.get_cron_list, v2.GetCronListV2, list[v2.CronV2]),
    Route(_V2, "update_cron_status", _POST, _MANAGE, v2.update_cron_status, v2.UpdateCronStatusV2, v2.CronIdV2),
)


def version_3(surface: Surface, queries: tuple[str, ...]) -> tuple[Route, ...]:
    """Return what bus and gateway serve; they differ in the methods of queries and in what a switch answers."""
    page = crons.get_cron_list, crons.GetCronList, crons.CronPage
    long = crons.update_cron_status, crons.UpdateCronStatus, crons.Cron
    short = crons.update_cron_status_shortly, crons.UpdateCronStatus, crons.CronId
    switched = long if surface is Surface.ESB_V3 else short
    return (
        Route(surface, "save_cron", _POST, _SAVE, crons.save_cron, crons.SaveCron, crons.Cron),
        Route(surface, "get_cron_list", queries, _VIEW, *page),
        Route(surface, "get_cron_detail", queries, _VIEW, crons.get_cron_detail, crons.OneCron, crons.Cron),
        Route(surface, "update_cron_status", _POST, _MANAGE, *switched),
        Route(surface, "delete_cron", _POST, _MANAGE, crons.delete_cron, crons.OneCron, None),
    )
