#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# options.sh - what nfcapd and nfacctd make of options data: counts are scaled
# by the sampling, once, and interfaces have names.
#
#	A a0 ---- r0 R, where the collectors are, too

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/collect.sh"

need nfcapd nfdump nfacctd ping python3

add_hosts a r
join 1 r r0 a a0
cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; };
flows = { active_timeout = 1; idle_timeout = 0.5; scan_interval = 0.1; };
sampling = 5;
END
cat >"$tmp/nfacctd.conf" <<END
daemonize: false
nfacctd_ip: 127.0.0.1
nfacctd_port: 2055
nfacctd_renormalize: true
plugins: print[flows]
aggregate[flows]: src_host, dst_host, in_iface, out_iface, sampling_rate
print_output[flows]: json
print_output_file[flows]: $tmp/nfacctd.json
print_refresh_time[flows]: 3600
END

# observe PROTOCOL
observe() {
    start_nfcapd r
    start nfacctd r nfacctd -f "$tmp/nfacctd.conf"
    wait_for 10 grep -q 'JSON: setting object handlers' \
        "$tmp/nfacctd.out" "$tmp/nfacctd.log" ||
        bail "nfacctd: $(cat "$tmp/nfacctd.log")"
    start_flowexport r -c "$tmp/flowexport.conf" \
        -n "$1+udp://127.0.0.1:4739" -n "$1+udp://127.0.0.1:2055"
    on a ping -q -f -c 3000 10.77.1.1 >/dev/null
    stop flowexport
    stop_nfcapd
    pkill -INT -P "$(pid nfacctd)"
    wait_for 10 grep -q 'Purging cache - END' \
        "$tmp/nfacctd.out" "$tmp/nfacctd.log" ||
        bail "nfacctd: $(cat "$tmp/nfacctd.log")"
    stop nfacctd INT
}

# names: which interfaces there are, each with its name
names() {
    nfdump -q -N -R "$tmp/nfcapd" -o "fmt:%in %inam
%out %onam" | sed 's/^ *//' | sort -u | xargs
}

nfacctd_packets() {
    python3 -c 'import json, sys
print(sum(json.loads(line)["packets"] for line in open(sys.argv[1])))' \
        "$tmp/nfacctd.json"
}

for protocol in ipfix netflow9; do
    observe "$protocol"
    n_seen=$(counter packets_recorded)
    ok "$protocol: about a fifth is seen" \
        awk -v n="$n_seen" 'BEGIN { exit !(n > 600 && n < 2400) }'
    is "$(collected proto\ icmp)" $((n_seen * 5)) \
        "$protocol: nfcapd has five times as many"
    is "$(nfacctd_packets)" $((n_seen * 5)) "$protocol: so has nfacctd"
    is "$(names)" "0 $(if_index r r0) r0" "$protocol: nfcapd knows names"
done
done_testing
