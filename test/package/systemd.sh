#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# systemd.sh - the package in a machine that boots with systemd (QEMU).

. "$(dirname "$0")/lib.sh"

need debootstrap dpkg-buildpackage unshare

have_deb >/dev/null
make_root
{
    install_deb "$deb" && make_new_version &&
        cp "$(deb_in "$work/new")" "$root/root/new.deb"
} >"$tmp/log" 2>&1 || bail "$(tail -n 5 "$tmp/log")"
mkdir -p "$root/root/net" "$root/root/package"
cp "$top/test/net/lib.sh" "$root/root/net/"
cp "$top/test/package/booted.sh" "$root/root/package/"

VM_SYSTEM=$root "$top/test/vm/run.sh" /root/package/booted.sh
status=$?
rm -rf "$root"
exit $status
