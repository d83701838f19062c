#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# inturn.sh - what a starting daemon asks for is refused it, one thing after the
# other: each block of memory, each bpf(2).  It ends with exit status 1 and one
# line that says why, or does without, and leaves nothing.
#
#	A a0 ---- r0 R		and nothing is sent
#
# FAULTS says how many of each kind are tried, at random; all: every one.  Of
# what reading a configuration takes, which is soon done, it is ten times as many.

. "$(dirname "$0")/lib.sh"

need bpftool od setpriv tc

FAULTS=${FAULTS:-3}
library=$(realpath "$tools/fault.so") && [ -e "$library" ] || bail "no fault.so"

add_hosts a r
ip link add r0 netns "fx$$-r" type veth peer name a0 netns "fx$$-a"
ip -n "fx$$-a" link set a0 addrgenmode none up
ip -n "fx$$-r" link set r0 addrgenmode none up

# configure METHOD
configure() {
    cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r0" ]; attach = "$1"; };
flows = { max = 4096; };
control = { socket = "$tmp/control"; };
metrics = { listen = "127.0.0.1:9995"; };
collectors = (
    { name = "ipfix"; host = "127.0.0.1"; },
    { name = "tcp"; host = "127.0.0.1"; transport = "tcp"; },
    { name = "netflow9"; host = "127.0.0.1"; protocol = "netflow9";
      template = "minimal"; group = "pair"; mode = "balance"; },
    { name = "json"; host = "127.0.0.1"; protocol = "json"; transport = "tcp";
      port = 4740; group = "pair"; mode = "balance"; },
    { name = "ntopng"; host = "127.0.0.1"; protocol = "ntopng";
      transport = "zmq"; template = "ntopng"; },
    { name = "file"; host = "$tmp/flows.ipfix"; transport = "file";
      template = "full"; }
);
END
}

# suffer KIND AT ARGUMENT...
suffer() {
    suffer_kind=$1 suffer_at=$2
    shift 2
    rm -f "$tmp/count"
    on r timeout -k 1 20 env FAULT="$suffer_kind" FAULT_AT="$suffer_at" \
        FAULT_COUNT="$tmp/count" LD_PRELOAD="$library" "$FLOWEXPORT" \
        -c "$tmp/flowexport.conf" -q "$@" >"$tmp/out" 2>"$tmp/err"
    status=$?
}

# count KIND ARGUMENT...: how many there are where none fails.
count() {
    count_kind=$1
    shift
    suffer "$count_kind" 0 "$@"
    [ "$status" -eq 0 ] || bail "does not run: $(cat "$tmp/err")"
    od -An -tu8 "$tmp/count" | tr -d ' '
}

# some_of N FROM TO
some_of() {
    if [ "$1" = all ]; then
        seq "$2" "$3"
    else
        awk -v n="$1" -v from="$2" -v to="$3" 'BEGIN {
            srand()
            while (n-- > 0) print from + int(rand() * (to - from + 1)) }'
    fi
}

filters() {
    for filters_hook in ingress egress; do
        on r tc filter show dev r0 $filters_hook
    done | grep -c direct-action
}

# ends_badly PATTERN: so it says what failed.
ends_badly() {
    cat "$tmp/err"
    [ "$status" -eq 1 ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] &&
        grep -qE "^flowexport: .*($1)" "$tmp/err"
}

# ends PATTERN: or does without.
ends() {
    [ "$status" -eq 0 ] || ends_badly "$1"
}

# each_in_turn N KIND FROM TO PATTERN ARGUMENT...
each_in_turn() {
    each_kind=$2 each_last=$4 each_pattern=$5
    each_list=$(some_of "$1" "$3" "$4")
    shift 5
    each_tried=0 each_ended=0 each_bad=
    FAULT_FOR=1000000 suffer "$each_kind" 1 "$@"
    ok "$each_kind: none at all ($*)" ends_badly "$each_pattern"
    for each_at in $each_list; do
        suffer "$each_kind" "$each_at" "$@"
        each_tried=$((each_tried + 1))
        [ "$status" -eq 0 ] || each_ended=$((each_ended + 1))
        ends "$each_pattern" >"$tmp/why" || each_bad="$each_bad
$each_at: exit status $status, $(cat "$tmp/why")"
    done
    echo "# $each_tried of $each_last tried, $each_ended were its end"
    is "$each_bad" "" "$each_kind: one line each, exit status 1 ($*)"
    is "$(filters)" 0 "$each_kind: no filter is left ($*)"
}

# All that reading a configuration takes, then all that a start takes beside.
configure auto
no_memory='out of memory|no memory|failed to allocate|Cannot allocate memory'
many=$FAULTS
[ "$many" = all ] || many=$((many * 10))
read=$(count memory -t)
started=$(count memory -d 0.01)
each_in_turn "$many" memory 1 "$read" "$no_memory" -t
each_in_turn "$FAULTS" memory "$read" "$started" "$no_memory" -d 0.01

# Not permitted, no memory, refused by the verifier.
refused='not permitted|it lacks|refuses|no memory|cannot attach|no ring buffer'
started=$(count bpf -d 0.01)
for errnum in 1 12 13; do
    export FAULT_ERRNO=$errnum
    configure "$([ $errnum = 1 ] && echo tc || echo auto)"
    each_in_turn "$FAULTS" bpf 1 "$started" "$refused" -d 0.01
done

# lacks CAPABILITY: it says which are needed.
lacks() {
    on r setpriv --bounding-set "-$1,-sys_admin" --inh-caps "-$1,-sys_admin" \
        "$FLOWEXPORT" -c "$tmp/flowexport.conf" -q -d 0.01 \
        >"$tmp/out" 2>"$tmp/err"
    status=$?
    ends_badly 'CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON'
}

configure auto
for capability in bpf net_admin perfmon; do
    ok "it says what it lacks without CAP_$capability" lacks $capability
done
done_testing
