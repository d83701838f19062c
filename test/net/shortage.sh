#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shortage.sh - no file to be had, no room on the disk, no directory that can be
# written, no memory or thread in the cgroup: at start it is one line; while it
# runs, one line for what suffers, the rest goes on, and so does that when there
# is again.
#
#	A a0 ---- r0 R		and a1 ---- r1, later
#
# LIMITS are how many files may be open at start, those that make has open too.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pings.sh"

need awk dd mount nsenter ping prlimit python3

FLOWEXPORTCTL=${FLOWEXPORTCTL:-$(dirname "$FLOWEXPORT")/flowexportctl}
LIMITS=${LIMITS:-12 33 66}
disk=$tmp/disk
cgroup=
trap 'umount "$disk" 2>/dev/null; clean_up; rmdir $cgroup 2>/dev/null' EXIT
add_hosts a r
join 1 r r0 a a0

# configure MAX COLLECTORS: the control socket is on the disk.
configure() {
    cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r*" ]; };
flows = { max = $1; idle_timeout = 0.2; scan_interval = 0.1; };
control = { socket = "$disk/control"; };
metrics = { listen = "127.0.0.1:9995"; };
collectors = ( $2 );
END
}

# begins_badly PATTERN COMMAND...: the daemon says so in one line, and no more.
begins_badly() {
    begins_pattern=$1
    shift
    timeout -k 1 20 nsenter "--net=/run/netns/fx$$-r" "$@" "$FLOWEXPORT" -q \
        -d 0.01 -c "$tmp/flowexport.conf" >"$tmp/out" 2>"$tmp/err"
    begins_status=$?
    cat "$tmp/err"
    [ "$begins_status" -eq 1 ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] &&
        grep -qE "^flowexport: .*$begins_pattern" "$tmp/err"
}

# --- files --------------------------------------------------------------------

