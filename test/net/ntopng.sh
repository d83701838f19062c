#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ntopng.sh - flows over ZeroMQ, to a subscriber of our own that reads them as
# ntopng does and refuses what ntopng would misread: whoever connects, encrypted
# or not, whoever is restarted; and one that hangs.
#
#	A a0 ---- r0 R r1 ---- c0 C, where the subscriber is

. "$(dirname "$0")/lib.sh"

need ping awk chrt
/usr/bin/python3 -c 'import zmq' 2>/dev/null || bail "no python3-zmq"

# What others do on this machine is not the loop's fault.
cat >"$tmp/flowexport" <<END
#!/bin/sh
exec chrt -f 1 "$(command -v "$FLOWEXPORT")" "\$@"
END
chmod +x "$tmp/flowexport"
FLOWEXPORT=$tmp/flowexport

add_hosts a r c
join 1 r r0 a a0
join 2 r r1 c c0

# start_subscriber HOW ENDPOINT [KEYS]
start_subscriber() {
    start subscriber c "$here/subscriber.py" "$@"
    wait_for 10 grep -q '^ready' "$tmp/subscriber.log" ||
        bail "subscriber: $(cat "$tmp/subscriber.log")"
}

# stop_subscriber: what it got is then at the end of $tmp/got.
stop_subscriber() {
    stop subscriber
    cat "$tmp/subscriber.out" >>"$tmp/got"
    rm "$tmp/subscriber.out"
}

# start_with KEYS: flowexport reports to that collector
start_with() {
    cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; };
flows = { active_timeout = 1; idle_timeout = 0.5; scan_interval = 0.1; };
observation = { domain = 70000; agent_ip = "10.77.1.1"; };
collectors = ( { name = "c"; protocol = "ntopng"; transport = "zmq";
                 template = "ntopng"; reconnect = 0.1; $1 } );
END
    start_flowexport r -c "$tmp/flowexport.conf" --print=json
}

stop_flowexport() {
    ok "$1: stops" stop flowexport
    cat "$tmp/flowexport.out" >>"$tmp/printed"
    rm "$tmp/flowexport.out"
}

subscribed() {
    grep -q 'collector c: subscribed' "$tmp/flowexport.log"
}

# ping_all N: from 10.77.1.2 and fd77:1::2, N packets each, and their answers
ping_all() {
    on a ping -q -c "$1" -i 0.02 10.77.1.1 >/dev/null
    on a ping -q -c "$1" -i 0.02 fd77:1::1 >/dev/null
}

# Records that the subscriber has.
n_got() {
    cat "$tmp/got" "$tmp/subscriber.out" 2>/dev/null |
        grep -o '"136"' | wc -l
}

n_printed() {
    cat "$tmp/printed" "$tmp/flowexport.out" 2>/dev/null | wc -l
}

has_all() {
    [ "$(n_got)" -ge 4 ] && [ "$(n_got)" -eq "$(n_printed)" ]
}

cat >"$tmp/read.py" <<'END'
import json, sys

what, got, printed = sys.argv[1:]
messages = [json.loads(line) for line in open(got)]
flows = [flow for m in messages for flow in m.get("flows", ())]

def theirs(flow):
    v4 = "8" in flow
    return (flow["8" if v4 else "27"], flow["12" if v4 else "28"], flow["4"],
            flow["5"], flow["6"], flow["7"], flow["11"], flow.get("32", 0),
            flow["10"], flow["14"], flow["56"], flow["80"], flow["58"],
            flow["60"], flow["61"], flow["136"], flow["1"], flow["2"],
            flow["22"], flow["21"])

def seconds(text):
    import calendar, time
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))

def ours(flow):
    v = flow["ipVersion"]
    return (flow["sourceIPv%dAddress" % v], flow["destinationIPv%dAddress" % v],
            flow["protocolIdentifier"], flow["ipClassOfService"],
            flow["tcpControlBits"], flow["sourceTransportPort"],
            flow["destinationTransportPort"],
            flow.get("icmpTypeCodeIPv%d" % v, 0), flow["ingressInterface"],
            flow["egressInterface"], flow["sourceMacAddress"],
            flow["destinationMacAddress"], flow["vlanId"], v,
            flow["flowDirection"], flow["flowEndReason"],
            flow["octetDeltaCount"], flow["packetDeltaCount"],
            seconds(flow["flowStartMilliseconds"]),
            seconds(flow["flowEndMilliseconds"]))

def gaps():
    last, missing = 0, 0
    for number in (m["number"] for m in messages):
        missing += 0 if number in (1, last + 1) else 1
        last = number
    return missing

if what == "bad":
    print(*(m["bad"] for m in messages if "bad" in m), sep="\n")
elif what == "flows":
    made = [ours(json.loads(line)) for line in open(printed)]
    one, other = sorted(map(theirs, flows)), sorted(made)
    if one != other or not one:
        sys.exit("got:      %s\nexpected: %s" % (one, other))
elif what == "gaps":
    print(gaps())
elif what == "forms":
    print(*sorted({(m["form"], m["source"]) for m in messages}))
elif what == "zlib":
    print(*sorted({m["zlib"] for m in messages if "flows" in m}))
elif what == "extra":
    print(*sorted({(flow["130"], flow["34"]) for flow in flows}))
elif what == "packets":
    print(sum(flow["2"] for flow in flows))
elif what == "names":
    names = {}
    for m in messages:
        if m["topic"] == "snmp-ifaces":
            for exporter, interfaces in m["says"].items():
                names.update(("%s %s" % (exporter, i), name)
                             for i, name in interfaces.items())
    print(*sorted("%s %s" % item for item in names.items()), sep="\n")
