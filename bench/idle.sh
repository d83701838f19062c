#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# idle.sh - what flowexport takes of a host where nothing happens, and how soon
# it counts.
#
#	[IDLE_INTERFACES=N] [IDLE_SECONDS=N] idle.sh [FILE.json]
#
# N interfaces, of which one has a packet each millisecond until the first flow
# is there; then none has any.  Memory is what is resident but for the flow
# table's maps; time to the first packet is from when the program is executed to
# the start of the first flow that it tells of.

. "$(dirname "$0")/../test/net/lib.sh"

need ping python3

n=${IDLE_INTERFACES:-20}
seconds=${IDLE_SECONDS:-30}

add_hosts a r
join 1 r r0 a a0
for i in $(seq 2 "$n"); do
    join "$i" r "r$i" a "a$i"
done
sleep 3 # IPv6 has things to say at first

# used_ns: CPU time of the daemon.
used_ns() {
    awk '{ n += $1 } END { printf "%.0f", n }' \
        /proc/"$(pid flowexport)"/task/*/schedstat
}

# resident WHAT: kB of the maps of BPF, or of all else.
resident() {
    awk -v what="$1" '/^[0-9a-f]+-[0-9a-f]+ / { kind = /bpf-map/ ? "table" : "else" }
        $1 == "Rss:" && kind == what { n += $2 } END { print n + 0 }' \
        "/proc/$(pid flowexport)/smaps"
}

has_flow() {
    [ "$(grep -c '^{' "$tmp/flows.json")" -gt 0 ]
}

start pinger a ping -q -i 0.001 10.77.1.1
sleep 0.5
begin=$(date +%s%N)
start_flowexport r -c /dev/null -i 'r*' -n "json+file://$tmp/flows.json"
stop pinger INT
kill -USR1 "$(pid flowexport)"
wait_for 10 has_flow || bail "no flow: $(cat "$tmp/flowexport.log")"
first_ms=$(python3 - "$begin" "$tmp/flows.json" <<'END'
import datetime, json, sys
starts = [json.loads(line)["flowStartMilliseconds"]
          for line in open(sys.argv[2]) if line.endswith("}\n")]
first = min(datetime.datetime.fromisoformat(s.replace("Z", "+00:00"))
            for s in starts)
print(round(first.timestamp() * 1e3 - int(sys.argv[1]) / 1e6))
END
) || bail "$(head -n 1 "$tmp/flows.json")"

sleep 20 # until that flow has ended, too
used_ns=$(used_ns)
sleep "$seconds"
cpu=$(awk -v a="$used_ns" -v b="$(used_ns)" -v s="$seconds" \
    'BEGIN { printf "%.3f", (b - a) / s / 1e7 }')
memory=$(resident else) table=$(resident table)
stop flowexport || bail "$(cat "$tmp/flowexport.log")"

cat <<END
$n interfaces, no traffic                             asked
  memory beside the flow table   $(printf '%8d' "$memory") kB     10,000
  resident of the flow table     $(printf '%8d' "$table") kB
  CPU                            $(printf '%8s' "$cpu") %       0.100
  start to first packet counted  $(printf '%8d' "$first_ms") ms     1,000
END
[ -z "${1-}" ] || printf '{"interfaces":%d,"memory_kb":%d,"table_kb":%d,"cpu_percent":%s,"first_packet_ms":%d}\n' \
    "$n" "$memory" "$table" "$cpu" "$first_ms" >"$1"
