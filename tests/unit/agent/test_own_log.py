"""The log that an agent keeps of itself: the latest lines, within bounds."""

import logging
from pathlib import Path

from jobfleet.agent.own_log import MAX_TOLD_CHARACTERS, OwnLog
from jobfleet.model.order import MAX_LOG_CHARACTERS, MAX_LOG_LINES


def written(count: int, text: str = "line %d", level: int = logging.INFO) -> OwnLog:
    own_log = OwnLog()
    for number in range(count):
        arguments = (number,) if "%d" in text else ()
        own_log.emit(logging.LogRecord("jobfleet.agent.tasks", level, "", 0, text, arguments, None))
    return own_log


def test_the_latest_lines_come_oldest_first() -> None:
    lines = written(MAX_LOG_LINES + 7).last(3)
    newest = MAX_LOG_LINES + 6
    assert [line.text for line in lines] == [
        f"tasks line {newest - 2}",
        f"tasks line {newest - 1}",
        f"tasks line {newest}",
    ]


def test_older_lines_than_the_most_are_gone() -> None:
    lines = written(MAX_LOG_LINES + 7).last(MAX_LOG_LINES)
    assert (len(lines), lines[0].text) == (MAX_LOG_LINES, "tasks line 7")


def test_long_lines_are_cut_and_no_answer_outgrows_a_message() -> None:
    lines = written(MAX_LOG_LINES, "x" * 2_000, logging.ERROR).last(MAX_LOG_LINES)
    assert {len(line.text) for line in lines} == {MAX_LOG_CHARACTERS}
    assert len(lines) == MAX_TOLD_CHARACTERS // MAX_LOG_CHARACTERS
    assert {line.level for line in lines} == {"error"}


def test_a_line_with_what_went_wrong_says_it() -> None:
    own_log = OwnLog()
    logger = logging.getLogger("jobfleet.agent.test")
    logger.addHandler(own_log)
    try:
        Path("/nowhere/at-all").read_bytes()
    except FileNotFoundError:
        logger.exception("sweep-failed")
    finally:
        logger.removeHandler(own_log)
    [line] = own_log.last(10)
    assert line.text.startswith("test sweep-failed")
    assert "No such file" in line.text
