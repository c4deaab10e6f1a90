"""What hosts printed: the panes of a run's page."""

import base64
import tempfile
from collections.abc import Mapping

from playwright.async_api import Page
from tests.acceptance.declared import A, B, C
from tests.browser.listed import Listed
from tests.browser.visits import BIZ, Console

# The first host to come makes the directory; the two others find it there.
_SCRIPT = """\
printf '\\033[1mchecking\\033[0m the configuration of \\033[36mnginx\\033[0m\\n'
for n in $(seq 1 40); do echo "$(date +%H:%M:%S) include conf.d/site-$n.conf"; done
if mkdir {mark} 2>/dev/null; then
  printf 'nginx: \\033[31m[emerg]\\033[0m unknown directive "sever" in conf.d/site-7.conf:12\\n' >&2
  echo 'configuration file nginx.conf test failed'
  exit 1
fi
printf 'nginx: configuration file nginx.conf test is \\033[32msuccessful\\033[0m\\n'
"""


async def one_differs(console: Console) -> Mapping[str, object]:
    """Have three hosts check something, of which one fails; return what their addresses are made of."""
    mark = tempfile.mktemp(prefix="jobfleet-odd-")
    script = base64.b64encode(_SCRIPT.format(mark=mark).encode()).decode()
    job = await console.stage.run(script, A, B, C, task_name="Check nginx")
    ended = await console.stage.wait_end(job)
    hosts = ended["step_instance_list"][0]["step_ip_result_list"]
    odd = next(host["bk_host_id"] for host in hosts if host["status"] == 104)
    return {"run": f"{BIZ}/runs/{job.id}/steps/{job.step_id}", "odd": odd, "job": job.id, "step": job.step_id}


async def send(console: Console, *paths: str, **more: object) -> int:
    """Send files of a host to two others; return the job's id."""
    source = {"paths": paths, "hosts": [f"host:{A}"]}
    wanted = {"scope": "biz:2", "sources": [source], "targets": [f"host:{B}", f"host:{C}"], "name": "Send a release"}
    wanted["target_path"] = tempfile.mkdtemp(prefix="jobfleet-sent-")
    header = await console.stage.bearer()
    answer = await console.stage.http.post("/api/v1/jobs/file", json=wanted | more, headers=header)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["job_id"])


async def files_lack_one(console: Console) -> Mapping[str, object]:
    """Send a file that is there and one that is not from a host to two others; return where the step is shown."""
    job = await send(console, "/etc/hostname", "/nowhere/release.tar.gz")
    header = await console.stage.bearer()

    async def ended() -> bool:
        told = (await console.stage.http.get(f"/api/v1/jobs/{job}", headers=header)).json()
        return bool(told["job"]["finished"])

    await console.stage.poll(ended)
    told = (await console.stage.http.get(f"/api/v1/jobs/{job}", headers=header)).json()
    return {"sent": f"{BIZ}/runs/{job}/steps/{told['steps'][0]['id']}"}


async def side_by_side(page: Page) -> None:
    """Show the differences side by side."""
    await page.locator(".diff-pane .choice label").nth(1).click()
    await page.locator(".diff-view table.beside").wait_for()


PAGES = (
    Listed("run-log", "{run}?host={odd}&pane=log#L3-L5", ".log-row mark, .log-row.picked", one_differs),
    Listed("run-outputs", "{run}?pane=outputs&norm=times", ".outputs-pane .letter", one_differs),
    Listed("run-diff", "{run}?pane=diff&cmp=A,B&norm=times", ".diff-view td.new", one_differs, side_by_side),
    Listed("run-files", "{sent}?view=table&pane=files", ".step-files .space .line", files_lack_one),
    Listed("run-why", "{run}?host={odd}&pane=why", ".why .list li", one_differs),
)
