#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# churn.sh - interfaces come and go as fast as they can while flowexport starts
# and runs: those that vanish before they are attached to frighten nobody, and
# none that stays is missed; also when the kernel has more to tell than
# there is room for.
#
#	A aN ---- rN R		and pairs of R's own, wN and vN
#
# STARTS says how often it starts, for each way to attach.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pings.sh"

need ping tc awk

STARTS=${STARTS:-2}
add_hosts a r
join 1 r r1 a a1

# configure METHOD
configure() {
    cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r*", "w*", "v*" ]; attach = "$1"; };
flows = { max = 4096; };
control = { socket = "$tmp/control"; };
END
}

# churn N: pairs, from number N on, until somebody ends it.
churn() {
    while [ -e "$tmp/churning" ]; do
        seq "$1" $(($1 + 9)) |
            sed 's/.*/link add w& up type veth peer name v&/' |
            ip -n "fx$$-r" -force -batch -
        seq "$1" $(($1 + 9)) | sed 's/.*/link del w&/' |
            ip -n "fx$$-r" -force -batch -
    done 2>/dev/null
}

begin_churn() {
    touch "$tmp/churning"
    churners=
    for churn_n in 100 200 300; do
        churn $churn_n &
        churners="$churners $!"
    done
}

end_churn() {
    rm "$tmp/churning"
    # shellcheck disable=SC2086 # a list of words
    wait $churners
}

# unsettling: what the log has beside what is meant to happen.
unsettling() {
    grep -v -e ': observing ' -e ': observed ' -e ': not observed any longer' \
        -e ': stats: ' -e ': there is no user ' "$tmp/flowexport.log"
}

n_files() {
    find "/proc/$(pid flowexport)/fd" -type l | wc -l
}

has_files() {
    [ "$(n_files)" -eq "$1" ]
}

filters() {
    for filters_hook in ingress egress; do
        on r tc filter show dev r1 $filters_hook
    done | grep -c direct-action
}

# check_start METHOD N
check_start() {
    begin_churn
    start_flowexport r -p -c "$tmp/flowexport.conf"
    ip -n "fx$$-r" link del r2 2>/dev/null
    join 2 r r2 a a2
    ok "$1, start $2: one that comes and stays is observed" \
        wait_for 20 logged 'interface r2: observed'
    pings 1 4
    pings 2 8
    end_churn
    ok "$1, start $2: stops" stop flowexport
    is "$(printed 0x04) $(printed 0x08)" "20 20" \
        "$1, start $2: what they carry is counted"
    echo "# $(logged ': observed' | wc -l) attached to while it ran"
    is "$(unsettling)" "" "$1, start $2: says nothing of the others"
    is "$(filters)" 0 "$1, start $2: leaves no filter"
}

# check_lost METHOD: it cannot listen, and the kernel loses what it would say.
check_lost() {
    start_flowexport r -p -v -c "$tmp/flowexport.conf"
    ip -n "fx$$-r" link del r2
    wait_for 10 logged 'interface r2: not observed any longer'
    lost_files=$(n_files)
    join 2 r r2 a a2
    wait_for 10 logged 'interface r2: observed'
    kill -STOP "$(pid flowexport)"
    seq 10000 | awk '{ print "link set r1 mtu " 1400 + $1 % 100 }' |
        ip -n "fx$$-r" -batch -
    ip -n "fx$$-r" link del r2
    join 3 r r3 a a3
    kill -CONT "$(pid flowexport)"
    ok "$1: the kernel could not say all" \
        wait_for 20 logged 'asked for anew: No buffer space'
    ok "$1: one that had come is observed" \
        wait_for 20 logged 'interface r3: observed'
    pings 1 4
    pings 3 8
    ip -n "fx$$-r" link del r3
    ok "$1: what is gone is left" wait_for 20 has_files "$lost_files"
    ok "$1: stops after that" stop flowexport
    is "$(printed 0x04) $(printed 0x08)" "20 20" "$1: what they carry is counted"
}

check() {
    configure "$1"
    for start in $(seq "$STARTS"); do
        check_start "$1" "$start"
    done
    check_lost "$1"
}

check tc
if grep -qw tcx_prog_attach /proc/kallsyms; then
    check tcx
else
    skip $((STARTS * 5 + 5)) "the kernel has no TCX"
fi
done_testing
