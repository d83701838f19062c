#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rfc5471.sh - the tests of RFC 5471 that an exporter can pass, by number.
#
#	A a0 ---- r0 R r1 ---- c0 C, the collector
#
# test/wire/CONFORMANCE has those that stand elsewhere, and why others do not.

. "$(dirname "$0")/../net/lib.sh"
. "$(dirname "$0")/../net/collect.sh"

need nfcapd nfdump ipfixDump ethtool tcpdump ping python3 awk

add_hosts a r c
join 1 r r0 a a0
join 2 r r1 c c0
"${builddir:-.}/bench/mkpcap" -n 10000 -f 800 -b $(($(date +%s) - 3600)) \
    -t "$tmp/truth.csv" "$tmp/pcap" >/dev/null || bail "mkpcap"

# --- template sets -------------------------------------------------------------

shipped=$FLOWEXPORT_TEMPLATES
export FLOWEXPORT_TEMPLATES="$tmp/templates"
mkdir "$tmp/templates"
cp "$shipped"/*.conf "$tmp/templates"

# Everything that the manual has, for IPv4 and for IPv6.
awk '/^\.It [a-z].* Ta [0-9]+ Ta / {
        if (!/ipv6 only/) ipv4 = ipv4 "\"" $2 "\", "
        if (!/ipv4 only/) ipv6 = ipv6 "\"" $2 "\", "
    }
    END { print "ipv4 = ( " ipv4 "); ipv6 = ( " ipv6 ");" }' \
    "${srcdir:-.}/man/flowexport-templates.5" | sed 's/, )/ )/g' \
    >"$tmp/templates/everything.conf"
sed 's/octetDeltaCount/&:4/; s/packetDeltaCount:4/packetDeltaCount:3/
    s/gressInterface/&:1/' \
    "$shipped/standard.conf" >"$tmp/templates/reduced.conf"

# --- streams -------------------------------------------------------------------

# replay [-r FILE] URL...: the capture, to each
replay() {
    replay_file=$tmp/pcap
    if [ "$1" = -r ]; then
        replay_file=$2
        shift 2
    fi
    for url; do
        set -- "$@" -n "$url"
        shift
    done
    on r "$FLOWEXPORT" -q -c /dev/null -r "$replay_file" -p=json "$@" \
        >"$tmp/printed.json"
}

# sent URL...: to C, where a capture of it is
sent() {
    start_capture r r1
    replay "$@" || bail "flowexport cannot read"
    stop_capture
}

check() {
    python3 "$here/check.py" "$@"
}

# complete FILE [TRUTH]: everything in it is right, and each flow is there.
complete() {
    check --flows "$1" >"$tmp/read.json" &&
        python3 "$here/../pcap/truth.py" "${2:-$tmp/truth.csv}" \
            "$tmp/read.json"
}

# others READER: have each flow, too
others() {
    if [ "$1" = ipfixDump ]; then
        ipfixDump --data --in "$tmp/file.ipfix" >"$tmp/dump"
    else
        cp "$tmp/flows.json" "$tmp/dump"
    fi
    python3 "$here/readers.py" "$1" "$tmp/dump" >"$tmp/read.json" &&
        python3 "$here/../pcap/truth.py" "$tmp/truth.csv" "$tmp/read.json"
}

start_ready sink c python3 "$here/sink.py" 4739

# --- 3.1, 3.2, 3.3: connections, encoding --------------------------------------

sent ipfix+udp://10.77.2.2
ok "3.1.1 connectivity: UDP over IPv4" complete "$tmp/wire.pcap"
sent 'ipfix+udp://[fd77:2::2]'
ok "3.1.1 connectivity: UDP over IPv6" complete "$tmp/wire.pcap"
sent ipfix+tcp://10.77.2.2
ok "3.1.1 connectivity: TCP over IPv4" complete "$tmp/wire.pcap"
sent 'ipfix+tcp://[fd77:2::2]'
ok "3.1.1 connectivity: TCP over IPv6" complete "$tmp/wire.pcap"

agree() {
    check --flows "$tmp/file.ipfix" >"$tmp/read.json" &&
        python3 "$here/agree.py" "$tmp/read.json" "$tmp/printed.json"
}

replay "ipfix+file://$tmp/file.ipfix?template=everything"
ok "3.2.1 data types of fixed size: all elements agree" agree
ok "3.2.1 data types of fixed size: ipfixDump has every flow" others ipfixDump

replay "ipfix+file://$tmp/file.ipfix?template=reduced"
ok "3.3.2 reduced size encoding" complete "$tmp/file.ipfix"
ok "3.3.2 reduced size encoding: ipfixDump has every flow" others ipfixDump

# Its records have odd lengths.
stop sink KILL
start_nfcapd c
sent 'netflow9+udp://10.77.2.2:4739?template=reduced'
stop_nfcapd
ok "3.2.3 padding of sets, in NetFlow v9" complete "$tmp/wire.pcap"
ok "3.2.3 padding of sets, in NetFlow v9: nfcapd has every flow" others nfdump

# --- 3.4: options --------------------------------------------------------------

# options NUMBER
options() {
    # Sequence numbers have a gap.
    check --messages "$tmp/wire.pcap" >"$tmp/messages.json" 2>/dev/null
    check --flows "$tmp/wire.pcap" >"$tmp/read.json" 2>"$tmp/complaints"
    ! grep -v 'its sequence number is' "$tmp/complaints" &&
        python3 "$here/options.py" "$1" "$tmp/messages.json" "$tmp/read.json"
}

# last_told NAME: by options
last_told() {
    sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" "$tmp/read.json" | tail -n 1
}

# More than the queue holds, and time enough for what it does.
cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; };
flows = { active_timeout = 1; idle_timeout = 0.5; scan_interval = 0.1; };
collectors = ( { host = "10.77.2.2"; options_refresh = 1; queue = "64KiB";
                 rate = 10; } );
END
start_ready sink c python3 "$here/sink.py" 4739
start_capture r r1
start_flowexport r -c "$tmp/flowexport.conf"
start_ready traffic r "$tools/traffic" sink 5000
on a "$tools/traffic" udp 1 1500 2000 4000 5000 10.77.1.1 fd77:1::1 ||
    bail "no traffic"
sleep 8
stop traffic KILL
stop flowexport
stop_capture
stop sink KILL
dropped=$(counter records_dropped)
ok "3.4.3 metering process statistics" options 3.4.3
ok "3.4.4 metering process reliability" options 3.4.4
is "$(last_told ignoredPacketTotalCount)" "$(counter packets_unaccounted)" \
    "3.4.4 metering process reliability: as counted"
ok "3.4.5 exporting process reliability" options 3.4.5
ok "3.4.5 exporting process reliability: records were dropped" \
    [ "$dropped" -gt 0 ]
is "$(last_told notSentFlowTotalCount)" "$dropped" \
    "3.4.5 exporting process reliability: as counted"
ok "3.4.6 flow keys" options 3.4.6

# --- 3.5: stress ---------------------------------------------------------------

"${builddir:-.}/bench/mkpcap" -n 60000 -f 25000 -t "$tmp/many.csv" \
    "$tmp/many.pcap" >/dev/null || bail "mkpcap"
replay -r "$tmp/many.pcap" "ipfix+file://$tmp/file.ipfix"
ok "3.5.1 many records of a template" complete "$tmp/file.ipfix" "$tmp/many.csv"

refused() {
    ! replay "ipfix+file://$tmp/file.ipfix?template=everything&mtu=$1" \
        2>"$tmp/refused.log" && cat "$tmp/refused.log" &&
        grep -q "octets, the mtu is $1" "$tmp/refused.log"
}
fields=$(grep -o '"' "$tmp/templates/everything.conf" | wc -l)
ok "3.5.3 a large template" [ "$fields" -gt 200 ]
ok "3.5.3 a template larger than messages is refused" refused 256

# Each record, but for its session, as often as there are collectors.
twenty_copies() {
    check --flows "$tmp/wire.pcap" >"$tmp/read.json" || return
    sed 's/"message": [0-9]*, "session": "[^"]*", //' "$tmp/read.json" |
        sort | uniq -c | awk '$1 != 20 { print; bad = 1 }
            END { exit bad || NR < 1000 }'
}
start_ready sink c python3 "$here/sink.py" 4739
set --
for i in $(seq 20); do
    ip -n "fx$$-c" address add "10.77.3.$i" dev c0
    set -- "$@" "ipfix+udp://10.77.3.$i"
done
ip -n "fx$$-r" route add 10.77.3.0/24 via 10.77.2.2
sent "$@"
stop sink KILL
ok "3.5.6 one exporter, twenty collectors" twenty_copies

# --- 3.6: trouble --------------------------------------------------------------

configure() {
    cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; };
flows = { active_timeout = 1; idle_timeout = 0.5; scan_interval = 0.1; };
collectors = ( { host = "10.77.2.2"; template = "$1"; } );
END
    start_flowexport r -c "$tmp/flowexport.conf"
}

# burst TOS: until it has been exported.
burst() {
    on a ping -q -c 10 -i 0.01 -Q "$1" 10.77.1.1 >/dev/null
    on a ping -q -c 10 -i 0.01 -Q "$1" fd77:1::1 >/dev/null
    sleep 1.5
}

# Messages were lost: that is all.
only_gaps() {
    check "$tmp/wire.pcap" >"$tmp/complaints"
    cat "$tmp/complaints"
    ! grep -v 'its sequence number is' "$tmp/complaints"
}

start_nfcapd c
start_capture r r1
configure standard
burst 4
ip -n "fx$$-c" link set c0 down
burst 8
ip -n "fx$$-c" link set c0 up
burst 12
ok "3.6.1 network disconnect: lives" kill -0 "$(pid flowexport)"
stop_capture
ok "3.6.1 network disconnect: only what was sent then is lost" only_gaps

start_capture r r1
stop flowexport KILL
configure standard
burst 16
stop flowexport KILL
configure reduced
burst 20
ok "stops" stop flowexport
check_wire
stop_nfcapd
is "$(collected 'tos 4') $(collected 'tos 12')" "40 40" \
    "3.6.1 network disconnect: the collector has what was before and after"
is "$(collected 'tos 16')" 40 "3.6.2 exporter restarts"
is "$(collected 'tos 20')" 40 \
    "3.6.8.3 template IDs again, of another layout, after a restart"
done_testing
