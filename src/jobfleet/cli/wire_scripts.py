"""What commands read of the native API's answers about kept scripts, their tags and dangerous rules."""

import msgspec


class TagName(msgspec.Struct, frozen=True):
    """The name of a tag."""

    id: int
    name: str


class Tag(msgspec.Struct, frozen=True):
    """A tag; times are epoch milliseconds."""

    id: int
    scope: str
    name: str
    description: str
    modifier: str
    modified_at: int


class TagList(msgspec.Struct, frozen=True):
    """A page of tags."""

    total: int
    tags: list[Tag]


class Finding(msgspec.Struct, frozen=True):
    """What was found in a line of a script."""

    line: int
    text: str
    match: str
    level: str
    description: str


class Findings(msgspec.Struct, frozen=True):
    """What was found in a script, by line."""

    findings: list[Finding]


class Script(msgspec.Struct, frozen=True):
    """A kept script; times are epoch milliseconds."""

    id: str
    scope: str
    name: str
    language: str
    description: str
    online_version_id: int | None
    online_version: str
    modifier: str
    modified_at: int
    tags: list[TagName] = []


class Version(msgspec.Struct, frozen=True):
    """A version of a script; `content` is there when one version was asked for."""

    id: int
    script_id: str
    version: str
    state: str
    description: str
    content: bytes | None
    modifier: str
    modified_at: int


class CreatedScript(msgspec.Struct, frozen=True):
    """A script that was made, with its first version."""

    script: Script
    version: Version


class ScriptList(msgspec.Struct, frozen=True):
    """A page of scripts."""

    total: int
    scripts: list[Script]


class VersionList(msgspec.Struct, frozen=True):
    """The versions of a script, newest first."""

    versions: list[Version]


class Rule(msgspec.Struct, frozen=True):
    """A dangerous rule; `approvable`: a second person may let a start past it."""

    id: int
    expression: str
    languages: list[str]
    description: str
    action: str
    enabled: bool
    approvable: bool


class RuleList(msgspec.Struct, frozen=True):
    """Dangerous rules in order."""

    rules: list[Rule]


class Hit(msgspec.Struct, frozen=True):
    """A hit of a dangerous rule; `at` is epoch milliseconds."""

    id: int
    at: int
    rule_id: int
    expression: str
    action: str
    scope: str
    operator: str
    app_code: str
    launch_mode: str
    line_number: int
    line: str
    script_hash: str


class HitList(msgspec.Struct, frozen=True):
    """A page of hits."""

    total: int
    hits: list[Hit]
