#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# live.sh - flowexport starts, counts and stops on a kernel that shows it no BTF
# of its own.
#
#	A a0 ---- r0 R

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/collect.sh"

need nfcapd nfdump ethtool ping tcpdump python3 unshare

add_hosts a r
join 1 r r0 a a0
r0=$(if_index r r0)

# A file system of nothing stands where the BTF is.
cat >"$tmp/blind" <<END
#!/bin/sh
set -e
if [ "\$1" = blind ]; then
    shift
    mount -t tmpfs tmpfs /sys/kernel
    [ ! -e /sys/kernel/btf/vmlinux ]
    echo blind
    exec "$FLOWEXPORT" "\$@"
fi
exec unshare -m "\$0" blind "\$@"
END
chmod +x "$tmp/blind"
FLOWEXPORT=$tmp/blind

start_nfcapd r
start_capture r lo
start_flowexport r -c /dev/null -i r0 -n ipfix+udp://127.0.0.1:4739
is "$(cat "$tmp/flowexport.out")" blind "flowexport starts without kernel BTF"
on a ping -q -f -c 500 10.77.1.1 >/dev/null || bail "no way from A to R"
ok "stops" stop flowexport
stop_nfcapd
is "$(collected "in if $r0 and src ip 10.77.1.2") \
$(collected "out if $r0 and src ip 10.77.1.1")" "500 500" \
    "each ping is counted once, and each answer"
is "$(counter packets_unaccounted)" 0 "there was room for all"
check_wire
done_testing
