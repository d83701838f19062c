# SPDX-License-Identifier: GPL-2.0-or-later
"""Streams for the checker's own test: messages, and captures of them."""

import struct

EXPORT_S = 1_700_000_000
NANOSECONDS = 0xA1B23C4D


def words(*numbers):
    """Of two octets each."""
    return struct.pack(f">{len(numbers)}H", *numbers)


def a_set(number, *octets):
    body = b"".join(octets)
    return words(number, 4 + len(body)) + body


def ipfix(sequence, *sets, domain=1, export_s=EXPORT_S, length=None):
    body = b"".join(sets)
    return struct.pack(">HHIII", 10, length or 16 + len(body), export_s,
                       sequence, domain) + body


def netflow9(sequence, count, *sets, export_s=EXPORT_S, uptime_ms=100_000):
    return struct.pack(">HHIIII", 9, count, uptime_ms, export_s, sequence,
                       1) + b"".join(sets)


# --- captures ------------------------------------------------------------------

def ip_packet(protocol, data, fragment=0):
    """From 10.0.0.1 to 10.0.0.2."""
    return struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(data), 0, fragment, 64,
                       protocol, 0, 0x0A000001, 0x0A000002) + data


def ip6_packet(protocol, data):
    return struct.pack(">IHBB", 6 << 28, len(data), protocol, 64) + \
        bytes(15) + b"\1" + bytes(15) + b"\2" + data


def udp(data, checksum=1, port=4739):
    return struct.pack(">HHHH", 40000, port, 8 + len(data), checksum) + data


def tcp(sequence, data, flags=16):
    return struct.pack(">HHIIBBHHH", 40000, 4739, sequence & 0xFFFFFFFF, 0,
                       5 << 4, flags, 0, 0, 0) + data


def sctp(*chunks):
    return struct.pack(">HHII", 40000, 4739, 0, 0) + b"".join(chunks)


def sctp_init(tsn):
    return struct.pack(">BBHIIHHI", 1, 0, 20, 1, 65536, 8, 8, tsn)


def sctp_data(tsn, stream, data, flags=3):
    chunk = struct.pack(">BBHIHHI", 0, flags, 16 + len(data), tsn, stream, 0,
                        0) + data
    return chunk + bytes(-len(chunk) % 4)


def pcap(*packets, link=101, time=EXPORT_S):
    """Of ETHERTYPE, if link is Ethernet's 1."""
    head = struct.pack("<IHHIIII", NANOSECONDS, 2, 4, 0, 0, 65535, link)
    return head + b"".join(
        struct.pack("<IIII", time, i * 1000, len(packet), len(packet)) + packet
        for i, packet in enumerate(packets))


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack(">II", kind, 12 + len(body)) + body + \
        struct.pack(">I", 12 + len(body))


def pcapng(*packets):
    """In network order, of raw IP, with times in microseconds."""
    data = block(0x0A0D0D0A, struct.pack(">IHHq", 0x1A2B3C4D, 1, 0, -1)) + \
        block(1, words(101, 0) + bytes(4))
    time = EXPORT_S * 1_000_000
    for packet in packets:
        data += block(6, struct.pack(">IIIII", 0, time >> 32, time & 0xFFFFFFFF,
                                     len(packet), len(packet)) + packet)
    return data


def ethernet(packet, kind=0x0800, vlan=False):
    tag = words(0x8100, 5) if vlan else b""
    return bytes(12) + tag + words(kind) + packet
