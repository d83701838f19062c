#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check.sh - the checker itself: it must find what is wrong.

if ! command -v python3 >/dev/null; then
    echo "1..0 # SKIP python3 is not installed"
    exit 0
fi
exec python3 "$(dirname "$0")/test-check.py"
