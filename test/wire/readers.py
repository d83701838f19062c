#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Flows as others read them, as "flowexport --print=json" has them.

readers.py READER FILE

READER and what its FILE is: nfdump (what it writes with -o json), nfacctd (what
its print plugin writes as JSON), tshark (what -T
json --no-duplicate-keys writes of a capture), ipfixDump (what --data writes),
ipfix and netflow9 (messages, for python3-ipfix to read).  Each flow becomes a
line.  READER can also be messages: FILE is a capture then, and what goes to
port 4739 there is written, message after message, but for the options of
NetFlow v9: python3-ipfix takes their lengths for numbers of fields.
"""

import datetime
import ipaddress
import json
import re
import struct
import sys
import time

import decode
from capture import messages

FLAGS = "CEUAPRSF"
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "ipv6-icmp": 58}
COUNTERS = "packetDeltaCount", "octetDeltaCount"
SECOND = 1_000_000_000


def flow(source, target, *values):
    """In the order of NAMES."""
    version = 6 if ":" in source else 4
    named = dict(zip(NAMES, values))
    return {f"sourceIPv{version}Address": source,
            f"destinationIPv{version}Address": target, **named}


NAMES = ["protocolIdentifier", "sourceTransportPort",
         "destinationTransportPort", "ipClassOfService", "vlanId",
         "tcpControlBits", *COUNTERS, "flowStartMilliseconds",
         "flowEndMilliseconds"]


def rfc3339(nanoseconds):
    seconds, rest = divmod(nanoseconds, SECOND)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + \
        f".{rest:09}Z"


# --- nfdump ------------------------------------------------------------------

def nfdump(file):
    text = file.read().decode()
    for of in json.loads(f"[{text[text.find('{'):text.rfind('}') + 1]}]"):
        ports = of.get("src_port", 0), of.get("dst_port", 0)
        if of["proto"] in (1, 58):
            ports = 0, of["icmp_type"] << 8 | of["icmp_code"]
        flags = sum(1 << 7 - i for i, flag in enumerate(FLAGS)
                    if of.get("tcp_flags", "." * 8)[i] == flag)
        yield flow(of.get("src4_addr") or of["src6_addr"],
                   of.get("dst4_addr") or of["dst6_addr"], of["proto"], *ports,
                   of["src_tos"], of["src_vlan"], flags, of["in_packets"],
                   of["in_bytes"], of["first"] + "Z", of["last"] + "Z")


# --- nfacctd -----------------------------------------------------------------

def nfacctd(file):
    for line in file:
        of = json.loads(line)
        times = (rfc3339(int(of["timestamp_" + name].replace(".", "")) * 1000)
                 for name in ("start", "end"))
        yield flow(of["ip_src"], of["ip_dst"], PROTOCOLS[of["ip_proto"]],
                   of["port_src"], of["port_dst"], of["tos"], of["vlan"],
                   int(of["tcp_flags"]), of["packets"], of["bytes"], *times)


# --- tshark ------------------------------------------------------------------

def tshark_time(text):
    """Nov 23, 2026 08:08:36.754000000 UTC"""
    date, clock = text.removesuffix(" UTC").rsplit(" ", 1)
    at = datetime.datetime.strptime(f"{date} {clock[:8]}", "%b %d, %Y %H:%M:%S")
    return at.strftime("%Y-%m-%dT%H:%M:%S") + clock[8:] + "Z"


def tshark_times(times, header):
    """What NetFlow v9 has is relative."""
    if "cflow.abstimestart" in times:
        return [tshark_time(times["cflow.abstime" + name])
                for name in ("start", "end")]
    boot = int(header["cflow.timestamp_tree"]["cflow.unix_secs"]) * SECOND - \
        nanoseconds(header["cflow.sysuptime"])
    return [rfc3339(boot + nanoseconds(times["cflow.time" + name]))
            for name in ("start", "end")]


def nanoseconds(text):
    """1234.567000000"""
    seconds, _, rest = text.partition(".")
    return int(seconds) * SECOND + int(rest.ljust(9, "0"))


def tshark_flows(tree):
    for name, part in tree.items():
        if name.startswith("Flow ") and "cflow.octets" in part:
            yield part
        elif isinstance(part, dict):
            yield from tshark_flows(part)


def tshark(file):
    for packet in json.load(file):
        header = packet["_source"]["layers"]["cflow"]
        for of in tshark_flows(header):
            source, target = (of.get("cflow." + name) or
                              of[f"cflow.{name}v6"]
                              for name in ("srcaddr", "dstaddr"))
            numbers = (int(of["cflow." + name], 0) for name in (
                "protocol", "srcport", "dstport", "tos", "vlanid", "tcpflags",
                "packets", "octets"))
            yield flow(source, target, *numbers, *tshark_times(
                of["cflow.timedelta_tree"], header))


# --- ipfixDump -----------------------------------------------------------------

def ipfixdump(file):
    for text in re.split("^--- .* ---$", file.read().decode(), flags=re.M):
        of = dict(re.findall(r"^\t\(\d+\) +(\w+) : (.*)$", text, re.M))
        if not of.keys() >= set(COUNTERS):
            continue
        for name, value in of.items():
            if value.isdigit():
                of[name] = int(value)
            elif name.endswith("Milliseconds"):
                of[name] = value.replace(" ", "T") + "Z"
            elif name.endswith("IPv6Address"):
                of[name] = str(ipaddress.ip_address(value))
        yield of


# --- python3-ipfix -------------------------------------------------------------

def python3_ipfix(file, version):
    from ipfix import ie, reader, v9pdu
    ie.use_iana_default()
    source = (reader if version == 10 else v9pdu).from_stream(file)
    for of in source.namedict_iterator():
        if not of.keys() >= set(COUNTERS):
            continue
        if version == 9:
            boot = round(source.basetime_epoch * 1000) * SECOND // 1000
            for name in ("Start", "End"):
                uptime = of.pop(f"flow{name}SysUpTime") * SECOND // 1000
                of[f"flow{name}Milliseconds"] = rfc3339(boot + uptime)
        for name, value in of.items():
            if isinstance(value, datetime.datetime):
                of[name] = value.isoformat(timespec="milliseconds") + "Z"
            elif "Address" in name:
                of[name] = str(value)
        yield of


READERS = {"nfdump": nfdump, "nfacctd": nfacctd, "tshark": tshark,
           "ipfixDump": ipfixdump,
           "ipfix": lambda file: python3_ipfix(file, 10),
           "netflow9": lambda file: python3_ipfix(file, 9)}


def without_options(data, options):
    """A message of NetFlow v9, but for its options."""
    head = decode.header(data)
    kept = data[:head.size]
    for number, body in decode.sets(data, head.size, sys.exit):
        if number == 1:
            options.update(template.number for template in
                           decode.templates(9, number, body, sys.exit))
        elif number not in options:
            kept += struct.pack(">HH", number, 4 + len(body)) + body
    return kept


def write_messages(path):
    options = set()  # numbers of their templates
    for message in messages(path, [4739]):
        data = message.data
        if decode.header(data).version == decode.NETFLOW9:
            data = without_options(data, options)
        sys.stdout.buffer.write(data)


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in (*READERS, "messages"):
        sys.exit(__doc__.split("\n\n", maxsplit=2)[1])
    reader, path = sys.argv[1:]
    if reader == "messages":
        write_messages(path)
        return
    with open(path, "rb") as file:
        for of in READERS[reader](file):
            print(json.dumps(of))


if __name__ == "__main__":
    main()
