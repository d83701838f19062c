#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cli.sh - the command line: what it prints, what it refuses, how it exits.

. "$(dirname "$0")/net/lib.sh"

begin
conf=$tmp/flowexport.conf
good='collectors = ( { name = "main"; host = "127.0.0.1"; } );'

# run ARGUMENT...
run() {
    "$FLOWEXPORT" "$@" >"$tmp/out" 2>"$tmp/err"
    echo $? >"$tmp/status"
}

# outcome: everything there is to see, for the diagnostics.
outcome() {
    echo "exit status $(cat "$tmp/status")"
    sed 's/^/stdout: /' "$tmp/out"
    sed 's/^/stderr: /' "$tmp/err"
    return 1
}

# has_failed STATUS PATTERN: one line on stderr, nothing on stdout.
has_failed() {
    [ "$(cat "$tmp/status")" -eq "$1" ] && [ ! -s "$tmp/out" ] &&
        [ "$(wc -l <"$tmp/err")" -eq 1 ] && grep -q -e "$2" "$tmp/err" ||
        outcome
}

# refuses DESCRIPTION STATUS PATTERN ARGUMENT...
refuses() {
    refuses_says=$1 refuses_status=$2 refuses_pattern=$3
    shift 3
    run "$@"
    ok "$refuses_says" has_failed "$refuses_status" "$refuses_pattern"
}

# refuses_file DESCRIPTION LINE PATTERN TEXT: to run it as well as to test it.
refuses_file() {
    echo "$4" >"$conf"
    refuses "$1" 2 "$conf:$2: .*$3" -c "$conf"
    refuses "$1 (--test)" 2 "^$conf:$2: .*$3" -t -c "$conf"
}

# prints DESCRIPTION PATTERN ARGUMENT...
prints() {
    prints_says=$1 prints_pattern=$2
    shift 2
    run "$@"
    ok "$prints_says" has_printed "$prints_pattern"
}

has_printed() {
    [ "$(cat "$tmp/status")" -eq 0 ] && [ ! -s "$tmp/err" ] &&
        grep -q -e "$1" "$tmp/out" || outcome
}

for option in -V --version; do
    prints "$option" '^flowexport [0-9]' $option
done
for option in -h --help; do
    prints "$option" '--collector' $option
done

refuses "unknown option" 2 nonsense --nonsense
refuses "stray argument" 2 stray stray
refuses "option without its argument" 2 'needs an argument' -c
refuses "unknown format" 2 xml -p=xml
refuses "duration that is none" 2 soon -d soon
refuses "URL that is none" 2 bogus -c /dev/null -n bogus
refuses "URL of an unknown protocol" 2 sflow -c /dev/null \
    -n sflow+udp://127.0.0.1
refuses "URL of an unknown transport" 2 pigeon -c /dev/null \
    -n ipfix+pigeon://127.0.0.1
refuses "URL with an unknown key" 2 colour -c /dev/null \
    -n 'ipfix+udp://127.0.0.1?colour=red'
refuses "missing file" 2 "$tmp/none.conf" -c "$tmp/none.conf"

refuses_file "unknown key" 2 colour "$good
flows = { colour = 1; };"
refuses_file "unknown group" 1 flaws "flaws = { }; $good"
refuses_file "wrong type" 2 'max.*"many"' "$good
flows = { max = \"many\"; };"
refuses_file "value out of range" 2 idle_timeout "$good
flows = { idle_timeout = -1; };"
refuses_file "syntax error" 2 syntax "$good
flows = = { };"
refuses_file "collector twice" 2 main \
    'collectors = ( { name = "main"; host = "127.0.0.1"; },
{ name = "main"; host = "127.0.0.2"; } );'
refuses_file "collector without a host" 1 host \
    'collectors = ( { name = "main"; } );'
refuses_file "unknown template set" 1 baroque \
    'collectors = ( { host = "127.0.0.1"; template = "baroque"; } );'

echo 'collectors = ( { host = "127.0.0.1"; protocol = "netflow9"; } );' >"$conf"
run -t -c "$conf"
is "$(cat "$tmp/status")" 0 "what a protocol leaves out is no error (--test)"
is "$(cat "$tmp/err")" "$conf:1: collector 127.0.0.1: netflow9 has no \
flowEndReason selectorId (a warning)" "but it is named"

echo 'collectors = ( { host = "127.0.0.1"; transport = "sctp"; } );' >"$conf"
run -t -c "$conf"
is "$(cat "$tmp/status")" 0 "what only the kernel lacks is no error (--test)"
if grep -q SCTP /proc/net/protocols; then
    is "$(cat "$tmp/err")" "" "nor is it told where it is there"
else
    ok "but a warning" grep -q "$conf:1: .*modprobe sctp" "$tmp/err"
    refuses "an end where it is needed" 1 "$conf:1: .*modprobe sctp" \
        -c "$conf" -r "${srcdir:-.}/test/data/pcap/ethernet.pcap"
fi

echo 'flows = { max = 1000; };' >"$conf"
refuses "no collector" 2 collector -c "$conf"
echo 'collectors = ( { host = "no..host"; } );' >"$conf"
refuses "host that does not resolve" 1 "$conf:1: .*no\.\.host" -c "$conf" \
    -r "${srcdir:-.}/test/data/pcap/ethernet.pcap"

echo "flows = { colour = 1;
max = \"many\"; }; $good" >"$conf"
run -t -c "$conf"
is "$(cut -d : -f 1-2 "$tmp/err")" "$conf:1
$conf:2" "all complaints are made at once"

echo "$good" >"$conf"
prints "--test of a good file" "^$conf: ok\$" -t -c "$conf"
prints "--dump" 'idle_timeout' -T -c "$conf"
cp "$tmp/out" "$tmp/dump.conf"
prints "what --dump prints is a valid file" "ok" -t -c "$tmp/dump.conf"
run -T -c "$tmp/dump.conf"
ok "and means the same" cmp "$tmp/out" "$tmp/dump.conf"

sh -c 'ulimit -n 4 && exec "$0" -c /dev/null -p -r -' "$FLOWEXPORT" \
    </dev/null >"$tmp/out" 2>"$tmp/err" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
echo $? >"$tmp/status"
ok "GLib's own errors are a line, too" has_failed 1 '^flowexport: .*open files'

# The usual socket may be another's.
echo "control = { socket = \"\"; }; $good" >"$conf"
if [ "$(id -u)" -eq 0 ]; then
    refuses "unknown interface" 1 nonesuch0 \
        -q -c "$conf" -i nonesuch0 -n ipfix+udp://127.0.0.1:9
    setpriv --bounding-set -all --inh-caps -all \
        "$FLOWEXPORT" -q -c "$conf" >"$tmp/out" 2>"$tmp/err"
    echo $? >"$tmp/status"
else
    skip 1 "needs root"
    run -q -c "$conf"
fi
ok "no privileges" has_failed 1 'root\|privilege\|permi'
done_testing
