#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# refresh.sh - 100,000 flows, and templates and options again each second:
# nobody misses a record, nor is any announcement missing.

. "$(dirname "$0")/../net/lib.sh"
. "$(dirname "$0")/../net/collect.sh"

need nfcapd nfdump ethtool tcpdump python3 awk

add_hosts r
"${builddir:-.}/bench/mkpcap" -n 170000 -f 70000 -b $(($(date +%s) - 3600)) \
    -t "$tmp/truth.csv" "$tmp/pcap" >/dev/null || bail "mkpcap"

check() {
    python3 "$here/check.py" "$@" "$tmp/wire.pcap"
}

complete() {
    check --flows >"$tmp/read.json" &&
        python3 "$here/../pcap/truth.py" "$tmp/truth.csv" "$tmp/read.json"
}

nfcapd_is_complete() {
    python3 "$here/readers.py" nfdump "$tmp/flows.json" >"$tmp/read.json" &&
        python3 "$here/../pcap/truth.py" "$tmp/truth.csv" "$tmp/read.json"
}

cat >"$tmp/messages.py" <<'END'
"""Of the messages, as lines of JSON: for how long templates did not come to a
domain, at most; and the sequence failures that nfcapd counts by mistake, for
records of options are not among those that it expects after the first flows.
"""
import json, sys

quiet = failures = 0
last, had_flows, had_options = {}, set(), set()
for of in map(json.loads, sys.stdin):
    domain, sets = of["domain"], of["sets"]
    failures += domain in had_options
    had_options.discard(domain)
    data = [a_set["options"] for a_set in sets if a_set["id"] > 255]
    if False in data:
        had_flows.add(domain)
    if True in data and of["version"] == 10 and domain in had_flows:
        had_options.add(domain)
    if sets[0]["id"] < 4:
        last[domain] = of["time"]
    quiet = max(quiet, of["time"] - last[domain])
print(round(quiet), failures)
END

# refresh PROTOCOL
refresh() {
    start_nfcapd r
    start_capture r lo
    on r "$FLOWEXPORT" -q -c /dev/null -r "$tmp/pcap" -n "\
$1+udp://127.0.0.1:4739?rate=700&template_refresh=1&options_refresh=1" ||
        bail "flowexport cannot read"
    stop_nfcapd
    stop_capture
    check --messages | python3 "$tmp/messages.py" >"$tmp/told"
    read -r quiet mistakes <"$tmp/told"
    ok "$1: all of 100,000 flows" complete
    ok "$1: nfcapd has them" nfcapd_is_complete
    is "$(nfdump -R "$tmp/nfcapd" -I | sed -n 's/^Sequence failures: //p')" \
        "$mistakes" "$1: nfcapd misses nothing, but by its own mistake"
    # Some seven seconds it took.
    ok "$1: templates come each second" [ "$quiet" -le 3 ]
}

refresh ipfix
refresh netflow9
done_testing
