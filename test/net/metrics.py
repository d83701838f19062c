# SPDX-License-Identifier: GPL-2.0-or-later
"""metrics.py - clients of /metrics, some of them rude; and what it must say.

	metrics.py get URL
	metrics.py crowd URL N          N at once, who all get the same page
	metrics.py deaf HOST PORT       asks, does not listen, until it is killed
	metrics.py agree PAGE LOG NAME  the page has what the log says at the end,
	                                of the walk and of that collector
	metrics.py known PAGE FILE...   whether what these ask for is on the page
"""

import json
import re
import socket
import sys
import threading
import time
import urllib.request


def get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()


def crowd(url, n):
    pages = []
    threads = [threading.Thread(target=lambda: pages.append(get(url)))
               for _ in range(int(n))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = {tuple(re.findall(r'^[a-z]\S*', page, re.M)) for page in pages}
    return [f"{len(pages)} of {n} pages, {len(names)} kinds"] \
        if len(pages) != int(n) or len(names) != 1 else []


def deaf(host, port):
    listener = socket.create_connection((host, int(port)))
    listener.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
    print("ready", flush=True)
    time.sleep(3600)


def samples(page):
    return dict(line.rsplit(" ", 1) for line in page.splitlines()
                if line and not line.startswith("#"))


def logged(log, collector):
    """What the daemon said when it stopped, by the names on the page."""
    for line in log.splitlines():
        words = line.split(" ")[1:]
        if words[0] == "stats:":
            labels = ""
        elif words[:2] == ["collector", collector + ":"] and "=" in words[-1]:
            labels = '{collector="%s"}' % collector
        else:
            continue
        for name, value in (word.split("=") for word in words if "=" in word):
            yield name, labels, int(value)


def agree(page, log, collector):
    page = samples(open(page).read())
    wrong, n = [], 0
    for name, labels, value in logged(open(log).read(), collector):
        if name == "loop_hold":
            continue
        gauge = name in ("flows_active", "flows_max")
        whole = f"flowexport_{name}{'' if gauge else '_total'}{labels}"
        n += 1
        told = int(page.get(whole, -1))
        # Templates and options are sent again while nothing else happens.
        repeats = name in ("messages_sent", "octets_sent") and 0 < told < value
        if told != value and not repeats:
            wrong.append(f"{whole}: {told}, logged: {value}")
    return wrong if n > 30 else wrong + [f"only {n} counters in the log"]


def expressions(text):
    """All that a dashboard, or a file of rules, asks of Prometheus."""
    if text.lstrip().startswith("{"):
        board = json.loads(text)
        asked = [target["expr"] for panel in board["panels"]
                 for target in panel["targets"]]
        return asked + [variable["query"]
                        for variable in board["templating"]["list"]]
    return re.findall(r"^ *expr: (.*)", text, re.M)


def known(page, *files):
    families = set(re.findall(r"^# TYPE (\S+)", open(page).read(), re.M))
    wrong = []
    for file in files:
        asked = expressions(open(file).read())
        names = set(re.findall(r"\b(?:flowexport|process)_\w+", "\n".join(asked)))
        wrong += [f"{file}: no {name}" for name in sorted(names - families)]
        if len(names) < 5:
            wrong.append(f"{file}: asks for little: {sorted(names)}")
    return wrong


def main(what, *arguments):
    result = {"get": get, "crowd": crowd, "deaf": deaf, "agree": agree,
              "known": known}[what](*arguments)
    if what == "get":
        sys.stdout.write(result)
    elif result:
        sys.exit("\n".join(result))


main(*sys.argv[1:])
