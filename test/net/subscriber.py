#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""subscriber.py - what ntopng is to a publisher, for the tests of ours.

    subscriber.py connect|bind ENDPOINT [KEYS]

Each message that comes is a line of JSON on standard output, flushed; one that
is wrong, too, as {"bad": WHY}.  With KEYS it is the server of CURVE, and writes
its public key to that file.  Stops at SIGTERM, and, as one that hangs would, at
SIGUSR1 for good, but for its connection.
"""
import json
import os
import signal
import sys

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "wire"))
import ntopng  # noqa: E402

TOPICS = ("flow", "event", "counter", "template", "option", "hello",
          "listening-ports", "snmp-ifaces", "message")

ended = False
hangs = False


def on_term(_signal, _frame):
    global ended
    ended = True


def on_hang(_signal, _frame):
    global hangs
    hangs = True


def tell(what):
    print(json.dumps(what), flush=True)


def take(socket):
    frames = socket.recv_multipart()
    try:
        if len(frames) != 2:
            raise ntopng.Bad("%d frames" % len(frames))
        tell(ntopng.decode(*frames))
    except Exception as error:  # whatever it is, the test shall see it
        tell({"bad": repr(error)})


def main():
    how, endpoint = sys.argv[1:3]
    signal.signal(signal.SIGTERM, on_term)
    signal.signal(signal.SIGUSR1, on_hang)
    socket = zmq.Context().socket(zmq.SUB)
    socket.linger = 0
    socket.ipv6 = True
    socket.rcvhwm = 10
    if len(sys.argv) > 3:
        public, secret = zmq.curve_keypair()
        socket.curve_server = True
        socket.curve_secretkey = secret
        with open(sys.argv[3], "wb") as file:
            file.write(public)
    getattr(socket, how)(endpoint)
    for topic in TOPICS:
        socket.subscribe(topic)
    print("ready", file=sys.stderr, flush=True)
    while not ended:
        if hangs:
            signal.pause()
        elif socket.poll(50):
            take(socket)
    socket.close()


main()
