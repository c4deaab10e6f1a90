"""The texts beside a script: what declares its variables, what runs it, and what gives it secret arguments.

All are for files that the script's account alone can read; no value is ever an argument or in an environment.

Source: docs/reference/variables.md, «On the host».
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from jobfleet.agent.command import one_line
from jobfleet.agent.shells import Interpreter, Kind
from jobfleet.model.order import ScriptVariable
from jobfleet.model.variable import ARRAYS, VariableType, array_of

END = b".\0end\0"
"""Ends what a script left; without it the file was not written to its end."""

_HEAD = """\
__jobfleet_last=
__jobfleet_same() { return "$1"; }
__jobfleet_trap() {
    __jobfleet_where
    if [ "$__jobfleet_here" != "$__jobfleet_home" ]; then command trap "$@"; return; fi
    case ${1-} in
        --) shift ;;
        -?*) command trap "$@"; return ;;
    esac
    if [ $# -lt 2 ]; then
        case ${1-} in
            0 | EXIT | SIGEXIT) __jobfleet_last= ;;
            *) command trap "$@" ;;
        esac
        return
    fi
    __jobfleet_action=$1
    shift
    for __jobfleet_signal in "$@"; do
        case $__jobfleet_signal in
            0 | EXIT | SIGEXIT) __jobfleet_last=$__jobfleet_action; [ "$__jobfleet_last" != - ] || __jobfleet_last= ;;
            *) command trap -- "$__jobfleet_action" "$__jobfleet_signal" || return ;;
        esac
    done
}
__jobfleet_options() {
    case $__jobfleet_flags in *u*) set -u ;; esac
    case $__jobfleet_flags in *e*) set -e ;; esac
    case $__jobfleet_flags in *x*) set -x ;; esac
}
"""
_BASH = """\
__jobfleet_put() { builtin printf '%s\\0' "$@"; }
__jobfleet_where() { __jobfleet_here=$BASHPID; }
trap() { __jobfleet_trap "$@"; }
"""
_KSH = """\
__jobfleet_put() {
    for __jobfleet_part in "$@"; do print -nr -- "$__jobfleet_part"; print -n '\\0'; done
}
__jobfleet_where() {
    __jobfleet_here=${BASHPID-}
    if [ -z "$__jobfleet_here" ]; then eval '__jobfleet_here=${.sh.subshell}'; fi
}
alias trap=__jobfleet_trap
"""
_AT_EXIT = """\
__jobfleet_where
__jobfleet_home=$__jobfleet_here
command trap '
{ __jobfleet_status=$?; __jobfleet_flags=$-; set +eux; } 2>/dev/null
__jobfleet_save 2>/dev/null
if [ -n "$__jobfleet_last" ]; then
    __jobfleet_options
    if __jobfleet_same "$__jobfleet_status"; then eval "$__jobfleet_last"; else eval "$__jobfleet_last"; fi
    { set +eux; } 2>/dev/null
    __jobfleet_save 2>/dev/null
fi
' EXIT
"""
_PYTHON = """\
import os, sys
def _load():
    script, given = sys.argv[1:3]
    with open(given, "rb") as file:
        arguments = file.read().split(b"\\0")[:-1]
    os.unlink(given)
    sys.argv = [script] + [getattr(os, "fsdecode", str)(one) for one in arguments]
    sys.path[0] = os.path.dirname(script)
    with open(script, "rb") as file:
        return script, compile(file.read(), script, "exec")
__file__, _load = _load()
exec(_load)
"""
_PERL = """\
package jobfleet_arguments;
open(my $file, '<', GIVEN) or die $!;
local $/;
my $all = <$file>;
close($file);
unlink(GIVEN);
@main::ARGV = split(/\\0/, defined $all ? $all : '', -1);
pop @main::ARGV;
1;
"""
PERL_MODULE = "jobfleet_arguments"


class Beside(msgspec.Struct, frozen=True):
    """Name the files of one script."""

    script: Path

    def named(self, suffix: str) -> Path:
        """Return the file beside the script with this end of its name."""
        return self.script.with_name(self.script.stem + suffix)

    @property
    def declarations(self) -> Path:
        """Return the file that declares the variables."""
        return self.named("_params_input.env")

    @property
    def left(self) -> Path:
        """Return the file that the script's variables are written to in the end."""
        return self.named("_params_output.env")

    @property
    def wrapper(self) -> Path:
        """Return the file that runs the script."""
        return self.named("_wrapper.sh")

    @property
    def arguments(self) -> Path:
        """Return the file with the secret arguments of a script that is no shell's."""
        return self.named("_arguments")

    @property
    def perl_module(self) -> Path:
        """Return the module that gives a perl script its secret arguments."""
        return self.script.with_name(f"{PERL_MODULE}.pm")


