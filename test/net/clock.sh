#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# clock.sh - the clock is set by an hour, to and fro, and the machine sleeps,
# while flows come and go: none ends early or late, each packet is told once, and
# at its time.
#
#	A a0 ---- r0 R
#
# Of the machine, so this runs in one of its own: test/vm/clock.sh.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/collect.sh"

need ping nfcapd nfdump awk
if [ -z "${VM_SHARE-}" ]; then
    echo "1..0 # SKIP it sets the clock: see test/vm/clock.sh"
    exit 0
fi

idle=3 active=5 asleep=8
ctl=${FLOWEXPORTCTL:-./flowexportctl}

add_hosts a r
join 1 r r0 a a0
cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; directions = "ingress"; };
flows = { max = 4096; idle_timeout = $idle; active_timeout = $active;
          scan_interval = 0.5; };
dedupe = { mode = "off"; };
collectors = (
  { name = "ipfix"; host = "127.0.0.1"; port = 4739; template_refresh = 2; },
  { name = "v9"; host = "127.0.0.1"; port = 4740; protocol = "netflow9"; } );
control = { socket = "$tmp/control"; };
END

# stamp: what is printed, with the time in front, in seconds since the epoch.
stamp() {
    awk -W interactive '{ print systime(), $0; fflush() }' "$tmp/printed" \
        >"$tmp/stamped"
}

# echo requests of TOS: how many the records have.
told() {
    awk -v tos="\"ipClassOfService\":$1," 'index($0, tos) {
        match($0, /"packetDeltaCount":[0-9]+/)
        n += substr($0, RSTART + 19, RLENGTH - 19)
    }
    END { print n + 0 }' "$tmp/stamped"
}

has_told() {
    [ "$(told "$1")" -ge "$2" ]
}

# well_timed: no record tells of what is to come, none begins after its end, and
# each came when it was due, whatever the clock did meanwhile.
well_timed() {
    awk -v idle="$idle" -v active="$active" -v slack="$1" '
    # seconds NAME: since the epoch, of this time of the record
    function seconds(name, text) {
        if (!match($0, "\"" name "\":\"[^\"]*"))
            wrong("no " name)
        text = substr($0, RSTART + length(name) + 4, RLENGTH)
        fraction = "0" substr(text, 20, 7)
        gsub(/[-T:]/, " ", text)
        return mktime(substr(text, 1, 19)) + fraction
    }
    function value(name) {
        match($0, "\"" name "\":[0-9]+")
        return substr($0, RSTART + length(name) + 3, RLENGTH) + 0
    }
    function wrong(why) {
        print why ": " $0
        n_wrong++
    }
    /"protocolIdentifier":1,/ {
        n++
        start = seconds("flowStartMilliseconds")
        end = seconds("flowEndMilliseconds")
        reason = value("flowEndReason")
        if (start > end)
            wrong("starts after its end")
        if (end > $1 + 1 || end < $1 - idle - slack)
            wrong("not its time, but " end - $1 " s from it")
        if (end - start > active + slack)
            wrong("too long")
        if (reason == 1 && $1 + 1 - end < idle)
            wrong("ended early")
    }
    END {
        print n " records, " n_wrong + 0 " are wrong"
        exit n == 0 || n_wrong
    }' "$tmp/stamped"
}

messages() {
    "$ctl" -s "$tmp/control" -j collectors | tr , '\n' |
        sed -n 's/.*"messages_sent": *\([0-9]*\).*/\1/p' | head -n 1
}

# few N: two or more, for templates go out every two seconds
few() {
    [ "$1" -ge 2 ] && [ "$1" -lt 60 ]
}

# told_nfcapd FOLDER: start, end and packets of what a collector took, to the
# millisecond.
told_nfcapd() {
    nfdump -q -N -R "$1" -o 'fmt:%ts %te %pkt' 'proto icmp' |
        awk '{ $1 = $1; print }' | sort
}

