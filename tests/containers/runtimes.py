"""The container runtime of the tests: the little one, or a real podman when JOBFLEET_TEST_RUNTIME says so."""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from jobfleet.model.container import Runtime

LITTLE = Path(__file__).with_name("little_runtime.py")
FOREVER = ("/bin/sh", "-c", "while :; do sleep 1; done")


class TestRuntime:
    """Start and remove containers as an operator does; say what an agent's environment needs to find them."""

    __test__ = False
    name: Runtime = "docker"

    def __init__(self, directory: Path) -> None:
        home, programs = directory / "containers", directory / "bin"
        home.mkdir()
        programs.mkdir()
        wrapper = programs / "docker"
        wrapper.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(LITTLE))} "$@"\n')
        wrapper.chmod(0o755)
        self.environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "LITTLE_HOME": str(home),
            "DOCKER_HOST": "unix:///little",
        }

    def run(self, name: str, labels: Mapping[str, str] | None = None) -> str:
        """Start a container and return its id."""
        flags = [word for key, value in (labels or {}).items() for word in ("--label", f"{key}={value}")]
        return self._ask("run", "--name", name, *flags, "--", *FOREVER)

    def remove(self, name: str) -> None:
        """Kill a container and take it away."""
        self._ask("rm", name)

    def execute(self, name: str, program: str) -> str:
        """Return what the container's shell prints."""
        return self._ask("exec", "--", name, "/bin/sh", "-c", program)

    def _ask(self, *words: str) -> str:
        command = [self.name, *words]
        environment = os.environ | self.environment
        done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
        return done.stdout.strip()


class Podman(TestRuntime):
    """A real podman, with an image made of the host's static busybox."""

    name: Runtime = "podman"

    def __init__(self, directory: Path) -> None:
        self.environment = {"PATH": os.environ["PATH"]}
        root = directory / "image"
        for part in ("bin", "etc", "proc", "tmp", "root", "usr"):
            (root / part).mkdir(parents=True)
        (root / "usr/bin").symlink_to("../bin")
        (root / "tmp").chmod(0o1777)
        (root / "bin/busybox").write_bytes(Path("/bin/busybox").read_bytes())
        (root / "bin/busybox").chmod(0o755)
        listed = subprocess.run(["/bin/busybox", "--list"], check=True, capture_output=True, text=True).stdout
        for name in set(listed.split()) - {"busybox"}:
            (root / "bin" / name).symlink_to("busybox")
        (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/tmp:/bin/sh\n")
        (root / "etc/group").write_text("root:x:0:\napp:x:1000:\n")
        packed = directory / "image.tar"
        subprocess.run(["tar", "-C", str(root), "-cf", str(packed), "."], check=True)
        self._ask("import", str(packed), "jobfleet-test:1")

    def run(self, name: str, labels: Mapping[str, str] | None = None) -> str:
        flags = [word for key, value in (labels or {}).items() for word in ("--label", f"{key}={value}")]
        limits = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1000:1000", "--network=none", f"--hostname={name}"]
        command = ["--cgroup-manager=cgroupfs", "--runtime=runc", "run", "-d", "--replace", "--init=false"]
        return self._ask(*command, *limits, "--name", name, *flags, "jobfleet-test:1", *FOREVER)

    def remove(self, name: str) -> None:
        self._ask("rm", "-f", "-t", "0", name)


@contextmanager
def runtime() -> Iterator[TestRuntime]:
    """Give a runtime; its containers are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="jobfleet-runtime-", ignore_cleanup_errors=True) as directory:
        found = Podman(Path(directory)) if is_real() else TestRuntime(Path(directory))
        try:
            yield found
        finally:
            for uid in found._ask("ps", "-q", "--no-trunc").split():
                found.remove(uid)


def is_real() -> bool:
    """Tell whether the tests were told to use podman."""
    return os.environ.get("JOBFLEET_TEST_RUNTIME") == "podman"
