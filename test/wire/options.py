#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether what options tell of the exporter is so, by the numbers of RFC 5471.

options.py NUMBER MESSAGES.json FLOWS.json

MESSAGES.json and FLOWS.json are what "check.py --messages" and "--flows" write
of one session.  NUMBER is 3.4.3, metering statistics: they must be those of a
moment of the stream; 3.4.4 and 3.4.5, reliability: counts must not fall, and
have times if they are not 0; or 3.4.6, flow keys: the elements that tell one
flow from another, and no others.
"""

import json
import sys

NEVER = "1970-01-01T00:00:00.000000000Z"
KEYS = {"sourceTransportPort", "destinationTransportPort", "ipClassOfService",
        "protocolIdentifier"}
NO_KEYS = ("Count", "flowStart", "flowEnd", "tcpControlBits", "selectorId")


def read(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def statistics(messages, records):
    """Of each moment of the stream: messages, flows and octets until then."""
    moments, flows, octets = {(0, 0, 0)}, 0, 0
    for count, of in enumerate(messages, 1):
        flows += sum(a_set["records"] for a_set in of["sets"]
                     if a_set["id"] > 255 and not a_set["options"])
        octets += of["octets"]
        moments.add((count, flows, octets))
    told = [(of["exportedMessageTotalCount"],
             of["exportedFlowRecordTotalCount"],
             of["exportedOctetTotalCount"]) for of in records
            if "exportedMessageTotalCount" in of]
    for moment in told:
        print(*moment)
        if moment not in moments:
            yield f"there was no such moment: {moment}"
    if told != sorted(set(told)) or len(told) < 2:
        yield f"{len(told)} times, which do not grow"


def reliability(records, names):
    told = [of for of in records if names[0] in of]
    before = [0] * len(names)
    for of in told:
        counts = [of[name] for name in names]
        first, last = of["observationTimeMilliseconds"]
        print(*counts, first, last)
        if any(now < then for now, then in zip(counts, before)):
            yield f"{counts} after {before}"
        if (first == NEVER) != (not any(counts)) or first > last:
            yield f"{counts} from {first} to {last}"
        before = counts
    if not told:
        yield "nothing is told"


def flow_keys(records):
    layouts = {}
    for of in records:
        if "scope" not in of:
            layouts.setdefault(of["template"], list(of)[4:])
    told = {of["templateId"]: of["flowKeyIndicator"] for of in records
            if "flowKeyIndicator" in of}
    if not layouts or layouts.keys() != told.keys():
        yield f"told of {list(told)}, not of {list(layouts)}"
    for number, names in layouts.items():
        bits = told.get(number, 0)
        keys = {name for i, name in enumerate(names) if bits >> i & 1}
        print(number, *sorted(keys))
        if bits >> len(names):
            yield f"{number}: {bits:#x} has more bits than fields"
        if not keys >= KEYS or sum("Address" in key for key in keys) != 2:
            yield f"{number}: not all keys"
        if any(no_key in key for key in keys for no_key in NO_KEYS):
            yield f"{number}: what is no key"


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__.split("\n\n", maxsplit=2)[1])
    number, messages, records = sys.argv[1], *map(read, sys.argv[2:])
    wrong = list({
        "3.4.3": lambda: statistics(messages, records),
        "3.4.4": lambda: reliability(records, [
            "ignoredPacketTotalCount", "ignoredOctetTotalCount"]),
        "3.4.5": lambda: reliability(records, [
            "notSentFlowTotalCount", "notSentPacketTotalCount",
            "notSentOctetTotalCount"]),
        "3.4.6": lambda: flow_keys(records)}[number]())
    for text in wrong:
        print(text)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
