"""Log lines: their form, and what they never show."""

import json
import subprocess
import sys

import pytest

FAIL = """
import structlog
from jobfleet import logs
logs.configure("info", {form!r})
def sign_in(password):
    raise ValueError("no such user")
try:
    sign_in("hunter2")
except ValueError:
    structlog.get_logger().exception("request failed", path="/x")
structlog.get_logger().debug("quiet")
"""


def log_of(form: str) -> str:
    ended = subprocess.run([sys.executable, "-c", FAIL.format(form=form)], capture_output=True, text=True, check=True)
    return ended.stderr


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_logged_error_shows_where_it_was_and_no_values(form: str) -> None:
    text = log_of(form)
    assert "no such user" in text
    assert "in sign_in" in text
    assert "hunter2" not in text
    assert "quiet" not in text


def test_json_lines_are_one_object_each() -> None:
    [line] = log_of("json").splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["level"], entry["path"]) == ("request failed", "error", "/x")
