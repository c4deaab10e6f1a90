"""What the variables of a plan get when a schedule fires: checked, sealed at rest, and hidden where secret."""

from collections.abc import Iterable, Sequence

import msgspec

from jobfleet.engine.sealing import Sealer
from jobfleet.model.difference import MASK
from jobfleet.model.errors import IllegalRequestError
from jobfleet.model.template import GivenValue, PlanVariable
from jobfleet.model.variable import VariableType

Values = tuple[GivenValue, ...]
_decoder = msgspec.json.Decoder(Values)


def seal_values(sealer: Sealer, schedule_id: int, values: Values) -> str:
    """Return values as the record keeps them; they open only for this schedule."""
    return sealer.seal_text(msgspec.json.encode(values).decode(), _purpose(schedule_id))


def open_values(sealer: Sealer, schedule_id: int, sealed: str) -> Values:
    """Return values of the record in clear.

    Raises:
        InternalError: They were changed in the database, or are another schedule's.
    """
    return _decoder.decode(sealer.open_text(sealed, _purpose(schedule_id)))


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
        found.append(msgspec.structs.replace(named, value=former.get(named.name)) if is_kept else named)
    return tuple(found)


def mask_values(variables: Sequence[PlanVariable], values: Values) -> Values:
    """Return values as people may see them: of strings that are known to be no passwords, the others hidden."""
    shown = {one.variable.name for one in variables if one.variable.type is not VariableType.PASSWORD}
    return tuple(
        one if one.name in shown or not one.value else msgspec.structs.replace(one, value=MASK) for one in values
    )


def _purpose(schedule_id: int) -> str:
    return f"schedule {schedule_id} values"
