"""Texts of hosts and of other people: what the command line gives to a terminal, and what to a pipe."""

import contextlib
import io
import os
import pty
import re
import tty
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import typer

import jobfleet.cli
from jobfleet.cli import exits
from jobfleet.cli.output import say, show_json, show_output, show_table, tell
from jobfleet.cli.texts import harmless, visible

NASTY = "a\x1b[2J\x9b1A\nb\r\u202e\x07\x7f"
WRITTEN = "a\\x1b[2J\\x9b1A\\nb\\r\\u202e\\x07\\x7f"
OUTPUT = "\x1b[31mred\x1b[2K\x1b[1A\x1b]52;c;eA==\x07\n"


def test_cells_and_sentences_write_out_what_would_steer(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("name", "on"), [(NASTY, 1)])
    tell(NASTY)
    say(NASTY)
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [f"{'NAME':{len(WRITTEN)}}  ON", f"{WRITTEN}  1", WRITTEN]
    assert shown.err == f"{WRITTEN}\n"


def test_errors_keep_their_lines_and_steer_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        exits.refuse("mistakes:\n  host\x1b[1A")
    assert capsys.readouterr().err == "jobfleet: mistakes:\n  host\\x1b[1A\n"


def test_a_json_document_is_the_same_with_its_controls_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    show_json({"name": NASTY})
    out = capsys.readouterr().out
    assert msgspec.json.decode(out) == {"name": NASTY}
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", out)


def test_blanks_of_names_stay_but_nothing_in_what_is_approved_is_unseen() -> None:
    assert harmless("发布\u3000上线\xa0x") == "发布\u3000上线\xa0x"
    assert visible("发布\u3000上线\xa0\tx") == "发布\\u3000上线\\xa0\tx"
    assert harmless("\udce9") == "\\udce9"


def shown_on_terminal(text: str, show: Callable[[str], None] = show_output) -> bytes:
    """Return what a terminal is given of an output."""
    screen, terminal = pty.openpty()
    tty.setraw(terminal)
    with open(terminal, "w", encoding="utf-8") as stream, contextlib.redirect_stdout(stream):  # noqa: PTH123
        show(text)
    shown = b""
    with contextlib.suppress(OSError):  # how Linux says that nobody has the terminal open any more
        while part := os.read(screen, 1000):
            shown += part
    os.close(screen)
    return shown


def test_a_terminal_gets_the_colours_of_an_output_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert shown_on_terminal(OUTPUT) == b"\x1b[31mred\n\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown_on_terminal(OUTPUT) == b"red\n"


def test_a_sentence_on_a_terminal_has_no_colours_of_ours_or_others() -> None:
    assert shown_on_terminal("a\x1b[31mb", tell) == b"a\\x1b[31mb\n"


def test_a_pipe_gets_an_output_as_it_is() -> None:
    with contextlib.redirect_stdout(io.StringIO()) as pipe:
        show_output(OUTPUT)
        show_output("no end", ends_line=True)
    assert pipe.getvalue() == f"{OUTPUT}no end\n"


OWN = {"app.py", "config.py", "keys.py", "local.py", "output.py"}
"""Modules that write nothing but the product's own texts; and the one that writes everybody's."""


def test_everything_is_written_by_what_makes_it_harmless() -> None:
    places = Path(jobfleet.cli.__path__[0]).glob("*.py")
    assert {place.name for place in places if "typer.echo(" in place.read_text(encoding="utf-8")} <= OWN
