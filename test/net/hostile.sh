#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hostile.sh - neighbours who mean harm: what they can reach is not what they
# want, and flows are counted on.
#
#	A a0 ---- r0 R
#
# flowexport observes R, as user nobody.  HOSTILE_SECONDS says for how long it is
# attacked at the least.

. "$(dirname "$0")/lib.sh"

need bpftool gcc ping python3 setpriv tc

seconds=${HOSTILE_SECONDS:-5}
FLOWEXPORTCTL=${FLOWEXPORTCTL:-$(dirname "$FLOWEXPORT")/flowexportctl}
port=9995
user=nobody
group=$(id -gn $user)
key='rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7'

chmod 755 "$tmp"
mkdir "$tmp/out" "$tmp/roots"
chown $user "$tmp/out"
chmod 700 "$tmp/roots"
socket=$tmp/run/control
add_hosts a r
join 1 r r0 a a0

# configure EXTRA: collectors beside those of always
configure() {
    cat >"$tmp/flowexport.conf" <<END
interfaces = { include = [ "r*" ]; attach = "tc"; };
flows = { max = 16384; idle_timeout = 1; scan_interval = "100ms"; };
user = "$user";
control = { socket = "$socket"; };
metrics = { listen = "127.0.0.1:$port"; };
collectors = (
  { name = "file"; host = "$tmp/out/flows"; transport = "file"; },
  { name = "secret"; host = "127.0.0.1"; port = 5556; protocol = "ntopng";
    transport = "zmq"; template = "ntopng"; zmq_server_key = "$key"; }$1 );
END
}

ctl() {
    "$FLOWEXPORTCTL" -s "$socket" "$@"
}

page() {
    on r python3 "$here/metrics.py" get "http://127.0.0.1:$port/metrics"
}

# everything: all that can be asked for
everything() {
    for everything in status stats interfaces collectors flows; do
        ctl $everything && ctl -j $everything || return
    done
    page
}

# --- what it may do --------------------------------------------------------------

# rights: of each of its threads, where they are not what they are to be
rights() {
    uid=$(id -u "$user") gid=$(id -g "$user")
    grep -H -E '^(Uid|Gid|Groups|Cap...|NoNewPrivs):' \
        "/proc/$(pid flowexport)/task"/*/status | tr '\t' ' ' |
        sed 's|.*/task/||; s| *$||' | grep -v -x -E \
        -e "[0-9]+/status:Uid: $uid $uid $uid $uid" \
        -e "[0-9]+/status:Gid: $gid $gid $gid $gid" \
        -e "[0-9]+/status:Groups:( $gid)?" \
        -e '[0-9]+/status:Cap(Prm|Eff): 000000c000001000' \
        -e '[0-9]+/status:Cap(Inh|Bnd|Amb): 0000000000000000' \
        -e '[0-9]+/status:NoNewPrivs: 1'
}

has_no_rights() {
    ls "/proc/$(pid flowexport)/task"
    ! rights
}

