#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# net.sh - interfaces, hosts and filters on another kernel: 6.1 has no TCX, and
# what attaches is clsact; and it has VLANs and bonds, which not all have.
# Another yet: see bpf.sh.

here=$(dirname "$0")
exec "$here/run.sh" "$here/tap.sh" "$here/../net/live.sh" \
    "$here/../net/attach.sh" "$here/../net/dedupe-stack.sh"
