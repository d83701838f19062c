#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sctp.sh - IPFIX over SCTP (RFC 7011, 10.2): what is sent on which stream, what
# of associations that break, and that each record has arrived or is counted.
#
#	A a0 ---- r0 R r1 ---- c0 C
#
# C allows three streams, fewer than R asks for.  The kernel must have SCTP:
# test/vm/sctp.sh runs this on one.

. "$(dirname "$0")/lib.sh"

need tc awk

add_hosts a r c
join 1 r r0 a a0
join 2 r r1 c c0
# An association is lost in seconds, not in minutes.
for host in r c; do
    on $host sysctl -qw net.sctp.rto_initial=200 net.sctp.rto_min=100 \
        net.sctp.rto_max=400 net.sctp.association_max_retrans=4 \
        net.sctp.path_max_retrans=4 net.sctp.max_init_retransmits=3 \
        net.sctp.hb_interval=500 || bail "no SCTP: $(uname -sr)"
done

# configure SETTING...: of the collector; and start.
configure() {
    cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; directions = "ingress"; };
flows = { max = 16384; idle_timeout = 0.5; active_timeout = 2;
          scan_interval = 0.2; };
collectors = ( { name = "main"; host = "10.77.2.2"; transport = "sctp";
                 reconnect = 0.5; $* } );
END
    start_flowexport r -c "$tmp/flowexport.conf"
}

start_collector() {
    start_ready collector c "$tools/sctpcollect" 4739 3
}

# end_collector SIGNAL: what it said is added to what its predecessors did, and
# its associations' numbers get its own in front.
end_collector() {
    stop collector "$1"
    n_collectors=$((n_collectors + 1))
    awk -v n=$n_collectors '$2 { $2 = n "." $2 } { print }' \
        "$tmp/collector.out" >>"$tmp/events"
    cat "$tmp/collector.log" >>"$tmp/complaints"
}

forget_events() {
    n_collectors=0
    : >"$tmp/events"
    : >"$tmp/complaints"
}

# event PATTERN: the collector has said so.
event() {
    grep -qE "$1" "$tmp/collector.out"
}

# send SEED FLOWS DATAGRAMS RATE
send() {
    on a "$tools/traffic" udp "$1" "$2" "$3" "$4" 5000 10.77.1.1 fd77:1::1 ||
        bail "no traffic"
}

# quiet: nothing came for a second.
quiet() {
    quiet_len=$(wc -c <"$tmp/collector.out")
    sleep 1
    [ "$(wc -c <"$tmp/collector.out")" -eq "$quiet_len" ]
}

# messages PROGRAM: over association, stream, sequence, sets, records, flows,
# packets, octets and domain of each message.
messages() {
    sed -n 's/^message //p' "$tmp/events" | awk "$1"
}

sum() {
    messages "{ n += \$$1 } END { print n + 0 }"
}

check_all_accounted() {
    is "$(cat "$tmp/complaints")" "" "$1: libfixbuf finds no fault"
    ok "$1: records were dropped" [ "$(counter records_dropped)" -gt 0 ]
    is "$(($(sum 6) + $(counter records_dropped)))" \
        "$(counter records_made)" \
        "$1: each record has come, or is counted as dropped"
    is "$(($(sum 7) + $(counter packets_dropped)))" \
        "$(counter packets_recorded)" "$1: so has each packet"
    is "$(($(sum 8) + $(counter octets_dropped)))" \
        "$(counter octets_recorded)" "$1: and octet"
}

# --- associations that come and go ----------------------------------------------

start_ready sink r "$tools/traffic" sink 5000
forget_events
start_collector
configure 'queue = "64KiB";'
ok "an association begins" wait_for 10 event '^up 1 3$'
send 1 300 2000 1000
ok "records come" wait_for 20 event '^message 1 [12] .* D'
wait_for 20 quiet

# The collector dies with nothing on its way, and what is made meanwhile waits.
end_collector KILL
send 2 100 500 1000
start_collector
ok "another association, with a new collector" wait_for 20 event '^up 1 3$'
ok "what was made meanwhile comes" wait_for 20 event '^message 1 [12] .* D'

# The network is cut under load: first one way, so that all that has come is
# acknowledged.
send 3 1000 5000 500 &
sending=$!
sleep 2
on r tc qdisc add dev r1 root netem loss 100%
sleep 1
on c tc qdisc add dev c0 root netem loss 100%
ok "a network that is cut ends the association" \
    wait_for 30 event '^down 1 lost$'
on r tc qdisc del dev r1 root
on c tc qdisc del dev c0 root
ok "another association, once it is mended" wait_for 30 event '^up 2 3$'
ok "and records come" wait_for 20 event '^message 2 [12] .* D'
wait $sending

# The collector reads nothing for a while.
kill -STOP "$(pid collector)"
send 4 2000 8000 4000
sleep 2
kill -CONT "$(pid collector)"
wait_for 30 quiet

ok "stops" stop flowexport
ok "the association is shut down" wait_for 10 event '^down 2 shutdown$'
end_collector TERM

is "$(messages '!seen[$1]++ && $2 $3 $4 !~ /^00[TO]/')" "" \
    "an association begins with templates"
is "$(messages '$4 ~ /[TO]/ && $2 != 0')" "" "templates go to stream 0"
is "$(messages '$4 ~ /[TO]/ { n[$1]++ }
    END { for (i in n) print n[i] }' | sort -u | wc -l)" 1 \
    "as many in each association"
is "$(messages '$6 { print $2 }' | sort -u | tr '\n' ' ')" "1 2 " \
    "flows go to all the others"
is "$(messages '$3 != next_one[$1, $2, $9] + 0 { print }
    { next_one[$1, $2, $9] = $3 + $5 }')" "" \
    "each stream has its own sequence, without a gap"
check_all_accounted "in the end"

# --- a lifetime -------------------------------------------------------------------

# What is given up on its way may have arrived all the same, and is counted.
some_more() {
    echo "$1 counted as dropped, $2 missing"
    [ "$1" -ge "$2" ] && [ "$1" -le $(($2 + $2 / 20)) ]
}

forget_events
start_collector
configure 'sctp_ttl = 0.5;'
ok "sctp_ttl: an association begins" wait_for 10 event '^up 1 3$'
kill -STOP "$(pid collector)"
send 5 3000 9000 3000
sleep 3
kill -CONT "$(pid collector)"
wait_for 30 quiet
send 6 200 400 1000 # after which each stream tells of its gaps
wait_for 30 quiet
ok "sctp_ttl: stops" stop flowexport
ok "sctp_ttl: it was the only association" \
    wait_for 10 event '^down 1 shutdown$'
end_collector TERM
is "$(cat "$tmp/complaints")" "" "sctp_ttl: libfixbuf finds no fault"
gaps=$(messages '{ lost += $3 - next_one[$2, $9]; next_one[$2, $9] = $3 + $5 }
    END { print lost + 0 }')
ok "sctp_ttl: records are given up" [ "$gaps" -gt 0 ]
is "$(($(sum 6) + gaps))" "$(counter records_made)" \
    "sctp_ttl: gaps in the sequence tell of each that has not come"
ok "sctp_ttl: and each is counted" \
    some_more "$(counter records_dropped)" "$gaps"

done_testing
