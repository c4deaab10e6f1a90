"""Which command line runs a script: interpreter by shebang or language, parameters as on a command line.

Parameters are appended unquoted, as the contract says, and read by `sh`: quotes, variables and patterns in
them work as if the operator had typed them after the script's name.

Source: docs/reference/scripts.md, «Languages» and «Parameters».
"""

from collections.abc import Callable

SHELL, BAT, PERL, PYTHON, POWERSHELL = 1, 2, 3, 4, 5

EXTENSIONS = {SHELL: "sh", BAT: "bat", PERL: "pl", PYTHON: "py", POWERSHELL: "ps1"}
_INTERPRETERS = {SHELL: ("bash", "sh"), PERL: ("perl",), PYTHON: ("python3", "python")}

Which = Callable[[str], str | None]


class NoInterpreterError(Exception):
    """Say that the host has nothing that could run the script."""


def file_name(job_id: int, step_id: int, language: int) -> str:
    """Return the name of a script's file on the host."""
    return f"bk_gse_script_{job_id}_{step_id}.{EXTENSIONS.get(language, 'sh')}"


def one_line(params: str) -> str:
    """Return parameters with newlines replaced by blanks."""
    return params.replace("\r\n", " ").replace("\n", " ").replace("\r", " ").strip()


def unix_command(script: str, content: bytes, language: int, params: str, which: Which) -> list[str]:
    """Return the command line that runs a script on Unix.

    Args:
        script: Path of the executable script file.
        content: The script's first bytes at least.
        which: Finds a program's path on the account's search path.

    Raises:
        NoInterpreterError: The script has no shebang and its language has no interpreter here, or the
            interpreter that the shebang names is not there.
    """
    command = [script] if content.startswith(b"#!") else [usual_interpreter(language, which), script]
    if command == [script]:
        check_shebang(content, which)
    arguments = one_line(params)
    if not arguments:
        return command
    if len(command) == 1:
        return ["/bin/sh", "-c", f'exec "$0" {arguments}', script]
    return ["/bin/sh", "-c", f'exec "$0" "$1" {arguments}', *command]


def usual_interpreter(language: int, which: Which) -> str:
    """Return the program that runs scripts of a language which name none.

    Raises:
        NoInterpreterError: The host has none.
    """
    names = _INTERPRETERS.get(language, ())
    for name in names:
        if found := which(name):
            return found
    wanted = " or ".join(names) or f"language {language}"
    raise NoInterpreterError(f"no interpreter on this host: {wanted}")


def check_shebang(content: bytes, which: Which) -> None:
    """Do nothing when the interpreter that a script's first line names is there.

    Raises:
        NoInterpreterError: It is not, or the line names none.
    """
    line = content[2:].split(b"\n", 1)[0]
    words = line.split()
    if not words:
        raise NoInterpreterError("the script's first line names no interpreter")
    name = line.lstrip().split(b" ", 1)[0].decode(errors="replace")
    if which(name) is None:
        hint = "; the line ends with a carriage return" if line.endswith(b"\r") else ""
        raise NoInterpreterError(f"no interpreter {name.strip()!r} on this host{hint}")