def understood(variables: Iterable[ScriptVariable], kind: Kind) -> list[ScriptVariable]:
    """Return those of the variables that a shell can have: only bash has associative arrays, whichever ksh it is."""
    return [one for one in variables if kind is Kind.BASH or one.kind is not VariableType.ASSOCIATIVE]


def declarations(variables: Iterable[ScriptVariable]) -> bytes:
    """Return what declares variables in bash or ksh; every value is data, whatever is in it."""
    lines = [line for one in variables for line in _declared(one)]
    return ("\n".join([*lines, "unset __jobfleet_key"]) + "\n").encode()


def _declared(one: ScriptVariable) -> list[str]:
    if one.kind not in ARRAYS:
        return [f"{one.name}={quoted(one.value)}"]
    items = array_of(one.kind, one.value).items()
    if one.kind is VariableType.INDEXED:
        return [f"unset {one.name}", *(f"{one.name}[{index}]={quoted(value)}" for index, value in items)]
    # A key in the subscript itself would be read by rules of its own; bash reads literals of some characters wrongly.
    keyed = (f"__jobfleet_key={quoted(key)}; {one.name}[$__jobfleet_key]={quoted(value)}" for key, value in items)
    return [f"unset {one.name}; typeset -A {one.name}", *keyed]


def wrapper(shell: Interpreter, beside: Beside, params: str, variables: Sequence[ScriptVariable]) -> bytes:
    """Return what runs a shell's script: with its variables, which it takes back in the end, and its arguments."""
    parts = [f". {quoted(str(beside.declarations))}\n"] if variables else []
    parts.append(f"eval {quoted(f'set -- {one_line(params)}')} || exit 2\n")
    kept = [one for one in variables if one.is_kept]
    if kept:
        parts += [_HEAD, _BASH if shell.kind is Kind.BASH else _KSH, _save(kept, beside.left), _AT_EXIT]
    parts += [f"set {option}\n" for option in shell.options]
    parts.append(f". {quoted(str(beside.script))}\n")
    return "".join(parts).encode()


def _save(kept: Sequence[ScriptVariable], left: Path) -> str:
    puts = [_put(one) for one in kept]
    return "\n".join(["__jobfleet_save() {", "{", *puts, "__jobfleet_put . end", f"}} >| {quoted(str(left))}", "}", ""])


def _put(one: ScriptVariable) -> str:
    name = one.name
    if one.kind not in ARRAYS:
        return f'if [ -n "${{{name}+x}}" ]; then __jobfleet_put {name} s "${name}"; fi'
    return (
        f'__jobfleet_put {name} a "${{#{name}[@]}}"\n'
        f'for __jobfleet_key in "${{!{name}[@]}}"; do\n'
        f'    __jobfleet_put "$__jobfleet_key" "${{{name}[$__jobfleet_key]}}"\ndone'
    )


def shell_command(shell: Interpreter, beside: Beside) -> list[str]:
    """Return the command line of a wrapped shell script, for which `$0` is what it always is."""
    return [shell.path, *shell.arguments, "-c", '. "$1"', str(beside.script), str(beside.wrapper)]


def bootstrap(interpreter: Interpreter, beside: Beside, params: str) -> dict[Path, bytes]:
    """Return the files that give a python or perl script its arguments; `sh` runs the wrapper."""
    python = interpreter.kind is Kind.PYTHON
    last = ["-c", _PYTHON] if python else [f"-I{beside.script.parent}", f"-M{PERL_MODULE}"]
    command = [interpreter.path, *interpreter.options, *interpreter.arguments, *last, str(beside.script)]
    command += [str(beside.arguments)] if python else []
    text = (
        f"eval {quoted(f'set -- {one_line(params)}')} || exit 2\n"
        f"if [ $# -gt 0 ]; then printf '%s\\0' \"$@\"; fi >| {quoted(str(beside.arguments))} || exit 2\n"
        f"exec {' '.join(map(quoted, command))}\n"
    )
    module = _PERL.replace("GIVEN", quoted(str(beside.arguments)))
    return {beside.wrapper: text.encode()} | ({} if python else {beside.perl_module: module.encode()})


def quoted(text: str) -> str:
    """Return a text that every shell reads as it stands."""
    return "'" + text.replace("'", "'\\''") + "'"
