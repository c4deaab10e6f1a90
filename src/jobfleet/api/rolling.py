"""The rolling configuration of requests: its shape is checked, rolling itself is refused for now."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.model.errors import UnsupportedFeatureError

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


def refuse_rolling(config: RollingConfig | None) -> None:
    """Refuse a rolling configuration rather than run everything at once.

    Raises:
        UnsupportedFeatureError: There is one.
    """
    if config is not None:
        raise UnsupportedFeatureError("rolling_config")
