#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# metrics.sh - what Prometheus is told of a daemon at work is what it counts.
#
#	A a0 ---- r0 R

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/collect.sh"

need nfcapd ping promtool python3

url=http://127.0.0.1:9995/metrics
etc=$here/../../etc

add_hosts a r
join 1 r r0 a a0

# One collector is there, and one is not.
cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r*" ]; };
flows = { idle_timeout = "500ms"; scan_interval = "100ms"; };
metrics = { listen = "127.0.0.1:9995"; };
collectors = (
  { name = "out \\"there\\""; host = "127.0.0.1"; port = 4739; },
  { name = "nobody"; host = "127.0.0.1"; port = 4740; transport = "tcp"; }
);
END
sed 's/out .*there.*"; host/out"; host/' "$tmp/flowexport.conf" \
    >"$tmp/plain.conf"

page() {
    on r python3 "$here/metrics.py" get "$url" >"$tmp/page"
}

# value NAME: as it stands on the page.
value() {
    awk -v name="$1" 'index($0, name " ") == 1 { print $NF }' "$tmp/page"
}

all_reported() {
    page && [ "$(value flowexport_flows_active)" = 0 ] &&
        [ "$(value flowexport_packets_recorded_total)" = \
            "$(value flowexport_packets_seen_total)" ]
}

# The de-duplication holds a record for a scan or two.
all_waiting() {
    page && [ "$(value 'flowexport_queue_records{collector="nobody"}')" -eq \
        "$(($(value flowexport_records_made_total) - \
            $(value flowexport_records_duplicate_total)))" ]
}

promtool_is_content() {
    promtool check metrics <"$tmp/page" >"$tmp/promtool" 2>&1 &&
        [ ! -s "$tmp/promtool" ] || { cat "$tmp/promtool"; false; }
}

start_nfcapd r
start_flowexport r -c "$tmp/flowexport.conf"
page
ok "odd names of collectors are as the format wants them" \
    grep -qF 'flowexport_messages_sent_total{collector="out \"there\""} ' \
    "$tmp/page"
stop flowexport

start_flowexport r -c "$tmp/plain.conf"
on a ping -q -f -c 500 10.77.1.1 >/dev/null || bail "no way from A to R"
ok "in the end all is reported" wait_for 10 all_reported
ok "promtool finds nothing to say of the page" promtool_is_content
is "$(value flowexport_interface_observed'{interface="r0"}')" 1 \
    "r0 is observed"
for direction in ingress egress; do
    is "$(value "flowexport_interface_packets_total{interface=\"r0\",direction=\"$direction\"}")" \
        500 "500 packets of r0, $direction"
    is "$(value "flowexport_interface_octets_total{interface=\"r0\",direction=\"$direction\"}")" \
        42000 "and their octets"
done
is "$(value 'flowexport_collector_up{collector="out"}') \
$(value 'flowexport_collector_up{collector="nobody"}')" "1 0" \
    "one collector is there, and one is not"
ok "all records wait for that one" wait_for 10 all_waiting

start deaf r python3 "$here/metrics.py" deaf 127.0.0.1 9995
wait_for 10 grep -q ready "$tmp/deaf.out" || bail "nobody is deaf"
ok "100 clients at once, and one who does not listen" \
    on r python3 "$here/metrics.py" crowd "$url" 100
stop deaf KILL

on r "$FLOWEXPORT" -c "$tmp/plain.conf" >"$tmp/second" 2>&1
is "$? $(tail -n 1 "$tmp/second")" "1 flowexport: metrics.listen 127.0.0.1:9995: \
Address already in use" "a second one, with the same port, does not start"

ok "the page stays" wait_for 10 all_reported
ok "stops" stop flowexport
ok "the page had what the log says at the end" \
    python3 "$here/metrics.py" agree "$tmp/page" "$tmp/flowexport.log" out

ok "dashboard and rules ask for what there is" \
    python3 "$here/metrics.py" known "$tmp/page" \
    "$etc/grafana/flowexport.json" "$etc/prometheus/flowexport.rules.yml"
ok "the rules are such" \
    promtool check rules "$etc/prometheus/flowexport.rules.yml"
ok "each rule sees what it is for, and nothing else" \
    promtool test rules "$here/../data/prometheus/flowexport.test.yml"
done_testing
