#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# clock.sh - the clock is set, and the machine sleeps: one that is ours.

here=$(cd "$(dirname "$0")" && pwd)
net=$(cd "$here/../net" && pwd)
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
trap 'exit 1' HUP INT TERM
PATH=$PATH:/usr/sbin:/sbin

# copy_programs FILE...: with what they are linked with.
copy_programs() {
    for copy_program; do
        echo "$copy_program"
        ldd "$copy_program" 2>/dev/null |
            awk '$1 ~ "^/" { print $1 } $3 ~ "^/" { print $3 }'
    done | sort -u | xargs cp -L --parents -t "$tree"
}

for folder in bin sbin lib lib64; do
    mkdir -p "$tree/usr/$folder"
    [ ! -L /$folder ] || ln -s usr/$folder "$tree/$folder"
done
for program in sh awk cat cut date dirname grep head id ip ls mkdir mkfifo \
    mktemp nfcapd nfdump nft nice ping rm sed sleep sort sysctl tail tr wc xargs; do
    programs="$programs $(command -v $program)" || exit 1
done
# What pthread_exit() loads: nfcapd.
programs="$programs $(ldconfig -p | awk '/libgcc_s.so.1/ { print $NF; exit }')"
# shellcheck disable=SC2086 # words
copy_programs $programs "$PWD/flowexport" "$PWD/flowexportctl"
cp -r --parents "$net"/*.sh "${FLOWEXPORT_TEMPLATES:?}" "$tree"
mkdir -p "$tree/tmp" "$tree/run/netns" "$tree/etc"
"$here/run.sh" "$here/ram.sh" "$tree" "$net/clock.sh"
