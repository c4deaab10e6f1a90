"""Which interpreter a first line asks for."""

import pytest

from jobfleet.agent.command import NoInterpreterError
from jobfleet.agent.shells import Interpreter, Kind, interpreter_of, with_variables


def which(name: str) -> str | None:
    """Return the path of a program on a host that has all programs but `absent`."""
    return None if "absent" in name else name if name.startswith("/") else f"/usr/bin/{name}"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"echo", Interpreter(Kind.BASH, "/usr/bin/bash")),
        (b"#!/bin/bash", Interpreter(Kind.BASH, "/bin/bash")),
        (b"#! /bin/bash -eu\necho", Interpreter(Kind.BASH, "/bin/bash", (), ("-eu",))),
        (b"#!/bin/bash -l", Interpreter(Kind.BASH, "/bin/bash", ("-l",))),
        (b"#!/usr/bin/env ksh93", Interpreter(Kind.KSH, "/usr/bin/ksh93")),
        (b"#!/usr/bin/env -S A=1 bash -e", Interpreter(Kind.BASH, "/usr/bin/bash", (), ("-e",))),
        (b"#!/bin/mksh", Interpreter(Kind.KSH, "/bin/mksh")),
        (b"#!/bin/dash", Interpreter(Kind.SHELL, "/bin/dash")),
        (b"#!/usr/bin/fish", Interpreter(Kind.OTHER_SHELL, "/usr/bin/fish")),
        (b"#!/bin/tcsh", Interpreter(Kind.OTHER_SHELL, "/bin/tcsh")),
        (b"#!/usr/bin/env python3.11", Interpreter(Kind.PYTHON, "/usr/bin/python3.11")),
        (b"#!/usr/bin/perl -w", Interpreter(Kind.PERL, "/usr/bin/perl", ("-w",))),
        (b"#!/usr/bin/awk -f", Interpreter(Kind.OTHER, "/usr/bin/awk", (), ("-f",))),
    ],
)
def test_a_first_line_names_its_interpreter(line: bytes, found: Interpreter) -> None:
    assert interpreter_of(line, 1, which) == found


@pytest.mark.parametrize("line", [b"#!/absent/bash", b"#!/usr/bin/env absent", b"#!/usr/bin/env -S", b"#!"])
def test_an_interpreter_that_is_not_there_is_named(line: bytes) -> None:
    with pytest.raises(NoInterpreterError, match="interpreter"):
        interpreter_of(line, 1, which)


def test_variables_take_bash_or_the_scripts_own_ksh() -> None:
    ksh, dash = Interpreter(Kind.KSH, "/bin/ksh"), Interpreter(Kind.SHELL, "/bin/dash", ("-x",), ("-e",))
    assert with_variables(ksh, which) == ksh
    assert with_variables(dash, which) == Interpreter(Kind.BASH, "/usr/bin/bash", (), ("-e",))
