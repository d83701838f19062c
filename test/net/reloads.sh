# SPDX-License-Identifier: GPL-2.0-or-later
# reloads.sh - a daemon whose configuration, in $conf, changes as it runs.
#
#	A aN ---- rN R		N: 1 to 3, all cables without offloads
#
# Sourced by the tests in this folder, after lib.sh and need().
# shellcheck shell=sh disable=SC2154

add_hosts a r
for cable in 1 2 3; do
    join $cable r r$cable a a$cable
    unmerged a a$cable
    unmerged r r$cable
done
r1=$(if_index r r1)
conf=$tmp/flowexport.conf

# configure SEED [KEYS [DOMAIN]]
configure() {
    python3 "$here/reload.py" "$@" >"$conf"
}

n_reloads() {
    grep -c '^flowexport: reloaded' "$tmp/flowexport.log"
}

has_reloaded() {
    [ "$(n_reloads)" -gt "$1" ]
}

# reload: returns when the new configuration is in force.
reload() {
    reload_before=$(n_reloads)
    kill -HUP "$(pid flowexport)"
    wait_for 5 has_reloaded "$reload_before" ||
        bail "no reload: $(tail "$tmp/flowexport.log")"
}

# logged TEXT [TIMES]
logged() {
    [ "$(grep -cF "$1" "$tmp/flowexport.log")" -ge "${2:-1}" ] || {
        cat "$tmp/flowexport.log"
        return 1
    }
}

# links: the TCX links of r1 by ID, ingress first
links() {
    awk -v r1="$r1" '
    FNR == 1 { id = 0 }
    /^link_id:/ { id = $2 }
    /^ifindex:/ && $2 == r1 { mine = id }
    /^attach_type:/ && mine { print $2, mine; mine = 0 }' \
        "/proc/$(pid flowexport)/fdinfo"/* 2>/dev/null | sort -n
}

n_fds() {
    find "/proc/$(pid flowexport)/fd" -type l | wc -l
}
