#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# readers.sh - one stream, read by every reader there is: each must have every
# flow as it was, of a generated capture and of live traffic.
#
#	A a0 ---- r0 R, where the collectors are, too
#
# nfacctd, which is on port 2055, gets a stream of its own.

. "$(dirname "$0")/../net/lib.sh"
. "$(dirname "$0")/../net/collect.sh"

need nfcapd nfdump nfacctd tshark ipfixDump tcpdump ethtool ping python3
debian_python=
for python in python3 /usr/bin/python3; do
    "$python" -c 'import ipfix' 2>/dev/null && debian_python=$python
done
[ -n "$debian_python" ] || bail "python3-ipfix is not installed"

add_hosts a r
join 1 r r0 a a0

cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; };
flows = { active_timeout = 1; idle_timeout = 0.5; scan_interval = 0.1; };
END
# An hour ago: NetFlow v9 tells no older times than some weeks.
"${builddir:-.}/bench/mkpcap" -n 40000 -f 2000 -b $(($(date +%s) - 3600)) \
    -t "$tmp/truth.csv" "$tmp/pcap" >/dev/null || bail "mkpcap"

# --- collectors ----------------------------------------------------------------

start_nfacctd() {
    cat >"$tmp/nfacctd.conf" <<END
daemonize: false
nfacctd_ip: 127.0.0.1
nfacctd_port: 2055
nfacctd_pipe_size: 8388608
plugins: print[flows]
aggregate[flows]: src_host, dst_host, src_port, dst_port, proto, tos, vlan, tcpflags, timestamp_start, timestamp_end
print_output[flows]: json
print_output_file[flows]: $tmp/nfacctd.json
print_refresh_time[flows]: 3600
timestamps_since_epoch: true
END
    rm -f "$tmp/nfacctd.json"
    start nfacctd "$1" nfacctd -f "$tmp/nfacctd.conf"
    wait_for 10 grep -q 'JSON: setting object handlers' \
        "$tmp/nfacctd.out" "$tmp/nfacctd.log" ||
        bail "nfacctd: $(cat "$tmp/nfacctd.log")"
}

# Its plugin writes when it is told to stop.
stop_nfacctd() {
    sleep 0.5
    pkill -INT -P "$(pid nfacctd)"
    wait_for 10 grep -q 'Purging cache - END' \
        "$tmp/nfacctd.out" "$tmp/nfacctd.log" ||
        bail "nfacctd: $(cat "$tmp/nfacctd.log")"
    stop nfacctd INT
}

# stream PROTOCOL COMMAND...: which exports to all of them
stream() {
    protocol=$1
    shift
    start_nfcapd r
    start_nfacctd r
    start_capture r lo
    "$@" -n "$protocol+udp://127.0.0.1:4739" -n "$protocol+udp://127.0.0.1:2055"
    stop_nfcapd
    stop_nfacctd
}

# --- what they have ------------------------------------------------------------

read_tshark() {
    tshark -r "$tmp/wire.pcap" -d udp.port==4739,cflow \
        -Y 'udp.dstport == 4739' -T json --no-duplicate-keys -J cflow \
        2>"$tmp/tshark.log"
}

complaints() {
    tshark -r "$tmp/wire.pcap" -d udp.port==4739,cflow \
        -d udp.port==2055,cflow -Y '_ws.expert || _ws.malformed || !cflow' \
        2>"$tmp/tshark.log"
}

# compare READER FILE [MILLISECONDS]: with $truth
compare() {
    "$debian_python" "$here/readers.py" "$1" "$2" >"$tmp/read.json" &&
        python3 "$here/../pcap/truth.py" "$truth" "$tmp/read.json" "${3:-1}"
}

compare_flows() {
    python3 "$here/check.py" --port 4739 --flows "$tmp/wire.pcap" \
        >"$tmp/read.json" &&
        python3 "$here/../pcap/truth.py" "$truth" "$tmp/read.json"
}

# check_readers SAYS TRUTH
check_readers() {
    truth=$2
    check_wire
    python3 "$here/readers.py" messages "$tmp/wire.pcap" >"$tmp/messages"
    read_tshark >"$tmp/tshark.json"
    ok "$protocol, $1: check.py has all flows" compare_flows
    ok "$protocol, $1: nfcapd has all flows" compare nfdump "$tmp/flows.json"
    is "$(nfdump -R "$tmp/nfcapd" -I | sed -n 's/^Sequence failures: //p')" 0 \
        "$protocol, $1: nfcapd misses nothing"
    ok "$protocol, $1: tshark has all flows" compare tshark "$tmp/tshark.json"
    is "$(complaints)" "" "$protocol, $1: tshark has nothing to complain of"
    ok "$protocol, $1: python3-ipfix has all flows" \
        compare "$protocol" "$tmp/messages"
    if [ "$protocol" = ipfix ]; then
        ok "$protocol, $1: nfacctd has all flows" \
            compare nfacctd "$tmp/nfacctd.json"
        ipfixDump --data --in "$tmp/messages" >"$tmp/dump"
        ok "$protocol, $1: ipfixDump has all flows" \
            compare ipfixDump "$tmp/dump"
    else
        # It takes times for whole seconds.
        ok "$protocol, $1: nfacctd has all flows" \
            compare nfacctd "$tmp/nfacctd.json" 1000
    fi
}

# --- streams -------------------------------------------------------------------

replay() {
    on r "$FLOWEXPORT" -q -c /dev/null -r "$tmp/pcap" "$@" ||
        bail "flowexport cannot read"
}

live() {
    start_flowexport r -c "$tmp/flowexport.conf" --print=json "$@"
    start_ready sink r "$tools/traffic" sink 5000
    on a "$tools/traffic" tcp 40 200000 300000 5000 10.77.1.1 fd77:1::1 ||
        bail "traffic"
    on a "$tools/traffic" udp 1 100 2000 2000 5000 10.77.1.1 fd77:1::1 ||
        bail "traffic"
    on a ping -q -c 20 -i 0.05 -Q 8 10.77.1.1 >/dev/null
    on a ping -q -c 20 -i 0.05 -Q 8 fd77:1::1 >/dev/null
    stop sink KILL
    stop flowexport
    cp "$tmp/flowexport.out" "$tmp/printed.json"
}

for protocol in ipfix netflow9; do
    stream "$protocol" replay
    check_readers capture "$tmp/truth.csv"
    stream "$protocol" live
    check_readers live "$tmp/printed.json"
done

# The comparison notices.
broken() {
    truth=$tmp/broken.json
    sed "7$1" "$tmp/printed.json" >"$truth"
    ! compare_flows
}
ok "one packet more is noticed" broken 's/"packetDeltaCount":/&1/'
ok "another address is noticed" broken 's/"sourceIPv.Address":"/&1/'
ok "a false time is noticed" broken 's/\("flowEnd.*\.\)[0-9]*/\19999/'
ok "a missing flow is noticed" broken d
done_testing
