"""What somebody is told who copies a run as a call: all that the call does not say by itself."""

from tests.unit.api import views

from jobfleet.api.native.job_call import notes_of
from jobfleet.model.container import ContainerSpec
from jobfleet.model.job import NewScriptJob
from jobfleet.model.rolling import Rolling
from jobfleet.model.target import TargetSpec
from jobfleet.operations.call_again import QuickAgain

WAITS = Rolling("1 1", parallel=True, wait_random_min_ms=100, wait_random_max_ms=200)
"""Only the gateway's call can say that batches wait for a random time, and that call knows no containers."""


def again(*, params: str, containers: ContainerSpec, rolling: Rolling | None) -> QuickAgain:
    job = views.job()
    asked = NewScriptJob(
        scope=job.scope,
        name="x",
        language=1,
        content=b"true",
        params=params,
        sensitive=True,
        account_id=None,
        account_alias="root",
        timeout_s=None,
        target=TargetSpec(host_ids=(1, 2)),
        rolling=rolling,
        containers=containers,
    )
    return QuickAgain(job, asked, left_script=True)


def test_neither_secrets_nor_containers_hide_what_else_is_to_be_known() -> None:
    boxes = ContainerSpec(ids=(7,))
    by_gateway = notes_of(again(params="--key x", containers=boxes, rolling=WAITS))
    assert by_gateway == ["secret_params_base64", "lost_containers", "left_script"]
    assert notes_of(again(params="--key x", containers=boxes, rolling=None)) == ["secret_params", "left_script"]
    assert notes_of(again(params="", containers=boxes, rolling=WAITS)) == ["lost_containers", "left_script"]
    assert notes_of(again(params="", containers=ContainerSpec(), rolling=WAITS)) == ["left_script"]
