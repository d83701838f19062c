#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# read.sh - flows of captures: what --read prints, of whole files and others.

. "$(dirname "$0")/../net/lib.sh"

begin
export FLOWEXPORT tmp
data=${srcdir:-.}/test/data/pcap

# The fields of a line of NAME.expect, START END and so on; "-" for those that
# the flow does not have.
elements='flowStartMilliseconds flowEndMilliseconds flowDirection vlanId
protocolIdentifier sourceIPvAddress sourceTransportPort destinationIPvAddress
destinationTransportPort ipClassOfService ipTTL tcpControlBits
sourceMacAddress destinationMacAddress packetDeltaCount octetDeltaCount
flowEndReason'

# read_files ARGUMENT...: whatever configuration this host may have
read_files() {
    "$FLOWEXPORT" -c /dev/null "$@" >"$tmp/out" 2>"$tmp/err"
    echo $? >"$tmp/status"
}

# outcome: everything there is to see, for the diagnostics.
outcome() {
    echo "exit status $(cat "$tmp/status")"
    sed 's/^/stdout: /' "$tmp/out"
    sed 's/^/stderr: /' "$tmp/err"
    return 1
}

# has_ended STATUS [PATTERN]: without a PATTERN nothing on stderr, else a line
has_ended() {
    [ "$(cat "$tmp/status")" -eq "$1" ] &&
        [ "$(wc -l <"$tmp/err")" -eq $(($# - 1)) ] &&
        { [ $# -eq 1 ] || grep -q -e "$2" "$tmp/err"; } || outcome
}

# fields: of the flows in JSON on standard input, as NAME.expect has them
fields() {
    awk -v elements="$elements" '
        BEGIN { n = split(elements, element) }
        {
            gsub(/[{}"]/, "")
            m = split($0, pair, ",")
            for (i = 1; i <= m; i++) {
                name = value = pair[i]
                sub(/:.*/, "", name)
                sub(/^[^:]*:/, "", value)
                sub(/IPv[46]A/, "IPvA", name)
                of[name] = value
            }
            line = ""
            for (i = 1; i <= n; i++)
                line = line (i > 1 ? " " : "") \
                    (element[i] in of ? of[element[i]] : "-")
            print line
            delete of
        }' | sort
}

# counters: in the last log line, as NAME.expect has them
counters() {
    sed -n 's/.* stats: //p' "$tmp/err" | tr ' ' '\n' |
        grep -E '^packets_(seen|ignored|malformed)=' | paste -s -d ' '
}

# has_flows NAME: those of NAME.expect were printed as JSON, and no others
has_flows() {
    { fields <"$tmp/out" && counters; } >"$tmp/got"
    grep -v '^#' "$data/$1.expect" | diff - "$tmp/got" || outcome
}

# sums: packets and octets of flows, as NAME.expect has them
sums() {
    awk '!/^#/ && !/^packets/ { packets += $15; octets += $16 }
         END { print packets, octets }' "$@"
}

# --- every link type, as JSON ------------------------------------------------

for file in "$data"/*.pcap "$data"/*.pcapng; do
    name=$(basename "${file%.*}")
    read_files -r "$file" -p=json
    ok "$name" has_flows "$name"
done
set --
for file in "$data"/*.pcap "$data"/*.pcapng; do
    set -- "$@" --read "$file"
done
read_files "$@" -p=json
fields <"$tmp/out" >"$tmp/got"
is "$(sums "$tmp/got")" "$(sums "$data"/*.expect)" \
    "all of them, one after the other: packets and octets"

# --- text --------------------------------------------------------------------

# aligned: each column of $tmp/out begins where its header does, or ends there
aligned() {
    awk 'NR == 1 {
             header = $0
             n = split("START DIR IFACE PROTO SRC:PORT DST:PORT FLAGS TOS " \
                 "END-REASON", left)
             m = split("DURATION PACKETS BYTES", right)
         }
         {
             for (i = 1; i <= n; i++) {
                 at = index(header, left[i])
                 if (substr(" " $0, at, 2) !~ /^ [^ ]$/) wrong(left[i])
             }
             for (i = 1; i <= m; i++) {
                 at = index(header, right[i]) + length(right[i]) - 1
                 if (substr($0, at, 2) !~ /^[^ ] $/) wrong(right[i])
             }
         }
         function wrong(column) { print column ": " $0; bad = 1 }
         END { exit bad || NR < 2 }' "$tmp/out"
}

read_files -r "$data/ethernet.pcap" -p
ok "text: columns are aligned" aligned
is "$(wc -l <"$tmp/out")" 9 "a header and a line for each flow"
is "$(tr -s ' ' <"$tmp/out" | grep ' 192.0.2.10:49152 203')" \
    "2023-11-14 22:13:20.030 0.031 in - TCP 192.0.2.10:49152 203.0.113.80:80 \
...AP.SF 0x00 4 209 forced" "a flow in text"
read_files -q "$@" --print
ok "text of every link type: nothing else to say" has_ended 0
ok "text of every link type: columns are aligned" aligned

# --- several files, standard input -------------------------------------------

# The first record of ppp.pcap ends at octet 50.
head -c 50 "$data/ppp.pcap" >"$tmp/first.pcap"
{ head -c 24 "$data/ppp.pcap" && tail -c +51 "$data/ppp.pcap"; } \
    >"$tmp/second.pcap"
read_files -r "$tmp/first.pcap" -r "$tmp/second.pcap" -p=json
ok "one capture in two files" has_flows ppp
read_files -r - -p=json <"$data/sll2.pcapng"
ok "standard input" has_flows sll2
is "$(grep -c '"ingressInterface":3,"egressInterface":0' "$tmp/out")" 2 \
    "interfaces have the numbers that the capture has"
# shellcheck disable=SC2002 # a pipe is what we want
cat "$data/ethernet.pcap" | read_files -r - -p=json
ok "standard input from a pipe" has_flows ethernet
read_files -r "$tmp/first.pcap" -r - -p=json <"$tmp/second.pcap"
ok "a file, then standard input" has_flows ppp

# --- what is damaged, missing, no capture ------------------------------------

size=$(wc -c <"$data/pppoe.pcap")
head -c $((size - 1)) "$data/pppoe.pcap" >"$tmp/cut.pcap"
read_files -q -r "$tmp/cut.pcap" -p=json
ok "a cut file: where it ended, in a line" \
    has_ended 1 "^flowexport: $tmp/cut.pcap: packet 3: "
grep -v '^#' "$data/pppoe.expect" | head -n 2 >"$tmp/expected"
fields <"$tmp/out" >"$tmp/got"
ok "a cut file: what can be read is printed" cmp "$tmp/got" "$tmp/expected"
read_files -q -r - -p=json <"$tmp/cut.pcap"
ok "cut standard input" has_ended 1 '^flowexport: standard input: packet 3: '

read_files -q -r "$tmp/none.pcap" -p=json
ok "a missing file" \
    has_ended 1 "^flowexport: $tmp/none.pcap: No such file or directory\$"
is "$(cat "$tmp/out")" "" "a missing file: no flows"
read_files -q -r "$tmp/none.pcap" -r "$data/ppp.pcap" -p=json
ok "a missing file before another" has_ended 1 "none.pcap"
is "$(wc -l <"$tmp/out")" 3 "which is read all the same"
: >"$tmp/empty.pcap"
read_files -q -r "$tmp/empty.pcap" -p=json
ok "an empty file" has_ended 1 "^flowexport: $tmp/empty.pcap: "
head -c 24 "$data/ppp.pcap" >"$tmp/header.pcap"
read_files -q -r "$tmp/header.pcap" -p=json
ok "a capture of nothing" has_ended 0
read_files -q -r "$0" -p=json
ok "what is no capture" has_ended 1 "^flowexport: $0: unknown file format"
{ head -c 20 "$data/ppp.pcap" && printf '\223\0\0\0'; } >"$tmp/user.pcap"
read_files -q -r "$tmp/user.pcap" -p=json
ok "an unknown link type" \
    has_ended 1 "^flowexport: $tmp/user.pcap: link type not supported"

# --- usage -------------------------------------------------------------------

read_files -r "$data/ppp.pcap" -i lo -p
ok "files and interfaces" has_ended 2 '--read.*--interface'
is "$(cat "$tmp/out")" "" "files and interfaces: nothing is read"
read_files -r "$data/ppp.pcap"
ok "neither a collector nor --print" has_ended 2 collector
read_files -p -r
ok "no file" has_ended 2 "'-r'"

default=$("$FLOWEXPORT" --help | sed -n 's/.* \(\/.*\/flowexport.conf\).*/\1/p')
if [ -n "$default" ] && [ ! -e "$default" ]; then
    "$FLOWEXPORT" -q -r "$data/ppp.pcap" -p >"$tmp/out" 2>"$tmp/err"
    echo $? >"$tmp/status"
    ok "no default configuration" has_ended 0
else
    skip 1 "this host has a configuration"
fi

# --- privileges --------------------------------------------------------------

# As nobody, where we are root; the program where nobody can reach it.
cp "$FLOWEXPORT" "$tmp/program"
chmod 755 "$tmp"
if [ "$(id -u)" -ne 0 ]; then
    as_nobody=
else
    as_nobody='setpriv --reuid 65534 --regid 65534 --clear-groups'
fi
if $as_nobody "$tmp/program" --version >"$tmp/out" 2>"$tmp/err"; then
    $as_nobody "$tmp/program" -c /dev/null -r - -p=json \
        <"$data/ethernet.pcap" >"$tmp/out" 2>"$tmp/err"
    echo $? >"$tmp/status"
    ok "without privileges" has_flows ethernet
else
    skip 1 "nobody cannot run programs in $tmp"
fi

# --- broken pipe -------------------------------------------------------------

# datagrams N: a capture of as many flows
datagrams() {
    head -c 20 "$data/ppp.pcap"
    printf '\145\0\0\0'
    datagram=0
    while [ "$datagram" -lt "$1" ]; do
        printf '\0\361\123\145\0\0\0\0\034\0\0\0\034\0\0\0'
        printf 'E\0\0\034\0\0@\0@\021\0\0\300\0\002\012\306\063\144\065'
        printf '%b\0\065\0\010\0\0' "$(octets "$datagram")"
        datagram=$((datagram + 1))
    done
}

# octets N: in network order, as %b takes them
octets() {
    printf '\\0%o\\0%o' $(($1 / 256)) $(($1 % 256))
}

datagrams 1000 >"$tmp/many.pcap"
read_files -q -r "$tmp/many.pcap" -p
is "$(wc -l <"$tmp/out")" 1001 "a thousand flows"
{
    "$FLOWEXPORT" -c /dev/null -r "$tmp/many.pcap" -p 2>"$tmp/err"
    echo $? >"$tmp/status"
} | head -n 1 >"$tmp/out"
ok "nobody reads on: no message" has_ended 0 ' stats: '
is "$(cut -c 1-5 "$tmp/out")" START "nobody reads on: what was read"

"$FLOWEXPORT" -q -c /dev/null -r "$tmp/many.pcap" -p >/dev/full 2>"$tmp/err"
echo $? >"$tmp/status"
ok "a full disk" has_ended 1 'standard output: No space left on device'

# --- progress ----------------------------------------------------------------

# slowly: a capture whose last packet, of 73 octets, comes later than progress
slowly() {
    head -c $((size - 89)) "$data/sll.pcap"
    sleep 0.8
    tail -c 89 "$data/sll.pcap"
}

has_no_progress() {
    has_ended 0 ' stats: ' && ! grep million "$tmp/err"
}

size=$(wc -c <"$data/sll.pcap")
slowly | read_files -r - -p=json
ok "no progress unless on a terminal" has_no_progress
ok "a slow capture" has_flows sll
if command -v script >/dev/null; then
    mkfifo "$tmp/fifo"
    slowly >"$tmp/fifo" &
    script -q -e -c \
        '"$FLOWEXPORT" -c /dev/null -r "$tmp/fifo" -p=json >"$tmp/out"' \
        /dev/null </dev/null >"$tmp/err"
    kill $! 2>/dev/null # nobody may have come to read
    wait $!
    ok "progress on a terminal" \
        grep -q '0\.00 million packets, 0\.00 million/s' "$tmp/err"
    ok "and nothing of it stays" grep -q "$(printf '\r\033\\[Kflowexport: ')" \
        "$tmp/err"
    ok "nor gets among the flows" has_flows sll
else
    skip 3 "script is not installed"
fi
done_testing
