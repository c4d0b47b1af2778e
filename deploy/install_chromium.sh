#!/bin/sh
# The browser tests' Chromium and a font with Chinese letters: installed by root on Debian, asked for elsewhere.
set -eu

found() { command -v chromium >/dev/null 2>&1 && [ -d /usr/share/fonts/opentype/noto ]; }

if ! found && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null || true
fi
# The desks' tests need no window and take half the processor time without; where Debian does not have it, Chromium does.
if ! command -v chromium-headless-shell >/dev/null && [ "$(id -u)" = 0 ] && apt-cache show chromium-headless-shell >/dev/null 2>&1; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null || true
fi
if ! found; then
    echo "Chromium or the Noto CJK fonts are missing: the browser tests (tests/browser) will be skipped." >&2
    echo "To run them: apt-get install chromium fonts-noto-cjk" >&2
fi
