#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# reload.sh - the configuration changes again and again under load, and nothing
# is lost by it.
#
#	A aN ---- rN R		N: r1 is always observed, r2 and r3 at times
#
# Collectors on R: "stay", whose keys stay, is nfcapd; "beside" and "stream"
# come, go and change.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/collect.sh"

need nfcapd nfdump ethtool tcpdump ping python3 awk
. "$(dirname "$0")/reloads.sh"

rss_kib() {
    awk '/^VmRSS/ { print $2 }' "/proc/$(pid flowexport)/status"
}

# start_collector NAME tcp|udp PORT: it adds to $tmp/NAME.json
start_collector() {
    start_ready "$1" r nice -n -10 python3 "$here/collector.py" "$2" \
        127.0.0.1 "$3" "$tmp/$1.json"
}

# got COLLECTOR TOTAL
got() {
    python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$tmp/$1.json" "$2"
}

# of COLLECTOR COUNTER: all that it had under this name
of() {
    sed -n "s/.*collector $1: messages_sent.* $2=\([0-9]*\).*/\1/p" \
        "$tmp/flowexport.log" | awk '{ n += $1 } END { print n + 0 }'
}

# begin: all collectors, and load.
begin_load() {
    rm -f "$tmp"/*.json
    start_nfcapd r
    start_capture r lo
    start_collector beside udp 9
    start_collector stream tcp 10
    start_flowexport r -c "$conf"
    start_ready sink r "$tools/traffic" sink 5000
    start_ready wire r "$tools/wirecount" r1
    for cable in 1 2 3; do
        start "udp$cable" a "$tools/traffic" udp $cable 2000 30000 3000 5000 \
            10.77.$cable.1 fd77:$cable::1
    done
    start tcp1 a "$tools/traffic" tcp 400 500000 300000 5000 10.77.1.1 fd77:1::1
}

loaded() {
    for loaded_one in udp1 udp2 udp3 tcp1; do
        gone "$(pid $loaded_one)" 2>/dev/null || return 0
    done
    return 1
}

end_load() {
    for end_one in udp1 udp2 udp3 tcp1; do
        wait "$(pid $end_one)" || bail "$end_one: $(cat "$tmp/$end_one.log")"
    done
    sleep 0.5 # the last acknowledgements
    ok "$1: wirecount missed nothing" stop wire
    ok "$1: flowexport stops" stop flowexport
    stop sink
    stop beside
    stop stream
    stop_nfcapd
    stop_capture
}

# exact: of what r1 took in, the collector has each packet of each flow.
exact() {
    nfdump -q -R "$tmp/nfcapd" -o json "in if $r1" >"$tmp/in.json" &&
        grep -v '^out,' "$tmp/wire.out" >"$tmp/in.csv" || return 1
    python3 "$here/compare.py" counters "$tmp/in.json" "$tmp/in.csv" \
        "$r1" ingress 10.77.1.1 10.77.1.2 fd77:1::1 fd77:1::2
}

# sessions: how many there were to port 4739
sessions() {
    tcpdump -nr "$tmp/wire.pcap" 'dst port 4739' 2>/dev/null |
        awk '{ print $3 }' | sort -u | wc -l
}

# accounted COLLECTOR: it got what was exported to it, and nothing was dropped.
accounted() {
    echo "$1: $(cat "$tmp/$1.json"), exported $(of "$1" records_exported)," \
        "dropped $(of "$1" records_dropped)"
    [ "$(got "$1" records)" -gt 1000 ] && [ "$(got "$1" wrong)" -eq 0 ] &&
        [ "$(got "$1" sessions)" -gt 1 ] &&
        [ "$(got "$1" records) $(got "$1" missing)" = \
            "$(of "$1" records_exported) 0" ] &&
        [ "$(of "$1" records_dropped)" -eq 0 ]
}

all_well() {
    ok "$1: of what r1 took in, the collector has every packet" exact
    ok "$1: so has one that comes and goes, of what it is told" \
        accounted beside
    ok "$1: over TCP, too" accounted stream
    ok "$1: every octet to the collector is right" \
        python3 "$here/../wire/check.py" "$tmp/wire.pcap"
    is "$(counter packets_seen)" \
        $(($(counter packets_recorded) + $(counter packets_unaccounted) + \
            $(counter packets_ignored) + $(counter packets_malformed))) \
        "$1: each packet that was seen is in a record"
    is "$(counter packets_unaccounted)" 0 "$1: there was room for all"
}

# --- one that is not told to change ------------------------------------------

configure 0
begin_load
before=$(links)
seed=0
while [ $seed -lt 30 ] || { [ $seed -lt 200 ] && loaded; }; do
    seed=$((seed + 1))
    configure $seed
    reload
done
configure 0
reload
sleep 0.3 # what is attached is attached beside the loop
if [ -n "$before" ]; then
    is "$(links | head -n 1)" "$(echo "$before" | head -n 1)" \
        "the link at r1's ingress is the same after $seed reloads"
else
    skip 1 "this kernel has no TCX"
fi
end_load "stay"
all_well "stay"
is "$(sessions)" 1 "stay: it was one session"
ok "what takes a restart is said" logged "flows.max: takes a restart" 3

# --- one that changes each time -----------------------------------------------

configure 0
begin_load
seed=0
while [ $seed -lt 10 ] || { [ $seed -lt 60 ] && loaded; }; do
    seed=$((seed + 1))
    configure $seed "mtu = $((1000 + seed));" $((1 + seed / 4))
    reload
done
end_load "change"
all_well "change"
ok "change: there was one session after the other" [ "$(sessions)" -gt 5 ]

# --- one report of each packet -------------------------------------------------

# configure_mode MODE N: of what passes r1 and rb.
configure_mode() {
    cat >"$conf" <<END
interfaces = { include = [ "r1", "rb" ]; };
flows = { active_timeout = $((1 + $2 % 2)); idle_timeout = 0.3;
          scan_interval = 0.$((1 + $2 % 3)); };
dedupe = { mode = "$1"; };
control = { socket = ""; };
END
}

# packets_once: of A and B, in records that are no duplicates
packets_once() {
    awk '/"duplicate":false/ && /"sourceIPv.Address":"(10.|fd)77[.:][14](.|::)2"/ {
        match($0, /"packetDeltaCount":[0-9]+/)
        n += substr($0, RSTART + 19, RLENGTH - 19)
    }
    END { print n + 0 }' "$tmp/flowexport.out"
}

add_hosts b
join 4 r rb b b0
route a 1
route b 4
unmerged r rb
unmerged b b0
configure_mode merge 1
start_flowexport r -c "$conf" -p=json
start_ready sink b "$tools/traffic" sink 5000
start_ready wire b "$tools/wirecount" b0
start udp1 a "$tools/traffic" udp 1 1000 20000 4000 5000 10.77.4.2 fd77:4::2
start tcp1 a "$tools/traffic" tcp 300 500000 300000 5000 10.77.4.2
n=1
while [ $n -lt 100 ] && ! { gone "$(pid udp1)" && gone "$(pid tcp1)"; }; do
    for mode in drop mark merge; do
        n=$((n + 1))
        configure_mode $mode $n
        reload
        sleep 0.1
    done
done 2>/dev/null
sleep 0.5
ok "dedupe: wirecount missed nothing" stop wire
ok "dedupe: stops" stop flowexport
stop sink
is "$(packets_once)" \
    "$(awk -F, '$5 ~ /77[.:][14](.|::)2$/ { n += $9 } END { print n }' \
        "$tmp/wire.out")" \
    "after $n changes of its mode, each packet was reported once"
ok "dedupe: there was some to do" [ "$(counter packets_duplicate)" -gt 20000 ]

# --- again and again ------------------------------------------------------------

# again N: among ten configurations of two domains
again() {
    again_left=$1
    while [ "$again_left" -gt 0 ]; do
        again_left=$((again_left - 1))
        cp "$conf.$((again_left % 10))" "$conf"
        reload
    done
    sleep 4.5 # they have four seconds to deliver what they have
    wait_for 10 is_settled
}

is_settled() {
    settled_fds=$(n_fds)
    sleep 0.3
    [ "$settled_fds" -eq "$(n_fds)" ]
}

configure 0
start_nfcapd r
start_flowexport r -c "$conf"
start_collector stream tcp 10
for seed in 9 8 7 6 5 4 3 2 1 0; do
    configure $seed "" $((1 + seed % 2))
    cp "$conf" "$conf.$seed"
done
again 50
fds=$(n_fds) rss=$(rss_kib)
again 200
is "$(n_fds)" "$fds" "after 200 reloads more there is no descriptor more"
if grep -q libasan "/proc/$(pid flowexport)/maps"; then
    skip 1 "the address sanitizer keeps what is freed"
else
    ok "nor more memory (was $rss KiB, is $(rss_kib))" \
        [ "$(rss_kib)" -lt $((rss + 2048)) ]
fi
on a ping -q -c 10 -i 0.01 -W 1 10.77.1.1 >/dev/null
ok "stops after that" stop flowexport
stop_nfcapd
is "$(collected "in if $r1 and proto icmp")" 10 "and observes as before"
done_testing
