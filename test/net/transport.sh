#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# transport.sh - collectors that fail in every way, under load: what was made is
# what they got and what was dropped by name, nobody waits for another, and the
# main loop never stops.
#
#	T t0 ---- m1 M m0 ---- c0 C
#
# flowexport observes m1 of M, where a load of small flows comes from, and
# exports over m0 to collectors on C.
#
# With LONG=1, a cut lasts 30 seconds, and a name does not resolve for a minute.

. "$(dirname "$0")/lib.sh"

need python3 awk chrt

# What others do on this machine is not the loop's fault.
cat >"$tmp/flowexport" <<END
#!/bin/sh
exec chrt -f 1 "$(command -v "$FLOWEXPORT")" "\$@"
END
chmod +x "$tmp/flowexport"
FLOWEXPORT=$tmp/flowexport

cut_s=3 mended_s=2 nameless_s=3
[ -z "${LONG-}" ] || cut_s=30 mended_s=40 nameless_s=60

add_hosts m t c
join 1 m m0 c c0
join 2 m m1 t t0
c=10.77.1.2 other=10.77.1.3
ip -n "fx$$-c" address add "$other/24" dev c0

# What ip netns exec shows as M's own.
etc=/etc/netns/fx$$-m
mkdir -p "$etc"
trap 'rm -rf "$etc"; clean_up' EXIT
echo 'nameserver 127.0.0.1' >"$etc/resolv.conf"
echo '127.0.0.1 localhost' >"$etc/hosts"

# begin_with KEYS...: flowexport reports to collectors with these keys, and to
# "beside" over UDP, under load.
begin_with() {
    rm -f "$tmp"/*.json
    {
        echo 'interfaces = { include = [ "m1" ]; };
            flows = { max = 16384; idle_timeout = 0.1; scan_interval = 0.1; };
            collectors = ('
        for begin_keys; do
            echo "{ template = \"minimal\"; reconnect = 0.05;
                hold_down = 1; $begin_keys },"
        done
        echo "{ name = \"beside\"; host = \"$c\"; port = 9;
            queue = \"64MiB\"; } );"
    } >"$tmp/flowexport.conf"
    start_collector beside udp "$c" 9
    start_flowexport m -c "$tmp/flowexport.conf"
    start_ready sink m "$tools/traffic" sink 5000
    start load t "$tools/traffic" udp 1 10000 1000000 10000 5000 10.77.2.1
}

# start_collector NAME tcp|udp ADDRESS PORT [RATE]: it adds to $tmp/NAME.json
start_collector() {
    start_name=$1 start_kind=$2 start_address=$3 start_port=$4
    shift 4
    start_ready "$start_name" c nice -n -10 python3 "$here/collector.py" \
        "$start_kind" "$start_address" "$start_port" \
        "$tmp/$start_name.json" "$@"
}

# The load ends, and everything after it.
end_all() {
    stop load
    stop sink
    sleep 0.5
    end_began=$(date +%s)
    stop flowexport
    end_status=$?
    end_took=$(($(date +%s) - end_began))
    for end_collector; do
        stop "$end_collector"
    done
    stop beside
}

# of COLLECTOR COUNTER: as flowexport logged it when it stopped
of() {
    sed -n "s/.*collector $1: messages_sent.* $2=\([0-9]*\).*/\1/p" \
        "$tmp/flowexport.log"
}

# got COLLECTOR TOTAL
got() {
    python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$tmp/$1.json" "$2"
}

# accounted COLLECTOR...: all together got what was made, but for what one of
# them says that it dropped; and the exporter thinks so, too.
accounted() {
    accounted_sum=0
    for accounted_one; do
        echo "$accounted_one: $(cat "$tmp/$accounted_one.json")," \
            "exported $(of "$accounted_one" records_exported)," \
            "dropped $(of "$accounted_one" records_dropped)," \
            "reconnects $(of "$accounted_one" reconnects)"
        [ "$(got "$accounted_one" wrong)" -eq 0 ] || return 1
        [ "$(of "$accounted_one" records_exported)" -eq \
            "$(got "$accounted_one" records)" ] || return 1
        accounted_sum=$((accounted_sum + $(got "$accounted_one" records) + \
            $(of "$accounted_one" records_dropped)))
    done
    echo "made $(counter records_made), accounted for $accounted_sum"
    [ "$accounted_sum" -eq "$(counter records_made)" ] &&
        [ "$(counter records_made)" -gt 1000 ]
}

# The one that nothing happened to.
undisturbed() {
    accounted beside && [ "$(of beside records_dropped)" -eq 0 ]
}

swift() {
    echo "the loop was held for $(counter loop_hold) us"
    [ "$(counter loop_hold)" -lt 20000 ]
}

lean() {
    awk -v limit="$1" '/^VmHWM/ { print $2 " kB"; exit $2 > limit }' \
        "$tmp/memory"
}

memory() {
    cat "/proc/$(pid flowexport)/status" >"$tmp/memory"
}

logged() {
    grep -q "$1" "$tmp/flowexport.log" || {
        cat "$tmp/flowexport.log"
        return 1
    }
}

all_well() {
    ok "$1: the other collector is not disturbed" undisturbed
    ok "$1: the main loop was never held" swift
    ok "$1: stops in time" [ "$end_took" -le 5 ]
    is "$end_status" 0 "$1: and with success"
}

