#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh - the Debian package: it builds from a clean tree, twice the same, is
# small, and lintian has nothing to say.

. "$(dirname "$0")/lib.sh"

need dpkg-buildpackage lintian

rm -rf "$work"
mkdir -p "$work"
one=$work/one two=$work/another/place/two
copy_source "$one/flowexport"
copy_source "$two/flowexport-0"

ok "builds" build_deb "$one/flowexport"
ok "builds in another place" build_deb "$two/flowexport-0"

deb=$(deb_in "$one")
[ -e "$deb" ] || bail "there is no package"
ok "twice the same package" cmp "$deb" "$(deb_in "$two")"
ok "and the same debugging symbols" cmp \
    "$(echo "$one"/flowexport-dbgsym_*.deb)" \
    "$(echo "$two"/flowexport-dbgsym_*.deb)"
ok "lintian finds no error and nothing to warn of" \
    lintian --allow-root -EI -L +pedantic --fail-on error,warning \
    "$(echo "$one"/*.changes)"

is_small() {
    size=$(dpkg-deb -f "$deb" Installed-Size)
    echo "$size kB installed"
    [ "$size" -le 600 ]
}
ok "takes 600 kB at most" is_small
ok "knows what it needs at run time, and no compiler" sh -c \
    "dpkg-deb -f '$deb' Depends | tee /dev/stderr | grep -q libbpf1 &&
     ! dpkg-deb -f '$deb' Depends | grep -qE 'clang|bpftool|-dev'"
rm -rf "$two" "$work/another"
done_testing
