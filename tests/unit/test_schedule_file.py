"""Schedules as a file declares them."""

from pathlib import Path

import pytest

from jobfleet.cli.http import CommandError
from jobfleet.cli.schedule_file import body_of, read_schedules

HEAD = '[[schedules]]\nname = "x"\n'


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (HEAD, "plan"),
        (HEAD + 'plan = 1\nwhen = "now"', "when"),
        (HEAD + "plan = 1\nexecute_at = 2026-12-24T18:00:00", "schedules[0].execute_at"),
        (HEAD + "plan = 1\n" + HEAD + "plan = 2\nend_at = 2026-12-24T18:00:00", "schedules[1].end_at"),
        (HEAD + "plan = 1\nvalues = { n = 3 }", "values"),
        ("nonsense", "wrong.toml"),
        ("surprise = 1\n" + HEAD + "plan = 1", "surprise"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(text)
    with pytest.raises(CommandError) as refused:
        read_schedules(str(file))
    assert place in str(refused.value)


def test_a_moment_becomes_epoch_milliseconds_and_a_plan_is_named_or_numbered(tmp_path: Path) -> None:
    file = tmp_path / "schedules.toml"
    file.write_text(HEAD + 'plan = "a plan"\nexecute_at = 2026-12-24T18:00:00+01:00\n' + HEAD + "plan = 7")
    first, second = (body_of(one, "biz:2") for one in read_schedules(str(file)))
    assert (first["plan"], first["execute_at"], first["enabled"]) == ("a plan", 1_798_131_600_000, True)
    assert (second["plan_id"], "execute_at" in second, "plan" in second) == (7, False, False)
