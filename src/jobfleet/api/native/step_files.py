"""The files of a whole step, as columns."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id
from jobfleet.api.native.route import Call, Ready, Route, Wanted
from jobfleet.api.native.small import compressed
from jobfleet.model.caller import Action
from jobfleet.model.target import Target
from jobfleet.operations.step_files import Only, StepFile, StepFiles, step_files


class WantStepFiles(Wanted, frozen=True):
    """Ask for the files of a step: of its latest attempt, or of the given one, counted from 0.

    `only` is which: all, failed ones, or open ones (on their way, or waiting).
    """

    job_id: Id
    step_id: Id
    attempt: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    only: Only = "all"


class FileColumns(msgspec.Struct, frozen=True):
    """Show files: the n-th element of every column is about the n-th file.

    `host`, `source`, `path`, `dest`, `sha256` and `message` are places in `texts`, whose first is empty: a source of 0
    is the server, a sum of 0 is not known, or that of a directory. `host` told of the file: it gets it, or with `mode`
    0 sends it. `status` is a number, from 0: pulling, waiting, uploading, downloading, finished, failed.
    """

    task_id: list[int]
    host: list[int]
    mode: list[int]
    source: list[int]
    path: list[int]
    dest: list[int]
    status: list[int]
    size_bytes: list[int]
    done_bytes: list[int]
    speed_kib_s: list[int]
    sha256: list[int]
    message: list[int]
    texts: list[str]


class StepFilesAnswer(msgspec.Struct, frozen=True):
    """Show the files of an attempt of a step, failed ones first, then those on their way.

    Of `host_count` hosts (those that send counted too) the files of `hosts_read` are shown; the others come when these
    have ended, or with another `only`.
    """

    attempt: int
    host_count: int
    hosts_read: int
    columns: FileColumns


async def show_files(call: Call, wanted: WantStepFiles) -> Ready:
    """Show the files."""
    found = await step_files(
        call.platform, call.caller, wanted.job_id, wanted.step_id, attempt=wanted.attempt, only=wanted.only
    )
    return await compressed(call, _shown(found))


class _Texts:
    """Give texts their places in a list, the same text the same place."""

    def __init__(self) -> None:
        self._places = {"": 0}

    def place(self, text: str) -> int:
        """Return a text's place."""
        return self._places.setdefault(text, len(self._places))

    def all(self) -> list[str]:
        """Return the texts by place."""
        return list(self._places)


def _shown(found: StepFiles) -> StepFilesAnswer:
    return StepFilesAnswer(found.attempt, found.task_count, found.read_count, _columns(found.files))


def _columns(files: list[StepFile]) -> FileColumns:
    texts = _Texts()

    def places(named: Iterable[str]) -> list[int]:
        return [texts.place(text) for text in named]

    lasts = [one.last for one in files]
    columns = {
        "host": places(_name(one.task.target) for one in files),
        "source": places("" if one.source is None else _name(one.source) for one in files),
        "path": places(last.path for last in lasts),
        "dest": places(last.dest for last in lasts),
        "sha256": places(one.sha256 for one in files),
        "message": places(last.message for last in lasts),
    }
    return FileColumns(
        task_id=[one.task.id for one in files],
        mode=[last.mode for last in lasts],
        status=[last.status for last in lasts],
        size_bytes=[last.size_bytes for last in lasts],
        done_bytes=[last.done_bytes for last in lasts],
        speed_kib_s=[last.speed_kib_s for last in lasts],
        texts=texts.all(),
        **columns,
    )


def _name(target: Target) -> str:
    """Return what people call a host of a step: its address, with its cloud area where that is not 0."""
    address = target.ip or target.ipv6 or ""
    shown = address if not target.cloud_id else f"{target.cloud_id}:{f'[{address}]' if ':' in address else address}"
    return shown if target.container is None else f"{shown} {target.container.name}"


ROUTES = (
    Route(
        "GET",
        "/api/v1/jobs/{job_id}/steps/{step_id}/files",
        Action.VIEW_HISTORY,
        show_files,
        WantStepFiles,
        StepFilesAnswer,
        "Show the files of a step as columns",
    ),
)
