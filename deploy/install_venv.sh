#!/bin/sh
# Debian ships Python without venv: root installs it, everybody else is told what to ask for.
set -eu

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null && exit 0
fi
echo "This Python cannot make a virtual environment. Debian, Ubuntu: apt-get install python3-venv" >&2
exit 1
