#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# demo.sh - flowexport at work, in a minute: two hosts, a router, a collector.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/collect.sh"

bail() {
    echo "demo: $*" >&2
    exit 1
}

[ "$(id -u)" -eq 0 ] || bail "needs root: it makes network namespaces"
need nfcapd nfdump ping

if [ -t 1 ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
else
    bold='' plain=''
fi

heading() {
    printf '\n%s%s%s\n\n' "$bold" "$*" "$plain"
}

doing() {
    printf '  %-64s' "$*"
}

version=$("$FLOWEXPORT" --version | head -n 1)
heading "$version: two hosts, a router, a collector"
cat <<'END'
      host A                    router R                    host B
   10.77.1.2  .---- r0  [   flowexport   ]  r1 ----.  10.77.2.2
   fd77:1::2                     |                    fd77:2::2
                                 |  IPFIX over UDP
                                 v
                         [ nfcapd, of nfdump ]
END

heading "What happens"
doing "three network namespaces, two cables"
add_hosts a r b
join 1 r r0 a a0
join 2 r r1 b b0
route a 1
route b 2
echo ok

doing "nfcapd listens on port 4739"
start_nfcapd r
echo ok

doing "flowexport observes both interfaces of R"
start_flowexport r -c /dev/null -i 'r*' -n ipfix+udp://127.0.0.1:4739
start_ready sink b "$tools/traffic" sink 5001
echo ok

# from_a WORDS COMMAND...
from_a() {
    doing "$1"
    shift
    on a "$@" >/dev/null || bail "$*"
    echo ok
}

b4=10.77.2.2 b6=fd77:2::2
hosts_ab="10.77.1.2 fd77:1::2 $b4 $b6"
from_a "A pings B, over IPv4" ping -q -c 20 -i 0.05 $b4
from_a "A pings B, over IPv6" ping -q -c 20 -i 0.05 $b6
from_a "4,000 UDP datagrams in 4 flows, of IPv4 and IPv6" \
    "$tools/traffic" udp 1 4 4000 2000 5001 $b4 $b6
from_a "2 TCP connections, 1 MB and less there, 4 MB and less back" \
    "$tools/traffic" tcp 2 1000000 4000000 5001 $b4 $b6
from_a "1 TCP connection, 300 MB there, as fast as it goes" \
    "$tools/traffic" tcp 1 300000000 0 5001 $b4
sleep 0.5

doing "flowexport is told to stop, and exports what is open"
stop flowexport || bail "$(cat "$tmp/flowexport.log")"
stop_nfcapd
echo ok

heading "What the collector has: nfdump's list of A's and B's flows"
nfdump -R "$tmp/nfcapd" -O tstart \
    -o 'fmt:%ts %td %pr %sap -> %dap %flg %in %out %dir %pkt %byt' \
    "src ip in [$hosts_ab] and dst ip in [$hosts_ab]" |
    cut -c 12- | sed '1s/^seen /Start/; /^ *[0-9][0-9]*:/!{1!d}'
cat <<END

  In and out: interface $(if_index r r0) is r0, $(if_index r r1) is r1.
  Each flow once, though R saw it on both.  Dir: I, seen coming in first;
  E, going out.
END

# summary NAME: a line of nfdump's.
summary() {
    nfdump -I -R "$tmp/nfcapd" | sed -n "s/^$1: *//p"
}

agree=yes
compare() {
    printf '  %-24s %14s %14s\n' "$1" "$2" "$3"
    [ "$2" = "$3" ] || agree=no
}

heading "In total"
printf '  %-24s %14s %14s\n' '' 'flowexport' 'nfcapd'
compare "flow records" "$(counter records_exported)" "$(summary Flows)"
compare "packets" $(($(counter packets_recorded) -
    $(counter packets_duplicate))) "$(summary Packets)"
compare "octets (layer 3)" $(($(counter octets_recorded) -
    $(counter octets_duplicate))) "$(summary Bytes)"

cat <<END

  flowexport saw $(counter packets_seen) packets:
  $(counter packets_recorded) are in flow records, $(counter packets_ignored) \
were neither IPv4 nor IPv6, $(counter packets_malformed) malformed,
  and $(counter packets_unaccounted) found no room in the flow table.
  Of those in records, $(counter packets_duplicate) are left out: seen coming \
in, and again going out.
END

if [ $agree = yes ]; then
    heading "They agree, to the packet and to the octet."
else
    heading "They do NOT agree."
    cat "$tmp/flowexport.log"
    exit 1
fi
