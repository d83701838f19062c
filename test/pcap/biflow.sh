#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# biflow.sh - both directions of a generated capture's flows, joined (RFC 5103):
# nothing is lost, and who sent first is the source, all through its life.

. "$(dirname "$0")/../net/lib.sh"

for tool in ipfixDump tshark python3; do
    command -v "$tool" >/dev/null && continue
    [ "$(id -u)" -ne 0 ] || bail "$tool is not installed"
    echo "1..0 # SKIP $tool is not installed"
    exit 0
done

begin
file=$tmp/flows.ipfix
"${builddir:-.}/bench/mkpcap" -n 40000 -f 2000 "$tmp/pcap" >"$tmp/totals" ||
    bail "mkpcap"
echo 'flows = { active_timeout = 10; };' >"$tmp/flowexport.conf"

# export_with BIFLOW: what is in the records, in $tmp/sums
export_with() {
    "$FLOWEXPORT" -c "$tmp/flowexport.conf" -r "$tmp/pcap" \
        -n "ipfix+file://$file?biflow=$1" 2>"$tmp/log" || return
    ipfixDump --data --in "$file" >"$tmp/dump"
    awk -F ' : ' '
        /[oO]ctetDeltaCount/ { octets += $2 }
        /[pP]acketDeltaCount/ { packets += $2 }
        END { print packets, octets }' "$tmp/dump" >"$tmp/sums"
}

# counter NAME: one that the collector's line ends with.
counter() {
    sed -n "s/.*collector .* $1=\([0-9]*\).*/\1/p" "$tmp/log"
}

# Of each record of both, a line: ports, addresses, and who is said to be first.
biflows() {
    awk -F ' : ' '
        function out() {
            if ("biflowDirection" in value)
                print value["sourceTransportPort"],
                    value["destinationTransportPort"], ends[1], ends[2],
                    value["biflowDirection"]
            delete value
            delete ends
        }
        /^--- data record/ { out() }
        /^\t\(/ {
            sub(/^.*\) */, "", $1)
            value[$1] = $2
            if ($1 ~ /^source.*Address/) ends[1] = $2
            if ($1 ~ /^destination.*Address/) ends[2] = $2
        }
        END { out() }' "$tmp/dump"
}

# turned: how many have one source now, and another then
turned() {
    awk '{ one = $1 " " $3; other = $2 " " $4 }
         seen[other, one] { n++ }
         { seen[one, other] = 1 }
         END { print n + 0 }' "$tmp/biflows"
}

ok "exports each direction for itself" export_with false
cp "$tmp/sums" "$tmp/apart"
n_apart=$(counter records_exported)
is "$(counter records_joined)" 0 "none of them joined"

ok "exports both in one" export_with true
is "$(cat "$tmp/sums")" "$(cat "$tmp/apart")" "all packets, all octets"
is "$(($(counter records_exported) + $(counter records_joined)))" "$n_apart" \
    "each record, alone or with another"
ok "every octet of it is right" python3 "$here/../wire/check.py" "$file"
is "$(tshark -r "$file" -Y '_ws.expert || _ws.malformed || !cflow' 2>&1 |
    grep -v '^Running')" "" "tshark has nothing to complain of"

biflows >"$tmp/biflows"
is "$(wc -l <"$tmp/biflows")" "$(counter records_joined)" \
    "each that joined another is in a biflow"
ok "there are many" [ "$(wc -l <"$tmp/biflows")" -ge 1000 ]
is "$(cut -d ' ' -f 5 "$tmp/biflows" | sort -u)" 1 \
    "of each it is known who was first"
ok "flows are reported again and again" \
    [ "$(cut -d ' ' -f 1-4 "$tmp/biflows" | sort | uniq -d | wc -l)" -ge 10 ]
is "$(turned)" 0 "but never turn round"
done_testing
