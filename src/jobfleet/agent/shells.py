"""Which interpreter a script's first line asks for, and how that one can be given variables and secret arguments."""

import re
from enum import Enum, auto
from pathlib import PurePosixPath

import msgspec

from jobfleet.agent.command import NoInterpreterError, Which, check_shebang, usual_interpreter

_PLAIN_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh"})
_OPTIONS = re.compile(r"-[abefhkmuvxBCEHPT]+")


class Kind(Enum):
    """Tell interpreters apart by what they understand."""

    BASH = auto()
    KSH = auto()
    SHELL = auto()
    OTHER_SHELL = auto()
    PYTHON = auto()
    PERL = auto()
    OTHER = auto()


SHELLS = frozenset({Kind.BASH, Kind.KSH, Kind.SHELL, Kind.OTHER_SHELL})


class Interpreter(msgspec.Struct, frozen=True):
    """Name a program with its arguments; `options` are those that a running shell can be given by `set`."""

    kind: Kind
    path: str
    arguments: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def interpreter_of(content: bytes, language: int, which: Which) -> Interpreter:
    """Return the interpreter of a script, given its first bytes at least.

    Raises:
        NoInterpreterError: It is not on this host.
    """
    if not content.startswith(b"#!"):
        path = usual_interpreter(language, which)
        return Interpreter(_kind(path), path)
    check_shebang(content, which)
    path, *arguments = _asked(content.split(b"\n", 1)[0][2:].decode(errors="replace").split())
    found = which(path)
    if found is None:
        raise NoInterpreterError(f"no interpreter {path!r} on this host")
    options = tuple(one for one in arguments if _OPTIONS.fullmatch(one))
    return Interpreter(_kind(found), found, tuple(one for one in arguments if one not in options), options)


def with_variables(found: Interpreter, which: Which) -> Interpreter:
    """Return the shell that runs a shell's script which has variables: ksh for its own, bash for all others.

    Raises:
        NoInterpreterError: It is not on this host.

    Source: docs/reference/variables.md, «Which shell».
    """
    if found.kind in {Kind.BASH, Kind.KSH}:
        return found
    bash = which("bash")
    if bash is None:
        raise NoInterpreterError("the script has variables, which need bash, and this host has none")
    return Interpreter(Kind.BASH, bash, (), found.options)


def _asked(words: list[str]) -> list[str]:
    """Return program and arguments of a first line, of `env` those that it starts."""
    if PurePosixPath(words[0]).name != "env":
        return words
    rest = iter(words[1:])
    meant = next((word for word in rest if not word.startswith("-") and "=" not in word), None)
    if meant is None:
        raise NoInterpreterError("the script's first line names no interpreter")
    return [meant, *rest]


def _kind(path: str) -> Kind:
    name = PurePosixPath(path).name
    if name == "bash":
        return Kind.BASH
    if re.fullmatch(r"[a-z]*ksh[0-9a-z]*", name):
        return Kind.KSH
    if name in _PLAIN_SHELLS:
        return Kind.SHELL
    if name.endswith("sh") or name == "fish":
        return Kind.OTHER_SHELL
    if name.startswith("python"):
        return Kind.PYTHON
    return Kind.PERL if name.startswith("perl") else Kind.OTHER
