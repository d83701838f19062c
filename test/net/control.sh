#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# control.sh - flowexportctl and a live daemon: what it says is true, and no
# client does it harm.
#
#	A a0 ---- r0 R
#
# flowexport observes r0, and reports to a port of R where first nobody is.

. "$(dirname "$0")/lib.sh"

need ping python3 setpriv tc

FLOWEXPORTCTL=${FLOWEXPORTCTL:-$(dirname "$FLOWEXPORT")/flowexportctl}
export FLOWEXPORTCTL
chmod 755 "$tmp"
socket=$tmp/run/control
add_hosts a r
join 1 r r0 a a0

configure() {
    cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; };
flows = { max = 4096; active_timeout = 3600; idle_timeout = 600; };
control = { socket = "$socket"; };
collectors = ( { name = "main"; host = "127.0.0.1"; port = 4739; $1 } );
END
}

ctl() {
    "$FLOWEXPORTCTL" -s "$socket" "$@"
}

# exits STATUS COMMAND...
exits() {
    exits_expected=$1
    shift
    "$@" >"$tmp/out" 2>"$tmp/err"
    exits_status=$?
    cat "$tmp/out" "$tmp/err"
    same "$exits_status" "$exits_expected"
}

says() {
    cat "$tmp/out" "$tmp/err"
    grep -q -e "$1" "$tmp/out" "$tmp/err"
}

# ask EXPRESSION COMMAND...: of the JSON that comes
ask() {
    ask_expression=$1
    shift
    ctl -j "$@" | python3 -c '
import json, sys
answer = json.load(sys.stdin)
print(eval(sys.argv[1]))' "$ask_expression"
}

client() {
    timeout 60 python3 "$here/control.py" "$socket" "$@"
}

counter_now() {
    ask "[c['value'] for c in answer['counters'] if c['name'] == '$1'][0]" stats
}

# What r0 carried, by its interface and by the programs, must be the same.
r0_adds_up() {
    seen=$(counter_now packets_seen)
    same "$(ask "[i['packets_in'] + i['packets_out']
        for i in answer['interfaces'] if i['name'] == 'r0'][0]" interfaces)" \
        "$seen" && [ "$seen" -ge 2000 ]
}

configure
ok "without a daemon: 3" exits 3 ctl status
ok "and says so" says 'no flowexport there'
start_flowexport r -c "$tmp/flowexport.conf"
is "$(stat -c '%a %F' "$socket")" "660 socket" "for owner and group only"
ok "for nobody else: 1" exits 1 setpriv --reuid 65534 --regid 65534 \
    --clear-groups "$FLOWEXPORTCTL" -s "$socket" status
ok "and says so" says 'Permission denied'

on a ping -q -f -c 1000 10.77.1.1 >/dev/null || bail "no way from A to R"
sleep 0.2
is "$(ask "[(f['packetDeltaCount'], f['octetDeltaCount'])
    for f in answer['flows'] if f['icmpTypeCodeIPv4'] == 2048 and
    f['sourceIPv4Address'] == '10.77.1.2']" flows)" "[(1000, 84000)]" \
    "flows: each ping"
is "$(ask "[f['destinationIPv4Address'] for f in answer['flows']][0]" \
    flows 1 --sort packets | wc -l)" 1 "flows 1: one"
ok "interfaces: each packet, of flows that are open" r0_adds_up
ok "flush: 0" exits 0 ctl flush
sleep 1
is "$(counter_now records_made)" "$(counter_now flows_active)" \
    "each flow was reported, and goes on"
ok "interfaces: the same, of flows that were reported" r0_adds_up
is "$(ask "[(i['attached'], i['reason'], i['packets_in'])
    for i in answer['interfaces'] if i['name'] == 'lo']" interfaces)" \
    "[(None, 'not selected', 0)]" "an interface that is not observed"

wait_for 5 sh -c "'$FLOWEXPORTCTL' -s '$socket' status | grep -q refused"
ok "status: 0" exits 0 ctl status
ok "somebody refuses" says '! collector main has refused for'
ok "what to do" says 'do: start the collector'
is "$(head -n 1 "$tmp/out")" "1 problem" "and nothing else is wrong"
is "$(ask "[(c['name'], c['state']) for c in answer['collectors']]" collectors)" \
    "[('main', 'refused')]" "collectors has it, too"
for command in stats interfaces collectors "flows 5"; do
    # shellcheck disable=SC2086 # an argument behind the command
    ok "$command: 0" exits 0 ctl $command
    ok "a table" says '^[> ]*[A-Z]* '
