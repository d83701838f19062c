#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# conformance.sh - whether all tests that CONFORMANCE names exist and are run,
# and whether it names all those of RFC 5471 that there are.

srcdir=${srcdir:-.}
wire=$srcdir/test/wire

# references TABLE: what stands under its clauses, as LINE FILE: WHAT
references() {
    awk '
    function end() { if (clause) print clause " nothing"; clause = 0 }
    /^===/ { inside = 1; clause = 0; next } # its title is none
    !/^\t/ { end(); if (inside && NF) clause = NR; next }
    { clause = 0 }
    !/^\t(not applicable|not done): / { sub(/^\t/, ""); print NR " " $0 }
    END { end() }' "$1"
}

# runs FILE: whether make runs it
runs() {
    grep -qwF -- "${1%.c}" "$srcdir/Makefile.am"
}

# wrong TABLE: what is, a line each
wrong() {
    references "$1" | while read -r line file what; do
        case $file in
        nothing)
            echo "$line: no test, and no reason"
            ;;
        check:)
            grep -qF -- "$what" "$wire/test-check.py" ||
                echo "$line: check.py is not tried with: $what"
            ;;
        *)
            [ -e "$srcdir/${file%:}" ] && runs "${file%:}" ||
                { echo "$line: no such test: ${file%:}" && continue; }
            grep -qF -- "$what" "$srcdir/${file%:}" ||
                echo "$line: ${file%:} has no test: $what"
            ;;
        esac
    done
}

# missing TABLE: numbers of tests in rfc5471.sh that it does not have
missing() {
    sed -n 's/.*"\(3\.[0-9.]*\) .*/\1/p' "$wire/rfc5471.sh" | sort -u |
        while read -r number; do
            grep -qF "test/wire/rfc5471.sh: $number" "$1" || echo "$number"
        done
}

result() {
    n=$((n + 1))
    if [ -z "$2" ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        printf '%s\n' "$2" | sed 's/^/# /'
    fi
}

# finds MESSAGE LINE...: in a table of such lines
finds() {
    message=$1
    shift
    printf '%b\n' "===" "$@" >"$bad"
    wrong "$bad" >"$bad.wrong"
    result "finds $message" "$(grep -qxF "$message" "$bad.wrong" ||
        { echo "only:" && cat "$bad.wrong"; })"
}

n=0
echo 1..8
bad=$(mktemp) || exit 1
trap 'rm -f "$bad" "$bad.wrong"' EXIT
result "all tests exist" "$(wrong "$wire/CONFORMANCE")"
result "there are many" \
    "$([ "$(references "$wire/CONFORMANCE" | wc -l)" -gt 80 ] || echo few)"
result "all of RFC 5471 are named" "$(missing "$wire/CONFORMANCE")"
finds "2: no test, and no reason" "1" "2" "\tnot done: x"
finds "4: no test, and no reason" "1" "\tnot done: x" "3"
finds "3: no such test: test/none.sh" "1" "\ttest/none.sh: x"
finds "3: test/net/wire.sh has no test: no such" "1" \
    "\ttest/net/wire.sh: no such"
finds "3: check.py is not tried with: nonsense" "1" "\tcheck: nonsense"
