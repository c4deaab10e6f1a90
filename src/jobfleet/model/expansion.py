"""What is put into parameters and paths as their step is sent: values of variables and the time."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import msgspec

from jobfleet.model.definition import FileKind, FileSource, FileSpec
from jobfleet.model.paths import MAX_PATH_BYTES
from jobfleet.model.script import MAX_PARAM_BYTES
from jobfleet.model.variable import JobVariable, VariableType

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_TIME = re.compile(r"\[DATEFMT:([^\]]*)\]")
_IMPORT = re.compile(rb"^[ \t]*#[ \t]*job_import[ \t]*\{\{[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*\}\}", re.MULTILINE)


def texts(variables: Iterable[JobVariable]) -> dict[str, str]:
    """Return the values that `${name}` stands for: those of strings, never of passwords, which would be seen."""
    return {one.name: one.value for one in variables if one.type is VariableType.STRING}


def expand(text: str, values: Mapping[str, str], most_bytes: int) -> str:
    """Return a text with `${name}` replaced by values, once; names without a value stay as they are.

    Raises:
        ValueError: It would become longer than `most_bytes`; it is not made then.

    Source: docs/reference/variables.md, «In parameters and paths».
    """
    return _replaced(_REFERENCE, text, lambda found: values.get(found[1], found[0]), most_bytes) if values else text


def expand_params(params: str, values: Mapping[str, str], at: datetime) -> str:
    """Return parameters with `[DATEFMT:…]` replaced by the time, in its zone, and `${name}` by values.

    Raises:
        ValueError: They would become longer than MAX_PARAM_BYTES.
    """
    dated = _replaced(_TIME, params, lambda found: at.strftime(found[1]), MAX_PARAM_BYTES)
    return expand(dated, values, MAX_PARAM_BYTES)


def expand_files(spec: FileSpec, values: Mapping[str, str]) -> FileSpec:
    """Return a file step with `${name}` replaced in the paths of hosts and object stores, and in the target path.

    Raises:
        ValueError: A path would become longer than MAX_PATH_BYTES.
    """
    kinds = {FileKind.HOST, FileKind.FILE_SOURCE}
    sources = tuple(_expanded(one, values) if one.kind in kinds else one for one in spec.sources)
    return msgspec.structs.replace(spec, sources=sources, target_path=_path(spec.target_path, values))


def shown_params(params: str, values: Mapping[str, str]) -> str:
    """Return parameters with the values of variables for somebody to see; as they were written if too long."""
    try:
        return expand(params, values, MAX_PARAM_BYTES)
    except ValueError:
        return params


def shown_files(spec: FileSpec, values: Mapping[str, str]) -> FileSpec:
    """Return a file step with the values of variables for somebody to see; as it was written if too long."""
    try:
        return expand_files(spec, values)
    except ValueError:
        return spec


def _expanded(source: FileSource, values: Mapping[str, str]) -> FileSource:
    items = (msgspec.structs.replace(item, path=_path(item.path, values)) for item in source.items)
    return msgspec.structs.replace(source, items=tuple(items))


def _path(path: str, values: Mapping[str, str]) -> str:
    return expand(path, values, MAX_PATH_BYTES).strip()


def _replaced(pattern: re.Pattern[str], text: str, value_of: Callable[[re.Match[str]], str], most_bytes: int) -> str:
    put_bytes = 0

    def put(found: re.Match[str]) -> str:
        nonlocal put_bytes
        value = value_of(found)
        put_bytes += 0 if value == found[0] else len(value.encode("utf-8", "surrogatepass"))
        if put_bytes > most_bytes:
            raise ValueError(f"is longer than {most_bytes} bytes, expanded")
        return value

    written = pattern.sub(put, text)
    if written != text and len(written.encode("utf-8", "surrogatepass")) > most_bytes:
        raise ValueError(f"is longer than {most_bytes} bytes, expanded")
    return written


def imports(content: bytes) -> list[str]:
    """Return the names that a script imports by «# job_import {{NAME}}», each once.

    Source: docs/reference/variables.md, «Magic imports».
    """
    return list(dict.fromkeys(name.decode() for name in _IMPORT.findall(content)))
