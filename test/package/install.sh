#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh - the package's life on a Debian without anything else: installed,
# used, edited, upgraded, removed, purged.
#
# The system is made by debootstrap, and seen through chroot: no systemd runs
# there; systemd.sh is about that.

. "$(dirname "$0")/lib.sh"

need debootstrap dpkg-buildpackage unshare

have_deb
make_root

# files: all that there are, but for those of package management and logs, and
# the copies that are made of the lists of users.
files() {
    (cd "$root" && find . -xdev \( -path ./var/cache/apt -o -path ./var/lib/apt \
        -o -path ./var/lib/dpkg -o -path ./var/log -o -path ./tmp \
        -o -path './etc/*-' -o -path './var/cache/debconf' \) -prune \
        -o -print) | sort
}

files >"$tmp/before"
ok "installs" install_deb "$deb"
ok "all its files are as they were packed" inside dpkg -V flowexport
is "$(inside flowexport --version | head -n 1)" \
    "flowexport $(dpkg-deb -f "$deb" Version)" "is the version it says"
ok "has a user" inside id flowexport
ok "starts at boot" test -L \
    "$root/etc/systemd/system/multi-user.target.wants/flowexport.service"

cp "$top/debian/tests/installed" "$root/tmp/"
ok "shows flows, as README says, without an edit" inside /tmp/installed
ok "README says so" grep -q '^ *flowexport -t$' "$top/README"
ok "and so" grep -q '^ *sudo flowexport -i eth0 -p' "$top/README"

sed -i 's/# active_timeout = 60;/active_timeout = 45;/' \
    "$root/etc/flowexport.conf"
ok "a new version is built" make_new_version
ok "upgrades" install_deb "$(deb_in "$work/new")"
is "$(inside dpkg-query -W -f '${Version} ${Status}' flowexport)" \
    "$(dpkg-deb -f "$deb" Version).1 install ok installed" "to that version"
ok "keeps the configuration that was edited" \
    grep -q '^ *active_timeout = 45;' "$root/etc/flowexport.conf"
ok "and puts the new one beside it" \
    grep -q '^# One line more' "$root/etc/flowexport.conf.dpkg-dist"
ok "still shows flows" inside /tmp/installed

# As systemd makes it, and a collector that is a file may fill it.
mkdir "$root/var/lib/flowexport"
touch "$root/var/lib/flowexport/flows.ipfix"
ok "is removed" apt remove flowexport
is "$(cd "$root" && find etc usr lib -name '*flowexport*' ! -type l | sort |
    tr '\n' ' ')" "etc/flowexport.conf etc/flowexport.conf.dpkg-dist " \
    "and leaves what is configured"
ok "is purged" apt purge flowexport
files >"$tmp/after"
ok "and leaves nothing" diff "$tmp/before" "$tmp/after"
ok "but its user, as Debian's users do" inside id flowexport
done_testing
