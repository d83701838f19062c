# SPDX-License-Identifier: GPL-2.0-or-later
# modes.sh - the same flows in each dedupe.mode: four exporters side by side.
#
# Sourced by the tests in this folder, after lib.sh.
# shellcheck shell=sh disable=SC2154

modes="off merge drop mark"

# observe HOST GLOB[,GLOB...] [KEY = VALUE;...]: from now on, in each mode; the
# keys are those of flows.
observe() {
    observe_globs=$(echo "$2" | sed 's/[^,]*/"&"/g')
    for mode in $modes; do
        cat >"$tmp/$mode.conf" <<END
interfaces = { include = [ $observe_globs ]; };
flows = { scan_interval = 0.2; ${3:-idle_timeout = 1;} };
dedupe = { mode = "$mode"; };
END
        start "$mode" "$1" "$FLOWEXPORT" -c "$tmp/$mode.conf" -p=json
    done
    for mode in $modes; do
        wait_for 20 grep -q 'observing' "$tmp/$mode.log" ||
            bail "flowexport: $(cat "$tmp/$mode.log")"
    done
    # Of interfaces that may be gone when the flows are shown.
    on "$1" ip -o link | sed 's/^\([0-9]*\): \([^@:]*\).*/\1 \2/' \
        >"$tmp/names"
}

# observed: ends it, and checks what standard input says was seen, a line each:
#
#	MODE: IN-OUT< FLOWS RECORDS PACKETS [duplicate]
#
# FLOWS of the datagrams that send() sent came in by interface IN and left by
# OUT, or "-"; < was seen coming in, > going out.
observed() {
    unobserve
    sed 's/^ *//' | sort >"$tmp/expected"
    for mode in $modes; do
        is "$(grep "^$mode:" "$tmp/observed")" \
            "$(grep "^$mode:" "$tmp/expected")" "$1: $mode"
    done
}

# unobserve: ends it; what was seen is in $tmp/observed.
unobserve() {
    for mode in $modes; do
        stop "$mode" || bail "flowexport: $(cat "$tmp/$mode.log")"
        python3 "$here/modes.py" "$tmp/names" "$tmp/$mode.out" |
            sed "s/^/$mode: /"
    done >"$tmp/unsorted"
    sort "$tmp/unsorted" >"$tmp/observed"
}

# send HOST ADDRESS FLOWS DATAGRAMS [SECONDS]: of each flow so many, in so long.
send() {
    on "$1" python3 - "$2" "$3" "$4" "${5:-0.2}" <<'END'
import socket, sys, time
to, flows, datagrams, seconds = sys.argv[1:]
sockets = []
for port in range(20000, 20000 + int(flows)):
    out = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET,
                        socket.SOCK_DGRAM)
    out.bind(("", port))
    sockets.append(out)
end = time.monotonic()
for i in range(int(datagrams)):
    for out in sockets:
        try:
            out.sendto(bytes(100), (to, 5000))
        except OSError: # there was no route for a moment
            pass
    end += float(seconds) / int(datagrams)
    time.sleep(max(0, end - time.monotonic()))
END
    sleep 0.2 # for softirqs
}
