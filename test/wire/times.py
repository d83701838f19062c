# SPDX-License-Identifier: GPL-2.0-or-later
"""Times of records: nanoseconds since the epoch, and whether they are sane."""

import time

MS = 1_000_000
SECOND = 1_000_000_000
NTP_EPOCH_S = 2_208_988_800  # 1900 to 1970
HALF = 1 << 31

# What tells when a flow began, and when it ended.
PAIRS = [("flowStart" + unit, "flowEnd" + unit)
         for unit in ("Seconds", "Milliseconds", "Microseconds", "Nanoseconds",
                      "SysUpTime", "DeltaMicroseconds")]
UNITS = {"dateTimeSeconds": SECOND, "dateTimeMilliseconds": MS}


def ntp(octets, kind):
    """RFC 7011 6.1.9, 6.1.10: to the nearest of its units"""
    seconds = int.from_bytes(octets[:4], "big") - NTP_EPOCH_S
    fraction = int.from_bytes(octets[4:], "big")
    units = 10 ** 6 if kind == "dateTimeMicroseconds" else 10 ** 9
    return (seconds * units + (fraction * units + HALF >> 32)) * \
        (SECOND // units)


def uptime(octets, boot_ms, header):
    """The time nearest to the header's of which the octets may tell."""
    number = int.from_bytes(octets, "big")
    if header.version != 9:
        return (boot_ms + number) * MS if boot_ms else None
    ago = header.uptime_ms - number & 2 * HALF - 1
    if ago >= HALF:
        ago -= 2 * HALF
    return (header.export_s * 1000 - ago) * MS


def absolute(field, octets, boot_ms, header):
    """None: not a time, or one that needs another."""
    if field.kind in UNITS:
        return int.from_bytes(octets, "big") * UNITS[field.kind]
    if field.kind in ("dateTimeMicroseconds", "dateTimeNanoseconds"):
        return ntp(octets, field.kind)
    if field.name.endswith("SysUpTime"):
        return uptime(octets, boot_ms, header)
    if field.name.endswith("DeltaMicroseconds"):
        return header.export_s * SECOND - int.from_bytes(octets, "big") * 1000
    return None


def of_record(fields, values, header):
    """The times there are, by name."""
    boot_ms = next((int.from_bytes(octets, "big")
                    for field, octets in zip(fields, values)
                    if field.name == "systemInitTimeMilliseconds"), None)
    found = {}
    for field, octets in zip(fields, values):
        at = absolute(field, octets, boot_ms, header)
        if at is not None:
            found[field.name] = at
    return found


def text(nanoseconds):
    """RFC 3339, UTC"""
    seconds, rest = divmod(nanoseconds, SECOND)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + \
        f".{rest:09}Z"


def check(found, header, wrong):
    """A flow begins, ends, and is exported, in that order."""
    # The header has whole seconds, rounded down.  In NetFlow v9, some take what
    # is later than that for 49 days ago.
    latest = (header.export_s + (header.version != 9)) * SECOND
    for start, end in PAIRS:
        if start not in found or end not in found:
            if start in found or end in found:
                wrong(f"one of {start} and {end} alone")
            continue
        if found[start] > found[end]:
            wrong(f"{start} {text(found[start])} is after {end} "
                  f"{text(found[end])}")
        if found[end] > latest:
            wrong(f"{end} {text(found[end])} is after the export at "
                  f"{text(header.export_s * SECOND)}")
