#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# flood.sh - ten times more flows than there is room for, one packet each.
#
#	A a0 ---- r0 R
#
# flowexport watches r0, with a small table.  Who talked before and goes on is
# told to the packet, in one record; the flood's flows end early, each packet is
# in a record or in a counter, and memory does not grow.
#
# FLOOD_SECONDS says how long the last one takes; from 30 on flowexport runs ahead
# of all other processes, so that it is its own work that holds the loop.

. "$(dirname "$0")/lib.sh"

need awk python3 chrt

max=4096 talkers=64
seconds=${FLOOD_SECONDS:-4}

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

# --- as fast as it can be, with the table and the rest as they are by default -----

mkdir "$tmp/templates"
elements='"sourceTransportPort", "protocolIdentifier", "packetDeltaCount:4",
    "octetDeltaCount:4"'
cat >"$tmp/templates/measured.conf" <<END
ipv4 = [ $elements ];
ipv6 = [ $elements ];
options = [];
END
cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; };
collectors = ( { host = "127.0.0.1"; port = 4739; transport = "tcp";
                 template = "measured"; } );
control = { socket = ""; };
END

flooded() {
    awk -v n="$1" '{ print $n }' "$tmp/flood.out"
}

# measured: each datagram of each talker, but for what was lost and counted.
measured() {
    awk -F, -v sent="$(flooded 2)" -v lost="$1" '
    $1 == 17 && $2 <= 1000 {
        n++
        packets += $4
        expected = int(sent / 1000) + ($2 <= sent % 1000)
        exact += $4 == expected && $5 == 100 * $4
        wrong += $4 > expected || $5 != 100 * $4
        records += $3
    }
    END {
        print exact " of " n " flows are exact, in " records " records"
        print sent - packets " of " sent " packets are missing, " lost " lost"
        exit n != 1000 || wrong || sent - packets > lost
    }' "$tmp/measure.out"
}

# floods: until all of them are over, the memory that flowexport has.
floods() {
    while ! gone "$(pid flood)" 2>/dev/null; do
        memory
        sleep 0.5
    done
}

ahead=
[ "$seconds" -lt 30 ] || ahead="chrt -f 10"
start_ready measure r nice -n -10 "$tools/measure" 4739
export FLOWEXPORT_TEMPLATES="$tmp/templates"
# shellcheck disable=SC2086 # words
start flowexport r $ahead "$FLOWEXPORT" -c "$tmp/flowexport.conf"
wait_for 20 grep -q 'observing' "$tmp/flowexport.log" ||
    bail "flowexport: $(cat "$tmp/flowexport.log")"
start flood a "$tools/flood" a0 "$mac" "${seconds}s" 0 1000
floods >"$tmp/memory"
ok "the fastest flood, for $seconds s" wait "$(pid flood)"
stop_and_sum
wait "$(pid measure)" || bail "measure: $(cat "$tmp/measure.log")"
sent=$(($(flooded 1) + $(flooded 2)))
lost=$(($(counter packets_unaccounted) + $(counter packets_dropped)))
echo "# $((sent / seconds)) packets a second, $lost lost," \
    "loop held for $(counter loop_hold) us at most"
is "$(awk -F, '{ r += $3; p += $4 }
    END { printf "%.0f %.0f", r, p }' "$tmp/measure.out")" \
    "$(counter records_exported) $(($(counter packets_seen) - lost))" \
    "the collector has each record, and all packets but those"
ok "and each flow that was there all the time, to the packet" measured "$lost"
if ldd "$FLOWEXPORT" | grep -q libasan; then
    skip 1 "the address sanitizer keeps what is freed"
else
    ok "memory is flat: $(awk 'NR == 3, 0 { printf "%d ", $1 }' "$tmp/memory")kB" \
        awk 'NR == 3 { first = $1 } { last = $1 }
            END { exit last > first + 8192 }' "$tmp/memory"
fi
if [ -n "$ahead" ]; then
    ok "the loop was held for less than 20 ms" \
        [ "$(counter loop_hold)" -lt 20000 ]
fi
done_testing
