"""Templates and plans: the steps and variables of jobs that are started again and again."""

import hashlib
import uuid

import msgspec

from jobfleet.model.definition import ApprovalSpec, TransferMode
from jobfleet.model.file_job import NewContent, NewSource
from jobfleet.model.job import LaunchMode
from jobfleet.model.rolling import Rolling
from jobfleet.model.scope import Scope
from jobfleet.model.script import Language
from jobfleet.model.target import TargetSpec
from jobfleet.model.variable import VariableType


class ScriptAction(msgspec.Struct, frozen=True, kw_only=True, tag="script"):
    """Say which script a step runs: its own content, or a version of a script that is kept.

    `params` is a secret when `sensitive`. Rolling is our own addition to what plans of the platform do.
    """

    target: TargetSpec
    account_id: int | None = None
    account_alias: str = ""
    language: int = Language.SHELL
    content: bytes = b""
    script_version_id: int | None = None
    params: str = ""
    sensitive: bool = False
    timeout_s: int | None = None
    interpreter: str = ""
    rolling: Rolling | None = None


class SqlAction(msgspec.Struct, frozen=True, kw_only=True, tag="sql"):
    """Say which SQL a step runs, through which database account: own content, or a version of a script."""

    target: TargetSpec
    db_account_id: int | None = None
    db_account_alias: str = ""
    content: bytes = b""
    script_version_id: int | None = None
    timeout_s: int | None = None


class FileAction(msgspec.Struct, frozen=True, kw_only=True, tag="file"):
    """Say which files a step distributes: from hosts, uploaded ones, and contents of its own."""

    target: TargetSpec
    target_path: str
    account_id: int | None = None
    account_alias: str = ""
    sources: tuple[NewSource, ...] = ()
    contents: tuple[NewContent, ...] = ()
    target_name: str = ""
    mode: int = TransferMode.FORCE
    timeout_s: int | None = None
    upload_limit_kib_s: int = 0
    download_limit_kib_s: int = 0
    rolling: Rolling | None = None


Action = ScriptAction | SqlAction | FileAction | ApprovalSpec


class TemplateStep(msgspec.Struct, frozen=True):
    """Describe a step of a template; `id` is 0 for one that is not stored yet."""

    name: str
    action: Action
    ignore_error: bool = False
    id: int = 0


class Variable(msgspec.Struct, frozen=True):
    """Describe a variable: its value, or the hosts of a host list; a password's value is a secret.

    `id` is 0 for one that is not stored yet.
    """

    name: str
    type: VariableType
    value: str = ""
    hosts: TargetSpec = TargetSpec()
    changeable: bool = True
    required: bool = False
    description: str = ""
    id: int = 0


class Template(msgspec.Struct, frozen=True):
    """Describe a template; `version` changes with its steps and variables, `revision` counts that from 1.

    Times are epoch milliseconds.

    `seal` and `digest` belong to one as the record keeps it: the digest is that of what is stored.
    """

    id: int
    scope: Scope
    name: str
    description: str
    version: str
    steps: tuple[TemplateStep, ...]
    variables: tuple[Variable, ...]
    creator: str
    created_at: int
    modifier: str
    modified_at: int
    seal: bytes = b""
    digest: bytes = b""
    revision: int = 1


class NewTemplate(msgspec.Struct, frozen=True):
    """Ask for a template, or for a change of one: the whole of it.

    Steps and variables with an id stay what they are to plans; 0 makes new ones. In a change, MASK stands for a
    secret that is to stay. `tags` None leaves them as they are. `seen_at` is the `modified_at` of the template that
    was edited: it is not changed when somebody else did meanwhile; None does not look.
    """

    scope: Scope
    name: str
    steps: tuple[TemplateStep, ...]
    variables: tuple[Variable, ...] = ()
    description: str = ""
    tags: tuple[int, ...] | None = None
    seen_at: int | None = None


class PlanStep(msgspec.Struct, frozen=True):
    """Describe a step of a plan: the template's step as it was copied, and whether it runs."""

    id: int
    enabled: bool
    step: TemplateStep


class PlanVariable(msgspec.Struct, frozen=True):
    """Describe a variable of a plan: the template's, with the plan's own value unless it `follows` the template."""

    id: int
    variable: Variable
    follows: bool = False


class Plan(msgspec.Struct, frozen=True):
    """Describe a plan; `version` and `revision` are those of the template it was copied from.

    Times are epoch milliseconds.

    `seal` and `digest` belong to one as the record keeps it: the digest is that of what is stored. A `debug` plan is
    what its template was tried out with; no list shows it.
    """

    id: int
    template_id: int
    scope: Scope
    name: str
    version: str
    steps: tuple[PlanStep, ...]
    variables: tuple[PlanVariable, ...]
    creator: str
    created_at: int
    modifier: str
    modified_at: int
    seal: bytes = b""
    digest: bytes = b""
    debug: bool = False
    revision: int = 1


class NewPlan(msgspec.Struct, frozen=True):
    """Ask for a plan, or for a change of one; an empty name stays what it was.

    `enabled` are the ids of the template's steps that run; None means all, in a change those that did. `values` are
    the plan's own, by the ids or names of its variables; what is not mentioned stays. `follows` names the variables
    whose values come from the template with every synchronisation; None leaves that as it is. `seen_at` is
    as in NewTemplate.
    """

    name: str
    enabled: frozenset[int] | None = None
    values: tuple["GivenValue", ...] = ()
    follows: frozenset[str] | None = None
    seen_at: int | None = None


class GivenValue(msgspec.Struct, frozen=True):
    """Give a variable another value for one run, or as a plan's own: by id, else by name.

    `value` None and `hosts` None leave it as it is; a host list takes `hosts` only, the others `value` only. A `secret`
    was given to a password, and no other variable gets it, whatever has become of its type.
    """

    id: int | None = None
    name: str = ""
    value: str | None = None
    hosts: TargetSpec | None = None
    secret: bool = False


class NewPlanJob(msgspec.Struct, frozen=True):
    """Ask for a run of a plan.

    `name` is the plan's when it is "". `idempotency_key` is "" when the caller gave none.
    """

    scope: Scope
    plan_id: int
    values: tuple[GivenValue, ...] = ()
    launch_mode: LaunchMode = LaunchMode.API
    callback_url: str = ""
    start: bool = True
    idempotency_key: str = ""
    name: str = ""


def changed_at(now: int, before: int) -> int:
    """Return when something is changed now that was changed before: later than that, whatever the clock says."""
    return max(now, before + 1)


def fresh_version() -> str:
    """Return the version of a template that was made or changed right now."""
    return uuid.uuid4().hex


def digest_of(steps: object, variables: object) -> bytes:
    """Return the digest of steps and variables as they are stored, however the database orders their members."""
    return hashlib.sha256(msgspec.json.encode([steps, variables], order="sorted")).digest()
