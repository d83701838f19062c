#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# soak.sh - mixed traffic, reloads, interfaces that come and go, collectors that
# die, for as long as you like: nothing grows, and nothing is lost unseen.
#
#	A a0 ---- r0 R r1 ---- b0 B
#
# R's flowexport tells two collectors on R: one stays, and its totals are the
# truth of records; the other is killed again and again.  SOAK_SECONDS, or 180,
# says how long.  A table of samples, soak.tsv, and a graph of it, soak.png, are
# left in SOAK_DIRECTORY, if there is one.

tree=$(cd "$(dirname "$0")/.." && pwd)
. "$tree/test/net/lib.sh"
here=$tree/test/net

need ping awk python3 gnuplot

seconds=${SOAK_SECONDS:-180} directory=${SOAK_DIRECTORY-}
interval=$((seconds < 600 ? 5 : 60))
ctl=${FLOWEXPORTCTL:-./flowexportctl}

add_hosts a r b
join 1 r r0 a a0
join 2 r r1 b b0
route a 1
route b 2
mac=$(mac r r0)

# configure DEDUPE IDLE EXTRA
configure() {
    cat >"$tmp/new.conf" <<END
interfaces = { include = [ "r*", "c*" ]; };
flows = { max = 32768; active_timeout = 10; idle_timeout = $2; };
dedupe = { mode = "$1"; };
control = { socket = "$tmp/control"; };
collectors = (
  { name = "steady"; host = "127.0.0.1"; port = 4739; template = "minimal"; },
  { name = "dying"; host = "127.0.0.1"; port = 4740; transport = "tcp";
    reconnect = 1; }$3 );
END
    mv "$tmp/new.conf" "$tmp/flowexport.conf"
}

start_collector() {
    start_ready "$1" r nice -n -10 python3 "$here/collector.py" \
        "$2" 127.0.0.1 "$3" "$tmp/$1.json"
}

# --- what goes on at the same time, each in a process of its own -----------------

# again SECONDS COMMAND...: until the soak is over
again() {
    again_pause=$1
    shift
    while [ ! -e "$tmp/over" ]; do
        "$@" >/dev/null 2>&1
        sleep "$again_pause"
    done
}

# beside SECONDS COMMAND...: the same, in the background
beside() {
    again "$@" &
    loops="$loops $!"
}

connections() {
    on a "$tools/traffic" tcp 8 200000 400000 5000 10.77.2.2 fd77:2::2
}

syn_flood() {
    on a "$tools/flood" a0 "$mac" 40000 20000 64
}

churn() {
    ip -n "fx$$-r" link add c0 type veth peer name c1
    ip -n "fx$$-r" link set c0 up
    ip -n "fx$$-r" link set c1 up
    sleep 0.5
    ip -n "fx$$-r" link del c0
}

reload() {
    configure drop 2 ', { name = "third"; host = "127.0.0.1"; port = 9; }'
    kill -HUP "$(pid flowexport)"
    sleep 2
    configure merge 3 ''
    kill -HUP "$(pid flowexport)"
    sleep 2
    configure nonsense 3 ''
    kill -HUP "$(pid flowexport)"
}

die() {
    start_collector dying tcp 4740
    sleep 4
    stop dying KILL
}

# --- how it is -------------------------------------------------------------------

counters() {
    "$ctl" -s "$tmp/control" -j stats | python3 -c 'import json, sys
counters = {c["name"]: c["value"] for c in json.load(sys.stdin)["counters"]}
print(*(counters[name] for name in sys.argv[1:]))' "$@"
}

