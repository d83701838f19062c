#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# bpf.sh - does another kernel's verifier take the programs, and do they count?
#
# It is 6.1, Debian 12's.  KERNEL_PACKAGE=linux-image-6.12-amd64 is that of
# bookworm-backports.  Debian 12 has no older one; KERNEL_PACKAGE takes the path
# of a .deb file as well.

here=$(dirname "$0")
for test in ${KERNEL_TESTS:?run make check-vm}; do
    case $test in
    test/bpf/*) set -- "$@" "$test" ;;
    esac
done
exec "$here/run.sh" "$here/tap.sh" "$@"
