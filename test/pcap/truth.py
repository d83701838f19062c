#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what flowexport reports of a capture with the truth, flow by flow.

truth.py TRUTH FLOWS.json [MILLISECONDS]

TRUTH is mkpcap's CSV, or JSON as FLOWS.json is: what "flowexport -p=json"
prints.  The records of each flow together must have the same packets, octets
and TCP control bits, and the same first and last time, to the millisecond or so
many of them.  Exits with 0 if all do, and no flow is too many or too few.
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

    def equals(self, other, tolerance):
        return (self.packets, self.octets, self.flags) == (
            other.packets, other.octets, other.flags) and (
                abs(self.first - other.first) <= tolerance
                and abs(self.last - other.last) <= tolerance)

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
        if "scope" in record:
            continue  # options data
        version = 4 if "sourceIPv4Address" in record else 6
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


def generated(rows):
    table = collections.defaultdict(Flow)
    next(rows)
    for row in rows:
        table[Key(*row[:2], *map(int, row[2:7]))].add(*map(int, row[7:]))
    return table


def read(path):
    with open(path, encoding="utf-8") as file:
        if path.endswith(".csv"):
            return generated(csv.reader(file))
        return reported(file)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__.split("\n\n", maxsplit=2)[1])
    truth, flows = read(sys.argv[1]), read(sys.argv[2])
    tolerance = int((sys.argv[3:] or ["1"])[0]) * MS

    differ = [key for key in flows.keys() | truth.keys()
              if key not in flows or key not in truth
              or not flows[key].equals(truth[key], tolerance)]
    for key in differ[:SHOWN]:
        print(*key, "reported:", flows.get(key), "true:", truth.get(key))
    print(f"{len(flows)} flows reported, {len(truth)} true,",
          f"{len(differ)} differ;",
          sum(flow.packets for flow in truth.values()), "packets")
    return 0 if truth and not differ else 1


if __name__ == "__main__":
    sys.exit(main())
