#!/usr/bin/env bash
# Make the virtual environment with the locked dependencies and jobfleet itself in it.
# Usage: tools/make_venv.sh DIRECTORY   (PYTHON: the interpreter; UV_VERSION: the pinned installer)
set -euo pipefail
venv=$1
python=${PYTHON:-python3}

say() { printf 'setup: %s\n' "$*" >&2; }

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "Python 3.11 or newer is needed; '$python' is $("$python" --version 2>&1 || echo missing). Try: make PYTHON=python3.12"
    exit 1
fi

make_venv() { "$python" -m venv "$venv" >/dev/null 2>&1; }

# Debian and Ubuntu ship Python without venv; as root we can put that right, else we say how.
if [ ! -x "$venv/bin/python" ] && ! make_venv; then
    rm -rf "$venv"
    package="python$("$python" -c 'import sys; print(f"{sys.version_info[0]}.{sys.version_info[1]}")')-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "this Python has no venv; installing $package"
        apt-get update -qq && { apt-get install -y -qq "$package" || apt-get install -y -qq python3-venv; } >/dev/null
        make_venv
    else
        say "this Python has no venv. Install it (Debian, Ubuntu: sudo apt-get install $package), then run make again."
        exit 1
    fi
fi

# uv lives beside the environment's programs but not among its packages, which it keeps exactly as locked.
tool="$venv/.uv"
if ! "$tool/bin/uv" --version 2>/dev/null | grep -q " $UV_VERSION"; then
    say "installing uv $UV_VERSION"
    "$python" -m venv "$tool" >/dev/null
    "$tool/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
fi

say "installing the locked dependencies"
UV_PROJECT_ENVIRONMENT="$venv" "$tool/bin/uv" sync --frozen --quiet --python "$venv/bin/python"
