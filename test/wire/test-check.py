#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether check.py finds what is wrong, and leaves alone what is right.

Each case is what it must say, and the stream that it must say it of: messages
are a file of them, and captures begin with pcap() or pcapng().
"""

import contextlib
import io
import json
import os
import struct
import sys
import tempfile

from craft import (EXPORT_S, a_set, ethernet, ip6_packet, ip_packet, ipfix,
                   netflow9, pcap, pcapng, sctp, sctp_data, sctp_init, tcp, udp,
                   words)
from check import main

# octetDeltaCount:4, flowStartMilliseconds, flowEndMilliseconds, protocol:1
TEMPLATE = words(256, 4, 1, 4, 152, 8, 153, 8, 4, 1)
# scope ingressInterface, interfaceName of variable length
OPTIONS = words(257, 2, 1, 10, 4, 82, 0xFFFF)
NAME = struct.pack(">IB", 7, 4) + "eth0".encode()
TEMPLATES = a_set(2, TEMPLATE), a_set(3, OPTIONS)


def flow(start=-2000, end=-1000):
    """Times are milliseconds from the export."""
    now = EXPORT_S * 1000
    return struct.pack(">IQQB", 1500, now + start, now + end, 6)


RECORD = flow()
DATA = a_set(256, RECORD, RECORD)
GOOD = ipfix(0, *TEMPLATES), ipfix(0, DATA), ipfix(2, a_set(257, NAME)), \
    ipfix(3, DATA)

# octetDeltaCount, flowStartSysUpTime, flowEndSysUpTime, protocol
V9_TEMPLATE = words(256, 4, 1, 4, 22, 4, 21, 4, 4, 1)
# scope system, samplingInterval, samplingAlgorithm
V9_OPTIONS = words(257, 4, 8, 1, 4, 34, 4, 35, 1)
V9_RECORD = struct.pack(">IIIB", 1500, 98_000, 99_000, 6)
V9_TEMPLATES = a_set(0, V9_TEMPLATE), a_set(1, V9_OPTIONS, bytes(2))
V9_DATA = a_set(256, V9_RECORD, V9_RECORD, bytes(2))
V9_SAMPLING = a_set(257, struct.pack(">IIB", 0, 100, 2), bytes(3))
V9_GOOD = netflow9(0, 2, *V9_TEMPLATES), netflow9(1, 3, V9_DATA, V9_SAMPLING), \
    netflow9(2, 2, V9_DATA)


def template(*fields, number=256):
    """A message with a template of (ID, length)."""
    return ipfix(0, a_set(2, words(number, len(fields)),
                          *(words(*field) for field in fields)))


def options(n_scopes, *fields):
    return ipfix(0, a_set(3, words(257, len(fields), n_scopes),
                          *(words(*field) for field in fields)))


def datagrams(*messages):
    return [pcap(*(ip_packet(17, udp(message)) for message in messages))]


WHOLE = b"".join(GOOD)
WITHDRAWAL = a_set(2, words(256, 0))

RIGHT = {
    "IPFIX": GOOD,
    "NetFlow v9": datagrams(*V9_GOOD),
    "pcapng": [pcapng(*(ip_packet(17, udp(m)) for m in GOOD))],
    "Ethernet, IPv6": [pcap(*(ethernet(ip6_packet(17, udp(m)), 0x86DD)
                              for m in GOOD), link=1)],
    "Ethernet, VLAN, other ports": [pcap(
        *(ethernet(ip_packet(17, udp(m)), vlan=True) for m in GOOD),
        ethernet(ip_packet(17, udp(b"no", port=53))), link=1)],
    "templates again": GOOD + (ipfix(5, *TEMPLATES),),
    "domains": [*GOOD, *(ipfix(int.from_bytes(m[8:12], "big"), m[16:],
                               domain=2) for m in GOOD)],
    "TCP: segments of any size, again, and out of order": [pcap(
        ip_packet(6, tcp(-2, b"", flags=2)),
        ip_packet(6, tcp(-1, WHOLE[:30])),
        ip_packet(6, tcp(49, WHOLE[50:150])),
        ip_packet(6, tcp(-1, WHOLE[:10])),
        ip_packet(6, tcp(19, WHOLE[20:60])),
        ip_packet(6, tcp(149, WHOLE[150:])))],
    "TCP: a second connection": [pcap(
        *(ip_packet(6, tcp(first + at, data, flags=flags))
          for first in (5, 77777)
          for at, data, flags in ((0, b"", 2), (1, WHOLE, 24))))],
    "TCP: a template is withdrawn": [pcap(ip_packet(6, tcp(
        0, b"".join((*GOOD, ipfix(5, WITHDRAWAL),
                     ipfix(5, a_set(2, words(256, 1, 4, 1))))))))],
    "SCTP: streams, fragments, again, and out of order": [pcap(
        ip_packet(132, sctp(sctp_init(9))),
        ip_packet(132, sctp(sctp_data(9, 0, GOOD[0][:20], 2),
                            sctp_data(10, 0, GOOD[0][20:], 1))),
        ip_packet(132, sctp(sctp_data(12, 0, GOOD[2]))),
        ip_packet(132, sctp(sctp_data(10, 0, GOOD[0][20:], 1))),
        ip_packet(132, sctp(sctp_data(11, 0, GOOD[1]),
                            sctp_data(13, 1, ipfix(0, DATA)))))],
}

WRONG = [
    # messages
    ("message 0: there is none", []),
    ("message 1: neither IPFIX nor NetFlow v9: 0005",
     datagrams(words(5) + bytes(22))),
    ("message 1: its length is 40, it has 39 octets",
     datagrams(ipfix(0, TEMPLATES[0])[:-1])),
    ("message 1: its length is 16, it has 40 octets",
     datagrams(ipfix(0, TEMPLATES[0], length=16))),
    ("message 1: ends amid a message", [GOOD[0][:-1]]),
    ("message 1: there is no set", [ipfix(0)]),
    ("message 2: 1416 octets exceed 1400",
     [GOOD[0], ipfix(0, *[a_set(256, RECORD)] * 56)]),
    ("message 3: exported 10 s before the last one",
     [*GOOD[:2], ipfix(2, DATA, export_s=EXPORT_S - 10)]),
    ("message 1: exported at 1699999990, but seen at 1700000000.000",
     datagrams(ipfix(0, *TEMPLATES, export_s=EXPORT_S - 10))),
    ("message 1: exported at 1700000002, but seen at 1700000000.000",
     datagrams(ipfix(0, *TEMPLATES, export_s=EXPORT_S + 2))),
    ("message 3: version 9 after 10", datagrams(*GOOD[:2], V9_GOOD[0])),
    ("message 1: is in fragments",
     [pcap(ip_packet(17, udp(GOOD[0]), fragment=0x2000))]),
    ("message 1: was cut when it was captured",
     [pcap(ip_packet(17, udp(GOOD[0]))[:-9])]),
    ("message 1: has no UDP checksum",
     [pcap(ip_packet(17, udp(GOOD[0], checksum=0)))]),
    ("message 4: ends amid a message",
     [pcap(ip_packet(6, tcp(0, WHOLE[:-1])))]),
    # sequence
    ("message 1: its sequence number is 7, expected was 0",
     [ipfix(7, *TEMPLATES)]),
    ("message 3: its sequence number is 3, expected was 2",
     [*GOOD[:2], ipfix(3, a_set(257, NAME))]),
    ("message 4: its sequence number is 2, expected was 3",
     [*GOOD[:3], ipfix(2, DATA)]),
    ("message 3: its sequence number is 3, expected was 2",
     datagrams(*V9_GOOD[:2], netflow9(3, 2, V9_DATA))),
    ("message 3: its sequence number is 2, expected was 0", [pcap(
        *(ip_packet(132, sctp(sctp_data(i, i // 2, message)))
          for i, message in enumerate(GOOD)))]),
    # sets
    ("message 2: 3 octets after the last set", [GOOD[0], ipfix(0, bytes(3))]),
    ("message 2: set 256 has length 60 where 46 octets are left",
     [GOOD[0], ipfix(0, words(256, 60), DATA[4:])]),
    ("message 2: set 256 has length 3 where 4 octets are left",
     [GOOD[0], ipfix(0, words(256, 3))]),
    ("message 2: set 256 is empty", [GOOD[0], ipfix(0, a_set(256))]),
    ("message 1: set 2 is empty", [ipfix(0, a_set(2))]),
    ("message 2: no set has ID 255",
     [GOOD[0], ipfix(0, a_set(255, RECORD))]),
    ("message 2: set 256: 4 octets of padding",
     [GOOD[0], ipfix(0, a_set(256, RECORD, bytes(4)))]),
    ("message 2: set 256: padding is not zero: 0001",
     [GOOD[0], ipfix(0, a_set(256, RECORD, b"\0\1"))]),
    ("message 1: set 2: padding is not zero: 00ff",
     [ipfix(0, a_set(2, TEMPLATE, b"\0\xff"))]),
    ("message 2: set 257: a record does not end",
     [GOOD[0], ipfix(0, a_set(257, NAME[:-1]))]),
    ("message 2: set 257: a record does not end",
     [GOOD[0], ipfix(0, a_set(257, NAME[:4] + b"\xff"))]),
    # NetFlow v9
    ("message 2: its count is 2, it has 3 records",
     datagrams(V9_GOOD[0], netflow9(1, 2, V9_DATA, V9_SAMPLING))),
    ("message 1: its count is 1, it has 2 records",
     datagrams(netflow9(0, 1, *V9_TEMPLATES))),
    ("message 2: set 256 does not end at a multiple of 4",
     datagrams(V9_GOOD[0], netflow9(1, 1, a_set(256, V9_RECORD)))),
    ("message 1: no such scope: 6", datagrams(netflow9(0, 1, a_set(
        1, words(257, 4, 4, 6, 4, 34, 4), bytes(2))))),
    ("message 1: template 257: scopes of 0 octets, options of 4",
     datagrams(netflow9(0, 1, a_set(1, words(257, 0, 4, 34, 4), bytes(2))))),
    ("message 1: template 256 has no fields",
     datagrams(netflow9(0, 1, a_set(0, words(256, 0))))),
    ("message 1: interfaceName of 65535 octets",
     datagrams(netflow9(0, 1, a_set(0, words(256, 1, 82, 65535))))),
    # templates
    ("message 1: data of template 256, which is not known", [ipfix(0, DATA)]),
    ("message 1: data of template 256, which is not known",
     [ipfix(0, DATA, *TEMPLATES)]),
    ("message 2: data of template 256, which is not known",
     [GOOD[0], ipfix(0, DATA, domain=2)]),
    ("message 1: template 255: IDs begin at 256",
     [template((1, 4), number=255)]),
    ("message 2: template 256 is another than before",
     [GOOD[0], template((1, 8), (152, 8), (153, 8), (4, 1))]),
    ("message 2: template 256 is another than before",
     [template((1, 8)), ipfix(0, a_set(3, words(256, 2, 1, 10, 4, 1, 8)))]),
    ("message 2: template 256 again, on a reliable transport",
     [pcap(ip_packet(6, tcp(0, GOOD[0] + GOOD[0])))]),
    ("message 2: template 256 is withdrawn",
     datagrams(GOOD[0], ipfix(0, WITHDRAWAL))),
    ("message 1: template 256 is withdrawn, but is not known",
     [pcap(ip_packet(6, tcp(0, ipfix(0, WITHDRAWAL))))]),
    ("message 2: data of template 256, which is not known",
     [pcap(ip_packet(6, tcp(0, ipfix(0, *TEMPLATES, WITHDRAWAL)
                            + ipfix(0, DATA))))]),
    ("message 1: template 257: 0 scopes of 2 fields",
     [options(0, (10, 4), (1, 8))]),
    ("message 1: template 257: 3 scopes of 2 fields",
     [options(3, (10, 4), (1, 8))]),
    ("message 1: set 2: a template does not end",
     [ipfix(0, a_set(2, words(256, 2, 1, 8)))]),
    ("message 1: set 3: a template does not end",
     [ipfix(0, a_set(3, words(256, 2)))]),
    ("message 1: element 1 of enterprise 0",
     [template((0x8001, 8, 0, 0))]),
    ("message 1: no such element: 0/32767", [template((32767, 4))]),
    ("message 1: octetDeltaCount of 9 octets", [template((1, 9))]),
    ("message 1: octetDeltaCount of 0 octets", [template((1, 0))]),
    ("message 1: octetDeltaCount of 65535 octets", [template((1, 65535))]),
    ("message 1: sourceIPv4Address of 3 octets", [template((8, 3))]),
    ("message 1: flowStartMilliseconds of 4 octets", [template((152, 4))]),
    ("message 1: reverseOctetDeltaCount of 9 octets",
     [template((0x8001, 9, 0, 29305))]),
    # values
    ("message 2: flowStartMilliseconds 2023-11-14T22:13:19.001000000Z is after "
     "flowEndMilliseconds 2023-11-14T22:13:19.000000000Z",
     [GOOD[0], ipfix(0, a_set(256, flow(-999, -1000)))]),
    ("message 2: flowEndMilliseconds 2023-11-14T22:13:21.001000000Z is after "
     "the export at 2023-11-14T22:13:20.000000000Z",
     [GOOD[0], ipfix(0, a_set(256, flow(-999, 1001)))]),
    ("message 2: flowEndSysUpTime 2023-11-14T22:13:20.001000000Z is after the "
     "export at 2023-11-14T22:13:20.000000000Z",
     datagrams(V9_GOOD[0], netflow9(1, 1, a_set(256, struct.pack(
         ">IIIB", 1500, 98_000, 100_001, 6), bytes(2))))),
    ("message 2: one of flowStartSeconds and flowEndSeconds alone",
     [template((150, 4)), ipfix(0, a_set(256, bytes(4)))]),
    ("message 2: flowStartMicroseconds: not all of the last 11 bits are zero",
     [template((154, 8), (155, 8)),
      ipfix(0, a_set(256, bytes(6) + b"\4\0" + b"\0\1" + bytes(6)))]),
    ("message 2: interfaceName is not UTF-8: 65746830ff",
     [GOOD[0], ipfix(0, a_set(257, NAME[:4] + b"\5eth0\xff"))]),
    ("message 2: dataRecordsReliability is 0, neither true nor false",
     [template((276, 1)), ipfix(0, a_set(256, bytes(1)))]),
]

# A template with a field of each type, a record, and what it says.
TYPES = [
    (words(8, 4), bytes((192, 0, 2, 1)), "sourceIPv4Address", "192.0.2.1"),
    (words(27, 16), bytes(15) + b"\1", "sourceIPv6Address", "::1"),
    (words(56, 6), bytes(range(6)), "sourceMacAddress", "00:01:02:03:04:05"),
    (words(70, 3), b"\1\2\3", "mplsTopLabelStackSection", "010203"),
    (words(10, 2), b"\1\0", "ingressInterface", [256, 7]),
    (words(10, 4), b"\0\0\0\7", "ingressInterface", [256, 7]),
    (words(83, 8), b"eth0" + bytes(4), "interfaceDescription", "eth0"),
    (words(276, 1), b"\2", "dataRecordsReliability", 2),
    (words(311, 8), struct.pack(">d", 0.25), "samplingProbability", 0.25),
    (words(0x8005, 2, 1, 0), b"\1\2", "65536/5", "0102"),
    (words(0x8001, 2, 0, 29305), b"\1\2", "reverseOctetDeltaCount", 258),
    (words(150, 4), struct.pack(">I", EXPORT_S - 2), "flowStartSeconds",
     "2023-11-14T22:13:18.000000000Z"),
    (words(151, 4), struct.pack(">I", EXPORT_S - 1), "flowEndSeconds",
     "2023-11-14T22:13:19.000000000Z"),
    (words(154, 8), struct.pack(">II", EXPORT_S - 2 + 2208988800, 0x1999_9800),
     "flowStartMicroseconds", "2023-11-14T22:13:18.100000000Z"),
    (words(155, 8), struct.pack(">II", EXPORT_S - 1 + 2208988800, 0x8000_0000),
     "flowEndMicroseconds", "2023-11-14T22:13:19.500000000Z"),
    (words(156, 8), struct.pack(">II", EXPORT_S - 2 + 2208988800, 0x1999_9999),
     "flowStartNanoseconds", "2023-11-14T22:13:18.100000000Z"),
    (words(157, 8), struct.pack(">II", EXPORT_S - 1 + 2208988800, 0x0000_0005),
     "flowEndNanoseconds", "2023-11-14T22:13:19.000000001Z"),
    (words(158, 4), struct.pack(">I", 3_000_000), "flowStartDeltaMicroseconds",
     "2023-11-14T22:13:17.000000000Z"),
    (words(159, 4), struct.pack(">I", 1), "flowEndDeltaMicroseconds",
     "2023-11-14T22:13:19.999999000Z"),
    (words(22, 4), struct.pack(">I", 5000), "flowStartMilliseconds",
     "2023-11-14T22:13:15.000000000Z"),
    (words(21, 4), struct.pack(">I", 6000), "flowEndMilliseconds",
     "2023-11-14T22:13:16.000000000Z"),
    (words(160, 8), struct.pack(">Q", EXPORT_S * 1000 - 10_000),
     "systemInitTimeMilliseconds", "2023-11-14T22:13:10.000000000Z"),
]

FIRST = {"message": 2, "domain": 1, "template": 256, "octetDeltaCount": 1500,
         "flowStartMilliseconds": "2023-11-14T22:13:18.000000000Z",
         "flowEndMilliseconds": "2023-11-14T22:13:19.000000000Z",
         "protocolIdentifier": 6}


class Tap:
    """Counts, and says what came of each."""

    def __init__(self):
        self.n = self.n_failed = 0

    def ok(self, good, says, output):
        self.n += 1
        self.n_failed += not good
        print(f"{'ok' if good else 'not ok'} {self.n} - {says}")
        if not good:
            print("".join(f"# {line}\n" for line in output.splitlines()))


def check(directory, stream, *options_given):
    """The exit status, and what was said of STREAM."""
    path = os.path.join(directory, "stream")
    with open(path, "wb") as file:
        file.write(b"".join(stream))
    sys.argv = ["check.py", *options_given, path]
    with contextlib.redirect_stdout(io.StringIO()) as output:
        status = main()
    return status, output.getvalue().replace(path + ": ", "")


def run_complaints(tap, directory):
    for says, stream in RIGHT.items():
        status, output = check(directory, stream)
        tap.ok(not status and not output, says, output)
    for complaint, stream in WRONG:
        status, output = check(directory, stream)
        tap.ok(status and output.startswith(complaint), complaint, output)


def run_output(tap, directory):
    for says, stream in (("IPFIX", GOOD), ("NetFlow v9", datagrams(*V9_GOOD))):
        _, output = check(directory, stream, "--flows")
        flows = [json.loads(line) for line in output.splitlines()]
        tap.ok(FIRST.items() <= flows[0].items() and len(flows) == 5,
               f"the flows of {says}", output)
    fields, values, names, texts = zip(*TYPES)
    status, output = check(directory, [ipfix(0, a_set(
        2, words(256, len(TYPES)), *fields), a_set(256, *values))], "--flows")
    tap.ok(not status and
           dict(zip(names, texts)).items() <= json.loads(output).items(),
           "a field of each type", output)
    _, output = check(directory, GOOD, "--messages")
    told = [json.loads(line) for line in output.splitlines()]
    tap.ok([(of["sequence"], of["sets"][-1]["options"]) for of in told] ==
           [(0, False), (0, False), (2, True), (3, False)],
           "the messages", output)
    _, output = check(directory, [ipfix(1)] * 99)
    tap.ok(len(output.splitlines()) == 51 and
           output.endswith("message 99: and 50 more\n"), "enough", output)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        results = Tap()
        run_complaints(results, where)
        run_output(results, where)
    print(f"1..{results.n}")
    sys.exit(results.n_failed > 0)
