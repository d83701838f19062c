#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# booted.sh - the service under systemd, after boot: runs in the machine that
# systemd.sh starts, beside Debian's nfdump.service.

. "$(dirname "$0")/../net/lib.sh"

begin
conf=/etc/flowexport.conf

property() {
    systemctl show -P "$1" flowexport
}

# status FIELD: of the daemon.
status() {
    sed -n "s/^$1:[[:space:]]*\([^[:space:]]*\).*/\1/p" \
        "/proc/$(property MainPID)/status"
}

journal() {
    journalctl --no-pager -o cat -u flowexport
}

# says N PATTERN: whether so many lines of its log do, and a service is up.
says() {
    [ "$(journal | grep -c -e "$2")" -eq "$1" ] &&
        [ "$(property ActiveState)" = active ]
}

fails() {
    ! "$@"
}

refuses_reload() {
    flowexportctl reload >"$tmp/reload" 2>&1
    [ $? -eq 1 ] && grep "$conf:[0-9]*: .*nonsense" "$tmp/reload"
}

# is_another PID: whether the daemon has been started since, and is ready.
is_another() {
    [ "$(property ActiveState)" = active ] &&
        [ "$(property MainPID)" -ne 0 ] && [ "$(property MainPID)" -ne "$1" ]
}

# may_write PATH: whether the daemon's view of the file system lets root.
may_write() {
    nsenter -t "$(property MainPID)" -m touch "$1"
}

may_not_write() {
    ! may_write /usr/bin/x && ! may_write "$conf" && ! may_write /home/x &&
        ! may_write /var/x && may_write /var/lib/flowexport/x
}

is_safe() {
    systemd-analyze --no-pager security --threshold=20 flowexport \
        >"$tmp/security"
    is_safe_status=$?
    tail -n 1 "$tmp/security"
    return "$is_safe_status"
}

echo "# up for $(cut -d ' ' -f 1 /proc/uptime) s"
is "$(property ActiveState) $(property Type) $(property NRestarts)" \
    "active notify 0" "is up after boot, and has said so"
ok "nfdump is up" systemctl is-active nfdump
is "$(status Uid)" "$(id -u flowexport)" "runs as flowexport"
is "$(status CapEff) $(status CapPrm) $(status CapBnd)" \
    "000000c000001000 000000c000001000 000000c000001000" \
    "has three capabilities"
is "$(status NoNewPrivs) $(status Seccomp)" "1 2" \
    "cannot gain privileges; its system calls are filtered"
ok "writes to its own directory only" may_not_write
ok "systemd-analyze security gives 2.0 at most" is_safe

pid=$(property MainPID)
cp $conf "$tmp/conf"
sed -i 's/# active_timeout = 60;/active_timeout = 45;/' $conf
ok "reloads" systemctl reload flowexport
ok "says so" wait_for 20 says 1 "^reloaded $conf"
echo 'nonsense = 1;' >>$conf
ok "does not take what is wrong" fails systemctl reload flowexport
ok "says so" wait_for 20 says 1 "^$conf:[0-9]*: .*nonsense"
ok "and to flowexportctl" refuses_reload
is "$(property MainPID)" "$pid" "and goes on"
ok "all is well, says flowexportctl" flowexportctl status
cp "$tmp/conf" $conf

kill -KILL "$pid"
ok "is started again when it dies" wait_for 60 is_another "$pid"
is "$(property NRestarts)" 1 "by systemd"

mkdir -p /run/systemd/system/flowexport.service.d
printf '[Service]\nWatchdogSec=10\n' \
    >/run/systemd/system/flowexport.service.d/soon.conf
systemctl daemon-reload
systemctl restart flowexport
pid=$(property MainPID)
kill -STOP "$pid"
ok "is started again when it hangs" wait_for 90 is_another "$pid"
rm -r /run/systemd/system/flowexport.service.d
systemctl daemon-reload
systemctl restart flowexport

ip netns add peer
ip link add eth0 type veth peer name eth0 netns peer
ip address add 192.0.2.1/24 dev eth0
ip link set eth0 up
ip -n peer address add 192.0.2.2/24 dev eth0
ip -n peer link set eth0 up
ok "observes an interface that comes" wait_for 20 says 1 \
    '^interface eth0: observed'
ip netns exec peer ping -q -c 50 -i 0.05 -w 20 192.0.2.1 >"$tmp/ping" ||
    bail "no way to eth0"

pid=$(property MainPID)
ok "is upgraded" dpkg --force-confold -i /root/new.deb
ok "and started anew" wait_for 60 is_another "$pid"
is "$(readlink "/proc/$(property MainPID)/exe")" /usr/sbin/flowexport \
    "as what is installed now"
sleep 1
systemctl stop nfdump
is "$(nfdump -q -N -R /var/cache/nfdump -o fmt:%pkt \
    'proto icmp and src ip 192.0.2.2' | awk '{ n += $1 } END { print n }')" \
    50 "what the kernel held was exported first, and nfdump has it"
ok "stops" systemctl stop flowexport
is "$(property Result)" success "well"
done_testing
