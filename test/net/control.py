#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""control.py SOCKET WHAT - clients of the control socket, of all manners.

Each WHAT is a function below; it fails by an exception.  The daemon must go on
and answer others.
"""
import json
import os
import pty
import random
import fcntl
import select
import signal
import socket
import struct
import sys
import termios
import time

PATH = sys.argv[1]
STATUS = b'{"command":"status"}\n'


def connect():
    client = socket.socket(socket.AF_UNIX)
    client.connect(PATH)
    client.settimeout(30)
    return client


def line(client):
    """One reply; b"" where the connection ends."""
    reply = b""
    while not reply.endswith(b"\n"):
        try:
            part = client.recv(65536)
        except ConnectionResetError:
            part = b""
        if not part:
            return reply
        reply += part
    return reply


def ask(client, request):
    client.sendall(request)
    return json.loads(line(client))


def answers():
    """The daemon answers, and soon."""
    begin = time.monotonic()
    assert ask(connect(), STATUS)["version"]
    took = time.monotonic() - begin
    assert took < 3, f"an answer took {took} s"


def garbage():
    """Whatever is said is answered with an error, and the next one heard."""
    client = connect()
    random.seed(1)
    for _ in range(300):
        octets = bytes(random.randrange(256) for _ in range(random.randrange(200)))
        reply = ask(client, octets.replace(b"\n", b" ") + b"\n")
        assert list(reply) == ["error"], reply
    assert ask(client, STATUS)["version"]


def pieces():
    """A request in pieces, several at once, one without an end."""
    client = connect()
    for i in range(len(STATUS)):
        client.sendall(STATUS[i:i + 1])
    assert json.loads(line(client))["version"]
    client.sendall(3 * STATUS)
    text = b""
    while text.count(b"\n") < 3:
        text += client.recv(65536)
    assert all(json.loads(one)["version"] for one in text.splitlines())


def long():
    """A request without an end is refused, and that is the end."""
    client = connect()
    client.sendall(4096 * b"x")
    assert "too long" in json.loads(line(client))["error"]
    assert line(client) == b""
    client = connect()
    longest = STATUS.rstrip().ljust(4095) + b"\n"
    assert ask(client, longest)["version"]


def crowd():
    """Of a hundred at once, 64 are served and the others told."""
    clients = [connect() for _ in range(100)]
    for client in clients:
        try:
            client.sendall(STATUS)
        except BrokenPipeError:
            pass
    replies = [json.loads(line(client)) for client in clients]
    served = sum("version" in reply for reply in replies)
    told = sum("too many" in reply.get("error", "") for reply in replies)
    assert (served, told) == (64, 36), (served, told)
    for client in clients:
        client.close()
    time.sleep(0.2)
    answers()


def crowd_of_flows():
    """Sixty walks over the table, one after the other."""
    clients = [connect() for _ in range(60)]
    for client in clients:
        client.sendall(b'{"command":"flows","count":1000}\n')
    for client in clients:
        assert json.loads(line(client))["flows"]


def slow():
    """Half a request: patience has an end, and 63 others do not wait."""
    client = connect()
    client.sendall(STATUS[:10])
    begin = time.monotonic()
    answers()
    assert line(client) == b""
    took = time.monotonic() - begin
    assert 8 < took < 20, took


def deaf():
    """It asks and asks, and never reads."""
    client = connect()
    client.settimeout(2)
    begin = time.monotonic()
    while time.monotonic() - begin < 30:
        try:
            client.send(100 * b'{"command":"stats"}\n')
        except TimeoutError:
            answers()
        except (BrokenPipeError, ConnectionResetError):
            break
    took = time.monotonic() - begin
    assert 8 < took < 25, took


def gone():
    """It asks, and is no more; also while the table is walked for it."""
    for request in (STATUS, b'{"command":"flows","count":1000}\n', STATUS[:5]):
        for _ in range(50):
            client = connect()
            client.sendall(request)
            client.close()
    answers()


def on_terminal(rows, columns, act):
    """flowexportctl top, seen for a while; what it drew and how it ended."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        ctl = os.environ["FLOWEXPORTCTL"]
        os.execv(ctl, [ctl, "-s", PATH, "top"])
    resize(fd, rows, columns)
    drawn = act(fd)
    while True:
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        if not more:
            break
        drawn += more
    return drawn, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))


def look(fd, seconds):
    drawn, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                drawn += os.read(fd, 65536)
            except OSError:  # the program has left the terminal
                break
    return drawn


def top():
    """It shows what there is, at any size, and q leaves."""
    def act(fd):
        drawn = look(fd, 2.5)
        for size in ((5, 20), (1, 1), (60, 200)):
            resize(fd, *size)
            drawn += look(fd, 1.2)
        os.write(fd, b"q")
        return drawn

    drawn, status = on_terminal(24, 80, act)
    assert status == 0, status
    for text in (b"flowexport  ", b"COLLECTOR", b"IFACE", b"ICMP"):
        assert text in drawn, text
    assert b"\x1b[31m" in drawn, "nothing is red"


def top_orphan():
    """The daemon goes away meanwhile: it says so, and leaves."""
    def act(fd):
        drawn = look(fd, 1.5)
        os.kill(int(sys.argv[3]), signal.SIGTERM)
        return drawn + look(fd, 4)

    drawn, status = on_terminal(24, 80, act)
    assert status == 3, status
    assert b"no flowexport there" in drawn


globals()[sys.argv[2]]()
