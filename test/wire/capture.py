# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages to a collector, in the order in which a capture or a file has them.

A capture is pcap or pcapng; what goes to one of the ports over UDP, TCP or SCTP
is taken.  Any other file is taken for messages of IPFIX, one after the other
(RFC 5655).
"""

import ipaddress
import struct
import typing

from streams import Association, Connection, cut

PCAP = {0xA1B2C3D4: 1_000_000, 0xA1B23C4D: 1_000_000_000}
PCAPNG = 0x0A0D0D0A
PCAPNG_ORDER = 0x1A2B3C4D

IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806
VLANS = 0x8100, 0x88A8
TCP, UDP, SCTP, IPV6_FRAGMENT = 6, 17, 132, 44
NAMES = {TCP: "tcp", UDP: "udp", SCTP: "sctp"}


class Message(typing.NamedTuple):
    """What one message should be; FAULT tells why it can be none."""
    session: str
    transport: str
    stream: int
    time: float  # seconds since the epoch, None in a file
    data: bytes
    fault: str = ""


class Segment(typing.NamedTuple):
    """What an IP packet carries."""
    time: float
    source: str
    target: str
    protocol: int
    data: bytes
    fault: str


# --- files: packets, as link type, time and octets -----------------------------

def pcap(data, order):
    scale = PCAP[struct.unpack_from(order + "I", data)[0]]
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    at = 24
    while at + 16 <= len(data):
        seconds, part, length, _ = struct.unpack_from(order + "4I", data, at)
        at += 16
        yield link, seconds + part / scale, data[at:at + length]
        at += length


def options(data, order):
    """Those of a block of pcapng, by their codes."""
    found = {}
    at = 0
    while at + 4 <= len(data):
        code, length = struct.unpack_from(order + "HH", data, at)
        found[code] = data[at + 4:at + 4 + length]
        at += 4 + (length + 3 & ~3)
    return found


def resolution(options_found):
    """Units in a second (if_tsresol)."""
    value = options_found.get(9, b"\6")[0]
    return 2 ** (value & 127) if value & 128 else 10 ** value


def pcapng(data):
    order, links = "<", []
    at = 0
    while at + 12 <= len(data):
        kind = struct.unpack_from(order + "I", data, at)[0]
        if kind == PCAPNG:
            magic = struct.unpack_from("<I", data, at + 8)[0]
            order, links = "<" if magic == PCAPNG_ORDER else ">", []
        length = struct.unpack_from(order + "I", data, at + 4)[0]
        body = data[at + 8:at + length - 4]
        if kind == 1:
            link = struct.unpack_from(order + "H", body)[0]
            links.append((link, resolution(options(body[8:], order))))
        elif kind == 6:
            number, high, low, size = struct.unpack_from(order + "4I", body)
            link, scale = links[number]
            yield link, (high << 32 | low) / scale, body[20:20 + size]
        at += max(length, 12)


def packets(data):
    """None: DATA is no capture."""
    for order in "<>":
        if len(data) >= 24 and struct.unpack_from(order + "I", data)[0] in PCAP:
            return pcap(data, order)
    if len(data) >= 28 and struct.unpack_from(">I", data)[0] == PCAPNG:
        return pcapng(data)
    return None


# --- packets: what is in them --------------------------------------------------

def ip_packet(link, data):
    """The IP packet in a frame, or none."""
    if link == 101:
        return data
    at = {1: 12, 113: 14, 276: 0}.get(link)
    if at is None or len(data) < 20:
        return b""
    kind = struct.unpack_from(">H", data, at)[0]
    at = 20 if link == 276 else at + 2
    while kind in VLANS:
        kind = struct.unpack_from(">H", data, at + 2)[0]
        at += 4
    return data[at:] if kind in (IPV4, IPV6) else b""


def segment4(time, data):
    begin = (data[0] & 15) * 4
    length, _, fragment = struct.unpack_from(">HHH", data, 2)
    if fragment & 0x1FFF:
        return None
    fault = "is in fragments" if fragment & 0x2000 else ""
    if length > len(data):
        fault = "was cut when it was captured"
    # A length of 0: the device was to cut it up.
    return Segment(time, str(ipaddress.ip_address(data[12:16])),
                   str(ipaddress.ip_address(data[16:20])), data[9],
                   data[begin:length or len(data)], fault)


def segment6(time, data):
    length, protocol = struct.unpack_from(">HB", data, 4)
    begin, fault = 40, ""
    if protocol == IPV6_FRAGMENT:
        if struct.unpack_from(">H", data, 42)[0] & 0xFFF8:
            return None
        protocol, begin, fault = data[40], 48, "is in fragments"
    if 40 + length > len(data):
        fault = "was cut when it was captured"
    return Segment(time, str(ipaddress.ip_address(data[8:24])),
                   str(ipaddress.ip_address(data[24:40])), protocol,
                   data[begin:40 + length if length else len(data)], fault)


def segments(frames):
    for link, time, frame in frames:
        data = ip_packet(link, frame)
        if len(data) < 20:
            continue
        make = segment4 if data[0] >> 4 == 4 else segment6
        segment = make(time, data)
        if segment and len(segment.data) >= 8:
            yield segment


# --- segments: messages --------------------------------------------------------

def datagram(session, segment):
    length, checksum = struct.unpack_from(">HH", segment.data, 4)
    fault = segment.fault
    if not checksum:
        fault = fault or "has no UDP checksum"
    yield Message(session, "udp", 0, segment.time, segment.data[8:length],
                  fault)


def messages_of(frames, ports):
    flows = {}
    for segment in segments(frames):
        source, target = struct.unpack_from(">HH", segment.data)
        if target not in ports or segment.protocol not in NAMES:
            continue
        name = NAMES[segment.protocol]
        session = (f"{name} {segment.source}:{source} > "
                   f"{segment.target}:{target}")
        if segment.protocol == UDP:
            yield from datagram(session, segment)
            continue
        kind = Connection if segment.protocol == TCP else Association
        flow = flows.setdefault(session, kind())
        for epoch, stream, data in flow.add(segment.data):
            yield Message(f"{session} #{epoch}", name, stream, segment.time,
                          data, segment.fault)
    for session, flow in flows.items():
        for data in flow.left():
            yield Message(session, session.split()[0], 0, None, data,
                          "ends amid a message")


def messages(path, ports):
    with open(path, "rb") as file:
        data = file.read()
    frames = packets(data)
    if frames is not None:
        yield from messages_of(frames, ports)
        return
    whole, rest = cut(data)
    for message in whole:
        yield Message(path, "file", 0, None, message)
    if rest:
        yield Message(path, "file", 0, None, rest, "ends amid a message")
