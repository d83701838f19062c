#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A collector that takes everything and keeps nothing, for captures beside it.

sink.py PORT

UDP and TCP, IPv4 and IPv6.  Prints "ready" once it takes.
"""

import selectors
import socket
import sys


def listen(selector, kind, port):
    """On all addresses of both families."""
    listener = socket.socket(socket.AF_INET6, kind)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("::", port))
    listener.setblocking(False)
    if kind == socket.SOCK_STREAM:
        listener.listen()
    selector.register(listener, selectors.EVENT_READ,
                      kind == socket.SOCK_STREAM)


def take(selector, ready, is_listener):
    if is_listener:
        connection, _ = ready.accept()
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_READ, False)
    elif not ready.recv(65536) and ready.type == socket.SOCK_STREAM:
        selector.unregister(ready)
        ready.close()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.split("\n\n", maxsplit=2)[1])
    selector = selectors.DefaultSelector()
    for kind in socket.SOCK_DGRAM, socket.SOCK_STREAM:
        listen(selector, kind, int(sys.argv[1]))
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            try:
                take(selector, key.fileobj, key.data)
            except ConnectionError:
                selector.unregister(key.fileobj)


if __name__ == "__main__":
    main()
