#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# attach.sh - both ways to attach count, and neither disturbs another's filter.
#
#	A a0 ---- r0 R, with another program's clsact qdisc and filters on r0
#
# The other's filters, one before ours and one behind, mirror what comes in to a
# cable whose transmit counter then tells whether they still work.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/collect.sh"

need nfcapd nfdump ping tc bpftool ethtool tcpdump python3

add_hosts a r
join 1 r r0 a a0
join 2 r m0 r m1
join 3 r r9 a a9
join 4 r q0 a q9
r0=$(if_index r r0)
on r tc qdisc add dev r0 clsact
foreign=yes
for pref in 10 65000; do
    on r tc filter add dev r0 ingress pref $pref protocol all \
        bpf bytecode '1,6 0 0 65535' \
        action mirred egress mirror dev m0 continue 2>"$tmp/mirred" ||
        foreign=no
done
# A frame of its own, so that the first ping does not have to ask for addresses.
on a ping -q -c 1 10.77.1.1 >/dev/null || bail "no way from A to R"

configure() {
    cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r*", "m1" ]; attach = "$1"; };
dedupe = { mode = "off"; };
collectors = ( { host = "127.0.0.1"; port = 4739; } );
END
    start_flowexport r -c "$tmp/flowexport.conf"
    progs=$(sed -n 's/^prog_id:[[:space:]]*//p' \
        "/proc/$(pid flowexport)/fdinfo"/*)
}

foreign_count() {
    on r cat /sys/class/net/m0/statistics/tx_packets
}

# pings TOS: ten, whose flows have a TOS of their own.
pings() {
    pings_before=$(foreign_count)
    on a ping -q -c 10 -i 0.01 -Q "$1" 10.77.1.1 >/dev/null
}

foreign_works() {
    [ $(($(foreign_count) - pings_before)) -ge 20 ]
}

check_foreign() {
    if [ $foreign = yes ]; then
        ok "$1: the other filters work" foreign_works
    else
        skip 1 "the kernel has no mirred action: $(head -n 1 "$tmp/mirred")"
    fi
}

# check_flows SAYS TOS
check_flows() {
    is "$(collected "in if $r0 and src ip 10.77.1.2 and tos $2") \
$(collected "out if $r0 and src ip 10.77.1.1 and tos $2")" "10 10" \
        "$1: each ping is counted once, and each answer"
}

# Programs live until an RCU grace period after the last of their users.
no_progs() {
    for no_prog in $progs; do
        ! bpftool prog show id "$no_prog" >/dev/null 2>&1 || return 1
    done
}

tc_filters() {
    for tc_device in r0 m1; do
        on r tc filter show dev $tc_device ingress
        on r tc filter show dev $tc_device egress
    done | grep direct-action
}

check_gone() {
    ok "$1: no program of ours is left" wait_for 5 no_progs
    is "$(tc_filters)" "" "$1: no filter of ours is left"
    pings 0
    check_foreign "$1"
}

# check_method NAME
check_method() {
    start_nfcapd r
    configure "$1"
    ok "$1: programs are loaded" [ -n "$progs" ]
    ok "$1: attached as asked" "is_$1"
    pings 4
    check_foreign "$1, running"
    ok "$1: stops" stop flowexport
    stop_nfcapd
    check_flows "$1" 4
    check_gone "$1, stopped"

    start_nfcapd r
    configure "$1"
    pings 8
    stop flowexport KILL
    pings 12
    check_foreign "$1, killed"
    old_progs=$progs
    configure "$1"
    new_progs=$progs
    progs=$old_progs
    ok "$1, killed and restarted: the old programs are gone" wait_for 5 no_progs
    progs=$new_progs
    pings 16
    ok "$1, killed and restarted: stops" stop flowexport
    stop_nfcapd
    check_flows "$1, killed and restarted" 16
    check_gone "$1, killed and restarted, stopped"
}

is_tcx() {
    grep -q 'link_type:[[:space:]]*tcx' "/proc/$(pid flowexport)/fdinfo"/* &&
        ! tc_filters
}

is_tc() {
    [ "$(tc_filters | wc -l)" -eq 4 ]
}

start_capture r lo
check_method tc
if grep -qw tcx_prog_attach /proc/kallsyms; then
    check_method tcx
else
    skip 15 "the kernel has no TCX"
fi

# Two at once, with no more than the capabilities that README names: a filter is
# taken away by who made it, and replaced only when that one is dead.
few_capabilities() {
    on r setpriv --bounding-set -all,+bpf,+net_admin,+perfmon \
        --inh-caps -all,+bpf,+net_admin,+perfmon \
        "$FLOWEXPORT" -c "$tmp/flowexport.conf" "$@"
}

start_nfcapd r
configure tc
few_capabilities -p -d 1 >/dev/null 2>"$tmp/second.log"
ok "tc: a second flowexport starts, and stops" \
    grep -q 'records_made=' "$tmp/second.log"
is "$(tc_filters | wc -l)" 4 "tc: the second took its own filters away"
pings 24
ok "tc: the first still stops" stop flowexport
stop_nfcapd
check_flows "tc, beside a second one" 24
is "$(tc_filters)" "" "tc, two at once: no filter is left"

# start_guest NAME [end]: another's TCX programs on r0.
start_guest() {
    interface_counts >"$tmp/$1.before"
    start_ready "$1" r "$tools/guest" r0 ${2:+"$2"}
}

# Packets that r0 received, and sent.
interface_counts() {
    on r cat /sys/class/net/r0/statistics/rx_packets \
        /sys/class/net/r0/statistics/tx_packets
}

# saw_all NAME: that guest, every packet since it came.
saw_all() {
    saw_expected=$(interface_counts | paste "$tmp/$1.before" - |
        awk '{ printf "%s%d", (NR > 1 ? " " : ""), $2 - $1 }')
    stop "$1"
    same "$(tail -n 1 "$tmp/$1.out")" "$saw_expected"
}

# check_guests METHOD: one comes before us, one after; both outlive us twice.
check_guests() {
    start_guest first
    start_nfcapd r
    configure "$1"
    start_guest second
    pings 28
    ok "$1, among TCX programs: stops" stop flowexport
    stop_nfcapd
    check_flows "$1, among TCX programs" 28
    pings 32
    configure "$1"
    pings 36
    stop flowexport KILL
    pings 40
    start_nfcapd r
    configure "$1"
    pings 44
    ok "$1, after TCX programs: stops" stop flowexport
    stop_nfcapd
    check_flows "$1, after TCX programs" 44
    pings 48
    ok "$1: the TCX program that was there has seen all" saw_all first
    ok "$1: so has the one that came later" saw_all second
}

# One that lets nobody see what it has seen, and was there before us.
check_selfish() {
    start_guest first end
    start_nfcapd r
    configure auto
    pings 52
    ok "auto, with a selfish TCX program: stops" stop flowexport
    stop_nfcapd
    check_flows "auto, with a selfish TCX program" 52
    ok "auto: it has seen all" saw_all first
}

if grep -qw tcx_prog_attach /proc/kallsyms; then
    check_guests auto
    check_selfish
    check_guests tc
else
    skip 15 "the kernel has no TCX"
fi

# Another kind of qdisc, in which egress is but another name of ingress.
on r tc qdisc add dev q0 ingress
on r "$FLOWEXPORT" -c "$tmp/flowexport.conf" -i q0 -p -d 1 \
    >/dev/null 2>"$tmp/ingress.log"
is $? 1 "tc: an ingress qdisc is refused"
ok "tc: and the reason told" grep -q 'q0: .* ingress qdisc' "$tmp/ingress.log"
is "$(on r tc filter show dev q0 ingress)" "" "tc: and nothing left there"

# An interface goes.
start_nfcapd r
configure auto
ip -n "fx$$-r" link del r9
pings 20
ok "stops after an interface has gone" stop flowexport
stop_nfcapd
check_flows "an interface has gone" 20
check_wire
done_testing
