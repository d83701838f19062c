#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""hostile.py TARGET MANNER OVER - clients who mean harm.

TARGET is a unix socket's path, which is the control socket, or HOST:PORT, where
metrics are served.  Each MANNER is a function below: it goes on, whatever is
done to it, until there is a file OVER.  Says "ready" once it has a connection,
and at the end how many it had.
"""
import os
import resource
import select
import socket
import struct
import sys
import time

TARGET, MANNER, OVER = sys.argv[1:]
CONTROL = "/" in TARGET
connected = []
RESET = struct.pack("ii", 1, 0)

if CONTROL:
    REQUESTS = [b'{"command":"%s"}\n' % word for word in
                (b"status", b"stats", b"interfaces", b"collectors", b"flows",
                 b"flush", b"reload")]
    ENDLESS = b"x"
else:
    HEAD = b"GET /metrics HTTP/1.1\r\nHost: x\r\n"
    REQUESTS = [HEAD + b"\r\n"]
    ENDLESS = b"X-Y: " + 1000 * b"z" + b"\r\n"


def goes_on():
    return not os.path.exists(OVER)


def connect():
    """A connection that waits for nothing; None: there is none to be had now."""
    if CONTROL:
        client, address = socket.socket(socket.AF_UNIX), TARGET
    else:
        host, port = TARGET.rsplit(":", 1)
        client, address = socket.socket(), (host, int(port))
    client.settimeout(0.5)
    try:
        client.connect(address)
    except OSError:
        client.close()
        return None
    client.setblocking(False)
    connected.append(1)
    if len(connected) == 1:
        print("ready", flush=True)
    return client


def say(client, octets):
    """How many of them were taken; None: it is over with this one."""
    try:
        return client.send(octets)
    except BlockingIOError:
        return 0
    except OSError:
        return None


def is_over(client):
    """Whether the other end has hung up, so far as that can be seen."""
    try:
        return client.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def keep(n, act):
    """N connections at a time, each acted on in turn until it is over."""
    clients = []
    while goes_on():
        begin = time.monotonic()
        kept = []
        for client in clients:
            if act(client) is None:
                client.close()
            else:
                kept.append(client)
        clients = kept
        while len(clients) < n and time.monotonic() < begin + 0.2:
            client = connect()
            if not client:
                break
            clients.append(client)
        time.sleep(0.05)


def silent():
    """Thousands who say nothing."""
    keep(3000, lambda client: None if is_over(client) else 0)


def half():
    """Some who begin a request, and no more."""
    begun = set()

    def act(client):
        if client.fileno() not in begun:
            begun.add(client.fileno())
            return say(client, REQUESTS[0][:-3])
        if is_over(client):
            begun.discard(client.fileno())
            return None
        return 0

    keep(24, act)


def drip():
    """More than there are places, an octet of a request at a time."""
    said = {}

    def act(client):
        at = said.get(client, 0)
        said[client] = at + 1
        return say(client, (HEAD + ENDLESS)[at:at + 1])

    keep(40, act)


def deaf():
    """They ask and ask, and never read."""
    keep(100, lambda client: say(client, 50 * b"".join(REQUESTS)))


def eager():
    """They ask and ask, and read it all: there is always another question."""
    batch = 500 * REQUESTS[0]
    unsaid = {}

    def act(client):
        left = unsaid.get(client) or batch
        n = say(client, left)
        if n is None or is_over(client):
            return None
        unsaid[client] = left[n:]
        try:
            while client.recv(1 << 20):
                pass
        except OSError:
            pass
        return 0

    keep(20, act)


def huge():
    """Requests without an end: of lines, of headers, of a body."""
    starts = [b""] if CONTROL else [
        b"GET /", HEAD, b"POST /metrics HTTP/1.1\r\nHost: x\r\n"
        b"Content-Length: 999999999999\r\n\r\n",
        b"POST /metrics HTTP/1.1\r\nHost: x\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n"]
    flood = ENDLESS * (1000000 // len(ENDLESS))
    while goes_on():
        client = connect()
        if not client:
            continue
        say(client, starts[len(connected) % len(starts)])
        until = time.monotonic() + 0.5
        while time.monotonic() < until and say(client, flood) is not None:
            time.sleep(0.001)
        client.close()


def storm():
    """Whole requests, as fast as they are answered."""
    while goes_on():
        client = connect()
        if not client:
            continue
        say(client, REQUESTS[len(connected) % len(REQUESTS)])
        while select.select([client], [], [], 1)[0]:
            try:
                part = client.recv(1 << 20)
            except OSError:
                break
            if not part or CONTROL and part.endswith(b"\n"):
                break
            if not CONTROL and len(part) < 1 << 20:
                break
        client.close()


def slam():
    """They come, ask, and are gone without a word."""
    while goes_on():
        client = connect()
        if not client:
            continue
        say(client, REQUESTS[len(connected) % len(REQUESTS)])
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.close()


resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
globals()[MANNER]()
print(f"{MANNER}: {len(connected)}")
