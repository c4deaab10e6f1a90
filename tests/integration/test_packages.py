"""What is shipped carries the console, and the console is built of what the npm registry vouches for."""

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = "jobfleet/api/console/static"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both kinds of packages; what `make console` has made is taken as it is."""
    directory = tmp_path_factory.mktemp("dist")
    environment = {name: value for name, value in os.environ.items() if name != "JOBFLEET_BUILD_CONSOLE"}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(directory)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return directory


def test_the_wheel_carries_the_console_and_its_compressed_files(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        sizes = {one.filename: one.file_size for one in content.infolist()}
    names = list(sizes)
    scripts = [name for name in names if re.fullmatch(rf"{STATIC}/assets/[\w.-]+\.js", name)]
    assert f"{STATIC}/index.html" in names
    assert scripts
    assert [name for name in scripts if sizes[name] > 1000 and f"{name}.gz" not in names] == []
    assert [name for name in names if "node_modules" in name or name.endswith((".vue", ".ts"))] == []


def test_a_source_archive_carries_the_built_console_so_that_it_needs_no_node(built: Path) -> None:
    [archive] = built.glob("*.tar.gz")
    with tarfile.open(archive) as content:
        names = [name.partition("/")[2] for name in content.getnames()]
    assert f"src/{STATIC}/index.html" in names
    assert {"hatch_build.py", "tools/compress.py", "console/package-lock.json", "console/src/main.ts"} <= set(names)
    assert [name for name in names if "node_modules" in name] == []


def test_every_package_of_the_console_has_its_hash_and_an_exact_version() -> None:
    lock = json.loads((ROOT / "console/package-lock.json").read_text())
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert len(packages) > 100
    # Without an address npm asks its registry; with one it could be any server, the one of a developer's house for one.
    foreign = [
        name
        for name, one in packages.items()
        if not one.get("resolved", "https://registry.npmjs.org/").startswith("https://registry.npmjs.org/")
    ]
    assert foreign == []
    # What a package brings within itself is covered by that package's hash.
    unproven = [
        name
        for name, one in packages.items()
        if not one.get("inBundle") and not one.get("integrity", "").startswith("sha512-")
    ]
    assert unproven == []
    chosen = json.loads((ROOT / "console/package.json").read_text())
    versions = [*chosen["dependencies"].values(), *chosen["devDependencies"].values()]
    assert [version for version in versions if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
