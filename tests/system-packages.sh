#!/bin/sh
# Installs the system's packages that the tests use, where they are missing and it may; with the
# argument `interop`, those that `make interop` uses.
# A test that needs one which is still absent skips and says so; under CI it fails.
set -eu
need=""
if [ "${1:-}" = interop ]; then
    command -v go >/dev/null 2>&1 || need="$need golang-go"
    [ -d /usr/share/gocode/src/golang.org/x/mod ] || need="$need golang-golang-x-mod-dev"
    command -v node >/dev/null 2>&1 || need="$need nodejs"
    command -v npm >/dev/null 2>&1 || need="$need npm"
else
    command -v strace >/dev/null 2>&1 || need="$need strace"
    command -v redis-server >/dev/null 2>&1 || need="$need redis-server"
    command -v softhsm2-util >/dev/null 2>&1 || need="$need softhsm2"
fi
[ -n "$need" ] || exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "missing:$need (install them to run everything)" >&2
    exit 0
fi
echo "installing:$need" >&2
DEBIAN_FRONTEND=noninteractive apt-get -qq update >/dev/null
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $need >/dev/null