file='{ name = "file"; transport = "file"; host = "'$tmp/kept.ipfix'"; }'
configure 4096 "{ name = \"tcp\"; host = \"10.77.1.2\"; transport = \"tcp\";
    reconnect = 2; }, { name = \"udp\"; host = \"10.77.1.2\"; }, $file,
    { name = \"zmq\"; host = \"10.77.1.1\"; protocol = \"ntopng\";
      transport = \"zmq\"; template = \"ntopng\"; }"
mkdir "$disk"
for limit in $LIMITS; do
    ok "at start, $limit files" \
        begins_badly 'Too many open files' prlimit "--nofile=$limit:$limit"
done

cpu_ticks() {
    awk '{ print $14 + $15 }' "/proc/$(pid flowexport)/stat"
}

# starve: of the descriptors that are free, none may be had.
starve() {
    starve_at=0
    while [ -e "/proc/$(pid flowexport)/fd/$starve_at" ]; do
        starve_at=$((starve_at + 1))
    done
    prlimit --pid "$(pid flowexport)" "--nofile=$starve_at:"
}

feed() {
    prlimit --pid "$(pid flowexport)" --nofile=1024:
}

get_page() {
    on r python3 "$here/metrics.py" get http://127.0.0.1:9995/metrics
}

# knock: at ZeroMQ's door, until somebody closes it.
knock() {
    on a python3 -c '
import socket
door = socket.create_connection(("10.77.1.1", 5556))
door.settimeout(20)
try:
    while door.recv(64):
        pass
except ConnectionError:
    pass'
}

start_flowexport r -p -c "$tmp/flowexport.conf"
pings 1 4
# It is not to try again just now.
wait_for 5 logged 'collector tcp: cannot connect' || bail "connected to nobody"
starve
pings 1 8
start_ready collector a python3 "$here/collector.py" tcp 10.77.1.2 4739 \
    "$tmp/tcp.json"
join 2 r r1 a a1
kill -HUP "$(pid flowexport)"
get_page >"$tmp/page" 2>&1 &
page=$!
ok "no files: a reload says so" \
    wait_for 5 logged 'flowexport.conf: Too many open files'
ok "no files: an interface that comes says so" \
    wait_for 5 logged 'interface r1: cannot attach to its ingress: Too many'
ok "no files: a collector that comes back says so" \
    wait_for 10 logged 'collector tcp: cannot connect to 10.77.1.2:4739: Too many'
# It shuts the door, which is one file more.
knock &
knocker=$!
ok "no files: who lets others in says so" \
    wait_for 5 logged 'collector zmq: cannot let in a subscriber: Too many'
before=$(cpu_ticks)
sleep 1
spent=$(($(cpu_ticks) - before))
ok "no files: who waits for one costs nothing ($spent ticks)" \
    [ "$spent" -lt $(($(getconf CLK_TCK) / 4)) ]
feed
ok "files again: the collector is connected to" \
    wait_for 10 logged 'collector tcp: connected'
ok "files again: the interface is observed" \
    wait_for 10 logged 'interface r1: observed'
ok "files again: others are let in" \
    wait_for 5 logged 'collector zmq: listening on 10.77.1.1:5556 again'
wait "$knocker"
ok "files again: metrics come" wait "$page"
ok "files again: flowexportctl is answered" \
    "$FLOWEXPORTCTL" -s "$disk/control" status
pings 2 12
ok "files: stops" stop flowexport
stop collector
is "$(printed 0x04) $(printed 0x08) $(printed 0x0c)" "20 20 20" \
    "files: each packet is counted, with them and without"
is "$(logged 'Too many open files' | wc -l)" 4 "files: each said once"

# --- room on a disk -----------------------------------------------------------

mount -t tmpfs -o size=192k flowexport "$disk" || bail "no tmpfs"
dd if=/dev/zero of="$disk/other" bs=1k count=128 2>/dev/null
configure 4096 "{ name = \"disk\"; transport = \"file\";
    host = \"$disk/flows.ipfix\"; template = \"minimal\"; }, $file"
start_ready sink r "$tools/traffic" sink 5000
start_flowexport r -c "$tmp/flowexport.conf"
# traffic FLOWS
traffic() {
    on a "$tools/traffic" udp 1 "$1" "$1" 10000 5000 10.77.1.1
}
is_full() {
    traffic 3000
    logged 'collector disk: cannot write'
}
goes_on() {
    traffic 100
    logged 'collector disk: writing to'
}
ok "no room: it says so" wait_for 10 is_full
rm "$disk/other"
ok "room again: it says so" wait_for 10 goes_on
ok "room: stops" stop flowexport
stop sink

# of COLLECTOR COUNTER
of() {
    sed -n "s/.*collector $1: messages_sent.* $2=\([0-9]*\).*/\1/p" \
        "$tmp/flowexport.log"
}
python3 "$here/../wire/check.py" --flows "$disk/flows.ipfix" \
    >"$tmp/flows" 2>"$tmp/wrong"
is "$(grep -v sequence "$tmp/wrong")" "" "room: every octet of the file is right"
is "$(grep -c octetDeltaCount "$tmp/flows")" "$(of disk records_exported)" \
    "room: it has the records that are said to be exported"
is "$(($(of disk records_exported) + $(of disk records_dropped)))" \
    "$(counter records_made)" "room: the others are counted"
# A small message may still find room where a large one did not.
ok "room: said once, or nearly so" \
    [ "$(logged 'collector disk: cannot write' | wc -l)" -le 3 ]
is "$(of file records_dropped)" 0 "room: another disk's file has them all"
umount "$disk"

# --- a place for the control socket -------------------------------------------

mount -t tmpfs -o ro flowexport "$disk" || bail "no tmpfs"
configure 4096 "$file"
start_flowexport r -p -c "$tmp/flowexport.conf"
ok "read-only: it goes on without a control socket" \
    logged "control socket $disk/control: Read-only file system, going on without"
pings 1 16
ok "read-only: stops" stop flowexport
is "$(printed 0x10)" 20 "read-only: and has counted"

# --- memory and threads that a cgroup may have --------------------------------

# limit CONTROLLER VALUE: what $cgroup may have, by version 1 or 2; fails where
# there is none for us.
limit() {
    for cgroup in "/sys/fs/cgroup/$1/fx$$" "/sys/fs/cgroup/fx$$"; do
        mkdir "$cgroup" || continue
        for limit_file in memory.limit_in_bytes memory.max pids.max; do
            [ "${limit_file%%.*}" = "$1" ] && [ -e "$cgroup/$limit_file" ] &&
                echo "$2" >"$cgroup/$limit_file" && return
        done
        rmdir "$cgroup"
    done 2>/dev/null
    cgroup=
    return 1
}

cat >"$tmp/limited" <<'END'
#!/bin/sh
echo $$ >"$1/cgroup.procs" && shift && exec "$@"
END
chmod +x "$tmp/limited"

# is_too_little PATTERN CONTROLLER VALUE
is_too_little() {
    if limit "$2" "$3"; then
        ok "$2, $3: is too little" begins_badly "$1" "$tmp/limited" "$cgroup"
        wait_for 5 rmdir "$cgroup" || bail "$cgroup stays"
    else
        skip 1 "no cgroup of ours can have a limit"
    fi
}

configure 8388608 "$file"
is_too_little 'no memory for a table of 8388608 flows' memory 256M
configure 4096 "$file, { name = \"zmq\"; host = \"127.0.0.1\";
    protocol = \"ntopng\"; transport = \"zmq\"; template = \"ntopng\"; }"
for threads in 3 5; do
    is_too_little 'creating thread' pids $threads
done

# Four will do, but for looking up a name.
if limit pids 4; then
    configure 4096 "{ name = \"tcp\"; host = \"localhost\";
        transport = \"tcp\"; reconnect = 1; }"
    "$tmp/limited" "$cgroup" nsenter "--net=/run/netns/fx$$-r" "$FLOWEXPORT" \
        -c "$tmp/flowexport.conf" >"$tmp/flowexport.out" \
        2>"$tmp/flowexport.log" &
    echo $! >"$tmp/flowexport.pid"
    ok "no thread: a collector's name is not looked up" \
        wait_for 20 logged 'collector tcp: no thread can be had'
    echo max >"$cgroup/pids.max"
    ok "threads again: it is" wait_for 20 logged 'Connection refused'
    ok "threads: stops" stop flowexport
    is "$(logged 'no thread' | wc -l)" 1 "threads: said once"
    wait_for 5 rmdir "$cgroup"
else
    skip 4 "no cgroup of ours can have a limit"
fi
done_testing