n_threads() {
    set -- "/proc/$(pid flowexport)/task"/*
    echo $#
}

has_more_threads() {
    [ "$(n_threads)" -gt "$1" ]
}

refuses_reload() {
    ! ctl reload >"$tmp/reload" 2>&1 && cat "$tmp/reload" &&
        grep -q "$1" "$tmp/reload"
}

echo untouched >"$tmp/roots/file"
ln -s "$tmp/roots/file" "$tmp/out/link"
configure ""
start_flowexport r -vv -p -c "$tmp/flowexport.conf"
ok "each thread is $user's, with three capabilities, and gets no others" \
    has_no_rights
is "$(stat -c '%U:%G %a' "$socket" "$tmp/out/flows" | tr '\n' ' ')" \
    "$user:$group 660 $user:$group 640 " "socket and file are not for all"
is "$(stat -c '%U %a' "$tmp/run")" "$user 755" "the socket's directory"
n=$(n_threads)
configure ", { name = \"more\"; host = \"127.0.0.1\"; port = 5557;
    protocol = \"ntopng\"; transport = \"zmq\"; template = \"ntopng\"; }"
ok "reloads" ctl reload
ok "with more threads" wait_for 10 has_more_threads "$n"
ok "which have no other rights" has_no_rights
for path in roots/file roots/new out/link; do
    configure ", { host = \"$tmp/$path\"; transport = \"file\"; }"
    ok "may not write to $path" refuses_reload 'Permission denied'
done
is "$(cat "$tmp/roots/file") $(ls "$tmp/roots")" "untouched file" \
    "nor has it"
configure ""
chmod 600 "$tmp/flowexport.conf"
ok "what only root may read it does not read again" \
    refuses_reload 'Permission denied'
chmod 644 "$tmp/flowexport.conf"

# --- what it is called -----------------------------------------------------------

# An interface's name may hold what a terminal obeys; this one cannot be attached
# to, which is told as well.
odd=$(printf 'r\033[2J\037\302\233m\177')
shown='r\x1b[2J\x1f\xc2\x9bm\x7f'
ip link add x1 netns "fx$$-r" type veth peer name x2 netns "fx$$-r"
on r tc qdisc add dev x1 ingress
ip -n "fx$$-r" link set x1 alias "$(printf 'an\nalias\033[2J')"
ip -n "fx$$-r" link set x1 name "$odd"

has_shown() {
    grep -qF "$shown" "$tmp/flowexport.log"
}

# is_plain FILE: nothing in it is for a terminal
is_plain() {
    LC_ALL=C.UTF-8 python3 - "$1" <<'END'
import sys
text = open(sys.argv[1], "rb").read().decode()
odd = sorted({c for c in text if not c.isprintable() and c != "\n"})
sys.exit(f"{odd}" if odd or not text else 0)
END
}

# names FILE: each way in which it is in there
names() {
    python3 - "$1" "$odd" <<'END'
import json, os, sys
text = open(sys.argv[1]).read()
odd = os.fsencode(sys.argv[2]).decode()
shown = "".join(c if c.isprintable() else
                "".join("\\x%02x" % octet for octet in c.encode())
                for c in odd)
rows = [json.loads(line) for line in text.splitlines() if line[:1] == "{"]
n = [row["name"] for answer in rows for row in answer.get("interfaces", [])
     if isinstance(row, dict)]
found = ["what" for answer in rows for row in answer.get("findings", [])
         if odd in row["what"]]
print(odd in n, bool(found), f"not observed: interface {shown}: " in text,
      'interface="%s"' % shown.replace("\\", "\\\\") in text)
END
}

ok "an interface with an odd name is shown so" wait_for 10 has_shown
everything >"$tmp/everything" || bail "nothing is said"
ok "nothing that is told is for a terminal" is_plain "$tmp/everything"
is "$(names "$tmp/everything")" "True True True True" \
    "its name is in JSON, in findings, shown and told to Prometheus"

# --- what it does when it is attacked --------------------------------------------

# attack TARGET MANNER...
attack() {
    attack_target=$1
    shift
    for attack_manner; do
        n_attackers=$((n_attackers + 1))
        start "attacker$n_attackers" r nice -n 5 python3 "$here/hostile.py" \
            "$attack_target" "$attack_manner" "$tmp/over"
    done
}

# printed TOS: packets in the flows that were printed.
printed() {
    awk -v tos="$1" '$(NF - 3) == tos { n += $(NF - 2) }
        END { print n + 0 }' "$tmp/flowexport.out"
}

has_printed() {
    [ "$(printed "$1")" -ge "$2" ]
}

# memory WORD, in KiB; n_files
memory() {
    awk -v word="$1:" '$1 == word { print $2 }' "/proc/$(pid flowexport)/status"
}

n_files() {
    set -- "/proc/$(pid flowexport)/fd"/*
    echo $#
}

has_more_files() {
    [ "$(n_files)" -gt "$1" ]
}

has_let_go() {
    [ "$(n_files)" -le "$1" ]
}

are_ready() {
    for are_ready in $(seq "$n_attackers"); do
        grep -q '^ready' "$tmp/attacker$are_ready.out" || return
    done
}

# No more of it.
over() {
    touch "$tmp/over"
    while [ "$n_attackers" -gt 0 ]; do
        wait "$(pid "attacker$n_attackers")"
        sed 's/^/# /' "$tmp/attacker$n_attackers.log"
        sed -n 's/^.*:/# &/p' "$tmp/attacker$n_attackers.out"
        n_attackers=$((n_attackers - 1))
    done
    rm "$tmp/over"
}

# answers COMMAND...: what it says is not for the diagnostics.
answers() {
    "$@" >"$tmp/answer" && [ -s "$tmp/answer" ]
}

configure ""
ctl reload && answers page || bail "no answer"
n_attackers=0 before=$(memory VmRSS) files=$(n_files)
attack "$socket" eager eager
attack "127.0.0.1:$port" eager
ok "some always have a question" wait_for 60 are_ready
on a ping -q -f -c 1000 -Q 16 10.77.1.1 >/dev/null || bail "no way from A to R"
ok "flows end all the same" wait_for 15 has_printed 0x10 2000
over

end=$(($(date +%s) + seconds))
attack "$socket" silent half deaf huge storm slam
attack "127.0.0.1:$port" half deaf huge storm slam
ok "all kinds of attackers" wait_for 60 are_ready
on a ping -q -f -c 1000 -Q 4 10.77.1.1 >/dev/null
ok "flows end while it is attacked" wait_for 60 has_printed 0x04 2000
while [ "$(date +%s)" -lt "$end" ]; do
    on a ping -q -f -c 500 -Q 8 10.77.1.1 >/dev/null
    sleep 0.2
done
on a ping -q -f -c 1000 -Q 12 10.77.1.1 >/dev/null
over
ok "no file is left open" wait_for 30 has_let_go "$files"
ok "flowexportctl is answered" answers ctl status
ok "so is Prometheus" answers page

# More than there are places, an octet a while: each loses his in the end.
attack "127.0.0.1:$port" drip
wait_for 60 has_more_files "$((files + 31))"
ok "so it is while all places are taken" answers page
over

# Thousands at the door, who never said anything.
attack "127.0.0.1:$port" silent
wait_for 60 has_more_files "$((files + 31))"
ok "flowexportctl is answered meanwhile" answers ctl status
over
ok "and they have nothing open" wait_for 60 has_let_go "$files"
echo "# memory: $before KiB, $(memory VmHWM) at most"
ok "memory: 16 MiB more at most" [ "$(memory VmHWM)" -le $((before + 16384)) ]

# --- what it tells -----------------------------------------------------------------

everything >"$tmp/everything" || bail "nothing is said"
ok "stops" stop flowexport
is "$(printed 0x04) $(printed 0x0c) $(printed 0x10)" "2000 2000 2000" "each packet is counted"
ok "the log is not for a terminal" is_plain "$tmp/flowexport.log"
echo "# $(grep -o 'loop_hold=[0-9]*' "$tmp/flowexport.log") us"
is "$(grep -lF -e "$key" "$tmp/everything" "$tmp/flowexport.log")" "" \
    "it never told the collector's key"
"$FLOWEXPORT" -T -c "$tmp/flowexport.conf" >"$tmp/dump"
is "$(grep -cF "zmq_server_key = \"$key\"" "$tmp/dump")" 1 \
    "but where the configuration is asked for: it is a public one"

# --- what root gives away ----------------------------------------------------------

# Who may write in the socket's directory is quicker than we are: as soon as the
# socket is there, it is a link to a file of root's.
cat >"$tmp/swap.c" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int bind(int fd, const struct sockaddr *address, socklen_t len)
{
    int (*real)(int, const struct sockaddr *, socklen_t) =
        dlsym(RTLD_NEXT, "bind");
    const char *path = ((const struct sockaddr_un *)address)->sun_path;
    int result = real(fd, address, len);

    if (address->sa_family == AF_UNIX &&
        (unlink(path) != 0 || symlink(getenv("VICTIM"), path) != 0))
        abort();
    return result;
}
END
gcc -shared -fPIC -o "$tmp/swap.so" "$tmp/swap.c" -ldl || bail "no swap.so"
VICTIM=$tmp/roots/file LD_PRELOAD=$tmp/swap.so
ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0
export VICTIM LD_PRELOAD ASAN_OPTIONS
"$FLOWEXPORT" -q -d 0.1 -i lo -c "$tmp/flowexport.conf" >"$tmp/ok" 2>&1
unset VICTIM LD_PRELOAD
is "$(readlink "$socket") $(stat -c '%U %a' "$tmp/roots/file")" \
    "$tmp/roots/file root 644" "a link in the socket's place: nothing is given"
done_testing
