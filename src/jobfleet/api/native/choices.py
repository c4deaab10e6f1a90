"""How people want to see things, in every browser."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from jobfleet.api.access import SIGNED_IN
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model.desk import Choices
from jobfleet.operations import choices

Words = Literal["zh", "en"]
Theme = Literal["light", "dark", "system"]
ZoneName = Annotated[str, Meta(min_length=1, max_length=64, examples=["Asia/Shanghai"])]


class Choose(Wanted, frozen=True):
    """Choose how one wants to see things; what is left out stays, null forgets a choice."""

    language: Words | UnsetType | None = UNSET
    time_zone: ZoneName | UnsetType | None = UNSET
    theme: Theme | UnsetType | None = UNSET


class ChoicesView(msgspec.Struct, frozen=True):
    """Show how somebody wants to see things; null is what they have not chosen, and the browser decides."""

    language: Words | None
    time_zone: str | None
    theme: Theme | None


def show_choices(chosen: Choices) -> ChoicesView:
    """Return what is shown of somebody's choices."""
    return msgspec.convert(msgspec.structs.asdict(chosen), ChoicesView)


async def choose(call: Call, wanted: Choose) -> ChoicesView:
    """Keep how one wants to see things."""
    given = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not UNSET}
    chosen = await choices.choose(call.platform, call.caller, Choices(**given), frozenset(given))
    return show_choices(chosen)


ROUTES = (
    Route("POST", "/api/v1/choices", SIGNED_IN, choose, Choose, ChoicesView, "Choose how one wants to see things"),
)