# --- killed and started again -------------------------------------------------

begin_with "name = \"main\"; host = \"$c\"; transport = \"tcp\";"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    start_collector main tcp "$c" 4739
    sleep 0.3
    stop main
done
start_collector main tcp "$c" 4739
sleep 1
end_all main
ok "restarts: every record is accounted for" accounted main
ok "restarts: there were many sessions" [ "$(of main reconnects)" -ge 15 ]
is "$(of main records_dropped)" 0 "restarts: the queue holds what waits"
all_well restarts

# --- the link is cut ------------------------------------------------------------

begin_with "name = \"main\"; host = \"$c\"; transport = \"tcp\";"
start_collector main tcp "$c" 4739
sleep 1
ip -n "fx$$-m" link set m0 down
sleep $cut_s
ip -n "fx$$-m" link set m0 up
sleep $mended_s
wait_for 20 logged "beside: no more errors from $c:9"
end_all main
ok "a cut: every record is accounted for" accounted main
ok "a cut: it lasted" \
    logged "beside: cannot send to $c:9: Network is unreachable"
ok "a cut: and was over" logged "beside: no more errors from $c:9"
all_well "a cut"

# --- a collector that reads slowly ------------------------------------------------

begin_with "name = \"main\"; host = \"$c\"; transport = \"tcp\";
    queue = \"256KiB\";"
start_collector main tcp "$c" 4739 30000
sleep 6
memory
end_all main
ok "a slow one: every record is accounted for" accounted main
ok "a slow one: some were dropped" [ "$(of main records_dropped)" -gt 1000 ]
ok "a slow one: which sequence numbers tell" \
    [ "$(got main missing)" -gt 0 ]
ok "a slow one: in little memory" lean 49152
ok "a slow one: and the log, once" logged "main: its queue is full"
all_well "a slow one"

# --- a path that turns out to be narrow --------------------------------------------

start_collector main udp "$c" 4739
begin_with "name = \"main\"; host = \"$c\"; mtu = \"auto\";"
sleep 1
ip -n "fx$$-m" link set m0 mtu 600
sleep 1
ip -n "fx$$-m" link set m0 mtu 1500
end_all main
ok "a narrow path: it was found" \
    logged "main: messages are too long for the path to $c:4739"
ok "a narrow path: what was too long for it is all that is missing" \
    accounted main
ok "a narrow path: which was not much" [ "$(of main records_dropped)" -lt 3000 ]

# --- no name, then one address, then another ---------------------------------------

begin_with "name = \"main\"; host = \"collector.test\"; transport = \"tcp\";" \
    "name = \"too\"; host = \"collector.test\"; port = 10; mtu = \"auto\";
    queue = \"64MiB\";" \
    "name = \"scope\"; host = \"fe80::c%m3\"; port = 11;"
sleep $nameless_s
echo "$c collector.test" >>"$etc/hosts"
start_collector main tcp "$c" 4739
start_collector too udp "$c" 10
wait_for 10 logged "main: connected to $c:4739"
wait_for 10 logged "too: sending to $c:10"
join 3 m m3 c c3
ip -n "fx$$-c" address add fe80::c/64 dev c3
start_collector scope udp fe80::c%c3 11
wait_for 10 logged 'scope: sending to \[fe80::c%m3\]:11'
sleep 1
echo "$other collector.test" >"$etc/hosts"
stop main
stop too
start_collector main tcp "$other" 4739
start_collector too udp "$other" 10
wait_for 10 logged "too: sending to $other:10"
sleep 1
end_all main too scope
ok "a name: it did not resolve" \
    logged "main: cannot resolve collector.test: .*, trying again"
ok "a name: its other address is found" logged "main: connected to $other:4739"
ok "a name: over UDP, too" logged "too: sending to $other:10"
ok "a name: every record is accounted for" accounted main
ok "a name: no message was begun before the path was known" \
    [ "$(grep -c 'too: messages are too long' "$tmp/flowexport.log")" -eq 0 ]
ok "a name: nor is one lost of a scope's interface that came later" \
    accounted scope
ok "a name: over UDP, both got something" \
    [ "$(got too records)" -gt 1000 ]
all_well "a name"

# --- one takes over for the other ----------------------------------------------------

group="group = \"pair\"; mode = \"failover\"; transport = \"tcp\";"
begin_with "name = \"one\"; host = \"$c\"; $group" \
    "name = \"two\"; host = \"$other\"; $group"
start_collector two tcp "$other" 4739
start_collector one tcp "$c" 4739
sleep 2
stop one
sleep 2
start_collector one tcp "$c" 4739
sleep 3
end_all one two
ok "failover: every record is accounted for" accounted one two
ok "failover: the second took over" \
    logged "group pair: collector one is down, others take over"
ok "failover: and gave back" logged "group pair: collector one is used again"
ok "failover: both did something" \
    [ "$(got one records)" -gt 1000 -a "$(got two records)" -gt 1000 ]
all_well failover

# --- nobody is there at all -------------------------------------------------------------

begin_with "name = \"main\"; host = \"$c\"; transport = \"tcp\";"
sleep 2
end_all
is "$(of main records_dropped)" "$(counter records_made)" \
    "nobody: all records are dropped by name"
all_well nobody

done_testing
