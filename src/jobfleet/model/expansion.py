"""What is put into parameters and paths as their step is sent: values of variables and the time."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from jobfleet.model.definition import FileKind, FileSource, FileSpec
from jobfleet.model.variable import JobVariable, VariableType

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_TIME = re.compile(r"\[DATEFMT:([^\]]*)\]")
_IMPORT = re.compile(rb"^[ \t]*#[ \t]*job_import[ \t]*\{\{[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*\}\}", re.MULTILINE)


def texts(variables: Iterable[JobVariable]) -> dict[str, str]:
    """Return the values that `${name}` stands for: those of strings, never of passwords, which would be seen."""
    return {one.name: one.value for one in variables if one.type is VariableType.STRING}


def expand(text: str, values: Mapping[str, str]) -> str:
    """Return a text with `${name}` replaced by values, once; names without a value stay as they are.

    Source: docs/reference/variables.md, «In parameters and paths».
    """
    return _REFERENCE.sub(lambda found: values.get(found[1], found[0]), text) if values else text


def expand_params(params: str, values: Mapping[str, str], at: datetime) -> str:
    """Return parameters with `[DATEFMT:…]` replaced by the time, in its zone, and `${name}` by values."""
    return expand(_TIME.sub(lambda found: at.strftime(found[1]), params), values)


def expand_files(spec: FileSpec, values: Mapping[str, str]) -> FileSpec:
    """Return a file step with `${name}` replaced in the paths of hosts and object stores, and in the target path."""
    kinds = {FileKind.HOST, FileKind.FILE_SOURCE}
    sources = tuple(_expanded(one, values) if one.kind in kinds else one for one in spec.sources)
    return msgspec.structs.replace(spec, sources=sources, target_path=expand(spec.target_path, values).strip())


def _expanded(source: FileSource, values: Mapping[str, str]) -> FileSource:
    items = (msgspec.structs.replace(item, path=expand(item.path, values).strip()) for item in source.items)
    return msgspec.structs.replace(source, items=tuple(items))


def imports(content: bytes) -> list[str]:
    """Return the names that a script imports by «# job_import {{NAME}}», each once.

    Source: docs/reference/variables.md, «Magic imports».
    """
    return list(dict.fromkeys(name.decode() for name in _IMPORT.findall(content)))
