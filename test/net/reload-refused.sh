#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# reload-refused.sh - a configuration that is bad, or comes at the wrong time,
# changes nothing; and who hears of it.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/collect.sh"

need nfcapd nfdump ethtool ping python3 awk
. "$(dirname "$0")/reloads.sh"

# --- a bad file ----------------------------------------------------------------

has_refused() {
    logged "not reloaded: nothing has changed" "$1"
}

# refuse N FILE MESSAGE...: the Nth file that is bad changes nothing.
refuse() {
    refuse_n=$1
    mv "$2" "$conf"
    shift 2
    kill -HUP "$(pid flowexport)"
    ok "a bad file is refused" wait_for 5 has_refused "$refuse_n"
    for refuse_message; do
        ok "why: $refuse_message" logged "$conf:$refuse_message"
    done
}

configure 0
start_nfcapd r
start_flowexport r -c "$conf"
before="$(links) $(n_fds)"
cat >"$tmp/bad" <<END
interfaces = { include = [ "r2" ]; };
flows = { idle_timeout = 0; };
collectors = ( { name = "x"; host = "127.0.0.1"; }, { name = "x"; } );
END
refuse 1 "$tmp/bad" '2: flows.idle_timeout: must be' \
    '3: collectors.host: missing'
cat >"$tmp/bad" <<END
collectors = ( { name = "stay"; host = "127.0.0.1"; port = 4739; mtu = 900; },
  { name = "good"; host = "127.0.0.1"; },
  { name = "away"; host = "127.0.0.1"; source = "192.0.2.1"; },
  { name = "odd"; host = "127.0.0.1"; source = "192.0.2.2"; } );
END
refuse 2 "$tmp/bad" '3: collector away: ' '4: collector odd: '
cat >"$tmp/bad" <<END
collectors = ( { host = "127.0.0.1"; template = "none-such"; } );
END
refuse 3 "$tmp/bad" '1: collector 127.0.0.1: template set'
echo >"$tmp/bad"
refuse 4 "$tmp/bad"
ok "why: no collector" logged "no collector: name one"
rm "$conf"
kill -HUP "$(pid flowexport)"
ok "no file is refused" wait_for 5 has_refused 5
is "$(links) $(n_fds)" "$before" "nothing has changed"
ok "nor does the log say so" [ "$(n_reloads)" -eq 0 ]

ok "stops after that" stop flowexport
stop_nfcapd

# --- as another user ------------------------------------------------------------

# configure_for_all INCLUDE MODE
configure_for_all() {
    cat >"$conf" <<END
interfaces = { include = [ $1 ]; };
user = "nobody";
control = { socket = ""; };
collectors = ( { name = "stay"; host = "127.0.0.1"; port = 4739; } );
END
    chmod "$2" "$conf"
}

runs_as() {
    [ "$(awk '/^Uid:/ { print $3 }' "/proc/$(pid flowexport)/status")" = \
        "$(id -u "$1")" ]
}

chmod 755 "$tmp"
configure_for_all '"r1"' 644
cp -r "$FLOWEXPORT_TEMPLATES" "$tmp/templates"
start_nfcapd r
FLOWEXPORT_TEMPLATES=$tmp/templates start_flowexport r -c "$conf"
ok "it is another user now" runs_as nobody
configure_for_all '"r2"' 600
kill -HUP "$(pid flowexport)"
ok "who may not read the file does not reload" wait_for 5 has_refused 1
ok "why" logged "$conf: Permission denied"
configure_for_all '"r2"' 644
reload
ok "who may attaches to others" wait_for 5 logged 'interface r2: observed'
ok "and detaches" logged 'interface r1: not observed any longer'
on a ping -q -c 10 -i 0.01 -W 1 10.77.2.1 >/dev/null
on a ping -q -c 10 -i 0.01 -W 1 10.77.1.1 >/dev/null
stop flowexport
stop_nfcapd
is "$(collected 'proto icmp')" 20 "and sees just them"
configure_for_all '"r1"' 644
start_flowexport r -c "$conf" -i r3
configure_for_all '"r2"' 644
reload
ok "the command line stays in force" \
    [ "$(grep -c '^flowexport: interface' "$tmp/flowexport.log")" -eq 0 ]
stop flowexport

# --- at the wrong time, and for systemd ------------------------------------------

# told TEXT: whether the service manager was.
told() {
    grep -q "$1" "$tmp/manager.out"
}

# refused WHY
refused() {
    logged "$1, nothing is reloaded" && logged "not reloaded"
}

cat >"$tmp/manager" <<END
import os, socket
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind("$tmp/notify")
os.chmod("$tmp/notify", 0o777)
print("ready", flush=True)
while True:
    print(manager.recv(4096).decode().replace("\\n", " "), flush=True)
END
start_ready manager r python3 "$tmp/manager"
cat >"$conf" <<END
interfaces = { include = [ "r1" ]; };
control = { socket = ""; };
collectors = ( { name = "far"; host = "nowhere.invalid"; } );
END
NOTIFY_SOCKET=$tmp/notify start_flowexport r -c "$conf"
ok "the service manager hears of the start" wait_for 5 told '^READY=1'
on a ping -q -c 10 -i 0.01 -W 1 10.77.1.1 >/dev/null
reload
ok "and of the reload" wait_for 5 told '^RELOADING=1 MONOTONIC_USEC=[0-9]*$'
ok "and of its end" wait_for 5 [ "$(grep -c '^READY=1' "$tmp/manager.out")" -eq 2 ]
kill "$(pid flowexport)"
ok "and of the stop" wait_for 5 told '^STOPPING=1'
kill -HUP "$(pid flowexport)"
ok "who stops does not reload" wait_for 3 refused stopping
ok "and stops" stop flowexport
ok "nobody hears of that" [ "$(grep -c '^RELOADING' "$tmp/manager.out")" -eq 1 ]

mkfifo "$tmp/fifo"
start flowexport r "$FLOWEXPORT" -c /dev/null -p -r "$tmp/fifo"
exec 7>"$tmp/fifo"
wait_for 5 [ -e "/proc/$(pid flowexport)/fd/3" ]
sleep 0.5
kill -HUP "$(pid flowexport)"
exec 7>&-
ok "who reads captures does not reload" wait_for 5 refused 'captures are read'
wait_for 10 gone "$(pid flowexport)"
done_testing
