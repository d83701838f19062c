#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dedupe-move.sh - a flow moves to another interface while it is observed, and
# not one packet of it is lost or counted twice.
#
#	A a0 ---- r0 R r1 ---- b0 B
#	A a1 ---- r2 R

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/modes.sh"

need python3

modes="off merge"
add_hosts a r b
join 1 r r0 a a0
join 2 r r1 b b0
join 3 r r2 a a1
route a 1
route b 2
on r sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.r2.rp_filter=0
ip -n "fx$$-a" address add 10.77.1.2/32 dev lo # when a0 is gone
start_ready sink b "$tools/traffic" sink 5000

# seen MODE LINE: packets of such flows.
seen() {
    awk -v mode="$1:" -v line="$2" '$1 == mode && $2 == line { n += $5 }
        END { printf "%d", n }' "$tmp/observed"
}

# moved TITLE: a flow of A's has moved from r0 to r2.
moved() {
    unobserve
    cat "$tmp/observed"
    is "$(($(seen off "r0--<") + $(seen off "r2--<"))) $(seen off "r0-r1>")" \
        "8000 8000" "$1: R forwards it all"
    ok "$1: it moves" [ "$(seen off "r2--<")" -gt 1000 ]
    is "$(seen merge "r0-r1<") $(seen merge "r2-r1<") $(seen merge "r0-r1>")" \
        "$(seen off "r0--<") $(seen off "r2--<") 0" \
        "$1: each packet is counted once"
}

a_to_b() {
    ip -n "fx$$-a" route replace default via "10.77.$1.1" dev "$2" \
        src 10.77.1.2
}

a_to_b 1 a0
observe r 'r*' "idle_timeout = 1; active_timeout = 1;"
(sleep 2.4 && a_to_b 3 a1) &
send a 10.77.2.2 8 1000 5
sleep 1.5
moved "another way"

a_to_b 1 a0
observe r 'r*' "idle_timeout = 1; active_timeout = 1;"
(sleep 2.4 && a_to_b 3 a1 && ip -n "fx$$-r" link del r0) &
send a 10.77.2.2 8 1000 5
sleep 1.5
moved "the interface is gone"
done_testing
