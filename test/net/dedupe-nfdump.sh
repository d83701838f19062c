#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dedupe-nfdump.sh - what R forwards, as a collector has it: once in the mode
# merge, with both interfaces and as it was on the wire; twice in the mode off.
#
#	A a0 ---- r0 R r1 ---- b0 B	where wirecount counts

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/collect.sh"

need nfcapd nfdump ethtool ping tcpdump python3 awk

a4=10.77.1.2 b4=10.77.2.2 a6=fd77:1::2 b6=fd77:2::2
add_hosts a r b
join 1 r r0 a a0
join 2 r r1 b b0
route a 1
route b 2
on r ethtool -K r0 gro off >/dev/null
unmerged r r1
unmerged b b0
r0=$(if_index r r0)
r1=$(if_index r r1)
start_ready sink_a a "$tools/traffic" sink 5000
start_ready sink_b b "$tools/traffic" sink 5000

# collect MODE: flows between A and B, as lines of $tmp/flows.
collect() {
    cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0", "r1" ]; };
flows = { scan_interval = 0.2; };
dedupe = { mode = "$1"; };
collectors = ( { host = "127.0.0.1"; port = 4739; } );
END
    start_nfcapd r
    start_capture r lo
    start_flowexport r -c "$tmp/flowexport.conf"
    start_ready wire b "$tools/wirecount" b0
    on a "$tools/traffic" udp 1 500 20000 10000 5000 $b4 $b6 ||
        bail "no traffic"
    on b "$tools/traffic" udp 2 50 2000 4000 5000 $a6 $a4 ||
        bail "no traffic"
    on a "$tools/traffic" tcp 100 300000 500000 5000 $b6 $b4 ||
        bail "no traffic"
    on a ping -q -c 5 -i 0.1 $b4 >/dev/null
    sleep 0.5 # the last acknowledgements
    stop wire || bail "wirecount: $(cat "$tmp/wire.log")"
    stop flowexport || bail "flowexport: $(cat "$tmp/flowexport.log")"
    stop_nfcapd
    check_wire
    nfdump -q -N -R "$tmp/nfcapd" -6 \
        -o 'fmt:%ts %td %pr %sap %dap %in %out %dir %pkt %byt %tos' \
        "src ip in [$a4 $b4 $a6 $b6] and dst ip in [$a4 $b4 $a6 $b6]" \
        >"$tmp/flows"
    grep '^in,' "$tmp/wire.out" >"$tmp/wire_in.csv"
    grep '^out,' "$tmp/wire.out" >"$tmp/wire_out.csv"
}

# how_often: "TIMES FLOWS" for each number of TIMES that a flow is there.
how_often() {
    awk '{ n[$4, $5, $6, $12]++ } END { for (flow in n) flows[n[flow]]++
        for (times in flows) print times, flows[times] }' "$tmp/flows"
}

compare() {
    python3 "$here/compare.py" counters "$tmp/flows.json" "$@" \
        "$a4" "$b4" "$a6" "$b6"
}

collect merge
flows=$(wc -l <"$tmp/flows")
ok "there are flows" [ "$flows" -gt 700 ]
is "$(how_often)" "1 $flows" "merge: each of them once"
is "$(awk '{ print $7, $8, $9 }' "$tmp/flows" | sort -u)" \
    "$(printf '%s %s I\n' "$r0" "$r1" "$r1" "$r0" | sort)" \
    "merge: with the interface it came in by and the one it left by"
ok "merge: what A sent, as on the wire" \
    compare "$tmp/wire_in.csv" "$r0" ingress
ok "merge: what B sent, as on the wire" \
    compare "$tmp/wire_out.csv" "$r1" egress
is "$(($(counter records_made) - $(counter records_duplicate)))" \
    "$(counter records_exported)" "merge: each record is one of these"

collect off
is "$(how_often)" "2 $(($(wc -l <"$tmp/flows") / 2))" "off: each of them twice"
is "$(awk '{ print $7, $8, $9 }' "$tmp/flows" | sort -u)" \
    "$(printf '%s %s %s\n' "$r0" 0 I "$r0" "$r1" E "$r1" 0 I "$r1" "$r0" E |
        sort)" "off: at either interface"
is "$(counter records_duplicate)" 0 "off: no duplicates"
done_testing
