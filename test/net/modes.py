# SPDX-License-Identifier: GPL-2.0-or-later
# modes.py - sums up printed flows to port 5000.
#
#	modes.py NAMES FLOWS
#
# NAMES has lines INDEX NAME, FLOWS is JSON of flowexport.  See modes.sh.
import json
import sys

names = dict(line.split() for line in open(sys.argv[1]))
names["0"] = "-"
sums = {}
for line in open(sys.argv[2]):
    flow = json.loads(line)
    if flow.get("protocolIdentifier") != 17 or \
            flow["destinationTransportPort"] != 5000:
        continue
    where = "%s-%s%s" % (names[str(flow["ingressInterface"])],
                         names[str(flow["egressInterface"])],
                         "<>"[flow["flowDirection"]])
    flows, counts = sums.setdefault((where, flow["duplicate"]), (set(), [0, 0]))
    flows.add((flow.get("sourceIPv4Address"), flow.get("sourceIPv6Address"),
               flow["sourceTransportPort"]))
    counts[0] += 1
    counts[1] += flow["packetDeltaCount"]
for (where, duplicate), (flows, counts) in sorted(sums.items()):
    print(where, len(flows), *counts, *["duplicate"] * duplicate)
