#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what a collector has with what was on the wire, flow by flow.

compare.py WHAT FLOWS.json WIRE.csv INTERFACE DIRECTION HOST...

FLOWS.json is nfdump's, WIRE.csv is wirecount's, INTERFACE the index of the
interface where flows were observed, DIRECTION (ingress or egress) what the
wire's incoming packets are there: a packet that crosses a router is ingress at
one interface and egress at the other, and either must equal the wire.  Flows
between the HOSTs are compared, all of them.  WHAT is one of

counters  the same flows, and of each the same packets and octets
flags     the same TCP control bits
times     the same first and last packet, but for the clocks' resolution

Exits with 0 if they agree and with 3 if they do not.
"""

import argparse
import calendar
import collections
import csv
import json
import sys
import time

MS = 1_000_000  # nanoseconds
# A flow's end is told in kernel ticks, of 10 ms at most; on the wire, times are
# whole milliseconds; and a packet is on its way from one interface to the next
# for as long as the scheduler holds up the softirq.
TICK = 10 * MS
WIRE = 1 * MS
TRANSIT = 4 * MS
# With two processors and more busy programs than that, one flow in so many may
# have had its first or last packet held up longer, but never beyond HELD_UP.
PATIENCE = 100
HELD_UP = 200 * MS

TCP_FLAGS = "CEUAPRSF"
PORTLESS = {1, 58}  # ICMP, ICMPv6: nfdump shows type and code instead

DIRECTIONS = "ingress", "egress"
Key = collections.namedtuple(
    "Key",
    "direction vlan protocol tos source source_port target target_port")


class Flow:
    """What was seen of one key: sums, a union and extremes."""

    def __init__(self):
        self.packets = self.octets = self.flags = self.last = 0
        self.first = 1 << 64

    def add(self, packets, octets, flags, first, last):
        self.packets += packets
        self.octets += octets
        self.flags |= flags
        self.first = min(self.first, first)
        self.last = max(self.last, last)

    def __str__(self):
        return f"{self.packets} packets, {self.octets} octets"


def nanoseconds(text):
    """2026-01-31T23:59:59.123, UTC"""
    seconds = calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))
    return (seconds * 1000 + int(text[20:])) * MS


def exported(path, interface, hosts):
    """The collector's flows at INTERFACE."""
    table = collections.defaultdict(Flow)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    records = json.loads("[" + text[text.find("{"):text.rfind("}") + 1] + "]")
    for record in records:
        direction = DIRECTIONS[record["direction"]]
        at = record["input_snmp" if direction == "ingress" else "output_snmp"]
        source = record.get("src4_addr") or record.get("src6_addr")
        target = record.get("dst4_addr") or record.get("dst6_addr")
        if at != interface or not hosts.issuperset((source, target)):
            continue
        if record["proto"] in PORTLESS:
            ports = 0, record["icmp_type"] << 8 | record["icmp_code"]
        else:
            ports = record.get("src_port", 0), record.get("dst_port", 0)
        flags = sum(1 << 7 - i for i, flag in enumerate(TCP_FLAGS)
                    if record.get("tcp_flags", "." * 8)[i] == flag)
        key = Key(direction, record["src_vlan"], record["proto"],
                  record["src_tos"], source, ports[0], target, ports[1])
        table[key].add(
            record["in_packets"], record["in_bytes"], flags,
            nanoseconds(record["first"]), nanoseconds(record["last"]))
    return table


def on_wire(path, incoming, hosts):
    """The wire's flows, what came in there being INCOMING at our interface."""
    outgoing = DIRECTIONS[1 - DIRECTIONS.index(incoming)]
    table = collections.defaultdict(Flow)
    with open(path, encoding="utf-8") as file:
        for row in csv.reader(file):
            if len(row) != 13 or not hosts.issuperset((row[4], row[6])):
                continue
            key = Key(incoming if row[0] == "in" else outgoing,
                      *map(int, row[1:4]), row[4], int(row[5]), row[6],
                      int(row[7]))
            packets, octets, flags, first, last = map(int, row[8:])
            # IPFIX carries the low eight of the flags.
            table[key].add(packets, octets, flags & 0xff, first, last)
    return table


def differing(ours, wire, same, show):
    """Keys of flows that differ, and a line for each of the first ten."""
    keys = [key for key in ours.keys() | wire.keys()
            if key not in ours or key not in wire
            or not same(ours[key], wire[key])]
    for key in keys[:10]:
        print(*key, "collector:", show(ours[key]) if key in ours else None,
              "wire:", show(wire[key]) if key in wire else None)
    return keys


def compare_counters(ours, wire):
    keys = differing(
        ours, wire,
        lambda a, b: (a.packets, a.octets) == (b.packets, b.octets), str)
    return not keys


def compare_flags(ours, wire):
    keys = differing(ours, wire, lambda a, b: a.flags == b.flags,
                     lambda flow: f"{flow.flags:#04x}")
    return not keys


def compare_times(ours, wire):
    if ours.keys() != wire.keys():
        return compare_counters(ours, wire)
    off = sorted(max(abs(ours[key].first - wire[key].first),
                     abs(ours[key].last - wire[key].last))
                 for key in wire)
    late = [ns for ns in off if ns > TICK + WIRE + TRANSIT]
    print(f"off by {off[len(off) // 2] / MS:.1f} ms (median),",
          f"{off[-1] / MS:.1f} ms (at most);",
          f"{len(late)} of {len(off)} flows by more than a tick")
    return len(late) * PATIENCE <= len(off) and off[-1] <= HELD_UP


COMPARISONS = {"counters": compare_counters, "flags": compare_flags,
               "times": compare_times}


def main():
    parser = argparse.ArgumentParser(
        usage=__doc__.split("\n\n", maxsplit=2)[1])
    parser.add_argument("what", choices=COMPARISONS)
    parser.add_argument("flows")
    parser.add_argument("wire")
    parser.add_argument("interface", type=int)
    parser.add_argument("direction", choices=DIRECTIONS)
    parser.add_argument("host", nargs="+")
    args = parser.parse_args()

    hosts = set(args.host)
    ours = exported(args.flows, args.interface, hosts)
    wire = on_wire(args.wire, args.direction, hosts)
    print(f"collector: {len(ours)} flows, wire: {len(wire)} flows,",
          sum(flow.packets for flow in wire.values()), "packets")
    return 0 if wire and COMPARISONS[args.what](ours, wire) else 3


if __name__ == "__main__":
    sys.exit(main())