# objects KIND: how many of such BPF objects the daemon holds
objects() {
    cat "/proc/$(pid flowexport)/fdinfo"/* 2>/dev/null | grep -c "^$1_id:"
}

# sample: seconds, kB, files, maps, milliseconds of CPU time, then counters
sample() {
    echo "$(($(date +%s) - began)) \
$(awk '/^VmRSS/ { print $2 }' "/proc/$(pid flowexport)/status") \
$(ls "/proc/$(pid flowexport)/fd" | wc -l) $(objects map) \
$(awk '{ print ($14 + $15) * 10 }' "/proc/$(pid flowexport)/stat") \
$(counters flows_active records_made packets_seen packets_recorded \
        packets_unaccounted loop_hold)"
}

# Of each column, the first half's and the second half's highest value.
compare() {
    awk -v column="$1" '{ value[NR] = $column } END {
        for (i = 2; i <= NR; i++) {
            half = i > NR / 2
            if (value[i] > top[half]) top[half] = value[i]
        }
        print top[0] + 0, top[1] + 0
    }' "$tmp/soak.tsv"
}

# flat COLUMN ALLOWANCE: nothing that grows without end
flat() {
    compare "$1" | awk -v allowance="$2" '
        { print "at most " $1 ", then " $2; exit $2 > $1 + allowance }'
}

is_sum() {
    same "$(counter packets_seen)" "$(($(counter packets_recorded) + \
        $(counter packets_malformed) + $(counter packets_ignored) + \
        $(counter packets_unaccounted)))"
}

of() {
    sed -n "s/.*collector $1: messages_sent.* $2=\([0-9]*\).*/\1/p" \
        "$tmp/flowexport.log" | tail -n 1
}

# All that was made and is no duplicate: with who stayed, or dropped by name.
has_all() {
    python3 -c 'import json, sys
totals = json.load(open(sys.argv[1]))
made, duplicate, dropped = map(int, sys.argv[2:])
print(totals, "made", made, "duplicate", duplicate, "dropped", dropped)
sys.exit(totals["records"] + dropped != made - duplicate
         or totals["wrong"] or totals["sessions"] != 1)' \
        "$tmp/steady.json" "$(counter records_made)" \
        "$(counter records_duplicate)" "$(of steady records_dropped)"
}

is_alive() {
    [ "$(wc -l <"$tmp/soak.tsv")" -ge "$((seconds / interval / 2))" ] &&
        ! gone "$(pid flowexport)"
}

draw() {
    cp "$tmp/soak.tsv" "$directory"
    gnuplot <<END
set terminal pngcairo size 1200,900
set output "$directory/soak.png"
set multiplot layout 4,1
set key left
set lmargin 10
set xrange [0:*]
set yrange [0:1<*]
set xlabel ""
plot "$tmp/soak.tsv" using 1:(\$2 / 1024) with lines title "RSS, MiB"
plot "$tmp/soak.tsv" using 1:(\$5 / (\$1 + 1) / 10) with lines \
    title "CPU since the beginning, %"
plot "$tmp/soak.tsv" using 1:6 with lines title "flows"
set xlabel "seconds"
plot "$tmp/soak.tsv" using 1:10 with lines title "packets without room"
END
}

# --- the soak --------------------------------------------------------------------

configure merge 3 ''
start_collector steady udp 4739
start_flowexport r -c "$tmp/flowexport.conf"
start_ready sink b "$tools/traffic" sink 5000
began=$(date +%s) loops=
: >"$tmp/soak.tsv"
start datagrams a "$tools/traffic" udp 1 3000 $((seconds * 8000)) 4000 5000 \
    10.77.2.2 fd77:2::2
beside 0.1 connections
beside 20 syn_flood
beside 0.5 churn
beside 3 reload
beside 2 die
while [ $(($(date +%s) - began)) -lt "$seconds" ]; do
    sleep "$interval"
    sample >>"$tmp/soak.tsv"
done
: >"$tmp/over"
stop datagrams
# shellcheck disable=SC2086 # a list of words
wait $loops

ok "it is still there" is_alive
configure merge 3 ''
sed 's/^/# /' "$tmp/soak.tsv"
# Parts of the tables that no flow has been in yet take none.
ok "memory does not grow" flat 2 8192
ok "files do not" flat 3 8
ok "BPF maps do not" flat 4 0
sleep 1
ok "it stops" stop flowexport
stop steady
echo "# $(tail -n 4 "$tmp/flowexport.log")"
ok "each packet seen is in a record or a counter" is_sum
ok "each record is with the collector that stayed, or dropped by name" has_all
is "$(counter flows_active)" 0 "no flow is left"
echo "# the loop was held for $(counter loop_hold) us at most"
[ -z "$directory" ] || draw
done_testing
