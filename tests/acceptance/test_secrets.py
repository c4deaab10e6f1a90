"""What is secret stays secret: in answers, in logs, in the record."""

from tests.acceptance.declared import ACCOUNT, BIZ, PASSWORD, SECRET, A
from tests.acceptance.gates import encoded
from tests.acceptance.stage import Stage
from tests.acceptance.surfaces import Who

HIDDEN = "a-parameter-that-nobody-may-see"


async def test_sensitive_parameters_are_stored_sealed_and_logged_nowhere(stage: Stage) -> None:
    script = f"[ \"$1\" = '{HIDDEN}' ]"
    job = await stage.run(encoded(script), A, script_param=encoded(HIDDEN), is_param_sensitive=1)
    await stage.wait(job, 9, job_status=3)
    stored = await stage.database.fetchval("SELECT definition::text FROM step WHERE job_id = $1", job.id)
    events = await stage.database.fetch("SELECT detail FROM event WHERE job_id = $1", job.id)
    assert HIDDEN not in stored
    assert all(HIDDEN not in event["detail"] for event in events)
    assert HIDDEN not in stage.logged()


async def test_secrets_of_callers_are_neither_logged_nor_stored_nor_told(stage: Stage) -> None:
    wanted = BIZ | {"script_content": encoded("true"), "script_language": 1, "account_alias": ACCOUNT}
    for who in (Who("esb_test", SECRET, "sam"), Who("untrusted", SECRET), Who("nobody", SECRET)):
        told = await stage.http.post("/api/c/compapi/v2/jobv3/fast_execute_script/", json=wanted | who.members())
        assert SECRET not in told.text
    token = await stage.sign_in("vera", PASSWORD)
    found = await stage.database.fetch("SELECT a::text FROM app a UNION ALL SELECT u::text FROM app_user u")
    held = await stage.database.fetch("SELECT t::text FROM access_token t")
    assert all(SECRET not in row[0] and PASSWORD not in row[0] for row in found)
    assert all(token not in row[0] for row in held)
    written = stage.logged()
    for secret in (SECRET, PASSWORD, token, stage.made.admin_password, stage.made.demo_app_secret):
        assert secret not in written


async def test_a_token_is_worthless_after_its_owner_signed_out(stage: Stage) -> None:
    token = await stage.sign_in("vera", PASSWORD)
    query = BIZ | {"bk_app_code": "esb_test", "bk_app_secret": SECRET, "bk_token": token, "job_instance_id": 7}
    path = "/api/c/compapi/v2/jobv3/get_job_instance_status/"
    assert (await stage.http.post(path, json=query)).json()["code"] == 1244006
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await stage.http.post("/api/v1/sign-out", headers=bearer)).status_code == 200
    assert (await stage.http.post(path, json=query)).json()["code"] == 1247001
