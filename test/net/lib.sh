# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh - hosts in network namespaces, the programs that run on them, and TAP.
#
# Sourced by the tests in this folder.  A host is a namespace named after the
# test's process; whatever way the test ends, its hosts, programs and files go.
# shellcheck shell=sh disable=SC2034

FLOWEXPORT=${FLOWEXPORT:-./flowexport}
tools=${builddir:-.}/test/net
here=$(dirname "$0")
export TZ=UTC LC_ALL=C PYTHONDONTWRITEBYTECODE=1
PATH=$PATH:/usr/sbin:/sbin

# --- TAP ---------------------------------------------------------------------

n_tests=0
n_failed=0

bail() {
    echo "Bail out! $*"
    exit 1
}

# ok DESCRIPTION COMMAND...: the command's output becomes the diagnostics.
ok() {
    n_tests=$((n_tests + 1))
    ok_says=$1
    shift
    if "$@" >"$tmp/ok" 2>&1; then
        echo "ok $n_tests - $ok_says"
    else
        echo "not ok $n_tests - $ok_says"
        n_failed=$((n_failed + 1))
    fi
    sed 's/^/# /' "$tmp/ok"
}

same() {
    [ "$1" = "$2" ] && return
    printf 'got:      %s\nexpected: %s\n' "$1" "$2"
    return 1
}

# is GOT EXPECTED DESCRIPTION
is() {
    ok "$3" same "$1" "$2"
}

fail_with_astray() {
    cat "$tmp/astray"
    return 1
}

# skip N REASON
skip() {
    skip_end=$((n_tests + $1))
    while [ "$n_tests" -lt "$skip_end" ]; do
        n_tests=$((n_tests + 1))
        echo "ok $n_tests # SKIP $2"
    done
}

done_testing() {
    [ ! -s "$tmp/astray" ] ||
        ok "each packet, octet and record is accounted for" fail_with_astray
    echo "1..$n_tests"
    [ "$n_failed" -eq 0 ] || exit 1
    exit 0
}

# --- beginning and end -------------------------------------------------------

# need PROGRAM...: without root nothing here can run; without a program of
# debian/tests/control nothing may pretend to have run.
need() {
    if [ "$(id -u)" -ne 0 ]; then
        echo "1..0 # SKIP needs root"
        exit 0
    fi
    for need_program in ip nft "$@"; do
        command -v "$need_program" >/dev/null ||
            bail "$need_program is not installed"
    done
    ip netns add "fx$$-probe" || bail "no network namespaces"
    ip netns del "fx$$-probe"
    begin
}

# begin: makes $tmp.
begin() {
    tmp=$(mktemp -d "${TMPDIR:-/tmp}/flowexport.XXXXXX") || exit 1
    trap clean_up EXIT
    trap 'exit 1' HUP INT TERM
}

hosts=

clean_up() {
    exec 2>/dev/null # bash mourns each job
    jobs -p | xargs -r kill -KILL
    for clean_host in $hosts; do
        ip netns pids "$clean_host" | xargs -r kill -KILL
    done
    wait
    for clean_host in $hosts; do
        ip netns del "$clean_host"
    done
    rm -rf "$tmp"
}

# wait_for SECONDS COMMAND...
wait_for() {
    wait_tries=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        wait_tries=$((wait_tries - 1))
        [ "$wait_tries" -gt 0 ] || return 1
        sleep 0.05
    done
}

# --- hosts -------------------------------------------------------------------

# add_hosts NAME...: routers, all of them, and quiet ones: no duplicate address
# detection, no router solicitations, no reports of multicast listeners (143),
# which come when they like.
add_hosts() {
    for add_host; do
        ip netns add "fx$$-$add_host" || bail "cannot add a namespace"
        hosts="$hosts fx$$-$add_host"
        ip -n "fx$$-$add_host" link set lo up
        on "$add_host" sysctl -qw net.ipv4.ip_forward=1 \
            net.ipv6.conf.all.forwarding=1 net.ipv6.conf.all.accept_dad=0 \
            net.ipv6.conf.default.accept_dad=0 ||
            bail "cannot set up a namespace"
        on "$add_host" nft 'table ip6 quiet { chain out {
            type filter hook output priority 0; icmpv6 type 143 drop; }; }' ||
            bail "cannot quieten a namespace"
    done
}

# on HOST COMMAND...
on() {
    on_host=$1
    shift
    ip netns exec "fx$$-$on_host" "$@"
}

# join N HOST DEVICE HOST DEVICE: a cable, 10.77.N.0/24 and fd77:N::/64 on it,
# the first host .1, the second .2; they know each other, nobody has to ask.
join() {
    ip link add "$3" netns "fx$$-$2" type veth \
        peer name "$5" netns "fx$$-$4" || bail "cannot add a veth"
    join_end "$2" "$3" "10.77.$1.1/24" "fd77:$1::1/64"
    join_end "$4" "$5" "10.77.$1.2/24" "fd77:$1::2/64"
    introduce "$2" "$3" "$1" 2 "$(mac "$4" "$5")"
    introduce "$4" "$5" "$1" 1 "$(mac "$2" "$3")"
}

