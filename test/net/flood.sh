#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# flood.sh - ten times more flows than there is room for, one packet each.
#
#	A a0 ---- r0 R
#
# flowexport watches r0, with a small table.  Who talked before and goes on is
# told to the packet, in one record; the flood's flows end early, each packet is
# in a record or in a counter, and memory does not grow.

. "$(dirname "$0")/lib.sh"

need awk python3

max=4096 talkers=64

add_hosts a r
join 1 r r0 a a0
mac=$(mac r r0)

cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; directions = "ingress"; };
flows = { max = $max; overflow = "1MiB"; };
dedupe = { mode = "off"; };
END

memory() {
    awk '/^VmRSS/ { print $2 }' "/proc/$(pid flowexport)/status"
}

# told PROTOCOL: records, packets and octets of it, and reasons of their ends.
told() {
    python3 - "$1" "$tmp/flowexport.out" <<'END'
import json, sys
records = [r for r in map(json.loads, open(sys.argv[2]))
           if r["protocolIdentifier"] == int(sys.argv[1])
           and r.get("sourceIPv4Address", "").startswith("10.9")]
print(len(records), sum(r["packetDeltaCount"] for r in records),
      sum(r["octetDeltaCount"] for r in records),
      *sorted({r["flowEndReason"] for r in records}))
END
}

stop_and_sum() {
    ok "flowexport stops" stop flowexport
    echo "# $(tail -n 1 "$tmp/flowexport.log")"
    is "$(counter packets_seen)" \
        $(($(counter packets_recorded) + $(counter packets_ignored) +
            $(counter packets_malformed) + $(counter packets_unaccounted))) \
        "each packet seen is in a record or in another counter"
    is "$(counter octets_seen)" \
        $(($(counter octets_recorded) + $(counter octets_unaccounted))) \
        "so is each octet"
    is "$(counter flows_active)" 0 "no flow is left"
}

# --- a flood that the table can bear, if what is oldest goes ------------------

syns=$((10 * max))
start_flowexport r -c "$tmp/flowexport.conf" -p=json
ok "a flood" on a "$tools/flood" a0 "$mac" $syns 20000 $talkers
ok "it is over" wait_for 20 grep -q 'flow table: room again' "$tmp/flowexport.log"
stop_and_sum
n=$((syns - $(counter packets_unaccounted))) # none, unless we hardly ran
is "$(told 6)" "$n $n $((40 * n)) 4 5" "each SYN is told, most of them early"
ok "few found no room" [ "$n" -gt $((syns * 9 / 10)) ]
is "$(told 17)" "$talkers $((syns / 16)) $((100 * syns / 16)) 4" \
    "who talks is told once, at the end"
is "$(grep -c 'flow table: under pressure' "$tmp/flowexport.log") \
$(grep -c 'flow table: room again' "$tmp/flowexport.log")" "1 1" \
    "pressure is said once, and once that it is over"

# --- one that it cannot ----------------------------------------------------------

start_flowexport r -c "$tmp/flowexport.conf" -p=json
before=$(memory)
ok "a faster flood" on a "$tools/flood" a0 "$mac" 200000 0 $talkers
after=$(memory)
stop_and_sum
ok "packets came through the ring" [ "$(counter packets_overflowed)" -gt 0 ]
ok "all were seen" [ "$(counter packets_seen)" -ge $((200000 + 200000 / 16)) ]
told 6 >"$tmp/syns"
told 17 >"$tmp/talks"
is "$(cat "$tmp/syns" "$tmp/talks" | awk '{ n += $2 } END { print n }')" \
    $((200000 + 200000 / 16 - $(counter packets_unaccounted))) \
    "the records have all but those without room"
ok "memory is bounded: $before kB, then $after kB" \
    [ $((after - before)) -lt 16384 ]
done_testing
