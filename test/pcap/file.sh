#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# file.sh - flows of captures in a file (RFC 5655), as others read it.

. "$(dirname "$0")/../net/lib.sh"

# Without a program of debian/tests/control, root may not pretend to have run.
for tool in ipfixDump tshark python3; do
    command -v "$tool" >/dev/null && continue
    [ "$(id -u)" -ne 0 ] || bail "$tool is not installed"
    echo "1..0 # SKIP $tool is not installed"
    exit 0
done

begin
data=${srcdir:-.}/test/data/pcap
file=$tmp/flows.ipfix

# run ARGUMENT...: over all captures
run() {
    for capture in "$data"/*.pcap "$data"/*.pcapng; do
        set -- -r "$capture" "$@"
    done
    "$FLOWEXPORT" "$@"
}

# export_to URL: each IP flow, of which standard has templates, stands in
# $tmp/json, too.
export_to() {
    run -c /dev/null -n "$1" -p=json >"$tmp/all" 2>"$tmp/log"
    set -- $?
    grep IPv "$tmp/all" >"$tmp/json"
    return "$1"
}

# counter NAME: one that the collector's line ends with.
counter() {
    sed -n "s/.*collector .* $1=\([0-9]*\).*/\1/p" "$tmp/log"
}

# Of each flow a line, from value[], by the elements' names.
flow='
function flow(value,    name, n, i, line) {
    n = split("sourceIPv4Address destinationIPv4Address " \
        "sourceIPv6Address destinationIPv6Address " \
        "sourceTransportPort destinationTransportPort protocolIdentifier " \
        "ipClassOfService tcpControlBits octetDeltaCount packetDeltaCount " \
        "flowStartMilliseconds flowEndMilliseconds flowEndReason", name, " ")
    for (i = 1; i <= n; i++) line = line " " value[name[i]]
    return line
}'

printed() {
    sed 's/[{}"]//g; s/T\(..:..:..\....\)[0-9]*Z/ \1/g' "$tmp/json" |
        awk -F , "$flow"'
        {
            for (i = 1; i <= NF; i++) {
                at = index($i, ":")
                value[substr($i, 1, at - 1)] = substr($i, at + 1)
            }
            print flow(value)
            delete value
        }' | sort
}

# dumped [FILE]: the flows, not options data; ipfixDump writes out the zeros that
# begin an address' groups.
dumped() {
    ipfixDump --data --in "${1:-$file}" |
        awk -F ' : ' "$flow"'
        function out() {
            if ("flowEndReason" in value) print flow(value)
            delete value
        }
        /^--- data record/ { out() }
        /^\t\([0-9]*\)/ {
            sub(/^.*\) */, "", $1)
            if ($1 ~ /IPv6Address/) gsub(/:0+/, ":", $2)
            value[$1] = $2
        }
        END { out() }' | sort
}

agrees() {
    printed >"$tmp/printed"
    dumped "$@" >"$tmp/dumped"
    [ -s "$tmp/printed" ] && diff "$tmp/printed" "$tmp/dumped"
}

# expected: flows printed, packets and octets that the captures have.
expected() {
    awk -v flows="$(wc -l <"$tmp/json")" '
        !/^#/ && !/^packets/ && $6 != "-" { packets += $15; octets += $16 }
        END { print flows, packets, octets }' "$data"/*.expect
}

# sums: the same, as tshark reads them.
sums() {
    tshark -r "$file" -T fields -E separator=' ' \
        -e cflow.packets -e cflow.octets 2>"$tmp/tshark.log" |
        awk '{
            n = split($1, packets, ",")
            split($2, octets, ",")
            for (i = 1; i <= n; i++) {
                n_packets += packets[i]
                n_octets += octets[i]
            }
            flows += n
        }
        END { print flows, n_packets, n_octets }'
}

# complaints [EXPERT]: also that the file ends amid a message.
complaints() {
    tshark -r "$file" -Y "${1-_ws.expert ||} _ws.malformed || !cflow" \
        2>"$tmp/tshark.log" || cat "$tmp/tshark.log"
}

# sets: what is in each message, as ipfixDump tells.
sets() {
    ipfixDump --in "$file" |
        sed -n 's/^\*\*\* Msg Stats: .*\(Template\|Data\) .*/\1/p'
}

