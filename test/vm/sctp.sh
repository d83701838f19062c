#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sctp.sh - SCTP, on a kernel that has it.

here=$(dirname "$0")
exec "$here/run.sh" "$here/tap.sh" "$here/../net/sctp.sh"
