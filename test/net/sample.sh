#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sample.sh - 1 packet in 10, and small flows through a router: each packet has
# one chance, not one at each interface.
#
#	A a0 ---- r0 R r1 ---- b0 B

. "$(dirname "$0")/lib.sh"

need ethtool awk

add_hosts a r b
join 1 r r0 a a0
join 2 r r1 b b0
route a 1
route b 2
unmerged a a0
unmerged r r0
unmerged r r1
unmerged b b0
start_ready sink b "$tools/traffic" sink 5000

# configure MODE
configure() {
    cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0", "r1" ]; };
dedupe = { mode = "$1"; };
sampling = 10;
END
}

# taken: packets of A's in records that are no duplicates
taken() {
    awk '/"duplicate":false/ && /"sourceIPv.Address":"(10.|fd)77[.:]1(.|::)2"/ {
        match($0, /"packetDeltaCount":[0-9]+/)
        n += substr($0, RSTART + 19, RLENGTH - 19)
    }
    END { print n + 0 }' "$tmp/flowexport.out"
}

# run FLOWS PACKETS: how many came to B, and how many we took
run() {
    start_flowexport r -c "$tmp/flowexport.conf" -p=json
    start_ready wire b "$tools/wirecount" b0
    on a "$tools/traffic" udp 1 "$1" "$2" 8000 5000 10.77.2.2 fd77:2::2
    sleep 0.5
    stop wire
    stop flowexport
    echo "$(awk -F, '$5 ~ /77[.:]1(.|::)2$/ { n += $9 } END { print n }' \
        "$tmp/wire.out") $(taken)"
}

# about SENT TAKEN RATE: by ten deviations, or what bursts that are taken as a
# whole make of them
about() {
    awk -v sent="$1" -v taken="$2" -v rate="$3" 'BEGIN {
        print taken " of " sent " packets"
        off = taken - sent * rate
        exit sent < 10000 || off * off > (sent * rate * 0.17) ^ 2
    }'
}

# --- two packets a flow ----------------------------------------------------------

configure merge
n=$(run 12000 16000)
# shellcheck disable=SC2086 # two words
ok "merge: of small flows, one packet in ten" about $n 0.1
configure off
n=$(run 12000 16000)
# shellcheck disable=SC2086
ok "off: and at each of two interfaces one in ten" about $n 0.2

# --- many ------------------------------------------------------------------------

configure drop
n=$(run 10 16000)
# shellcheck disable=SC2086
ok "drop: of large ones, too" about $n 0.1
done_testing