# A file that is there is replaced, also where it was longer.
seq 100000 >"$file"
ok "writes a file" export_to "ipfix+file://$file"
ok "ipfixDump reads the flows that were printed" agrees
is "$(sums)" "$(expected)" "tshark reads all flows, packets and octets"
is "$(complaints)" "" "tshark has nothing to complain of"
check() {
    python3 "$here/../wire/check.py" "$@" "$file"
}

ok "every octet of it is right" check
is "$(counter octets_sent)" "$(wc -c <"$file")" "each octet is counted"
is "$(counter records_exported)" "$(wc -l <"$tmp/json")" \
    "each record is counted"

# extremes: of which elements there are values other than 0
extremes() {
    ipfixDump --data --in "$file" |
        sed -n 's/.*) *\(m[a-zA-Z]*\) : [1-9][0-9]*$/\1/p' | sort -u | xargs
}

ok "writes everything" run -q -c /dev/null -n "ipfix+file://$file?template=full"
ok "every octet of it is right" check
is "$(extremes)" \
    "maximumIpTotalLength maximumTTL minimumIpTotalLength minimumTTL" \
    "smallest and largest packets are among it"

ok "writes short messages" export_to "ipfix+file://$file?mtu=200"
ok "ipfixDump reads them" agrees
is "$(sums)" "$(expected)" "tshark reads them"
is "$(complaints)" "" "and does not complain"
ok "every octet of them is right" check --mtu 200
is "$(sets | uniq | xargs)" "Template Data" "templates go first, and only once"
ok "there are many" [ "$(sets | wc -l)" -gt 6 ]

printf 'collectors = ( { host = "%s"; transport = "file"; } );' "$file" \
    >"$tmp/flowexport.conf"
rm "$file"
ok "tests a configuration" "$FLOWEXPORT" -t -c "$tmp/flowexport.conf"
ok "but opens no file for that" [ ! -e "$file" ]
ok "takes it from a configuration" run -q -c "$tmp/flowexport.conf"
ok "and does the same" agrees

mkfifo "$tmp/fifo"
{
    sleep 0.3
    exec timeout 10 cat "$tmp/fifo" >"$tmp/copy"
} &
reader=$!
ok "waits for a FIFO's reader" export_to "ipfix+file://$tmp/fifo"
wait "$reader"
ok "who gets everything" agrees "$tmp/copy"

run -q -c /dev/null -n ipfix+file:///dev/stdout | cat >"$tmp/copy"
ok "writes to standard output" agrees "$tmp/copy"

export_to ipfix+file:///dev/full
is $? 1 "a full disk is an error in the end"
is "$(counter records_dropped)" "$(wc -l <"$tmp/json")" \
    "and counts what it dropped"
is "$(grep -c 'No space left on device' "$tmp/log")" 1 "and says so once"

# Less than all, and enough for templates: 512 octets, or 1024 with some shells.
within_limit() (
    ulimit -f 1
    run -q -c /dev/null -n "ipfix+file://$file?mtu=200" 2>/dev/null
)

within_limit
is $? 1 "so is the limit of a file's size"
# Where templates still fit behind what was dropped, the sequence tells of it.
is "$(complaints "")" "" "and leaves whole messages"
ok "as many as fit" [ "$(sets | wc -l)" -ge 2 ]
ok "and no more" [ "$(wc -c <"$file")" -le 1024 ]

# What the table keeps on demand, of the first flow of ethernet.pcap.
"$FLOWEXPORT" -q -c /dev/null -n "ipfix+file://$file?template=full" \
    -r "$data/ethernet.pcap"
is "$(ipfixDump --data --in "$file" | awk -F ' : ' '
    /^--- data/ { to = line = "" }
    /destinationIPv4Address/ { to = $2 }
    /imum/ { line = line " " $2 }
    /packetDelta/ && to == "203.0.113.80" { print line }')" " 64 64 40 77" "the smallest and largest packet"

export_to "ipfix+file://$tmp"
is $? 1 "a directory is no file"
ok "as it says" grep -qx "flowexport: --collector: collector $tmp: \
cannot write to $tmp: Is a directory" "$tmp/log"
done_testing
