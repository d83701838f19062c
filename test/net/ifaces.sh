#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ifaces.sh - interfaces come, go and change while flowexport runs on R, and
# what they carry is counted as long as the globs select them, and no longer.
#
#	A aN ---- rN R		N: one cable for each story
#
# Each ping has a TOS of its own, by which its flows are told apart.

. "$(dirname "$0")/lib.sh"

need ping tc awk

# configure METHOD
configure() {
    cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r*", "w*" ]; exclude = [ "*x" ]; attach = "$1"; };
END
    start_flowexport r -c "$tmp/flowexport.conf" -p=json
}

# pings CABLE TOS: ten, from A to R.
pings() {
    on a ping -q -c 10 -i 0.01 -W 1 -Q "$2" "10.77.$1.1" >/dev/null
}

# seen INTERFACE TOS: packets of these pings, in and out, over this interface.
seen() {
    awk -v name="\"interfaceName\":\"$1\"," -v tos="\"ipClassOfService\":$2," '
    index($0, name) && index($0, tos) && /"protocolIdentifier":1,/ {
        match($0, /"packetDeltaCount":[0-9]+/)
        n = substr($0, RSTART + 19, RLENGTH - 19)
        if (/"flowDirection":0,/) packets_in += n; else packets_out += n
    }
    END { print packets_in + 0, packets_out + 0 }' "$tmp/flowexport.out"
}

# says TEXT [TIMES]: whether the log does.
says() {
    [ "$(grep -cF "interface $1" "$tmp/flowexport.log")" -ge "${2:-1}" ]
}

# now_observed INTERFACE [TIMES]: how long that takes is shown, and not judged.
now_observed() {
    observed_since=$(date +%s%N)
    wait_for 10 says "$1: observed" "${2:-1}" || return 1
    echo "$1: $((($(date +%s%N) - observed_since) / 1000000)) ms"
}

# has_links N: how many TCX links flowexport holds.
has_links() {
    [ "$(grep -l 'link_type:[[:space:]]*tcx' \
        "/proc/$(pid flowexport)/fdinfo"/* 2>/dev/null | wc -l)" -eq "$1" ]
}

n_fds() {
    find "/proc/$(pid flowexport)/fd" -type l | wc -l
}

rss_kib() {
    awk '/^VmRSS/ { print $2 }' "/proc/$(pid flowexport)/status"
}

# The links that A and R are joined by are gone again.
forget_hosts() {
    for forget in $(seq 9); do
        ip -n "fx$$-a" link del "a$forget" 2>/dev/null
    done
}

# check_changes METHOD
check_changes() {
    join 1 r r1 a a1
    join 2 r r2 a a2
    ip -n "fx$$-r" link set r2 down
    configure "$1"

    pings 1 4
    ip -n "fx$$-r" link set r2 up
    wait_for 5 on a ping -q -c 1 -W 1 10.77.2.1
    pings 2 8

    join 3 r r3 a a3
    ok "$1: one that comes is observed" now_observed r3
    pings 3 12
    join 4 r r4x a a4
    join 5 r other a a5
    ok "$1: one that comes later is observed" now_observed \
        "$(ip -n "fx$$-r" link set other name w5 && echo w5)"
    pings 4 16
    pings 5 20

    ip -n "fx$$-r" link set r3 down
    ip -n "fx$$-r" link set r3 name w3
    ip -n "fx$$-r" link set w3 up
    wait_for 5 on a ping -q -c 1 -W 1 10.77.3.1
    pings 3 24
    ip -n "fx$$-r" link set w5 down
    ip -n "fx$$-r" link set w5 name w5x
    ip -n "fx$$-r" link set w5x up
    ok "$1: one whose new name is excluded is left" \
        wait_for 5 says "w5x: not observed any longer"
    pings 5 28

    [ "$1" = tcx ] || check_bared "$1"
    check_move "$1"
    check_reuse "$1"
    ok "$1: stops" stop flowexport
    is "$(seen r1 4)" "10 10" "$1: what was there at start is observed"
    is "$(seen r2 8)" "10 10" "$1: so is what was down"
    [ "$1" = tcx ] || is "$(seen r1 52)" "10 10" "$1: and counts again"
    is "$(seen r3 12), $(seen w3 12)" "0 0, 10 10" \
        "$1: a record has the name of now"
    is "$(seen w3 24)" "10 10" "$1: a new name does not stop anything"
    is "$(seen r4x 16)" "0 0" "$1: what comes later can be excluded"
    is "$(seen w5x 20)" "10 10" "$1: a new name can begin it"
    is "$(seen w5x 28)" "0 0" "$1: and end it"
    is "$(seen r6 32), $(seen r6 36), $(seen r6 40)" "10 10, 0 0, 10 10" \
        "$1: what is in another namespace is not observed there"
    is "$(seen r7 44), $(seen r8 48)" "10 10, 10 10" \
        "$1: an index used again names what had it at the time"
    is "$(seen r7 48), $(seen r8 44)" "0 0, 0 0" "$1: and nothing else"
    forget_hosts
}

