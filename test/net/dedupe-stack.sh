#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dedupe-stack.sh - what each mode tells where R's interfaces stand on others:
# VLANs, bonds and teams, and VLANs on bonds.
#
#	A a0 ==== r0 R r2 ---- b0 B
#	A a1 ==== r1 R

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/modes.sh"

need python3 ping

add_hosts a b r
join 9 r r2 b b0
route b 9
start_ready sink_b b "$tools/traffic" sink 5000
start_ready sink_r r "$tools/traffic" sink 5000
for n in 0 1; do
    ip link add r$n netns "fx$$-r" type veth peer name a$n netns "fx$$-a"
done

# has TYPE: whether this kernel has such interfaces.
has() {
    ip -n "fx$$-r" link add probe0 type "$1" 2>/dev/null || return
    ip -n "fx$$-r" link del probe0
}

# watch GLOB[,GLOB...]: until all has been sent, however slow the machine is.
watch() {
    observe r "$1" "idle_timeout = 60;"
}

# watch_ports GLOB[,GLOB...]: both as one, for who knows what goes by which.
watch_ports() {
    watch "$1"
    sed -i 's/ r[01]$/ port/' "$tmp/names"
}

# stand HOST DEVICE ADDRESS: with that address, and up.
stand() {
    ip -n "fx$$-$1" address add "$3" dev "$2"
    ip -n "fx$$-$1" link set "$2" up
}

# tag HOST DEVICE VID ADDRESS
tag() {
    ip -n "fx$$-$1" link add link "$2" name "$2.$3" type vlan id "$3"
    stand "$1" "$2.$3" "$4"
}

# bind TYPE HOST DEVICE PORT...: makes DEVICE of the ports.
bind() {
    bind_type=$1 bind_host=$2 bind_device=$3
    shift 3
    # shellcheck disable=SC2086 # words
    ip -n "fx$$-$bind_host" link add "$bind_device" type $bind_type ||
        bail "no $bind_type"
    for bind_port; do
        ip -n "fx$$-$bind_host" link set "$bind_port" down
        ip -n "fx$$-$bind_host" link set "$bind_port" master "$bind_device"
        ip -n "fx$$-$bind_host" link set "$bind_port" up
    done
    ip -n "fx$$-$bind_host" link set "$bind_device" up
}

# loose HOST DEVICE
loose() {
    ip -n "fx$$-$1" link del "$2"
}

reach() {
    wait_for 10 on "$1" ping -q -c 1 -W 1 "$2" || bail "no way to $2"
}

if ip -n "fx$$-r" link add link r0 name r0.10 type vlan id 10 2>/dev/null; then
    loose r r0.10
    ip -n "fx$$-r" link set r0 up
    ip -n "fx$$-a" link set a0 up
    add_hosts c
    tag r r0 10 10.77.10.1/24
    tag r r0 20 10.77.20.1/24
    tag a a0 10 10.77.10.2/24
    ip -n "fx$$-a" link add link a0 name a0.20 type vlan id 20
    ip -n "fx$$-a" link set a0.20 netns "fx$$-c"
    stand c a0.20 10.77.20.2/24
    ip -n "fx$$-c" route add default via 10.77.20.1
    ip -n "fx$$-a" route add default via 10.77.10.1
    start_ready sink_c c "$tools/traffic" sink 5000
    reach a 10.77.20.2
    reach a 10.77.9.2

    watch 'r0*'
    send a 10.77.20.2 20 5
    observed "a router on a stick" <<END
        off: r0--< 20 20 100
        off: r0.10--< 20 20 100
        off: r0.10-r0> 20 20 100
        off: r0.10-r0.20> 20 20 100
        merge: r0.10-r0.20< 20 20 100
        drop: r0--< 20 20 100
        mark: r0--< 20 20 100
        mark: r0.10--< 20 20 100 duplicate
        mark: r0.10-r0> 20 20 100 duplicate
        mark: r0.10-r0.20> 20 20 100 duplicate
