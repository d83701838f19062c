#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# volume.sh - traffic from two CPUs at once, and a collector that has every packet of it.
#
#	R p0 ---- p1 R
#
# flowexport watches both ends of a cable while volume fills it.  Timeouts are
# short and scans quick: flows end, and begin again, beneath the traffic.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/collect.sh"

need nfcapd nfdump awk

add_hosts r
on r sysctl -qw net.ipv6.conf.default.disable_ipv6=1
ip -n "fx$$-r" link add p0 type veth peer name p1 ||
    bail "cannot add a veth"
ip -n "fx$$-r" link set p0 up
ip -n "fx$$-r" link set p1 up

cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "p0", "p1" ]; };
flows = { max = 262144; active_timeout = 1; idle_timeout = 0.4;
          scan_interval = 0.02; };
dedupe = { mode = "off"; };
collectors = ( { host = "127.0.0.1"; port = 4739; } );
END
start_nfcapd r
start_flowexport r -c "$tmp/flowexport.conf"

# NET FLOWS PACKETS
on r "$tools/volume" p0 1 64 1000000 >"$tmp/sent" &&
    on r "$tools/volume" p0 2 4096 1000000 >>"$tmp/sent" &&
    on r "$tools/volume" p0 3 65536 1500000 >>"$tmp/sent" ||
    bail "volume failed"
ok "flowexport stops" stop flowexport
wait_for 10 nfcapd_is_done || bail "nfcapd lost data: $(nfcapd_socket)"
sleep 0.2
stop nfcapd

nfdump -q -N -R "$tmp/nfcapd" -A srcip,inif,outif \
    -o 'fmt:%sa,%in,%out,%pkt,%byt' |
    awk -F, -v OFS=, -v p0="$(if_index r p0)" -v p1="$(if_index r p1)" '
    { gsub(" ", "") }
    $2 == 0 && $3 == p0 { print $1, "out", $4, $5; next }
    $2 == p1 && $3 == 0 { print $1, "in", $4, $5; next }
    { print }' | sort >"$tmp/collected"
sort -o "$tmp/sent" "$tmp/sent"

# sent WAY: packets, over all flows
sent() {
    awk -F, -v way="$1" '$2 == way { n += $3 } END { printf "%.0f", n }' \
        "$tmp/sent"
}

# agree: the same flows with the same packets and octets, or the first that are
# not.
agree() {
    diff "$tmp/sent" "$tmp/collected" >"$tmp/diff" && return
    head -n 20 "$tmp/diff"
    return 1
}

ok "the collector has each packet and octet of each flow" agree
is "$(sent out)" 3500000 "it was that much"
is "$(counter packets_seen)" $(($(sent out) + $(sent in))) \
    "each packet was seen at both ends"
is "$(counter packets_recorded) $(counter packets_unaccounted)" \
    "$(counter packets_seen) 0" "and is in a record"
is "$(counter records_dropped)" 0 "each record was exported"
ok "flows ended, and began again, beneath the traffic" \
    [ "$(counter flows_created)" -gt "$(wc -l <"$tmp/sent")" ]
done_testing