join_end() {
    ip -n "fx$$-$1" address add "$3" dev "$2"
    ip -n "fx$$-$1" address add "$4" dev "$2" nodad
    ip -n "fx$$-$1" link set "$2" up
}

# introduce HOST DEVICE N M MAC: host number M on cable N
introduce() {
    for introduce_address in "10.77.$3.$4" "fd77:$3::$4"; do
        ip -n "fx$$-$1" neighbour replace "$introduce_address" lladdr "$5" \
            dev "$2" nud permanent
    done
}

mac() {
    on "$1" cat "/sys/class/net/$2/address"
}

# route HOST N: everything goes by way of the first host of cable N.
route() {
    ip -n "fx$$-$1" route add default via "10.77.$2.1"
    ip -n "fx$$-$1" route add default via "fd77:$2::1"
}

# unmerged HOST DEVICE: each packet of this device is a wire packet.
unmerged() {
    on "$1" ethtool -K "$2" tso off gso off gro off \
        tx-udp-segmentation off >/dev/null || bail "cannot set offloads"
}

if_index() {
    on "$1" cat "/sys/class/net/$2/ifindex"
}

# --- programs ----------------------------------------------------------------

# start NAME HOST COMMAND...: output in $tmp/NAME.out, errors in $tmp/NAME.log
start() {
    start_name=$1
    start_host=$2
    shift 2
    # Now, not when the program begins: nobody may read its predecessor's.
    rm -f "$tmp/$start_name.out" "$tmp/$start_name.log"
    ip netns exec "fx$$-$start_host" "$@" \
        >"$tmp/$start_name.out" 2>"$tmp/$start_name.log" &
    echo $! >"$tmp/$start_name.pid"
}

pid() {
    cat "$tmp/$1.pid"
}

# stop NAME [SIGNAL]: returns as the program did, and in 5 s at the latest.  What
# a flowexport says that it did must add up.
stop() {
    kill "-${2:-TERM}" "$(pid "$1")"
    wait_for 5 gone "$(pid "$1")" || kill -KILL "$(pid "$1")"
    wait "$(pid "$1")" 2>/dev/null
    stop_status=$?
    adds_up "$1" >>"$tmp/astray" || cat "$tmp/$1.log" >>"$tmp/astray"
    return $stop_status
}

# adds_up NAME: each packet and octet that it saw is in a record, or in another
# counter; so is each record, for every collector or every group of them, unless
# those came and went.
adds_up() {
    awk '
    function differ(what, got, expected) {
        print "# " what ": " got " is not " expected
        differs = 1
    }
    /[a-z]+=[0-9]/ {
        for (i = 1; i <= NF; i++)
            if (split($i, pair, "=") == 2)
                n[pair[1]] = pair[2]
    }
    /collector .*: (added|removed|changed)/ { reloaded = 1 }
    /collector .*: messages_sent=/ {
        n_collectors++
        gone += n["records_exported"] + n["records_dropped"]
        gone += n["records_skipped"] + n["records_joined"]
    }
    /: reloaded / { changed = 1 }
    END {
        if (!("packets_recorded" in n))
            exit
        named = n["packets_recorded"] + n["packets_ignored"]
        named += n["packets_malformed"] + n["packets_unaccounted"]
        if (n["packets_seen"] != named)
            differ("packets", named, n["packets_seen"])
        named = n["octets_recorded"] + n["octets_unaccounted"]
        if (n["octets_seen"] != named)
            differ("octets", named, n["octets_seen"])
        if (n["flows_active"] != 0)
            differ("flows left", n["flows_active"], 0)
        if (changed)
            exit differs
        made = n["records_made"]
        single = made - n["records_duplicate"]
        if (!n_collectors || reloaded)
            exit differs
        if (made && gone % made && (!single || gone % single))
            differ("records", gone, made " or " single " for each of " \
                   n_collectors)
        if (gone < single)
            differ("records", gone, single)
        exit differs
    }' "$tmp/$1.log"
}

gone() {
    ! grep -q '^State:[[:space:]][^Z]' "/proc/$1/status"
}

# start_ready NAME HOST COMMAND...: a program of ours that says when it is.
start_ready() {
    start "$@"
    wait_for 10 grep -q '^ready' "$tmp/$1.out" ||
        bail "$1: $(cat "$tmp/$1.log")"
}

# start_flowexport HOST ARGUMENT...
start_flowexport() {
    start_host=$1
    shift
    start flowexport "$start_host" "$FLOWEXPORT" "$@"
    wait_for 20 grep -q 'observing' "$tmp/flowexport.log" ||
        bail "flowexport: $(cat "$tmp/flowexport.log")"
}

# counter NAME: one that flowexport logged when it stopped.
counter() {
    sed -n "s/.*[ :]$1=\([0-9]*\).*/\1/p" "$tmp/flowexport.log" | tail -n 1
}
