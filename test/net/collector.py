#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""collector.py - an IPFIX collector that counts, for the transports' tests.

    collector.py tcp|udp ADDRESS PORT TOTALS [OCTETS_PER_SECOND]

Takes in one session after the other until SIGTERM, then says goodbye (over TCP:
half-closes, and reads what is still on its way) and adds to the file TOTALS:

    records    flow records
    missing    records that sequence numbers tell of and that did not come
    sessions
    wrong      messages that break a rule: data before its template, a sequence
               number that goes back, templates not at a session's beginning
"""
import json
import os
import signal
import socket
import struct
import sys
import time

SO_RCVBUFFORCE = 33

totals = {"records": 0, "missing": 0, "sessions": 0, "wrong": 0}
ended = False


def on_term(_signal, _frame):
    global ended
    ended = True


def wrong(what):
    totals["wrong"] += 1
    print(what, file=sys.stderr, flush=True)


class Session:
    """Knows templates and sequence numbers."""

    def __init__(self):
        self.lengths = {}  # of (domain, template)
        self.options = set()
        self.sequence = {}  # of a domain, expected
        self.begun = False
        totals["sessions"] += 1

    def templates(self, domain, body, has_scope):
        while len(body) >= 4:
            template, n_fields = struct.unpack_from("!HH", body)
            at = 6 if has_scope else 4
            length = 0
            for _ in range(n_fields):
                field, size = struct.unpack_from("!HH", body, at)
                at += 8 if field & 0x8000 else 4
                length += size
            self.lengths[domain, template] = length
            if has_scope:
                self.options.add((domain, template))
            body = body[at:]

    def data(self, domain, template, body):
        length = self.lengths.get((domain, template))
        if not length:
            wrong(f"data of {domain}'s unknown template {template}")
            return 0
        if (domain, template) not in self.options:
            totals["records"] += len(body) // length
        return len(body) // length

    def is_another(self, octets):
        """Over UDP, a port that was free again is another session's."""
        sequence, domain = struct.unpack_from("!II", octets, 8)
        return (sequence == 0 and octets[17] in (2, 3)
                and self.sequence.get(domain, 0) > 0)

    def message(self, octets):
        _, length, _, sequence, domain = struct.unpack_from("!HHIII", octets)
        gap = sequence - self.sequence.get(domain, sequence) & 0xffffffff
        if gap >= 1 << 31 or (not self.begun and octets[17] not in (2, 3)):
            wrong(f"in {domain} {sequence} comes after {self.sequence},"
                  f" with set {octets[17]}")
        else:
            totals["missing"] += gap
        self.begun = True
        n_data = 0
        at = 16
        while at + 4 <= length:
            kind, size = struct.unpack_from("!HH", octets, at)
            body = octets[at + 4:at + size]
            if kind in (2, 3):
                self.templates(domain, body, kind == 3)
            else:
                n_data += self.data(domain, kind, body)
            at += size
        self.sequence[domain] = sequence + n_data & 0xffffffff


def read_some(connection, rate):
    if not rate or ended:
        return connection.recv(1 << 16)
    time.sleep(0.01)
    return connection.recv(max(1, rate // 100))


def take_connection(sock, connection, rate):
    session = Session()
    held = b""
    said = False
    connection.settimeout(0.05)
    while True:
        if ended and not said:
            sock.close()  # who comes back now must not wait in its backlog
            connection.shutdown(socket.SHUT_WR)
            said = True
        try:
            got = read_some(connection, rate)
        except socket.timeout:
            continue
        except ConnectionError:
            break
        if not got:
            break
        held += got
        while len(held) >= 4:
            length = struct.unpack_from("!H", held, 2)[0]
            if len(held) < length:
                break
            session.message(held[:length])
            held = held[length:]
    connection.close()


def serve_tcp(sock, rate):
    sock.listen(8)
    while not ended:
        try:
            connection, _ = sock.accept()
        except socket.timeout:
            continue
        take_connection(sock, connection, rate)


def serve_udp(sock, _rate):
    sessions = {}
    while True:
        try:
            octets, peer = sock.recvfrom(1 << 16)
        except socket.timeout:
            if ended:
                return
            continue
        if peer not in sessions or sessions[peer].is_another(octets):
            sessions[peer] = Session()
        sessions[peer].message(octets)


def add_totals(path):
    if os.path.exists(path):
        with open(path, encoding="ascii") as file:
            for name, value in json.load(file).items():
                totals[name] += value
    with open(path, "w", encoding="ascii") as file:
        json.dump(totals, file)


def main():
    transport, address, port, path = sys.argv[1:5]
    rate = int(sys.argv[5]) if len(sys.argv) > 5 else 0
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    signal.signal(signal.SIGTERM, on_term)
    family, _, _, _, own = socket.getaddrinfo(address, port, type=kind)[0]
    with socket.socket(family, kind) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE,
                        1 << 16 if rate else 1 << 23)
        sock.bind(own)
        sock.settimeout(0.2)
        print("ready", flush=True)
        (serve_tcp if transport == "tcp" else serve_udp)(sock, rate)
    add_totals(path)


main()
