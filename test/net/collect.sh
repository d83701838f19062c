# SPDX-License-Identifier: GPL-2.0-or-later
# collect.sh - tcpdump and nfcapd, which take in what was exported.
#
# Sourced by tests, after lib.sh.
# shellcheck shell=sh disable=SC2154

# start_capture HOST DEVICE: of all that goes out to collectors' ports there, to
# $tmp/wire.pcap.  The longer packets may be, the fewer the kernel can keep.
start_capture() {
    unmerged "$1" "$2"
    start capture "$1" nice -n -20 tcpdump -U --immediate-mode -B 16384 \
        -i "$2" -s 2000 -w "$tmp/wire.pcap" 'dst port 4739 or dst port 2055'
    wait_for 10 grep -q 'listening on' "$tmp/capture.log" ||
        bail "tcpdump: $(cat "$tmp/capture.log")"
}

stop_capture() {
    sleep 0.2
    stop capture
    grep -q '^0 packets dropped by kernel' "$tmp/capture.log" ||
        bail "tcpdump: $(tail -n 1 "$tmp/capture.log")"
}

# check_wire: stops the capture; everything in it must be right.
check_wire() {
    stop_capture
    ok "every octet to the collector is right" \
        python3 "$here/../wire/check.py" "$tmp/wire.pcap"
}

# start_nfcapd HOST: takes in what comes to port 4739; at the highest priority,
# for a collector that sleeps through a burst proves nothing of its sender.
start_nfcapd() {
    rm -rf "$tmp/nfcapd"
    mkdir "$tmp/nfcapd"
    start nfcapd "$1" nice -n -20 \
        nfcapd -p 4739 -t 3600 -B 8388608 -w "$tmp/nfcapd"
    nfcapd_host=$1
    wait_for 10 nfcapd_socket || bail "nfcapd: $(cat "$tmp/nfcapd.log")"
}

# Of nfcapd's socket: octets waiting, and datagrams lost for want of room.
nfcapd_socket() {
    on "$nfcapd_host" awk '$2 ~ /:1283$/ { split($5, queue, ":");
        print queue[2], $NF; found = 1 } END { exit !found }' /proc/net/udp
}

nfcapd_is_done() {
    [ "$(nfcapd_socket)" = "00000000 0" ]
}

# stop_nfcapd: what it took is then in $tmp/flows.json.
stop_nfcapd() {
    wait_for 10 nfcapd_is_done || bail "nfcapd lost data: $(nfcapd_socket)"
    sleep 0.2
    stop nfcapd
    nfdump -q -R "$tmp/nfcapd" -o json >"$tmp/flows.json" || bail "nfdump"
}

# collected FILTER: packets that nfcapd took, in flows that pass.
collected() {
    nfdump -q -N -R "$tmp/nfcapd" -o fmt:%pkt "$1" |
        awk '{ n += $1 } END { printf "%.0f", n }'
}
