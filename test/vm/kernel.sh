#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel.sh - on another kernel, Debian 12's, do the programs load and count?
#
# That kernel, 6.1, has an older verifier, and no TCX: what attaches is clsact.
#
# KERNEL_PACKAGE=linux-image-6.12-amd64, of bookworm-backports, has TCX.  One
# older than 6.1 is not among Debian 12's packages; KERNEL_PACKAGE takes the
# path of a .deb file as well.

here=$(dirname "$0")
tests=${builddir:-.}/test/bpf
exec "$here/run.sh" "$here/tap.sh" "$tests/test-bpf" "$tests/test-device" \
    "$tests/test-account" "$here/../net/attach.sh"
