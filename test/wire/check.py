#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks each octet of IPFIX and NetFlow v9 that a collector was sent.

check.py [OPTION]... FILE...

FILE is a capture (pcap, pcapng) of what went to the collector, from its first
message on, or messages of IPFIX, one after the other (RFC 5655).  What is wrong
is told, a line each: "FILE: message N: what is wrong"; then, or where there is
no message, the exit status is 1.  With --flows or --messages, each record or
message becomes a line of JSON.
"""

import argparse
import json
import sys

import decode
import times
from capture import messages

SHOWN = 50
# Seconds from export to capture, at most: clocks are one, but programs wait,
# and where what is sent waits for the collector, longer.
LATE = {"udp": 5, "tcp": 60, "sctp": 60}
# Names that flowexport --print gives to times of NetFlow v9.
ALIASES = {"flowStartSysUpTime": "flowStartMilliseconds",
           "flowEndSysUpTime": "flowEndMilliseconds"}


class Session:
    """What a collector knows of a transport session."""

    def __init__(self):
        self.templates = {}  # by domain and number
        self.sequence = {}   # expected next, by stream and domain
        self.export_s = {}   # by domain
        self.kinds = {}      # by domain: version


class Checker:
    """Of one file: what is wrong in it, and what it says."""

    def __init__(self, path, args):
        self.path, self.args = path, args
        self.sessions = {}
        self.n_messages = self.n_wrong = 0
        self.message = self.header = self.session = None
        self.sets = []

    def wrong(self, text):
        self.n_wrong += 1
        if self.n_wrong <= SHOWN:
            print(f"{self.path}: message {self.n_messages}: {text}",
                  file=sys.stderr if self.args.flows or self.args.messages
                  else sys.stdout)

    # --- templates -----------------------------------------------------------

    def template(self, template):
        number = template.number
        key = self.header.domain, number
        known = self.session.templates.get(key)
        if not template.fields:
            self.withdrawal(key, known)
            return
        if number < 256:
            self.wrong(f"template {number}: IDs begin at 256")
        if known and known != template:
            self.wrong(f"template {number} is another than before")
        elif known and self.message.transport in ("tcp", "sctp"):
            self.wrong(f"template {number} again, on a reliable transport")
        self.session.templates[key] = template

    def withdrawal(self, key, known):
        if self.message.transport not in ("tcp", "sctp"):
            self.wrong(f"template {key[1]} is withdrawn")
        elif not known:
            self.wrong(f"template {key[1]} is withdrawn, but is not known")
        self.session.templates.pop(key, None)

    # --- records -------------------------------------------------------------

    def record(self, template, octets):
        """The record's values, by name."""
        found = times.of_record(template.fields, octets, self.header)
        times.check(found, self.header, self.wrong)
        values = {}
        for field, field_octets in zip(template.fields, octets):
            value = decode.value(field, field_octets, self.wrong)
            name = field.name
            if name in found:
                name = ALIASES.get(name, name)
                value = times.text(found[field.name])
            if name in values:
                before = values[name]
                value = (before if isinstance(before, list)
                         else [before]) + [value]
            values[name] = value
        return values

    def show(self, template, values):
        head = {"message": self.n_messages, "session": self.message.session,
                "domain": self.header.domain, "template": template.number}
        if template.n_scopes is not None:
            head["scope"] = [field.name for field in
                             template.fields[:template.n_scopes]]
        print(json.dumps(head | values))

    def data_set(self, number, body):
        """How many records are in it; None: nobody can tell."""
        template = self.session.templates.get((self.header.domain, number))
        if not template:
            self.wrong(f"data of template {number}, which is not known")
            return None
        n_records = 0
        for octets in decode.records(template, body, self.wrong):
            n_records += 1
            values = self.record(template, octets)
            if self.args.flows:
                self.show(template, values)
        return n_records

    # --- messages ------------------------------------------------------------

    def one_set(self, number, body):
        """How many templates and how many data records it has."""
        version = self.header.version
        if number in decode.TEMPLATE_SETS[version]:
            n_templates = 0
            for template in decode.templates(version, number, body,
                                             self.wrong):
                self.template(template)
                n_templates += 1
            counts = n_templates, 0
        elif number < 256:
            self.wrong(f"no set has ID {number}")
            counts = 0, None
        else:
            counts = 0, self.data_set(number, body)
        if counts == (0, 0):
            self.wrong(f"set {number} is empty")
        if version == decode.NETFLOW9 and len(body) % 4:
            self.wrong(f"set {number} does not end at a multiple of 4")
        of = self.session.templates.get((self.header.domain, number))
        self.sets.append({"id": number, "records": counts[0] or counts[1],
                          "options": bool(of and of.n_scopes)})
        return counts

    def all_sets(self):
        """How many templates and how many data records; None: who knows."""
        self.sets = []
        counts = [self.one_set(number, body) for number, body in
                  decode.sets(self.message.data, self.header.size, self.wrong)]
        if not counts:
            self.wrong("there is no set")
        n_templates = sum(count[0] for count in counts)
        if any(count[1] is None for count in counts):
            return n_templates, None
        return n_templates, sum(count[1] for count in counts)

    def check_header(self):
        header, message = self.header, self.message
        if header.length != len(message.data):
            self.wrong(f"its length is {header.length}, it has "
                       f"{len(message.data)} octets")
        if len(message.data) > self.args.mtu:
            self.wrong(f"{len(message.data)} octets exceed {self.args.mtu}")
        before = self.session.export_s.get(header.domain, 0)
        if header.export_s < before:
            self.wrong(f"exported {before - header.export_s} s before the "
                       "last one")
        self.session.export_s[header.domain] = header.export_s
        if message.time and not (
                -1 < message.time - header.export_s < LATE[message.transport]):
            self.wrong(f"exported at {header.export_s}, but seen at "
                       f"{message.time:.3f}")
        version = self.session.kinds.setdefault(header.domain, header.version)
        if version != header.version:
            self.wrong(f"version {header.version} after {version}")

    def check_sequence(self, n_data):
        header, message = self.header, self.message
        key = header.domain, message.stream
        expected = self.session.sequence.get(key, 0)
        if expected is not None and expected != header.sequence:
            self.wrong(f"its sequence number is {header.sequence}, expected "
                       f"was {expected}")
        step = 1 if header.version == decode.NETFLOW9 else n_data
        self.session.sequence[key] = (
            None if step is None else header.sequence + step & 0xFFFFFFFF)

    def take(self, message):
        self.n_messages += 1
        self.message = message
        self.session = self.sessions.setdefault(message.session, Session())
        if message.fault:
            self.wrong(message.fault)
            return
        self.header = decode.header(message.data)
        if not self.header:
            self.wrong("neither IPFIX nor NetFlow v9: "
                       + message.data[:20].hex())
            return
        self.check_header()
        n_templates, n_data = self.all_sets()
        if self.header.version == decode.NETFLOW9 and n_data is not None and \
                self.header.count != n_templates + n_data:
            self.wrong(f"its count is {self.header.count}, it has "
                       f"{n_templates + n_data} records")
        self.check_sequence(n_data)
        if self.args.messages:
            print(json.dumps({
                "message": self.n_messages, "session": message.session,
                "stream": message.stream, "time": message.time,
                "octets": len(message.data), **self.header._asdict(),
                "sets": self.sets}))

    def finish(self):
        if not self.n_messages:
            self.wrong("there is none")
        if self.n_wrong > SHOWN:
            self.n_wrong, more = 0, self.n_wrong - SHOWN
            self.wrong(f"and {more} more")


def main():
    parser = argparse.ArgumentParser(
        usage=__doc__.split("\n\n", maxsplit=2)[1])
    parser.add_argument("--flows", action="store_true")
    parser.add_argument("--messages", action="store_true")
    parser.add_argument("--mtu", type=int, default=1400)
    parser.add_argument("--port", type=int, action="append")
    parser.add_argument("file", nargs="+")
    args = parser.parse_args()

    failed = False
    for path in args.file:
        checker = Checker(path, args)
        for message in messages(path, args.port or [4739, 2055]):
            checker.take(message)
        checker.finish()
        failed = failed or checker.n_wrong > 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
