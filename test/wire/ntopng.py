#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ntopng.py - reads the messages that ntopng takes over ZeroMQ, strictly.

    ntopng.py FILE.ini

Of a message, header frame and body, decode() makes a dictionary; whatever
ntopng would misread is a Bad.  Run, it decodes the messages of a file, groups of
"header", "body" and what they must mean, "is", and says so in TAP.
"""
import configparser
import ipaddress
import json
import re
import struct
import sys
import zlib

TEXT, TLV, FLAGGED = 2, 3, 4
FLAG_TLV, FLAG_ZLIB = 2, 4
FORMATS = {2: "!B", 3: "!H", 4: "!I", 5: "!Q"}
END, STRING = 1, 11
TOPICS = {b"flow", b"event", b"snmp-ifaces"}
MAC = re.compile("([0-9a-f]{2}:){5}[0-9a-f]{2}")
# What is text, and which text; all else that ntopng knows is a number.
TEXTS = {
    8: lambda text: ipaddress.IPv4Address(text),
    12: lambda text: ipaddress.IPv4Address(text),
    130: lambda text: ipaddress.IPv4Address(text),
    27: lambda text: ipaddress.IPv6Address(text),
    28: lambda text: ipaddress.IPv6Address(text),
    131: lambda text: ipaddress.IPv6Address(text),
    56: MAC.fullmatch,
    80: MAC.fullmatch,
}
NUMBERS = {1, 2, 4, 5, 6, 7, 10, 11, 14, 21, 22, 23, 24, 32, 34, 58, 60, 61,
           136, 243}
NEEDED = {1, 2, 4, 7, 11, 21, 22}


class Bad(Exception):
    """The message breaks a rule."""


def need(good, why):
    if not good:
        raise Bad(why)


def read_header(octets):
    topic = octets[:16].rstrip(b"\0")
    need(topic in TOPICS, "topic %r" % topic)
    header = {"topic": topic.decode(), "form": {36: 3, 28: 2, 24: 1}.get(
        len(octets))}
    need(header["form"], "a header of %d octets" % len(octets))
    version, flags = octets[16:18]
    if header["form"] == 3:
        need(version == FLAGGED and octets[18:20] == b"\0\0", "version")
        need(not flags & ~(FLAG_TLV | FLAG_ZLIB), "flags %#x" % flags)
        header["tlv"] = bool(flags & FLAG_TLV)
        header["zlib"] = bool(flags & FLAG_ZLIB)
        header["size"], header["packed"] = struct.unpack_from("<II", octets, 20)
        header["number"], = struct.unpack_from("!I", octets, 28)
        header["source"], = struct.unpack_from("<I", octets, 32)
        return header
    need(version in (TEXT, TLV), "version %d" % version)
    header["tlv"] = version == TLV
    header["zlib"] = False
    header["size"], = struct.unpack_from("<H", octets, 18)
    header["packed"] = header["size"]
    header["number"], = struct.unpack_from("!I", octets, 20)
    if header["form"] == 2:
        need(flags == 0, "padding")
        header["source"], = struct.unpack_from("<I", octets, 24)
    else:
        header["source"] = flags
    return header


def read_number(kind, octets, at):
    need(kind in FORMATS, "type %d" % kind)
    value, = struct.unpack_from(FORMATS[kind], octets, at)
    return value, at + struct.calcsize(FORMATS[kind])


def read_value(kind, octets, at):
    if kind != STRING:
        return read_number(kind, octets, at)
    length, = struct.unpack_from("!H", octets, at)
    end = at + 2 + length
    need(end <= len(octets), "a string that is too long")
    need(b"\0" not in octets[at + 2:end], "a NUL")
    return octets[at + 2:end].decode(), end


def check_record(record):
    need(NEEDED <= set(record), "a record without %s" %
         (NEEDED - set(record)))
    need({8, 12} <= set(record) or {27, 28} <= set(record), "no addresses")
    need(record.get(60) == (4 if 8 in record else 6), "IP version")
    need(record[22] <= record[21], "ends before it begins")
    for key, value in record.items():
        if key in TEXTS:
            need(isinstance(value, str) and TEXTS[key](value),
                 "%d: %s" % (key, value))
        else:
            need(key in NUMBERS, "key %d" % key)
            need(isinstance(value, int), "%d: %s" % (key, value))


def read_flows(octets):
    need(octets[:2] == b"\x01\x01", "not what nDPI writes")
    records, record, at = [], {}, 2
    while at < len(octets):
        key_kind, kind = octets[at] >> 4, octets[at] & 15
        at += 1
        if key_kind == 0 and kind == END:
            check_record(record)
            records.append(record)
            record = {}
            continue
        key, at = read_number(key_kind, octets, at)
        need(key not in record, "key %d twice" % key)
        record[key], at = read_value(kind, octets, at)
    need(not record, "a record without end")
    return records


def check_event(event):
    for name in ("iface", "probe", "time", "bytes", "packets", "avg", "timeout",
                 "drops", "zmq"):
        need(name in event, "no %s" % name)


def check_names(names):
    need(len(names) == 1, "not one exporter")
    for exporter, interfaces in names.items():
        ipaddress.ip_address(exporter)
        for index, name in interfaces.items():
            need(int(index) > 0 and name, "interface %s" % index)


def decode(header, body):
    """The message as a dictionary; its "flows", or what it "says"."""
    message = read_header(header)
    if message["zlib"]:
        # ntopng makes room for "packed" octets, and inflates into that.
        body = zlib.decompress(body)
        need(message["packed"] == len(body), "no room to inflate")
    need(message["size"] == len(body), "size")
    need(message["tlv"] == (message["topic"] == "flow"), "encoding")
    if message["tlv"]:
        message["flows"] = read_flows(body)
        return message
    message["says"] = json.loads(body.decode())
    (check_event if message["topic"] == "event" else check_names)(
        message["says"])
    return message


def main():
    messages = configparser.ConfigParser()
    messages.read(sys.argv[1])
    failed = 0
    print("1..%d" % len(messages.sections()))
    for number, name in enumerate(messages.sections(), 1):
        message = messages[name]
        try:
            got = decode(bytes.fromhex(message["header"]),
                         bytes.fromhex(message["body"]))
            expected = json.loads(message["is"])
            good = json.loads(json.dumps(got)) == expected
        except (Bad, struct.error, zlib.error, ValueError) as error:
            got, good = repr(error), message["is"] == "bad"
        print("%s %d - %s" % ("ok" if good else "not ok", number, name))
        if not good:
            print("# got: %s" % (got if isinstance(got, str) else
                                 json.dumps(got)))
            failed += 1
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