# As a script does that makes room for what it is about to attach.
check_bared() {
    on r tc qdisc del dev r1 ingress
    ok "$1: what somebody removes is attached again" wait_for 5 has_filters r1
    pings 1 52
}

has_filters() {
    on r tc filter show dev "$1" ingress | grep -q direct-action &&
        on r tc filter show dev "$1" egress | grep -q direct-action
}

check_move() {
    join 6 r r6 a a6
    ok "$1: one to be moved is observed" now_observed r6
    pings 6 32
    ip -n "fx$$-r" link set r6 netns "fx$$-b"
    ok "$1: in another namespace it is left" \
        wait_for 5 says "r6: not observed any longer"
    join_end b r6 10.77.6.1/24 fd77:6::1/64
    pings 6 36
    ip -n "fx$$-b" link set r6 netns "fx$$-r"
    join_end r r6 10.77.6.1/24 fd77:6::1/64
    ok "$1: back again it is observed" now_observed r6 2
    pings 6 40
}

check_reuse() {
    join 7 r r7 a a7
    ok "$1: one to be deleted is observed" now_observed r7
    pings 7 44
    reuse_index=$(if_index r r7)
    ip -n "fx$$-r" link del r7
    ip link add r8 index "$reuse_index" netns "fx$$-r" type veth \
        peer name a8 netns "fx$$-a"
    join_end r r8 10.77.8.1/24 fd77:8::1/64
    join_end a a8 10.77.8.2/24 fd77:8::2/64
    ok "$1: one that gets its index is observed" now_observed r8
    pings 8 48
}

# churn N: so many pairs come and go.
churn() {
    churn_at=0
    while [ "$churn_at" -lt "$1" ]; do
        seq "$churn_at" $((churn_at + 49)) |
            sed 's/.*/link add w& up type veth peer name wp&/' |
            ip -n "fx$$-r" -batch -
        seq "$churn_at" $((churn_at + 49)) | sed 's/.*/link del w&/' |
            ip -n "fx$$-r" -batch -
        churn_at=$((churn_at + 50))
    done
}

# is_settled: the one interface that is left is attached to.
is_settled() {
    settled_fds=$(n_fds)
    sleep 0.2
    [ "$settled_fds" -eq "$(n_fds)" ]
}

# check_churn METHOD PAIRS
check_churn() {
    join 1 r r1 a a1
    configure "$1"
    churn 50
    wait_for 10 is_settled
    churn_fds=$(n_fds)
    churn_rss=$(rss_kib)
    churn "$2"
    join 2 r r2 a a2
    ok "$1: after $((2 * $2)) that came and went, one is observed" \
        now_observed r2
    ip -n "fx$$-r" link del r2
    wait_for 5 says "r2: not observed any longer"
    wait_for 10 is_settled
    is "$(n_fds)" "$churn_fds" "$1: no descriptor is left of them"
    if grep -q libasan "/proc/$(pid flowexport)/maps"; then
        skip 1 "the address sanitizer keeps what is freed"
    else
        ok "$1: nor more than their rows (was $churn_rss KiB)" \
            [ "$(rss_kib)" -lt $((churn_rss + 2048)) ]
    fi
    if [ "$1" = tcx ]; then
        ok "$1: no link is left of them" has_links 2
    fi
    pings 1 4
    ok "$1: stops after that" stop flowexport
    is "$(seen r1 4)" "10 10" "$1: and has observed all the time"
    forget_hosts
}

# holds INTERFACE: a TCX link of ours is on it.
holds() {
    grep -q "^ifindex:[[:space:]]*$(if_index r "$1")$" \
        "/proc/$(pid flowexport)/fdinfo"/*
}

# check_many: more at start than auto gives TCX to; those first that are up.
check_many() {
    seq 100 | sed 's/.*/link add w& type veth peer name p&/' |
        ip -n "fx$$-r" -batch -
    join 1 r r1 a a1
    configure auto
    ok "auto: 101 that are there at start are observed" \
        grep -qF "observing 101 interfaces (tcx and tc)" "$tmp/flowexport.log"
    ok "auto: the last of them, which is up, has come first" holds r1
    pings 1 4
    ok "auto: stops" stop flowexport
    is "$(seen r1 4)" "10 10" "auto: each ping is counted"
    ok "auto: no filter is left" [ -z "$(on r tc filter show dev w99 ingress)" ]
    seq 100 | sed 's/.*/link del w&/' | ip -n "fx$$-r" -batch -
    forget_hosts
}

add_hosts a r b
check_changes tc
check_churn tc 500
if grep -qw tcx_prog_attach /proc/kallsyms; then
    check_changes tcx
    check_churn tcx 100
    check_many
else
    skip 1 "the kernel has no TCX"
fi
done_testing
