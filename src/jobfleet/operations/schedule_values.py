"""What the variables of a plan get when a schedule fires: checked, sealed at rest, and hidden where secret."""

from collections.abc import Iterable, Sequence

import msgspec

from jobfleet.engine.sealing import Sealer
from jobfleet.model.difference import MASK
from jobfleet.model.errors import IllegalRequestError
from jobfleet.model.schedule import Schedule
from jobfleet.model.template import GivenValue, PlanVariable
from jobfleet.model.variable import VariableType

Values = tuple[GivenValue, ...]
_decoder = msgspec.json.Decoder(Values)


def with_sealed(sealer: Sealer, schedule: Schedule, values: Values) -> Schedule:
    """Return a schedule with values as the record keeps them; they open only while it starts the same as now."""
    sealed = sealer.seal_text(msgspec.json.encode(values).decode(), _purpose(schedule))
    return msgspec.structs.replace(schedule, sealed_values=sealed)


def open_values(sealer: Sealer, schedule: Schedule) -> Values:
    """Return the values of a schedule in clear.

    Raises:
        InternalError: They, or when, what or as whom the schedule starts, were changed in the database.
    """
    return _decoder.decode(sealer.open_text(schedule.sealed_values, _purpose(schedule)))


def check_values(variables: Sequence[PlanVariable], given: Iterable[GivenValue], before: Values) -> Values:
    """Return values as they are to be kept: names are corrected by ids, and a mask stands for the value before.

    What names no variable of the plan is kept, and left out when the plan starts, as plans do.

    Args:
        before: The values that the schedule has so far.

    Raises:
        IllegalRequestError: A value names its variable by neither id nor name.
    """
    names = {one.id: one.variable.name for one in variables}
    secret = {one.variable.name for one in variables if one.variable.type is VariableType.PASSWORD}
    former = {one.name: one.value for one in before}
    found = []
    for one in given:
        if one.id is None and not one.name:
            raise IllegalRequestError("a variable has neither id nor name")
        named = one if one.id is None else msgspec.structs.replace(one, name=names.get(one.id, one.name))
        is_kept = named.name in secret and named.value == MASK
        value = former.get(named.name) if is_kept else named.value
        found.append(msgspec.structs.replace(named, value=value, secret=one.secret or named.name in secret))
    return tuple(found)


def mask_values(variables: Sequence[PlanVariable], values: Values) -> Values:
    """Return values as people may see them: of strings that are known to be no passwords, the others hidden."""
    shown = {one.variable.name for one in variables if one.variable.type is not VariableType.PASSWORD}
    return tuple(
        one if (one.name in shown and not one.secret) or not one.value else msgspec.structs.replace(one, value=MASK)
        for one in values
    )


def _purpose(schedule: Schedule) -> str:
    """Return what is sealed besides the values, so that the database alone makes no schedule fire."""
    fixed = (schedule.id, schedule.scope, schedule.plan_id, schedule.timing, schedule.modifier)
    return f"schedule {msgspec.json.encode(fixed).decode()}"
