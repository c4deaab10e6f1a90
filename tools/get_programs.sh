#!/bin/bash
# Install what the tests run beside ourselves, from Debian packages: a MariaDB server, the clients of MariaDB and
# PostgreSQL, the shells besides bash that scripts may be for, curl, and a browser with a font for Chinese. (The
# PostgreSQL server comes from the wheel.)
# Does nothing when they are there.
set -euo pipefail

declare -A package=(
    [mariadbd]=mariadb-server-core
    [mariadb-install-db]=mariadb-server-core
    [mariadb]=mariadb-client-core
    [psql]=postgresql-client
    [curl]=curl
    [ksh93]=ksh93u+m
    [mksh]=mksh
    [chromium-headless-shell]=chromium-headless-shell
    [fc-list]=fontconfig
)
PATH=$PATH:/usr/sbin:/sbin
missing=$(for program in "${!package[@]}"; do command -v "$program" >/dev/null || echo "${package[$program]}"; done | sort -u)
[ -n "$(fc-list :lang=zh 2>/dev/null)" ] || missing="$missing fonts-wqy-zenhei"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "The tests need programs that are not here. As root: apt-get install" $missing >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -o Acquire::Retries=3 update -qq
apt-get -o Acquire::Retries=3 install -y -qq --no-install-recommends $missing >/dev/null
