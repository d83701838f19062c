# SPDX-License-Identifier: GPL-2.0-or-later
# reload.py - one of many configurations; the same for the same numbers.
#
#	reload.py SEED [KEYS [DOMAIN]]
#
# Always there are interface r1, at ingress at least, and collector "stay", with
# these KEYS.  Seed 0 has TCX, if the kernel has.  See reload.sh.
import random
import sys

seed, keys, domain = (sys.argv[1:] + ["", "1"])[:3]
any = random.Random(int(seed)).choice

collectors = [any(["", """
  { name = "beside"; host = "127.0.0.1"; port = 9; template = "%s"; mtu = %d; },
""" % (any(["standard", "minimal", "full"]), any([1200, 1400]))]), any(["", """
  { name = "stream"; host = "127.0.0.1"; port = 10; transport = "tcp";
    reconnect = 0.05; template = "%s"; queue = "%dMiB"; },
""" % (any(["standard", "minimal"]), any([8, 16]))])]
# Who cannot be resolved holds nobody up.
if int(seed) and any([True, False]):
    collectors.append("""
  { name = "far"; host = "nowhere.invalid"; },""")
print("""
interfaces = { include = [ "r1"%s ]; directions = "%s"; attach = "%s"; };
flows = { max = %d; active_timeout = %s; idle_timeout = %s; tcp_end = %s;
          scan_interval = %s; };
dedupe = { mode = "%s"; expire = %s; };
control = { socket = ""; };
observation = { agent_ip = "%s"; domain = %s; };
collectors = ( %s
  { name = "stay"; host = "127.0.0.1"; port = 4739; %s }
);
""" % (any(["", ', "r2"', ', "r3"', ', "r2", "r3"']), any(["both", "ingress"]),
       any(["auto", "tc"]) if int(seed) else "auto", any([32768, 4096]), any([1, 2, 3]),
       any([0.2, 0.5, 1, 2]), any([1, 2]), any([0.05, 0.1, 0.5]),
       any(["off", "merge", "drop", "mark"]), any([1, 30]),
       any(["auto", "192.0.2.1", "%r1"]), domain,
       "".join(collectors), keys))
