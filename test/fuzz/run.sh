#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh - runs fuzz targets, several at once, each for a while.
#
#	run.sh PROGRAM...
#
# For $FUZZ_SECONDS (20), $FUZZ_JOBS (as many as there are processors) at a time.
# What a target has found stays in corpus/NAME for the next time; an input that
# fails it, in found/NAME-*.  Prints a line for each, and a last one; exits with 1
# when an input failed or a target did not run.

set -u
: "${FUZZ_SECONDS:=20}" "${FUZZ_JOBS:=$(nproc)}" "${srcdir:=.}"
export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export LSAN_OPTIONS="suppressions=$srcdir/test/fuzz/leaks"
export G_SLICE=always-malloc G_DEBUG=fatal-criticals TZ=UTC
export FLOWEXPORT_TEMPLATES="${FLOWEXPORT_TEMPLATES:-$srcdir/templates}"

# One target; its log in log/NAME.
fuzz() {
    name=${1##*/fuzz-}
    export TMPDIR="$PWD/tmp/$name"
    mkdir -p "$TMPDIR" "seeds/$name" "corpus/$name"
    "$srcdir/test/fuzz/seeds.py" "$srcdir" "$name" "seeds/$name" &&
        "$1" -max_total_time="$FUZZ_SECONDS" -timeout=10 -rss_limit_mb=1024 \
            -max_len=8192 -print_final_stats=1 -artifact_prefix="found/$name-" \
            "corpus/$name" "seeds/$name"
}

# report NAME: what its log says; false if it did not come to its end.
report() {
    log=log/$1
    runs=$(sed -n 's/^Done \([0-9]*\) runs in.*/\1/p' "$log")
    if [ -z "$runs" ]; then
        echo "fuzz-$1: failed: see $PWD/$log"
        grep -m 1 -E 'ERROR: |SUMMARY: |runtime error: ' "$log"
        return 1
    fi
    reached=$(grep -oE 'cov: [0-9]+ ft: [0-9]+' "$log" | tail -n 1)
    echo "fuzz-$1: $runs executions, $reached"
}

mkdir -p log found
if [ "${1-}" = --one ]; then
    fuzz "$2" >"log/${2##*/fuzz-}" 2>&1
    exit
fi
printf '%s\n' "$@" | xargs -P "$FUZZ_JOBS" -n 1 "$0" --one
failed=0
for program; do
    report "${program##*/fuzz-}" || failed=$((failed + 1))
done
echo "fuzz: $# targets, $failed failed"
[ "$failed" -eq 0 ]
