"""Which command line runs a script."""

import pytest

from jobfleet.agent.command import (
    BAT,
    PERL,
    POWERSHELL,
    PYTHON,
    SHELL,
    NoInterpreterError,
    file_name,
    one_line,
    unix_command,
)

HERE = {"bash": "/usr/bin/bash", "sh": "/bin/sh", "perl": "/usr/bin/perl", "python3": "/usr/bin/python3"}


def which(name: str) -> str | None:
    return name if name in {"/bin/sh", "/usr/bin/env"} else HERE.get(name)


@pytest.mark.parametrize(
    ("language", "interpreter"), [(SHELL, "/usr/bin/bash"), (PERL, "/usr/bin/perl"), (PYTHON, "/usr/bin/python3")]
)
def test_without_a_shebang_the_language_chooses_the_interpreter(language: int, interpreter: str) -> None:
    assert unix_command("/t/s", b"echo", language, "", which) == [interpreter, "/t/s"]


def test_a_host_without_bash_runs_shell_scripts_with_sh() -> None:
    assert unix_command("/t/s", b"echo", SHELL, "", {"sh": "/bin/sh"}.get) == ["/bin/sh", "/t/s"]


@pytest.mark.parametrize("shebang", [b"#!/bin/sh\n", b"#! /bin/sh -e\n", b"#!/usr/bin/env python3\n", b"#!/bin/sh"])
def test_a_shebang_makes_the_script_start_by_itself(shebang: bytes) -> None:
    assert unix_command("/t/s", shebang, PYTHON, "", which) == ["/t/s"]


@pytest.mark.parametrize("shebang", [b"#!/no/such\n", b"#!/bin/sh\r\n", b"#!\n", b"#!"])
def test_a_shebang_that_names_nothing_on_the_host_is_refused(shebang: bytes) -> None:
    with pytest.raises(NoInterpreterError):
        unix_command("/t/s", shebang, SHELL, "", which)


@pytest.mark.parametrize("language", [BAT, POWERSHELL, 99])
def test_a_language_that_unix_does_not_have_is_refused_by_name(language: int) -> None:
    with pytest.raises(NoInterpreterError, match=f"language {language}"):
        unix_command("/t/s", b"dir", language, "", which)


def test_parameters_are_appended_unquoted_for_a_shell_to_read() -> None:
    shebang = unix_command("/t/s", b"#!/bin/sh\n", SHELL, "a 'b c'", which)
    assert shebang == ["/bin/sh", "-c", "exec \"$0\" a 'b c'", "/t/s"]
    plain = unix_command("/t/s", b"echo", SHELL, "a", which)
    assert plain == ["/bin/sh", "-c", 'exec "$0" "$1" a', "/usr/bin/bash", "/t/s"]


def test_newlines_in_parameters_count_as_blanks() -> None:
    assert one_line("a\nb\r\nc\rd\n") == "a b c d"


@pytest.mark.parametrize(
    ("language", "extension"), [(SHELL, "sh"), (BAT, "bat"), (PERL, "pl"), (PYTHON, "py"), (POWERSHELL, "ps1")]
)
def test_a_scripts_file_is_named_for_job_step_and_language(language: int, extension: str) -> None:
    assert file_name(7, 8, language) == f"bk_gse_script_7_8.{extension}"
