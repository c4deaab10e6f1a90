"""What is asked for when SQL is to run."""

import msgspec

from jobfleet.model.job import LaunchMode
from jobfleet.model.scope import Scope
from jobfleet.model.target import TargetSpec


class NewSqlJob(msgspec.Struct, frozen=True):
    """Ask for one SQL script on hosts; all values are decoded and within their limits.

    Exactly one of `script_version_id`, `script_id` and `content` decides what runs, in this order. The database
    account is meant by its id, else by its alias. `timeout_s` None means the default. `idempotency_key` is "" when
    the caller gave none.
    """

    scope: Scope
    name: str
    content: bytes | None
    db_account_id: int | None
    target: TargetSpec
    db_account_alias: str = ""
    timeout_s: int | None = None
    script_version_id: int | None = None
    script_id: str = ""
    public_script: bool = False
    callback_url: str = ""
    start: bool = True
    launch_mode: LaunchMode = LaunchMode.API
    idempotency_key: str = ""
