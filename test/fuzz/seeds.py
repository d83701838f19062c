#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes what fuzz targets begin with, out of what tests already have.

seeds.py SOURCE TARGET DIRECTORY

SOURCE is the source tree, TARGET a target's name without its fuzz-.  What a
target once failed at is in test/data/fuzz/TARGET, and comes along.
"""

import configparser
import pathlib
import re
import struct
import sys

DLT_EN10MB = 1
SELF = '"itself"'  # FUZZ_FILE_NAME


def read_ini(path):
    ini = configparser.ConfigParser(
        delimiters="=", interpolation=None, strict=True)
    ini.optionxform = str
    ini.read(path)
    return ini


def octets(group):
    return bytes.fromhex("".join(
        value for key, value in group.items() if key.startswith("hex.")))


def link_number(source, dlt):
    """Which of source_link.c's types it is, by the order of numbers."""
    known = {"DLT_EN10MB": 1, "DLT_LINUX_SLL": 113, "DLT_LINUX_SLL2": 276,
             "DLT_RAW": 12, "DLT_IPV4": 228, "DLT_IPV6": 229, "DLT_NULL": 0,
             "DLT_LOOP": 108, "DLT_PPP": 9, "DLT_PPP_SERIAL": 50,
             "DLT_PPP_ETHER": 51}
    text = (source / "src/source_link.c").read_text()
    rows = re.findall(r"\{ (DLT_\w+), read_", text)
    return sorted(known[name] for name in rows).index(dlt)


def packets_of_pcap(path):
    """(link type, octets) of each packet of a classic pcap file."""
    data = path.read_bytes()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">"}.get(data[:4])
    if not order:
        return
    link = struct.unpack_from(order + "I", data, 20)[0]
    at = 24
    while at + 16 <= len(data):
        size = struct.unpack_from(order + "I", data, at + 8)[0]
        yield link, data[at + 16:at + 16 + size]
        at += 16 + size


def seeds_parse(source):
    ether = link_number(source, DLT_EN10MB)
    for _, group in read_ini(source / "test/data/packets.ini").items():
        data = octets(group)
        yield bytes([ether, 0]) + data
        size, segments, vlan = (
            int(group.get(key, "0"), 0) for key in ("gso_size", "gso_segs",
                                                    "vlan"))
        if size or segments or vlan:
            yield bytes([ether, 1]) + struct.pack(
                "<HHIH", size, segments, 0, vlan) + data
    for path in (source / "test/data/pcap").glob("*.pcap"):
        for link, data in packets_of_pcap(path):
            # On file, raw IP has a number of its own.
            link = {101: 12, 50: 50}.get(link, link)
            yield bytes([link_number(source, link), 0]) + data


def seeds_pcap(source):
    for path in (source / "test/data/pcap").glob("*.pcap*"):
        yield path.read_bytes()


def seeds_netlink(source):
    for name, group in read_ini(source / "test/data/netlink.ini").items():
        data = octets(group)
        kind = 20 if "index" in group and "family" in group else 16
        yield struct.pack("<IHHII", 16 + len(data), kind, 0, 1, 0) + data


def seeds_config(source):
    paths = list((source / "test/data/config").glob("*.conf"))
    for path in paths + [source / "etc/flowexport.conf"]:
        text = path.read_bytes()
        yield text
        yield re.sub(rb'@include "[^"]*"', b"@include " + SELF.encode(), text)


def seeds_template(source):
    for path in (source / "templates").glob("*.conf"):
        yield path.read_bytes()
    yield b"@include " + SELF.encode() + b"\n"
    yield b"ipv4 = ( \"octetDeltaCount:4\", 1 );\nnetflow9_extended = true;\n"


def seeds_url(source):
    for path in (source / "test/unit").glob("test-config*.c"):
        for url in re.findall(r'"(\w+\+\w*://[^"]*)"', path.read_text()):
            yield url.encode()


def seeds_control(source):
    lines = b""
    for path in (source / "test/data/control").glob("*.txt"):
        for line in path.read_bytes().splitlines():
            request = line.split(b"\t", 1)[-1] + b"\n"
            lines += request
            yield b"\xff" + request
    yield b"\x00" + lines[:4000]


def main():
    source, target, directory = (pathlib.Path(a) for a in sys.argv[1:])
    make = globals().get(f"seeds_{target}", lambda source: [b""])
    seeds = {seed for seed in make(source)}
    if not seeds:
        sys.exit(f"seeds.py: no seed for {target}")
    for path in (source / "test/data/fuzz" / target.name).glob("*"):
        seeds.add(path.read_bytes())
    for n, seed in enumerate(sorted(seeds)):
        (directory / f"seed-{n}").write_bytes(seed)


if __name__ == "__main__":
    main()