# told_printed TEXT: the same of what was printed with such a text in it.
told_printed() {
    grep "$1" "$tmp/stamped" | awk '
    function value(name, len) {
        match($0, "\"" name "\":")
        return substr($0, RSTART + RLENGTH, len)
    }
    {
        times = value("flowStartMilliseconds", 24) " " \
            value("flowEndMilliseconds", 24)
        gsub(/[T"]/, " ", times)
        $0 = times " " value("packetDeltaCount", 9) + 0
        $1 = $1
        print
    }' | sort
}

# burst TOS: ten packets, and the flow is over.
burst() {
    ok "tos $1: ten packets" on a ping -q -c 10 -i 0.1 -W 1 -Q "$1" 10.77.1.1
}

# step SECONDS TOS: between a flow's last packet and its end.
step() {
    burst "$2"
    date -s "$1 seconds" >/dev/null || bail "the clock cannot be set"
    before=$(messages)
    ok "$1 s: the flow ends" wait_for $((idle + 4)) has_told "$2" 10
    n=$(($(messages) - before))
    ok "$1 s: $n messages, neither a storm nor silence" few "$n"
}

mkfifo "$tmp/printed"
stamp &
start_nfcapd r
mkdir "$tmp/v9"
start v9 r nfcapd -p 4740 -t 3600 -w "$tmp/v9"
start flowexport r sh -c "exec $FLOWEXPORT -p=json \
    -c '$tmp/flowexport.conf' >'$tmp/printed'"
wait_for 120 grep -q 'observing' "$tmp/flowexport.log" ||
    bail "flowexport: $(cat "$tmp/flowexport.log")"
start through a ping -i 0.2 -W 1 -Q 8 10.77.1.1
step +3600 16
step -3600 24
step -3600 32
step +3600 40
ok "all at their time" well_timed 3

# --- sleep -----------------------------------------------------------------------

# sleep_now: the kernel's own test of it, which needs nobody to wake the machine.
sleep_now() {
    echo "$asleep" >/sys/module/suspend/parameters/pm_test_delay &&
        echo core >/sys/power/pm_test && echo mem >/sys/power/state
}

# slept: for how long, ever: boot time less what timers go by.
slept() {
    awk '/^now at/ { timers = $3 / 1e9 } END { getline <"/proc/uptime"
        printf "%.0f", $1 - timers }' /proc/timer_list
}

from=$(date '+%F %T')
burst 48
until=$(date '+%F %T')
before=$(messages)
ok "the machine sleeps for $asleep s" sleep_now
ok "so it did" [ "$(slept)" -gt $((idle + 2)) ]
ok "who was quiet before ends" wait_for 4 has_told 48 10
told_printed '"ipClassOfService":48,' >"$tmp/times"
ok "at the time of its packets: $(cat "$tmp/times")" \
    awk -v from="$from" -v until="$until" '{
    exit $1 " " $2 < from || $3 " " $4 > until ".999"
}' "$tmp/times"
burst 56
ok "who came after, when it is due" wait_for $((idle + 4)) has_told 56 10
n=$(($(messages) - before))
ok "$n messages, neither a storm nor silence" few "$n"

stop through INT
sent=$(sed -n 's/\([0-9]*\) packets transmitted.*/\1/p' "$tmp/through.out")
ok "flowexport stops" stop flowexport
wait_for 5 [ "$(told 8)" -ge "$sent" ]
is "$(told 8)" "$sent" "who talks through all this is told to the packet"
ok "all at their time, or as late as the machine slept: $(slept) s" \
    well_timed $(($(slept) + 4))
stop_nfcapd
stop v9
told_printed '"protocolIdentifier":1,' >"$tmp/times"
is "$(told_nfcapd "$tmp/nfcapd")" "$(cat "$tmp/times")" \
    "a collector has the same packets at the same times"
is "$(told_nfcapd "$tmp/v9")" "$(cat "$tmp/times")" "another one of NetFlow v9, too"
done_testing
