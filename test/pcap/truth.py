#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what flowexport reports of a capture with the truth, flow by flow.

truth.py TRUTH.csv [FLOWS.json]

TRUTH.csv is mkpcap's, FLOWS.json (standard input by default) what "flowexport
-r CAPTURE -p=json" prints.  The records of each flow together must have the
same packets, octets and TCP control bits, and the same first and last time to
the millisecond.  Exits with 0 if all do, and no flow is too many or too few.
"""

import calendar
import collections
import csv
import functools
import json
import sys
import time

MS = 1_000_000  # nanoseconds
SHOWN = 10

Key = collections.namedtuple(
    "Key", "source target protocol source_port target_port tos vlan")


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

    def equals(self, other):
        return (self.packets, self.octets, self.flags) == (
            other.packets, other.octets, other.flags) and (
                abs(self.first - other.first) <= MS
                and abs(self.last - other.last) <= MS)

    def __str__(self):
        return (f"{self.packets} packets, {self.octets} octets, "
                f"flags {self.flags:#x}, {self.first} to {self.last} ns")


@functools.cache
def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%S"))


def nanoseconds(text):
    """2026-01-31T23:59:59.123456Z"""
    fraction = text[20:].rstrip("Z")
    return seconds(text[:19]) * 1000 * MS + int(fraction.ljust(9, "0"))


def reported(lines):
    table = collections.defaultdict(Flow)
    for line in lines:
        record = json.loads(line)
        version = record["ipVersion"]
        key = Key(record[f"sourceIPv{version}Address"],
                  record[f"destinationIPv{version}Address"],
                  record["protocolIdentifier"],
                  record["sourceTransportPort"],
                  record["destinationTransportPort"],
                  record["ipClassOfService"], record["vlanId"])
        table[key].add(record["packetDeltaCount"], record["octetDeltaCount"],
                       record["tcpControlBits"],
                       nanoseconds(record["flowStartMilliseconds"]),
                       nanoseconds(record["flowEndMilliseconds"]))
    return table


def true(rows):
    table = collections.defaultdict(Flow)
    next(rows)
    for row in rows:
        table[Key(*row[:2], *map(int, row[2:7]))].add(*map(int, row[7:]))
    return table


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__.split("\n\n", maxsplit=2)[1])
    with open(sys.argv[1], encoding="utf-8") as file:
        truth = true(csv.reader(file))
    if len(sys.argv) == 3:
        with open(sys.argv[2], encoding="utf-8") as file:
            flows = reported(file)
    else:
        flows = reported(sys.stdin)

    differ = [key for key in flows.keys() | truth.keys()
              if key not in flows or key not in truth
              or not flows[key].equals(truth[key])]
    for key in differ[:SHOWN]:
        print(*key, "reported:", flows.get(key), "true:", truth.get(key))
    print(f"{len(flows)} flows reported, {len(truth)} true,",
          f"{len(differ)} differ;",
          sum(flow.packets for flow in truth.values()), "packets")
    return 0 if truth and not differ else 1


if __name__ == "__main__":
    sys.exit(main())
