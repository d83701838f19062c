#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# tap.sh - runs tests that speak TAP one after the other, as one.
#
#	tap.sh TEST...
#
# A test that dies, bails out or does not keep to its plan has failed.

# relay NAME STATUS: TAP on standard input, numbered anew from $n.
relay() {
    awk -v n="$n" -v name="$1" -v status="$2" '
    function result(word, what) { print word, ++n, "- " name ": " what }
    /^(not )?ok / {
        what = word = $0
        sub(/ok .*/, "ok", word)
        sub(/^(not )?ok [0-9]* *(- )?/, "", what)
        result(word, what)
        done++
        failed += word != "ok"
        next
    }
    /^1\.\.[0-9]/ { plan = substr($1, 4) }
    { print "# " $0 }
    END {
        if (!plan || done != plan || (status && !failed))
            result("not ok", done + 0 " results of " plan + 0 \
                ", exit status " status)
    }' >"$log.tap"
    cat "$log.tap"
    n=$((n + $(grep -cE '^(not )?ok ' "$log.tap")))
}

log=$(mktemp) || exit 1
trap 'rm -f "$log" "$log.tap"' EXIT
echo "# $(uname -srv)"
n=0
for test; do
    begin=$(date +%s)
    "$test" >"$log" 2>&1
    status=$?
    relay "$(basename "$test")" $status <"$log"
    echo "# $test: $(($(date +%s) - begin)) s"
done
echo "1..$n"
