#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# summary.sh - one closing line for each directory of test results.
#
#	summary.sh DIRECTORY...
#
# Reads what automake's TAP driver left there.  Exits with 1, having named the
# culprits, if a test failed, if none ran, or if one was skipped for another
# reason than root's absence or what this kernel does not have.

status=0

complain() {
    echo "$*" >&2
    status=1
}

# results KIND: how many.
results() {
    cat "$directory"/*.trs 2>/dev/null | grep -cx ":test-result: $1"
}

for directory; do
    passed=$(results PASS)
    failed=$(($(results FAIL) + $(results ERROR) + $(results XPASS)))
    skipped=$(($(results SKIP) + $(results XFAIL)))

    if [ "$failed" -gt 0 ]; then
        complain "$(grep -hsE '^(FAIL|ERROR|XPASS): ' "$directory"/*.log)"
    fi
    if [ $((passed + failed)) -eq 0 ]; then
        complain "$directory: no test ran"
    fi
    if [ "$(id -u)" -eq 0 ]; then
        needless=$(grep -hsE '^(SKIP|XFAIL): ' "$directory"/*.log |
            grep -v 'the kernel has no')
        [ -z "$needless" ] || complain "$needless"
    fi
    echo "$(basename "$directory"): $passed passed, $failed failed," \
        "$skipped skipped"
done
exit $status
