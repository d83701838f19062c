#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# netflow9.sh - NetFlow v9, as tshark and nfcapd read it: what a collector has
# is what flowexport says that it exported, to the millisecond.
#
#	A a0 ---- r0 R r1 ---- c0 C, the collector

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/collect.sh"

need nfcapd nfdump ethtool ping tcpdump tshark python3 awk

add_hosts a r c
join 1 r r0 a a0
join 2 r r1 c c0
cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; };
flows = { active_timeout = 1; idle_timeout = 0.5; scan_interval = 0.1; };
collectors = ( { name = "c"; host = "10.77.2.2"; port = 4739;
                 protocol = "netflow9"; } );
END

start_capture r r1
start_nfcapd c
start_flowexport r -c "$tmp/flowexport.conf" --print=json
for tos in 4 8 12 16; do
    on a ping -q -c 30 -i 0.05 -Q $tos 10.77.1.1 >/dev/null
    on a ping -q -c 30 -i 0.05 -Q $tos fd77:1::1 >/dev/null
done
ok "stops" stop flowexport
stop_nfcapd
check_wire

# Each record as a line: addresses, protocol, TOS, type and code, interfaces,
# direction, packets, octets, start and end.
cat >"$tmp/lines.py" <<'END'
import json, sys
OURS = """protocolIdentifier ipClassOfService icmpTypeCode ingressInterface
    egressInterface flowDirection packetDeltaCount octetDeltaCount
    flowStartMilliseconds flowEndMilliseconds""".split()
THEIRS = """proto src_tos icmp input_snmp output_snmp direction in_packets
    in_bytes first last""".split()

def line(flow, addresses, names):
    return " ".join(str(flow[n]) for n in addresses + names)

def ours(flow):
    v = flow["ipVersion"]
    flow["icmpTypeCode"] = flow.get("icmpTypeCodeIPv%d" % v, 0)
    for name in OURS[-2:]:
        flow[name] = flow[name][:23]
    return line(flow, ["sourceIPv%dAddress" % v, "destinationIPv%dAddress" % v],
                OURS)

def theirs(flow):
    v = 4 if "src4_addr" in flow else 6
    flow["icmp"] = flow.get("icmp_type", 0) << 8 | flow.get("icmp_code", 0)
    return line(flow, ["src%d_addr" % v, "dst%d_addr" % v], THEIRS)

with open(sys.argv[1]) as source:
    if sys.argv[1].endswith(".json"):
        lines = map(theirs, json.loads("[%s]" % source.read()))
    else:
        lines = map(ours, map(json.loads, source))
    print(*sorted(lines), sep="\n")
END
python3 "$tmp/lines.py" "$tmp/flowexport.out" >"$tmp/exported"
python3 "$tmp/lines.py" "$tmp/flows.json" >"$tmp/collected"
ok "there are records enough" [ "$(wc -l <"$tmp/exported")" -ge 16 ]
ok "the collector has what was exported" \
    diff "$tmp/exported" "$tmp/collected"
for tos in 4 8 12 16; do
    # Requests and answers, IPv4 and IPv6.
    is "$(collected "tos $tos")" 120 "packets of TOS $tos"
done
ok "packets of both directions" \
    awk '$8 == 0 { in_ += $9 } $8 == 1 { out += $9 }
        END { exit !(in_ >= 240 && out >= 240) }' "$tmp/collected"
is "$(nfdump -R "$tmp/nfcapd" -I | sed -n 's/^Sequence failures: //p')" 0 \
    "no message is missing"

# cflow FIELD...: of each message, a line.
cflow() {
    fields=
    for field; do
        fields="$fields -e $field"
    done
    # shellcheck disable=SC2086 # a list of words
    tshark -r "$tmp/wire.pcap" -d udp.port==4739,cflow -T fields \
        -E occurrence=a -E separator=' ' $fields 2>"$tmp/tshark.log"
}

is "$(cflow cflow.version | sort -u)" 9 "each message is one of NetFlow v9"
is "$(tshark -r "$tmp/wire.pcap" -d udp.port==4739,cflow \
    -Y '_ws.expert || _ws.malformed || !cflow' 2>&1 | grep -v '^Running')" "" \
    "tshark has nothing to complain of"
is "$(cflow cflow.flowset_id | head -n 1 | cut -d , -f 1)" 0 \
    "templates go first"
is "$(cflow cflow.sequence | awk '$1 != NR - 1')" "" \
    "the sequence number counts messages"
is "$(cflow cflow.unix_secs cflow.sysuptime |
    awk '{ printf "%.3f\n", $1 - $2 }' | sort -u | wc -l)" 1 \
    "uptime and seconds tell of one boot"
is "$(cflow cflow.source_id | sort -u)" 1 "each is of source 1"
done_testing
