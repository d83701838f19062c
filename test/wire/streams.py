# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages out of TCP connections and SCTP associations.

Segments come in any order, more than once, or overlap; messages go out as soon
as all before them is there, with the number of the connection between the same
ports and the stream.
"""

import struct

FIN, SYN = 1, 2
DATA, INIT, FORWARD_TSN = 0, 1, 192
END, BEGIN = 1, 2
HALF = 1 << 31
MASK = (1 << 32) - 1


def cut(data):
    """Whole messages of IPFIX, by their lengths, and what is left."""
    whole = []
    while len(data) >= 16:
        length = struct.unpack_from(">H", data, 2)[0]
        if not 16 <= length <= len(data):
            break
        whole.append(data[:length])
        data = data[length:]
    return whole, data


class Connection:
    """One direction of TCP."""

    def __init__(self):
        self.epoch = 0
        self.next = None
        self.held = {}
        self.buffer = b""

    def add(self, segment):
        sequence, = struct.unpack_from(">I", segment, 4)
        flags = segment[13]
        if flags & SYN:
            if self.next != sequence + 1 & MASK:
                self.epoch += 1
                self.next, self.held = sequence + 1 & MASK, {}
            return
        if self.next is None:
            self.next = sequence
        data = segment[(segment[12] >> 4) * 4:]
        if data:
            self.held[sequence] = max(self.held.get(sequence, b""), data,
                                      key=len)
        self.join()
        whole, self.buffer = cut(self.buffer)
        for message in whole:
            yield self.epoch, 0, message

    def join(self):
        """What is held and follows goes to the buffer."""
        again = True
        while again:
            again = False
            for sequence in list(self.held):
                known = self.next - sequence & MASK
                if known >= HALF:
                    continue
                new = self.held.pop(sequence)[known:]
                self.buffer += new
                self.next = self.next + len(new) & MASK
                again = True

    def left(self):
        return [self.buffer] if self.buffer else []


class Association:
    """One direction of SCTP."""

    def __init__(self):
        self.epoch = 0
        self.next = None
        self.held = {}
        self.parts = {}

    def add(self, segment):
        at = 12
        while at + 4 <= len(segment):
            kind, flags, length = struct.unpack_from(">BBH", segment, at)
            self.take(kind, flags, segment[at:at + length])
            at += max(length + 3 & ~3, 4)
        yield from self.deliver()

    def take(self, kind, flags, chunk):
        if kind == INIT:
            first, = struct.unpack_from(">I", chunk, 16)
            if first != self.next:
                self.epoch += 1
                self.next, self.held, self.parts = first, {}, {}
        elif kind == DATA:
            tsn, stream = struct.unpack_from(">IH", chunk, 4)
            if self.next is None:
                self.next = tsn
            if tsn - self.next & MASK < HALF:
                self.held[tsn] = flags, stream, chunk[16:]
        elif kind == FORWARD_TSN:
            self.next = struct.unpack_from(">I", chunk, 4)[0] + 1 & MASK

    def deliver(self):
        while self.next in self.held:
            flags, stream, data = self.held.pop(self.next)
            self.next = self.next + 1 & MASK
            if not flags & BEGIN:
                data = self.parts.pop(stream, b"") + data
            if flags & END:
                yield self.epoch, stream, data
            else:
                self.parts[stream] = data

    def left(self):
        return list(self.parts.values())
