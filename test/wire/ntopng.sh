#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ntopng.sh - the reader of messages to ntopng: it must know good from bad.

if ! command -v python3 >/dev/null; then
    echo "1..0 # SKIP python3 is not installed"
    exit 0
fi
exec python3 "$(dirname "$0")/ntopng.py" "$(dirname "$0")/../data/ntopng.ini"
