# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of a message of IPFIX (RFC 7011) or NetFlow v9 (RFC 3954).

Nothing is believed: what is not as it must be is told to a function wrong(),
and what can be read all the same is.
"""

import ipaddress
import os
import struct
import typing

IPFIX, NETFLOW9 = 10, 9
REVERSE = 29305  # RFC 5103
VARIABLE = 65535

# Of the sets that define templates and options templates.
TEMPLATE_SETS = {IPFIX: (2, 3), NETFLOW9: (0, 1)}
V9_SCOPES = {1: "system", 2: "interface", 3: "lineCard", 4: "cache",
             5: "template"}

SIZES = {"unsigned8": 1, "unsigned16": 2, "unsigned32": 4, "unsigned64": 8,
         "float64": 8, "boolean": 1, "macAddress": 6, "ipv4Address": 4,
         "ipv6Address": 16, "dateTimeSeconds": 4, "dateTimeMilliseconds": 8,
         "dateTimeMicroseconds": 8, "dateTimeNanoseconds": 8}
# Types whose fields have any length; integers may be shorter (6.2).
ANY_SIZE = "string", "octetArray"


def read_elements():
    path = os.path.join(os.path.dirname(__file__), "elements.txt")
    with open(path, encoding="ascii") as file:
        rows = [line.split() for line in file if not line.startswith("#")]
    return {int(number): (name, kind) for number, name, kind in rows}


ELEMENTS = read_elements()


class Header(typing.NamedTuple):
    version: int
    length: int  # of IPFIX
    count: int   # of NetFlow v9
    uptime_ms: int
    export_s: int
    sequence: int
    domain: int
    size: int    # of the header


class Field(typing.NamedTuple):
    name: str
    kind: str
    length: int


class Template(typing.NamedTuple):
    """Without fields: a withdrawal.  N_SCOPES is None but for options."""
    number: int
    fields: tuple
    n_scopes: int

    def least(self):
        """Octets of its shortest record."""
        return sum(1 if field.length == VARIABLE else field.length
                   for field in self.fields)


def header(data):
    """None: too short, or of another protocol."""
    version = int.from_bytes(data[:2], "big")
    if version == IPFIX and len(data) >= 16:
        length, export, sequence, domain = struct.unpack_from(">HIII", data, 2)
        return Header(version, length, 0, 0, export, sequence, domain, 16)
    if version == NETFLOW9 and len(data) >= 20:
        count, *rest = struct.unpack_from(">HIIII", data, 2)
        return Header(version, len(data), count, *rest, 20)
    return None


def sets(data, at, wrong):
    """The ID and the octets of each."""
    while at < len(data):
        left = len(data) - at
        if left < 4:
            wrong(f"{left} octets after the last set")
            return
        number, length = struct.unpack_from(">HH", data, at)
        if not 4 <= length <= left:
            wrong(f"set {number} has length {length} where {left} octets "
                  "are left")
            return
        yield number, data[at + 4:at + length]
        at += length


def padding(octets, what, wrong):
    """What follows the last record of a set."""
    if len(octets) > 3:
        wrong(f"{what}: {len(octets)} octets of padding")
    if any(octets):
        wrong(f"{what}: padding is not zero: {octets.hex()}")


# --- templates -----------------------------------------------------------------

def name_of(enterprise, number):
    """Name and type; of other enterprises' elements, we know neither."""
    if enterprise in (0, REVERSE) and number in ELEMENTS:
        name, kind = ELEMENTS[number]
        if enterprise:
            name = "reverse" + name[0].upper() + name[1:]
        return name, kind
    if enterprise in (0, REVERSE):
        return None, None
    return f"{enterprise}/{number}", "octetArray"


def length_is_right(kind, length, version):
    if kind in ANY_SIZE:
        return length != VARIABLE or version == IPFIX
    if kind.startswith("unsigned"):
        return 1 <= length <= SIZES[kind]
    return length == SIZES[kind] or (kind, length) == ("float64", 4)


def make_field(version, enterprise, number, length, wrong):
    name, kind = name_of(enterprise, number)
    if name is None:
        wrong(f"no such element: {enterprise}/{number}")
        name, kind = f"{enterprise}/{number}", "octetArray"
    if not length_is_right(kind, length, version):
        wrong(f"{name} of {length} octets")
        kind = "octetArray"
    return Field(name, kind, length)


