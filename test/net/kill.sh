#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kill.sh - kill -9 at any moment, and a daemon that is kept from running.
#
#	A a0 ---- r0 R
#
# KILLS says how many of the former for each way to attach, PAUSE how many
# seconds of the latter.

. "$(dirname "$0")/lib.sh"

need ping tc bpftool awk

KILLS=${KILLS:-8} PAUSE=${PAUSE:-3}

add_hosts a r
join 1 r r0 a a0
unmerged a a0
unmerged r r0
on a ping -q -c 1 10.77.1.1 >/dev/null || bail "no way from A to R"

# programs NAME: the programs that this one has loaded until now.
programs() {
    sed -n 's/^prog_id:[[:space:]]*//p' "/proc/$(pid "$1")/fdinfo"/* 2>/dev/null
}

# Programs live until an RCU grace period after the last of their users.
are_gone() {
    for are_gone; do
        ! bpftool prog show id "$are_gone" >/dev/null 2>&1 || return 1
    done
}

filters() {
    for filters_hook in ingress egress; do
        on r tc filter show dev r0 $filters_hook
    done | grep -c direct-action
}

configure() {
    cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; attach = "$1"; };
flows = { max = 16384; };
collectors = ( { host = "127.0.0.1"; port = 4739; } );
END
}

# lives_for MILLISECONDS
lives_for() {
    start victim r "$FLOWEXPORT" -q -c "$tmp/flowexport.conf"
    sleep "$(awk -v ms="$1" 'BEGIN { print ms / 1000 }')"
    victims="$victims $(programs victim)"
    kill -KILL "$(pid victim)" 2>/dev/null
    wait "$(pid victim)" 2>/dev/null
    lived="$lived $1"
}

# printed TOS: packets in the flows that were printed.
printed() {
    awk -v tos="$1" '$(NF - 3) == tos { n += $(NF - 2) }
        END { print n + 0 }' "$tmp/flowexport.out"
}

# balanced: each packet that was seen is in a record or a counter.
balanced() {
    same "$(counter packets_seen)" "$(($(counter packets_recorded) + \
        $(counter packets_malformed) + $(counter packets_ignored) + \
        $(counter packets_unaccounted)))"
}

# after_all SAYS FILTERS: a flood has been on its way all the time; now ten packets
# of a kind of their own.
after_all() {
    start_flowexport r -p -c "$tmp/flowexport.conf"
    # shellcheck disable=SC2086 # a list of words
    ok "$1: their programs are gone" wait_for 5 are_gone $victims
    is "$(filters)" "$2" "$1: filters of ours"
    victims=$(programs flowexport)
    on a ping -q -c 10 -i 0.01 -Q 4 10.77.1.1 >/dev/null
    ok "$1: stops" stop flowexport
    is "$(printed 0x04)" 20 \
        "$1: each packet is counted once"
    ok "$1: nothing seen is lost" balanced
    # shellcheck disable=SC2086 # a list of words
    ok "$1: nothing of ours is left" wait_for 5 are_gone $victims
    is "$(filters)" 0 "$1: nor a filter"
}

# check_kills METHOD FILTERS
check_kills() {
    configure "$1"
    lived="" victims=""
    start flood a ping -q -f 10.77.1.1
    for moment in $(awk -v n="$KILLS" 'BEGIN {
            srand(); while (n-- > 0) print int(rand() * 900) }'); do
        lives_for "$moment"
    done
    echo "# killed after, in ms:$lived"
    after_all "$1, killed $KILLS times" "$2"
    stop flood INT
}

check_kills tc 2
if grep -qw tcx_prog_attach /proc/kallsyms; then
    check_kills tcx 0
else
    skip 7 "the kernel has no TCX"
fi

# The kernel counts on; time has passed when we come back.
configure auto
start_flowexport r -p -c "$tmp/flowexport.conf"
kill -STOP "$(pid flowexport)"
on a ping -q -c 200 -i 0.01 -Q 4 10.77.1.1 >/dev/null
sleep "$PAUSE"
kill -CONT "$(pid flowexport)"
on a ping -q -c 10 -i 0.01 -Q 8 10.77.1.1 >/dev/null
ok "paused: stops" stop flowexport
is "$(printed 0x04) $(printed 0x08)" "400 20" "paused: each packet is counted"
ok "paused: nothing seen is lost" balanced
done_testing
