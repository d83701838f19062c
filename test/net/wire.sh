#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# wire.sh - the export stream as others see it, and a collector that comes and
# goes.
#
#	A a0 ---- r0 R r1 ---- c0 C, the collector
#
# Bursts of pings with a TOS each tell what was exported when.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/collect.sh"

need nfcapd nfdump ethtool ping tcpdump tshark python3 awk

add_hosts a r c
join 1 r r0 a a0
join 2 r r1 c c0
# Each refused message is answered, not only one a second.
on c sysctl -qw net.ipv4.icmp_ratelimit=0
cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; };
flows = { active_timeout = 1; idle_timeout = 0.5; scan_interval = 0.1; };
collectors = ( { name = "c"; host = "10.77.2.2"; port = 4739; } );
END

# burst TOS: until it has been exported.
burst() {
    on a ping -q -c 10 -i 0.01 -Q "$1" 10.77.1.1 >/dev/null
    on a ping -q -c 10 -i 0.01 -Q "$1" fd77:1::1 >/dev/null
    sleep 1.5
}

start_capture r r1
start_flowexport r -c "$tmp/flowexport.conf"
burst 4
ok "lives without a collector" kill -0 "$(pid flowexport)"

start_nfcapd c
burst 8
stop_nfcapd
is "$(collected 'tos 8')" 40 "a collector that comes later has the next burst"

start_nfcapd c
burst 12
stop nfcapd KILL
burst 16
ok "lives when the collector is killed" kill -0 "$(pid flowexport)"
start_nfcapd c
burst 20
on a ping -q -c 10 -i 0.01 -Q 24 10.77.1.1 >/dev/null
ok "stops" stop flowexport
stop_nfcapd
# Requests and answers, IPv4 and IPv6.
is "$(collected 'tos 20')" 40 "a collector that comes back has the next burst"
is "$(collected 'tos 24')" 20 "flows that are open at the end are exported"
ok "refused messages are counted" [ "$(counter send_errors)" -gt 0 ]
check_wire

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

complaints() {
    tshark -r "$tmp/wire.pcap" -d udp.port==4739,cflow \
        -Y '_ws.expert || _ws.malformed || !cflow' 2>"$tmp/tshark.log"
}

messages=$(cflow frame.number | wc -l)
ok "there are messages" [ "$messages" -ge 8 ]
is "$(cflow cflow.version | sort -u)" 10 "each is one of IPFIX"
is "$(complaints)" "" "tshark has nothing to complain of"
is "$(cflow cflow.flowset_id | head -n 1 | cut -d , -f 1)" 2 \
    "templates go first"
is "$(cflow udp.length cflow.len | awk '$1 != $2 + 8')" "" \
    "each message fills its datagram"
is "$(cflow cflow.od_id | tr , '\n' | sort -u | xargs)" "0 1" \
    "each is of Observation Domain 1, or tells of us, in 0"
done_testing
