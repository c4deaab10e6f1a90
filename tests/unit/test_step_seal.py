"""What the seal of a step covers, and what it leaves to later versions."""

import msgspec
import pytest
from tests.unit.model.steps import step

from jobfleet.engine.definition import definition_parts
from jobfleet.model.definition import FileItem, FileKind, FileSource, FileSpec
from jobfleet.model.rolling import Rolling
from jobfleet.model.script import ScriptSpec
from jobfleet.model.status import RunStatus

SCRIPT = ScriptSpec(1, "ab", 2, "", sensitive=False, account="root", account_id=1, account_alias="root", timeout_s=60)
SOURCE = FileSource(FileKind.HOST, (FileItem("/a"),), "root", 1, (1, 2))
FILES = FileSpec((SOURCE,), "/t", "root", 1, "root", 60)


class LaterScript(ScriptSpec, frozen=True, tag="script"):
    """A script as a later version of the product may describe it."""

    nice: int = 0


def parts(definition: object, rolling: Rolling | None = None) -> tuple[bytes, ...]:
    return definition_parts(
        msgspec.structs.replace(step(1, RunStatus.PENDING), definition=definition, rolling=rolling), [1, 2]
    )


def test_a_member_that_a_later_version_adds_breaks_no_seal_until_it_says_something() -> None:
    later = LaterScript(**msgspec.structs.asdict(SCRIPT))
    assert parts(later) == parts(SCRIPT)
    assert parts(msgspec.structs.replace(later, nice=5)) != parts(SCRIPT)


@pytest.mark.parametrize(
    "changed",
    [
        msgspec.structs.replace(SCRIPT, content_hash="cd"),
        msgspec.structs.replace(SCRIPT, account="nobody"),
        msgspec.structs.replace(SCRIPT, interpreter="x"),
        FILES,
        msgspec.structs.replace(FILES, target_path="/etc"),
        msgspec.structs.replace(FILES, mode=1),
        msgspec.structs.replace(FILES, sources=(msgspec.structs.replace(SOURCE, items=(FileItem("/a", "ab"),)),)),
        msgspec.structs.replace(FILES, sources=(msgspec.structs.replace(SOURCE, host_ids=(1, 3)),)),
    ],
)
def test_whatever_a_step_does_is_part_of_its_seal(changed: object) -> None:
    assert parts(changed) not in [parts(SCRIPT), parts(FILES) if changed is not FILES else None]
    assert parts(changed, Rolling("1")) != parts(changed) != parts(changed, Rolling("1", 2))
