#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh - the package's life on a Debian without anything else: installed,
# used, edited, upgraded, removed, purged.
#
# The system is made by debootstrap, and seen through chroot: no systemd runs
# there; test/vm/systemd.sh is about that.

. "$(dirname "$0")/lib.sh"

need debootstrap dpkg-buildpackage unshare

root=$tmp/root
have_deb

# inside COMMAND...: in that system, with a /proc and /sys of its own.
inside() {
    unshare -m sh -c 'root=$1
        shift
        mount -t proc proc "$root/proc" && mount -t sysfs sysfs "$root/sys" &&
            exec chroot "$root" "$@"' sh "$root" env -i LC_ALL=C \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
        "$@"
}

apt() {
    inside apt-get -q -y --no-install-recommends "$@"
}

# The host's own mirror and release.
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' \
    'Created-By: Packages' | awk '/\/debian\/? / { print $1; exit }')
release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
debootstrap --variant=minbase "$release" "$root" "$mirror" \
    >"$tmp/debootstrap.log" 2>&1 || bail "$(tail -n 3 "$tmp/debootstrap.log")"
# What is needed to test it, and what it needs, is not part of the question.
{
    apt update &&
        apt satisfy "$(dpkg-deb -f "$deb" Depends)" \
            'nfdump, iproute2, iputils-ping'
} >"$tmp/apt.log" 2>&1 || bail "$(tail -n 5 "$tmp/apt.log")"

# files: all that there are, but for those of package management and logs, and
# the copies that are made of the lists of users.
files() {
    (cd "$root" && find . -xdev \( -path ./var/cache/apt -o -path ./var/lib/apt \
        -o -path ./var/lib/dpkg -o -path ./var/log -o -path ./tmp \
        -o -path './etc/*-' -o -path './var/cache/debconf' \) -prune \
        -o -print) | sort
}

# install_deb FILE
install_deb() {
    cp "$1" "$root/tmp/"
    apt -o Dpkg::Options::=--force-confold install "/tmp/$(basename "$1")"
}

# new_version: of the tree that is built, with a new line in its configuration.
new_version() {
    rm -rf "$work/new"
    mkdir "$work/new"
    cp -a "$work/one/flowexport" "$work/new/"
    sed -i '1s/)/.1)/' "$work/new/flowexport/debian/changelog"
    echo '# One line more.' >>"$work/new/flowexport/etc/flowexport.conf"
    build_deb "$work/new/flowexport" -nc
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
ok "a new version is built" new_version
ok "upgrades" install_deb "$(deb_in "$work/new")"
is "$(inside dpkg-query -W -f '${Version} ${Status}' flowexport)" \
    "$(dpkg-deb -f "$deb" Version).1 install ok installed" "to that version"
ok "keeps the configuration that was edited" \
    grep -q '^ *active_timeout = 45;' "$root/etc/flowexport.conf"
ok "and puts the new one beside it" \
    grep -q '^# One line more' "$root/etc/flowexport.conf.dpkg-dist"
ok "still shows flows" inside /tmp/installed

ok "is removed" apt remove flowexport
is "$(cd "$root" && find etc usr lib -name '*flowexport*' ! -type l | sort |
    tr '\n' ' ')" "etc/flowexport.conf etc/flowexport.conf.dpkg-dist " \
    "and leaves what is configured"
ok "is purged" apt purge flowexport
files >"$tmp/after"
ok "and leaves nothing" diff "$tmp/before" "$tmp/after"
ok "but its user, as Debian's users do" inside id flowexport
done_testing
