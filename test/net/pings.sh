# SPDX-License-Identifier: GPL-2.0-or-later
# pings.sh - pings from A to R that are told apart by their TOS, and what R's
# flowexport said of them.
#
# Sourced behind lib.sh by tests that start it with -p.
# shellcheck shell=sh disable=SC2154

# pings CABLE TOS: ten, from A to R.
pings() {
    on a ping -q -c 10 -i 0.01 -W 1 -Q "$2" "10.77.$1.1" >/dev/null
}

# printed TOS: packets in the flows that were printed.
printed() {
    awk -v tos="$1" '$(NF - 3) == tos { n += $(NF - 2) }
        END { print n + 0 }' "$tmp/flowexport.out"
}

# logged TEXT
logged() {
    grep -F "$1" "$tmp/flowexport.log"
}