def ipfix_fields(body, at, count, wrong):
    """COUNT field specifiers, and where they end."""
    fields = []
    for _ in range(count):
        number, length = struct.unpack_from(">HH", body, at)
        enterprise = 0
        at += 4
        if number & 0x8000:
            enterprise, = struct.unpack_from(">I", body, at)
            number &= 0x7FFF
            at += 4
            if not enterprise:
                wrong(f"element {number} of enterprise 0")
        fields.append(make_field(IPFIX, enterprise, number, length, wrong))
    return tuple(fields), at


def ipfix_template(body, options, wrong):
    """The template at the beginning of BODY, and its length."""
    number, count = struct.unpack_from(">HH", body)
    n_scopes, at = (0, 4) if options else (None, 4)
    if options and count:
        n_scopes, at = struct.unpack_from(">H", body, 4)[0], 6
        if not 1 <= n_scopes <= count:
            wrong(f"template {number}: {n_scopes} scopes of {count} fields")
    fields, at = ipfix_fields(body, at, count, wrong)
    return Template(number, fields, n_scopes), at


def v9_field(number, length, scope, wrong):
    if scope and number in V9_SCOPES:
        return Field(V9_SCOPES[number], "octetArray", length)
    if scope:
        wrong(f"no such scope: {number}")
    return make_field(NETFLOW9, 0, number, length, wrong)


def v9_template(body, options, wrong):
    number, count = struct.unpack_from(">HH", body)
    n_scopes, at = None, 4
    if options:
        scopes, others = struct.unpack_from(">HH", body, 2)
        if scopes % 4 or others % 4 or not scopes:
            wrong(f"template {number}: scopes of {scopes} octets, options of "
                  f"{others}")
        n_scopes, count, at = scopes // 4, (scopes + others) // 4, 6
    elif not count:
        wrong(f"template {number} has no fields")
    pairs = struct.unpack_from(f">{2 * count}H", body, at)
    fields = tuple(v9_field(*pairs[i:i + 2], i < 2 * (n_scopes or 0), wrong)
                   for i in range(0, len(pairs), 2))
    return Template(number, fields, n_scopes), at + 4 * count


def templates(version, number, body, wrong):
    """Those of a set."""
    parse = ipfix_template if version == IPFIX else v9_template
    options = number == TEMPLATE_SETS[version][1]
    # Shorter than the shortest template, a withdrawal: padding.
    while len(body) >= 4:
        try:
            template, length = parse(body, options, wrong)
        except struct.error:
            wrong(f"set {number}: a template does not end")
            return
        yield template
        body = body[length:]
    padding(body, f"set {number}", wrong)


# --- records -------------------------------------------------------------------

def field_length(field, body, at):
    """Octets of the field at AT, and where they begin (RFC 7011 7)."""
    if field.length != VARIABLE:
        return field.length, at
    if body[at] < 255:
        return body[at], at + 1
    return struct.unpack_from(">H", body, at + 1)[0], at + 3


def record(template, body):
    """The octets of each field, and of all; None: they do not end."""
    values, at = [], 0
    for field in template.fields:
        try:
            length, at = field_length(field, body, at)
        except (IndexError, struct.error):
            return None, 0
        values.append(body[at:at + length])
        at += length
    return (values, at) if at <= len(body) else (None, 0)


def records(template, body, wrong):
    """Octets of the fields of each record in a data set."""
    least = template.least()
    while least and len(body) >= least:
        values, length = record(template, body)
        if values is None:
            wrong(f"set {template.number}: a record does not end")
            return
        yield values
        body = body[length:]
    padding(body, f"set {template.number}", wrong)


def value(field, octets, wrong):
    """What the octets of a field say; bytes where we do not know."""
    kind = field.kind
    if kind in ("ipv4Address", "ipv6Address"):
        return str(ipaddress.ip_address(octets))
    if kind == "macAddress":
        return octets.hex(":")
    if kind == "string":
        try:
            return octets.rstrip(b"\0").decode()
        except UnicodeDecodeError:
            wrong(f"{field.name} is not UTF-8: {octets.hex()}")
            return octets.decode(errors="replace")
    if kind == "float64":
        return struct.unpack(">d" if len(octets) == 8 else ">f", octets)[0]
    if kind == "octetArray":
        return octets.hex()
    if kind == "dateTimeMicroseconds" and octets[-1] | octets[-2] & 7:
        wrong(f"{field.name}: not all of the last 11 bits are zero")
    number = int.from_bytes(octets, "big")
    if kind == "boolean" and number not in (1, 2):
        wrong(f"{field.name} is {number}, neither true nor false")
    return number