END

    watch 'r0*,r2'
    send a 10.77.10.1 20 5
    send r 10.77.20.2 30 5
    send b 10.77.10.2 40 5
    observed "a VLAN, to the router, from it and from an uplink" <<END
        off: --r0> 30 30 150
        off: --r0.20> 30 30 150
        off: r0--< 20 20 100
        off: r0.10--< 20 20 100
        off: r2--< 40 40 200
        off: r2-r0> 40 40 200
        off: r2-r0.10> 40 40 200
        merge: --r0.20> 30 30 150
        merge: r0.10--< 20 20 100
        merge: r2-r0.10< 40 40 200
        drop: --r0.20> 30 30 150
        drop: r0--< 20 20 100
        drop: r2--< 40 40 200
        mark: --r0> 30 30 150 duplicate
        mark: --r0.20> 30 30 150
        mark: r0--< 20 20 100
        mark: r0.10--< 20 20 100 duplicate
        mark: r2--< 40 40 200
        mark: r2-r0> 40 40 200 duplicate
        mark: r2-r0.10> 40 40 200 duplicate
END
    loose r r0.10
    loose r r0.20
    loose a a0.10
    vlan=yes
else
    skip 8 "the kernel has no VLANs"
    vlan=
fi

# Datagrams go out by either port in turn, those of a flow too.
bonds() {
    bind "$1" r bond0 r0 r1
    bind "$1" a bond0 a0 a1
    stand r bond0 10.77.30.1/24
    stand a bond0 10.77.30.2/24
    ip -n "fx$$-a" route replace default via 10.77.30.1
    reach a 10.77.9.2

    watch_ports 'r*,bond0'
    send a 10.77.9.2 21 10
    observed "a ${1%% *}'s ports, to an uplink" <<END
        off: bond0--< 21 21 210
        off: bond0-r2> 21 21 210
        off: port--< 21 42 210
        merge: bond0-r2< 21 42 210
        drop: port--< 21 42 210
        mark: bond0--< 21 21 210 duplicate
        mark: bond0-r2> 21 21 210 duplicate
        mark: port--< 21 42 210
END

    watch_ports 'r*'
    send a 10.77.9.2 21 10
    observed "a ${1%% *}'s ports without it" <<END
        off: bond0-r2> 21 21 210
        off: port--< 21 42 210
        merge: bond0-r2< 21 42 210
        drop: port--< 21 42 210
        mark: bond0-r2> 21 21 210 duplicate
        mark: port--< 21 42 210
END

    watch_ports 'r*,bond0'
    send b 10.77.30.2 21 10
    observed "an uplink, to a ${1%% *}" <<END
        off: r2--< 21 21 210
        off: r2-bond0> 21 21 210
        off: r2-port> 21 42 210
        merge: r2-bond0< 21 21 210
        drop: r2--< 21 21 210
        mark: r2--< 21 21 210
        mark: r2-bond0> 21 21 210 duplicate
        mark: r2-port> 21 42 210 duplicate
END
}

if has "bond"; then
    bonds "bond mode balance-rr miimon 100"
else
    skip 12 "the kernel has no bonds"
fi

if has "bond" && [ "$vlan" ]; then
    for host in a r; do
        ip -n "fx$$-$host" address flush dev bond0
    done
    tag r bond0 10 10.77.40.1/24
    tag a bond0 10 10.77.40.2/24
    ip -n "fx$$-a" route replace default via 10.77.40.1
    reach a 10.77.9.2
    watch_ports 'r*,bond0*'
    send a 10.77.9.2 21 10
    observed "a VLAN on a bond, to an uplink" <<END
        off: bond0--< 21 21 210
        off: bond0.10--< 21 21 210
        off: bond0.10-r2> 21 21 210
        off: port--< 21 42 210
        merge: bond0.10-r2< 21 42 210
        drop: port--< 21 42 210
        mark: bond0--< 21 21 210 duplicate
        mark: bond0.10--< 21 21 210 duplicate
        mark: bond0.10-r2> 21 21 210 duplicate
        mark: port--< 21 42 210
END

    watch_ports 'r*,bond0*'
    send r 10.77.40.2 21 10
    observed "from the router, by a VLAN on a bond" <<END
        off: --bond0> 21 21 210
        off: --bond0.10> 21 21 210
        off: --port> 21 42 210
        merge: --bond0.10> 21 21 210
        drop: --bond0.10> 21 21 210
        mark: --bond0> 21 21 210 duplicate
        mark: --bond0.10> 21 21 210
        mark: --port> 21 42 210 duplicate
END
else
    skip 8 "the kernel has no VLANs on bonds"
fi
done_testing
