"""The rolling configuration of requests."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.rules import present
from jobfleet.model.errors import BadRequestError, IllegalRequestError
from jobfleet.model.rolling import Rolling, RollingMode

BY_TARGETS = 1
IN_PARALLEL = 2

_INT32 = {"format": "int32"}
OneOrTwo = Annotated[int, Meta(ge=1, le=2, extra_json_schema=_INT32)]
OneToThree = Annotated[int, Meta(ge=1, le=3, extra_json_schema=_INT32)]
WaitMs = Annotated[int, Meta(ge=0, le=3_600_000, extra_json_schema={"format": "int64"})]
Most = Annotated[int, Meta(ge=1, le=2**31 - 1, extra_json_schema=_INT32)]


class FileSourceSplit(msgspec.Struct, frozen=True):
    """Say how source files are split into batches."""

    max_execute_object_num_in_batch: Most | None = None
    max_file_num_of_single_execute_object: Most | None = None


class RollingConfig(msgspec.Struct, frozen=True):
    """Say how to release the targets in batches."""

    type: OneOrTwo = 1
    execution_mode: OneOrTwo = 1
    mode: OneToThree | None = None
    expression: str | None = None
    batch_start_wait_fixed_ms: WaitMs | None = None
    batch_start_wait_random_min_ms: WaitMs | None = None
    batch_start_wait_random_max_ms: WaitMs | None = None
    file_source: FileSourceSplit | None = None


def rolling_of(config: RollingConfig | None) -> Rolling | None:
    """Return how a script's step is to roll over its targets; None when it is not.

    Raises:
        BadRequestError: Something that this way of rolling needs is missing, or it rolls by file source.
        IllegalRequestError: The longest random wait is shorter than the shortest.
    """
    if config is None:
        return None
    if config.type != BY_TARGETS:
        raise BadRequestError("rolling_config.type", "a script rolls by targets")
    if not config.expression:
        raise BadRequestError("rolling_config.expression", "is missing")
    mode = config.mode or RollingMode.PAUSE_ON_FAILURE
    if config.execution_mode == IN_PARALLEL:
        return Rolling(config.expression, mode, True, *_waits(config))
    return Rolling(config.expression, mode)


def rolling_by_source(config: RollingConfig) -> Rolling:
    """Return how a file step is to roll over its source hosts.

    Raises:
        BadRequestError: It does not say how sources are split, or the batches are to run side by side.
    """
    split = config.file_source
    if split is None:
        raise BadRequestError("rolling_config.file_source", "is missing")
    if config.execution_mode == IN_PARALLEL:
        raise BadRequestError("rolling_config.execution_mode", "is no valid value")
    return Rolling(
        "",
        config.mode or RollingMode.PAUSE_ON_FAILURE,
        by_source=True,
        most_hosts=split.max_execute_object_num_in_batch or 0,
        most_files=split.max_file_num_of_single_execute_object or 0,
    )


def _waits(config: RollingConfig) -> tuple[int, int, int]:
    names = ("batch_start_wait_fixed_ms", "batch_start_wait_random_min_ms", "batch_start_wait_random_max_ms")
    fixed, low, high = (present(f"rolling_config.{name}", getattr(config, name)) for name in names)
    if high < low:
        raise IllegalRequestError("batch_start_wait_random_max_ms is below batch_start_wait_random_min_ms")
    return fixed, low, high
