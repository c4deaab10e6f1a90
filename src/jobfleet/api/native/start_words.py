"""What requests that start jobs have in common: targets, accounts, names, rolling."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.route import Call, FieldError
from jobfleet.model.access_token import TokenKind
from jobfleet.model.job import LaunchMode
from jobfleet.model.rolling import MAX_EXPRESSION_CHARACTERS, MAX_WAIT_MS, Rolling, RollingMode
from jobfleet.model.script import MAX_NAME_CHARACTERS
from jobfleet.model.target import MAX_SCRIPT_TARGETS

TargetTexts = Annotated[
    list[str],
    Meta(min_length=1, max_length=MAX_SCRIPT_TARGETS, description="See docs/reference/target-expressions.md"),
]
AccountAlias = Annotated[str, Meta(max_length=255, description="Alias; the scope's usual account if left out")]
JobName = Annotated[str, Meta(max_length=MAX_NAME_CHARACTERS)]
WaitMs = Annotated[int, Meta(ge=0, le=MAX_WAIT_MS)]


class RollingWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Say how a step rolls: `expression` such as `1 10% 100%`, and what a batch that failed does.

    `parallel` batches start by the clock, each `wait_ms` and a random time up to `random_ms` after the one before.
    """

    expression: Annotated[str, Meta(min_length=1, max_length=MAX_EXPRESSION_CHARACTERS)]
    on_failure: Literal["pause", "go_on", "ask"] = "pause"
    parallel: bool = False
    wait_ms: WaitMs = 0
    random_ms: WaitMs = 0


_MODES = {
    "pause": RollingMode.PAUSE_ON_FAILURE,
    "go_on": RollingMode.IGNORE_FAILURES,
    "ask": RollingMode.ASK_EACH_TIME,
}


def rolling_of(wanted: RollingWords | None) -> Rolling | None:
    """Return how a step is to roll; None when it is not.

    Raises:
        FieldError: Times are given for batches that wait for one another.
    """
    if wanted is None:
        return None
    if not wanted.parallel and (wanted.wait_ms or wanted.random_ms):
        raise FieldError("rolling.wait_ms", "is for parallel batches")
    mode = _MODES[wanted.on_failure]
    return Rolling(wanted.expression, mode, wanted.parallel, wanted.wait_ms, 0, wanted.random_ms)


def launch_mode(call: Call) -> LaunchMode:
    """Return how a job is started: by hand from a page, or by a program."""
    return LaunchMode.PAGE if call.caller.token == TokenKind.SESSION else LaunchMode.API
