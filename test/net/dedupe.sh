#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dedupe.sh - what each mode tells of flows that pass several interfaces of R.
#
#	A a0 ---- r0 R r1 ---- b0 B

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/modes.sh"

need python3 ping

add_hosts a b r
join 1 r r0 a a0
join 2 r r1 b b0
route a 1
route b 2
start_ready sink_b b "$tools/traffic" sink 5000
start_ready sink_r r "$tools/traffic" sink 5000

observe r 'r*'
send a 10.77.2.2 20 50
sleep 2 # until they are idle
observed "a router" <<END
    off: r0--< 20 20 1000
    off: r0-r1> 20 20 1000
    merge: r0-r1< 20 20 1000
    drop: r0--< 20 20 1000
    mark: r0--< 20 20 1000
    mark: r0-r1> 20 20 1000 duplicate
END

observe r 'r*'
send a fd77:2::2 800 1
sleep 2
observed "a router, flows of one packet" <<END
    off: r0--< 800 800 800
    off: r0-r1> 800 800 800
    merge: r0-r1< 800 800 800
    drop: r0--< 800 800 800
    mark: r0--< 800 800 800
    mark: r0-r1> 800 800 800 duplicate
END

observe r 'r0'
send a 10.77.2.2 20 5
send b 10.77.1.2 20 5
observed "one interface of a router" <<END
    off: r0--< 20 20 100
    off: r1-r0> 20 20 100
    merge: r0--< 20 20 100
    merge: r1-r0> 20 20 100
    drop: r0--< 20 20 100
    drop: r1-r0> 20 20 100
    mark: r0--< 20 20 100
    mark: r1-r0> 20 20 100
END

observe r 'r*'
send a 10.77.1.1 20 5
send r 10.77.2.2 30 5
observed "to the router, and from it" <<END
    off: --r1> 30 30 150
    off: r0--< 20 20 100
    merge: --r1> 30 30 150
    merge: r0--< 20 20 100
    drop: --r1> 30 30 150
    drop: r0--< 20 20 100
    mark: --r1> 30 30 150
    mark: r0--< 20 20 100
END

# Two flows each: one has A's address, the other R's.
on r nft add table ip nat
on r nft add chain ip nat out '{ type nat hook postrouting priority 100; }'
on r nft add rule ip nat out oif r1 masquerade
observe r 'r*'
send a 10.77.2.2 20 5
on r nft delete table ip nat
observed "a router that translates addresses" <<END
    off: r0--< 20 20 100
    off: r0-r1> 20 20 100
    merge: r0--< 20 20 100
    merge: r0-r1> 20 20 100
    drop: r0--< 20 20 100
    drop: r0-r1> 20 20 100
    mark: r0--< 20 20 100
    mark: r0-r1> 20 20 100
END

# The TOS octet is no part of a flow's identity.
on r nft add table ip remark
on r nft add chain ip remark out '{ type filter hook postrouting priority 0; }'
on r nft add rule ip remark out oif r1 ip dscp set af11
observe r 'r*'
send a 10.77.2.2 20 5
on r nft delete table ip remark
observed "a router that changes the DSCP" <<END
    off: r0--< 20 20 100
    off: r0-r1> 20 20 100
    merge: r0-r1< 20 20 100
    drop: r0--< 20 20 100
    mark: r0--< 20 20 100
    mark: r0-r1> 20 20 100 duplicate
END

# What A sends to 10.99.0.1 comes back to it; there it ends.
ip -n "fx$$-r" route add 10.99.0.1 via 10.77.1.2
on r sysctl -qw net.ipv4.conf.all.send_redirects=0 \
    net.ipv4.conf.r0.send_redirects=0
on a nft add table ip end
on a nft add chain ip end in '{ type filter hook prerouting priority 0; }'
on a nft add rule ip end in ip daddr 10.99.0.1 drop
observe r 'r*'
send a 10.99.0.1 20 5
observed "a hairpin" <<END
    off: r0--< 20 20 100
    off: r0-r0> 20 20 100
    merge: r0-r0< 20 20 100
    drop: r0--< 20 20 100
    mark: r0--< 20 20 100
    mark: r0-r0> 20 20 100 duplicate
END

# C's interface c0 is a port of R's bridge br0, and so is D's.
add_hosts c d
ip -n "fx$$-r" link add br0 type bridge
ip -n "fx$$-r" link set br0 up
join 4 r p0 c c0
join 5 r p1 d d0
for port in p0 p1; do
    ip -n "fx$$-r" address flush dev $port
    ip -n "fx$$-r" link set $port master br0
done
ip -n "fx$$-r" address add 10.77.4.1/24 dev br0
ip -n "fx$$-d" address add 10.77.4.3/24 dev d0
ip -n "fx$$-c" neighbour flush dev c0 nud permanent
route c 4
start_ready sink_c c "$tools/traffic" sink 5000
start_ready sink_d d "$tools/traffic" sink 5000
on c ping -q -c 2 10.77.4.3 >/dev/null || bail "no way from C to D"
on c ping -q -c 2 10.77.2.2 >/dev/null || bail "no way from C to B"

observe r 'p*,br0'
send c 10.77.4.3 20 5
observed "a bridge" <<END
    off: p0--< 20 20 100
    off: p0-p1> 20 20 100
    merge: p0-p1< 20 20 100
    drop: p0--< 20 20 100
    mark: p0--< 20 20 100
    mark: p0-p1> 20 20 100 duplicate
END

observe r 'p*,br0,r1'
send c 10.77.2.2 20 5
observed "from a bridge's port to an uplink" <<END
    off: br0--< 20 20 100
    off: br0-r1> 20 20 100
    off: p0--< 20 20 100
    merge: br0-r1< 20 20 100
    drop: p0--< 20 20 100
    mark: br0--< 20 20 100 duplicate
    mark: br0-r1> 20 20 100 duplicate
    mark: p0--< 20 20 100
END

observe r 'p*,br0,r1'
send b 10.77.4.2 20 5
observed "from an uplink to a bridge's port" <<END
    off: r1--< 20 20 100
    off: r1-br0> 20 20 100
    off: r1-p0> 20 20 100
    merge: r1-br0< 20 20 100
    drop: r1--< 20 20 100
    mark: r1--< 20 20 100
    mark: r1-br0> 20 20 100 duplicate
    mark: r1-p0> 20 20 100 duplicate
END

# Both virtual hosts of C stand behind p0, and p0 sends back.
for vepa in 1 2; do
    add_hosts "v$vepa"
    ip -n "fx$$-c" link add link c0 name m$vepa netns "fx$$-v$vepa" \
        type macvlan mode vepa
    ip -n "fx$$-v$vepa" address add 10.77.6.$vepa/24 dev m$vepa
    ip -n "fx$$-v$vepa" link set m$vepa up
done
ip -n "fx$$-r" link set p0 type bridge_slave hairpin on
start_ready sink_v v2 "$tools/traffic" sink 5000
on v1 ping -q -c 2 10.77.6.2 >/dev/null || bail "no way from V1 to V2"
observe r 'p*,br0'
send v1 10.77.6.2 20 5
observed "a bridge's hairpin" <<END
    off: p0--< 20 20 100
    off: p0-p0> 20 20 100
    merge: p0-p0< 20 20 100
    drop: p0--< 20 20 100
    mark: p0--< 20 20 100
    mark: p0-p0> 20 20 100 duplicate
END
done_testing
