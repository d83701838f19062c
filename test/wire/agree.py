#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether all that records say agrees, and is what flowexport printed.

agree.py FLOWS.json PRINTED.json

FLOWS.json is what "check.py --flows" writes, PRINTED.json what "flowexport
--print=json" does.  Elements that tell the same in other words must tell the
same; and there must be just the records that were printed.
"""

import collections
import datetime
import json
import sys

SHOWN = 10
# Of a time, in the units that there are: how many characters tell it.
UNITS = {"Seconds": 19, "Milliseconds": 23, "Microseconds": 26,
         "Nanoseconds": 29}


def seconds(text):
    """Without the nanoseconds."""
    return datetime.datetime.fromisoformat(text[:26]).timestamp()


def duration(of, units):
    return (seconds(of["flowEndMicroseconds"]) -
            seconds(of["flowStartMicroseconds"])) * units


def either(of, name):
    """What NAME tells, which has other names for other families."""
    return of.get(f"{name}IPv4", of.get(f"{name}IPv6"))


# What an element must be, by all others.
SAME = {
    "ipVersion": lambda of: 4 if "sourceIPv4Address" in of else 6,
    "ipDiffServCodePoint": lambda of: of["ipClassOfService"] >> 2,
    "dot1qVlanId": lambda of: of["vlanId"],
    "postVlanId": lambda of: of["vlanId"] * of["flowDirection"],
    "postDot1qVlanId": lambda of: of["vlanId"] * of["flowDirection"],
    "icmpTypeIPv4": lambda of: of["icmpTypeCodeIPv4"] >> 8,
    "icmpCodeIPv4": lambda of: of["icmpTypeCodeIPv4"] & 255,
    "icmpTypeIPv6": lambda of: of["icmpTypeCodeIPv6"] >> 8,
    "icmpCodeIPv6": lambda of: of["icmpTypeCodeIPv6"] & 255,
    "destinationTransportPort": lambda of: either(of, "icmpTypeCode") if
        of["protocolIdentifier"] in (1, 58) else of["destinationTransportPort"],
    "observationDomainId": lambda of: of["domain"],
    "samplingInterval": lambda of:
        of["samplingPacketInterval"] + of["samplingPacketSpace"],
}
# Two of which the first must not be the greater.
ORDER = [("minimumTTL", "ipTTL"), ("ipTTL", "maximumTTL"),
         ("minimumIpTotalLength", "maximumIpTotalLength"),
         ("octetDeltaCount", "octetTotalCount"),
         ("packetDeltaCount", "packetTotalCount"),
         ("packetDeltaCount", "octetDeltaCount")]


def times_agree(of):
    for name in ("flowStart", "flowEnd"):
        exact = of[name + "Nanoseconds"]
        for unit, length in UNITS.items():
            told = of[name + unit]
            for text in told if isinstance(told, list) else [told]:
                if text[:length] != exact[:length]:
                    yield f"{name}{unit} {text}, {exact}"
    for unit, units in ("Milliseconds", 1000), ("Microseconds", 1_000_000):
        told, exact = of["flowDuration" + unit], duration(of, units)
        if not -2 < told - exact < 2:
            yield f"flowDuration{unit} {told}, {exact}"


def disagreements(of):
    for name, what in SAME.items():
        if name in of and of[name] != what(of):
            yield f"{name} {of[name]}, {what(of)}"
    for less, more in ORDER:
        if not (less in of and more in of):
            continue
        if not of[less] <= of[more]:
            yield f"{less} {of[less]} > {more} {of[more]}"
    yield from times_agree(of)


def shown(of, names):
    """What both have of it: times to the millisecond; nothing is 0, too."""
    for name in names:
        value = of.get(name) or 0
        if isinstance(value, list):
            value = value[0]
        yield value[:23] if name.endswith("Milliseconds") else value


def counted(records, names):
    return collections.Counter(tuple(shown(of, names)) for of in records)


def read(path):
    with open(path, encoding="utf-8") as file:
        records = map(json.loads, file)
        return [of for of in records if "scope" not in of]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.split("\n\n", maxsplit=2)[1])
    flows, printed = map(read, sys.argv[1:])
    wrong = [f"record {i}: {text}" for i, of in enumerate(flows)
             for text in disagreements(of)]
    names = sorted({name for of in printed for name in of} &
                   {name for of in flows for name in of})
    ours, theirs = counted(flows, names), counted(printed, names)
    wrong += [f"only told: {of}" for of in ours - theirs]
    wrong += [f"only printed: {of}" for of in theirs - ours]
    for text in wrong[:SHOWN]:
        print(text)
    print(f"{len(flows)} records, {len(names)} elements printed, too")
    return not flows or bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