done
ok "top" client top
ok "top takes a terminal" exits 1 ctl top

for what in garbage pieces long crowd crowd_of_flows gone slow deaf; do
    ok "client: $what" client "$what"
done

start_ready sink r "$tools/traffic" sink 4739
for _ in 1 2 3 4; do
    ctl flush
    on a ping -q -c 1 10.77.1.1 >/dev/null
done
wait_for 5 sh -c "'$FLOWEXPORTCTL' -s '$socket' status | grep -q '^all is well'"
is "$(ctl status | head -n 1)" "all is well" "then somebody is there"

configure 'colour = "red";'
ok "reload of a bad file: 1" exits 1 ctl reload
ok "and says where" says "$tmp/flowexport.conf:4: "
is "$(ask "answer['collectors'][0]['name']" collectors)" main "nothing changes"
configure 'queue = "1MiB";'
ok "reload of a good one: 0" exits 0 ctl reload
is "$(ask "answer['collectors'][0]['records_waiting_max'] < 5000" collectors)" \
    True "is in force"
for bad in "" "nonsense" "flows 0" "flows 1001" "flows x" "status 1" \
    "flows --sort size" "status --sort last" "-j top" "--nonsense" "-s"; do
    # shellcheck disable=SC2086 # several words
    ok "'$bad': 2" exits 2 "$FLOWEXPORTCTL" $bad
done

first=$(ask "answer['pid']" status)
for suffix in pid log; do
    mv "$tmp/flowexport.$suffix" "$tmp/first.$suffix"
done
start_flowexport r -c "$tmp/flowexport.conf"
ok "a second daemon says so" grep -q \
    "control socket $socket: another flowexport has it" "$tmp/flowexport.log"
is "$(ask "answer['pid']" status)" "$first" "the first one has it"
ok "the second stops" stop flowexport
is "$(ask "answer['pid']" status)" "$first" "the first one still has it"

stop first KILL
ok "killed: 3" exits 3 ctl status
start_flowexport r -c "$tmp/flowexport.conf"
is "$(ask "answer['pid'] != $first" status)" True \
    "what a dead daemon left is replaced"
ok "top, when it stops" client top_orphan "$(pid flowexport)"
wait_for 5 gone "$(pid flowexport)"
is "$(test -e "$socket" || echo gone)" gone "it takes its socket along"

# with FLOWS_MAX: many more flows than that, or enough room for them
with() {
    cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; directions = "ingress"; };
flows = { max = $1; overflow = 0; idle_timeout = 600; };
control = { socket = "$socket"; };
collectors = ( { host = "/dev/null"; transport = "file"; } );
END
    start_flowexport r -c "$tmp/flowexport.conf"
    on a "$tools/traffic" udp 1 2000 4000 20000 4739 10.77.1.1 ||
        bail "no traffic"
    sleep 1.5
    ctl status >"$tmp/out"
    stop flowexport
}
with 256
ok "a table that is too small" says 'found no room in the last minute'
is "$(sed -n 's/.*do: set flows.max to \([0-9]*\) .*/\1/p' "$tmp/out")" 4096 \
    "and how large it had better be"
with 4096
is "$(head -n 1 "$tmp/out")" "all is well" "so it is"

join 2 r r1 a a1
on r tc qdisc add dev r0 ingress
cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0", "r1" ]; attach = "tc"; };
control = { socket = "$socket"; };
collectors = ( { host = "/dev/null"; transport = "file"; } );
END
start_flowexport r -c "$tmp/flowexport.conf"
wait_for 5 sh -c "'$FLOWEXPORTCTL' -s '$socket' status | grep -q failed"
ok "status: 0" exits 0 ctl status
ok "an interface that cannot be attached to, and why" says \
    '! not observed: interface r0: .* it has an ingress qdisc'
is "$(ask "[i['attached'] for i in answer['interfaces']
    if i['name'] in ('r0', 'r1')]" interfaces)" "[None, 'tc']" \
    "how each is attached"
stop flowexport

echo 'not a socket' >"$tmp/file"
sed -i "s|$socket|$tmp/file|" "$tmp/flowexport.conf"
start_flowexport r -c "$tmp/flowexport.conf"
ok "stops" stop flowexport
is "$(cat "$tmp/file")" "not a socket" "a file in its place stays"

"$FLOWEXPORT" -q -c "$tmp/flowexport.conf" -n ipfix+file:///dev/null \
    -r "$here/../data/pcap/ethernet.pcap"
is "$?$(ls "$tmp/run" 2>/dev/null)" 0 "captures have no socket"
done_testing