elif what == "events":
    events = [m["says"] for m in messages if m["topic"] == "event"]
    if len(events) < 4:
        sys.exit("%d events" % len(events))
    # The first one may have waited for the subscriber.
    for one, next_one in zip(events[1:], events[2:]):
        if not 2 <= next_one["time"] - one["time"] <= 8:
            sys.exit("%d s apart" % (next_one["time"] - one["time"]))
    last = events[-1]
    if (last["probe"]["ip"], last["probe"]["uuid_num"]) != ("10.77.1.1", 70000):
        sys.exit(last["probe"])
    if (last["timeout"]["lifetime"], last["packets"] < 40) != (1, False):
        sys.exit(last)
END

# read_got WHAT
read_got() {
    /usr/bin/python3 "$tmp/read.py" "$1" "$tmp/got" "$tmp/printed"
}

forget() {
    rm -f "$tmp/got" "$tmp/printed"
}

# check_all NAME: all that was printed was got, and nothing else.
check_all() {
    is "$(read_got bad)" "" "$1: the subscriber understands all"
    ok "$1: it has what was exported" read_got flows
    is "$(read_got gaps)" 0 "$1: no message is missing"
}

# --- it connects to us, and is restarted; then we are -------------------------

start_with 'host = "*";'
ping_all 10
start_subscriber connect tcp://10.77.2.1:5556
ok "what was exported before it came, it gets" wait_for 10 has_all
stop_subscriber
ping_all 10
sleep 1
start_subscriber connect tcp://10.77.2.1:5556
ok "what was exported while it was away, it gets" wait_for 10 has_all
ping_all 5
ok "events come each three seconds" wait_for 30 sh -c "
    cp '$tmp/subscriber.out' '$tmp/events'
    /usr/bin/python3 '$tmp/read.py' events '$tmp/events' -"
stop_flowexport "it connects"
is "$(counter records_dropped)" 0 "it connects: nothing is dropped"
is "$(counter reconnects)" 1 "it connects: it came twice"
start_with 'host = "*";'
ping_all 5
stop_flowexport "again"
wait_for 10 has_all
stop_subscriber
check_all "it connects"
# Requests and answers, IPv4 and IPv6.
ok "no packet is missing" [ "$(read_got packets)" -ge $((4 * 30)) ]
is "$(read_got forms)" "(3, 70000)" "the header and the domain"
is "$(read_got extra)" "('10.77.1.1', 1)" "exporter and sampling"
is "$(read_got names | grep ' r0$')" "10.77.1.1 $(if_index r r0) r0" \
    "interfaces have names"

# --- we connect, encrypted, compressed; the older headers ---------------------

forget
start_subscriber bind tcp://10.77.2.2:5557 "$tmp/key"
start_with "host = \"10.77.2.2\"; port = 5557; zmq_bind = false;
    zmq_server_key = \"$(cat "$tmp/key")\"; ntopng_compress = true;"
ok "encrypted: it is subscribed" wait_for 10 subscribed
ping_all 10
stop_flowexport "encrypted"
wait_for 10 has_all
stop_subscriber
check_all "encrypted"
ok "what is worth it is compressed" [ "$(read_got zlib | grep -c True)" -eq 1 ]

forget
start_subscriber bind tcp://10.77.2.2:5557 "$tmp/key"
start_with "host = \"10.77.2.2\"; port = 5557; zmq_bind = false;
    connect_timeout = 0.2;
    zmq_server_key = \"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\";"
ping_all 5
ok "another's key: nobody is subscribed" sh -c "! grep subscribed \
    '$tmp/flowexport.log'"
ok "another's key: the log says so" wait_for 5 \
    grep -q 'is zmq_server_key its own' "$tmp/flowexport.log"
stop_flowexport "another's key"
stop_subscriber
is "$(n_got)" 0 "another's key: it gets nothing"
is "$(counter records_dropped)" "$(n_printed)" \
    "another's key: all that it did not get is counted"

for form in 1 2; do
    forget
    start_subscriber connect tcp://10.77.2.1:5556
    start_with "host = \"10.77.2.1\"; ntopng_header = $form;"
    wait_for 10 subscribed
    ping_all 5
    stop_flowexport "header $form"
    wait_for 10 has_all
    stop_subscriber
    check_all "header $form"
    is "$(read_got forms)" "($form, $([ $form = 1 ] && echo 112 || echo 70000))" \
        "header $form: the domain, or what fits of it"
done

# --- it hangs, under load -----------------------------------------------------

forget
start_subscriber connect tcp://10.77.2.1:5556
start_with 'host = "*"; queue = "64KiB"; zmq_hwm = 50;'
wait_for 10 subscribed
start_ready sink r "$tools/traffic" sink 5000
start load a "$tools/traffic" udp 1 10000 1000000 10000 5000 10.77.1.1
sleep 1
kill -USR1 "$(pid subscriber)"
sleep 4
stop load
stop sink
stop_began=$(date +%s)
stop_flowexport "it hangs"
ok "it hangs: that took 5 s at most" [ $(($(date +%s) - stop_began)) -le 6 ]
n_dropped=$(counter records_dropped)
ok "it hangs: what it did not take is counted" [ "$n_dropped" -gt 0 ]
is $(($(counter records_exported) + n_dropped)) "$(n_printed)" \
    "it hangs: each record is exported, or dropped"
ok "it hangs: it has no more than was exported" \
    [ "$(n_got)" -le "$(counter records_exported)" ]
ok "it hangs: the loop does not wait for it ($(counter loop_hold) us)" \
    [ "$(counter loop_hold)" -lt 100000 ]
kill -KILL "$(pid subscriber)"
done_testing
