#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# exact.sh - what a collector has is what was on the wire, not one packet off.
#
#	A a0 ---- r0 R r1 ---- b0 B
#
# flowexport watches both interfaces of router R.  A sends with segmentation
# offload, so R takes in packets of up to 64 KiB, cuts them up on its way out,
# and B, where wirecount counts, gets wire frames.  Timeouts are short: flows
# are reported, and their slots used again, in the middle of the traffic.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/collect.sh"

need nfcapd nfdump ethtool ping tcpdump python3 awk

a4=10.77.1.2 b4=10.77.2.2 a6=fd77:1::2 b6=fd77:2::2

add_hosts a r b
join 1 r r0 a a0
join 2 r r1 b b0
route a 1
route b 2
on a ethtool -K a0 tso on gso on tx-udp-segmentation on >/dev/null
on r ethtool -K r0 gro off >/dev/null
unmerged r r1
unmerged b b0
r0=$(if_index r r0)
r1=$(if_index r r1)

cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0", "r1" ]; };
flows = { max = 16384; active_timeout = 2; idle_timeout = 1;
          scan_interval = 0.2; };
dedupe = { mode = "off"; };
collectors = ( { host = "127.0.0.1"; port = 4739; } );
END

# Fifty tagged frames that end at R: the tag is in the skb, not in the data.
send_tagged() {
    on a python3 - "$1" <<'END'
import socket, struct, sys
mac = open("/sys/class/net/a0/address").read().strip().replace(":", "")
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + 72, 1, 0, 64, 17, 0,
                 socket.inet_aton("10.77.9.1"), socket.inet_aton("10.77.9.2"))
frame = (bytes.fromhex(sys.argv[1]) + bytes.fromhex(mac) +
         struct.pack("!HHH", 0x8100, 0x6007, 0x0800) + ip +
         struct.pack("!HHHH", 1111, 2222, 80, 0) + bytes(72))
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
    out.bind(("a0", 0))
    for _ in range(50):
        out.send(frame)
END
}

compare() {
    compare_what=$1
    shift
    python3 "$here/compare.py" "$compare_what" "$tmp/flows.json" "$@"
}

start_nfcapd r
start_capture r lo
start_flowexport r -c "$tmp/flowexport.conf"
start_ready sink_a a "$tools/traffic" sink 5000
start_ready sink_b b "$tools/traffic" sink 5000
start_ready wire_b b "$tools/wirecount" b0
start_ready wire_r r "$tools/wirecount" r0

# All at once, both ways.
start udp_a a "$tools/traffic" udp 1 1000 80000 15000 5000 $b4 $b6
start udp_b b "$tools/traffic" udp 2 700 50000 10000 5000 $a6 $a4
start tcp_a a "$tools/traffic" tcp 200 2000000 1000000 5000 $b6 $b4
start tcp_b b "$tools/traffic" tcp 100 300000 3000000 5000 $a4 $a6
start bulk a "$tools/traffic" tcp 1 200000000 0 5000 $b4
start bulk_6 a "$tools/traffic" tcp 1 20000000 50000000 5000 $b6
on a ping -q -i 0.01 -c 100 $b4 >/dev/null
on b ping -q -i 0.01 -c 100 -s 3000 $a6 >/dev/null
send_tagged "$(on r cat /sys/class/net/r0/address | tr -d :)"
for program in udp_a udp_b tcp_a tcp_b bulk bulk_6; do
    wait "$(pid $program)" ||
        bail "$program: $(cat "$tmp/$program.log")"
done
sleep 0.5 # the last acknowledgements

skbs=$(on r cat /sys/class/net/r0/statistics/rx_packets)
ok "wirecount missed nothing at B" stop wire_b
ok "wirecount missed nothing at R" stop wire_r
ok "flowexport stops" stop flowexport
stop_nfcapd

wire=$tmp/wire_b.out
sum() {
    awk -F, -v field="$1" 'NF == 13 { n += $field } END { printf "%.0f", n }' \
        "$2"
}

ok "there was traffic enough" [ "$(sum 9 "$wire")" -gt 200000 ]
ok "R took in merged packets" [ "$skbs" -lt $(($(sum 9 "$wire") / 2)) ]
for what in counters flags times; do
    ok "$what of what R takes in from A and sends to it" \
        compare $what "$wire" "$r0" ingress "$a4" "$b4" "$a6" "$b6"
    ok "$what of what R sends to B and takes in from it" \
        compare $what "$wire" "$r1" egress "$a4" "$b4" "$a6" "$b6"
done
ok "VLAN IDs" \
    compare counters "$tmp/wire_r.out" "$r0" ingress 10.77.9.1 10.77.9.2

# The comparisons notice.
broken() {
    awk -F, -v OFS=, "NF == 13 && \$6 == 5000 && ++n == 20 { $1 } { print }" \
        "$wire" >"$tmp/broken.csv"
    compare "$2" "$tmp/broken.csv" "$r1" egress "$a4" "$b4" "$a6" "$b6"
    [ $? -eq 3 ]
}
ok "one packet more is noticed" broken '$9++' counters
ok "one octet less is noticed" broken '$10--' counters
ok "another direction is noticed" \
    broken '$1 = $1 == "in" ? "out" : "in"' counters
ok "a missing flow is noticed" broken 'next' counters
ok "a missing flag is noticed" broken '$11 = 64' flags
ok "a false time is noticed" \
    broken '$13 = substr($13, 1, 10) + 1 substr($13, 11)' times

is "$(counter packets_seen)" \
    $(($(counter packets_recorded) + $(counter packets_ignored) +
        $(counter packets_malformed) + $(counter packets_unaccounted))) \
    "each packet seen is in a record or in another counter"
is "$(counter octets_seen)" \
    $(($(counter octets_recorded) + $(counter octets_unaccounted))) \
    "so is each octet"
is "$(counter packets_unaccounted)" 0 "there was room for all"
is "$(counter records_exported) $(counter records_dropped)" \
    "$(grep -c '"type"' "$tmp/flows.json") 0" \
    "the collector has every record that was exported"
ok "flows were reported in the middle of the traffic" \
    [ "$(counter records_made)" -gt "$(counter flows_created)" ]

json_sum() {
    awk -F'[:,]' -v name="\"$1\"" '$1 ~ name { n += $2 }
        END { printf "%.0f", n }' "$tmp/flows.json"
}
is "$(json_sum in_packets) $(json_sum in_bytes)" \
    "$(counter packets_recorded) $(counter octets_recorded)" \
    "the collector has as many packets and octets as were recorded"
check_wire
done_testing
