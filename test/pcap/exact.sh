#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# exact.sh - each flow of generated captures, against the truth about it.

FLOWEXPORT=${FLOWEXPORT:-./flowexport}
mkpcap=${builddir:-.}/bench/mkpcap
here=$(dirname "$0")
n=0
failed=0

tmp=$(mktemp -d "${TMPDIR:-/tmp}/flowexport.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

cat >"$tmp/flowexport.conf" <<END
flows = { max = 16384; active_timeout = 60; idle_timeout = 15; };
END

# exact DESCRIPTION OPTION...: those of mkpcap
exact() {
    n=$((n + 1))
    says=$1
    shift
    if "$mkpcap" -n 60000 -f 3000 "$@" -t "$tmp/truth.csv" "$tmp/pcap" \
        >"$tmp/log" 2>&1 &&
        "$FLOWEXPORT" -q -c "$tmp/flowexport.conf" -r "$tmp/pcap" -p=json \
            >"$tmp/flows" 2>>"$tmp/log" &&
        python3 "$here/truth.py" "$tmp/truth.csv" "$tmp/flows" >>"$tmp/log" 2>&1
    then
        echo "ok $n - $says"
    else
        echo "not ok $n - $says"
        failed=1
    fi
    sed 's/^/# /' "$tmp/log"
}

if ! command -v python3 >/dev/null; then
    echo "1..0 # SKIP python3 is not installed"
    exit 0
fi
exact "a minute"
exact "ten minutes: idle and active timeouts" -d 600
exact "fragments" -F 30 -s 2
exact "packets cut to 96 octets" -l 96 -s 3
exact "nanoseconds, all IPv6, all tagged" -N -6 100 -V 100 -s 4
echo "1..$n"
exit $failed
