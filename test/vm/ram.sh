#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ram.sh - runs a command on a system that is in memory, for once run.sh's machine
# has been suspended, it does not see the host's files any more.
#
#	ram.sh TREE COMMAND [ARGUMENT...]
#
# TREE is the system, and is copied.

root=/run/ram
mkdir $root
mount -t tmpfs tmpfs $root || exit 125
cp -r "$1/." $root || exit 125
shift
for mount in dev proc sys; do
    mkdir $root/$mount
    mount --rbind /$mount $root/$mount || exit 125
done
# shellcheck disable=SC2016 # of the shell inside
exec chroot $root /bin/sh -c 'cd "$0" && exec "$@"' "$PWD" "$@"
