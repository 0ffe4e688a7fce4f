#!/bin/sh
# Installs the system's packages that the tests use, where they are missing and it may.
# A test that needs one which is still absent skips and says so; under CI it fails.
set -eu
need=""
command -v strace >/dev/null 2>&1 || need="$need strace"
command -v redis-server >/dev/null 2>&1 || need="$need redis-server"
[ -n "$need" ] || exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "missing:$need (install them to run every test)" >&2
    exit 0
fi
echo "installing:$need" >&2
DEBIAN_FRONTEND=noninteractive apt-get -qq update >/dev/null
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $need >/dev/null
