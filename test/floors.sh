#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The order of the house: a file of src/ or bpf/ includes its own header, its
# family's (what stands before the first "_") and those of lower floors; each
# library stays behind its files.  No file of these, of test/ or bench/ has more
# than 350 lines, but for data and what is made; a script can be run.

# check TREE: what is wrong, as FILE:LINE: MESSAGE
check() {
    (cd "$1" && awk '
BEGIN {
    n = split("flow protocol | parse table select | sample | flow.bpf" \
        " | visible | record meter ledger collector clock stats log loop recent library ctl" \
        " | message memory means" \
        " | iftable config flowtable queue pace loss timetable | field" \
        " | expire points dedupe biflow decorate template transport | plan json tlv" \
        " | encode agent probe overflow ifwatch source | exporter group observe print" \
        " | live replay snapshot | options pipeline health" \
        " | metrics setup privilege service monitor | reload control | daemon | main", words, " ")
    for (i = 1; i <= n; i++)
        if (words[i] == "|") height++
        else floor[words[i]] = height + 1
    behind["<bpf/"] = "probe|overflow"
    behind["_packed.h"] = "probe_object"
    behind["<libmnl/"] = "ifwatch"
    behind["<pcap/"] = "source"
    behind["<netinet/sctp.h"] = "transport_sctp"
    behind["<fixbuf/"] = "encode_ipfix"
    behind["<zlib.h"] = "encode_ntopng"
    behind["<zmq.h"] = "transport_zmq"
    behind["<cap-ng.h"] = "privilege"
    behind["<systemd/"] = "service"
    behind["<microhttpd.h"] = "metrics"
    behind["<json-glib"] = "control|ctl"
    behind["<dlfcn.h"] = "library|memory"
    behind["curses"] = "ctl_top"
    behind["<libconfig"] = "config|template"
}
function module(path) {
    sub(/.*\//, "", path)
    sub(/\.[ch]$/, "", path)
    return path
}
function family(name) {
    sub(/_.*/, "", name)
    return name
}
function height_of(name) {
    return name in floor ? floor[name] : floor[family(name)]
}
function wrong(why) { print FILENAME ":" FNR ": " why }
FNR == 1 {
    own = module(FILENAME)
    if (!height_of(own)) wrong(own " is on no floor: see test/floors.sh")
}
!/^[ \t]*#[ \t]*include/ { next }
{
    for (library in behind)
        if (index($0, library) && FILENAME !~ /^bpf\// &&
            own !~ "^(" behind[library] ")(_|$)")
            wrong(library " is for " behind[library] " only")
}
/"/ && !/_packed\.h/ {
    split($0, part, "\"")
    other = module(part[2])
    if (other == own || family(other) == family(own)) next
    if (!height_of(other)) wrong(other " is on no floor")
    else if (height_of(other) >= height_of(own))
        wrong(own " may not include " other ": it is not on a lower floor")
}' src/*.[ch] bpf/*.[ch]
    find src bpf test bench -path test/data -prune -o -type f \
        ! -name '*_packed.h' ! -name '*.skel.h' \
        \( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' \) -exec awk '
FNR == 351 { print FILENAME ":351: more than 350 lines" }' {} +)
}

result() {
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}

# finds MESSAGE FILE LINE...: whether check() says MESSAGE of such a file
finds() {
    message=$1 file=$2
    shift 2
    printf '%s\n' "$@" >"$bad/$file"
    check "$bad" | grep -qFx "$file:$#: $message"
    result $? "finds: $message"
    rm "$bad/$file"
}

n=0
echo 1..16
found=$(check "${srcdir:-.}") && test -z "$found"
result $? "every file is in its place"
test -z "$found" || echo "$found" | sed 's/^/# /'

bad=$(mktemp -d) || exit 1
trap 'rm -rf "$bad"' EXIT
mkdir -p "$bad/src" "$bad/bpf" "$bad/test/data" "$bad/bench"
seq 351 >"$bad/test/data/long.py"
echo '#include <bpf/bpf_helpers.h>' >"$bad/bpf/flow.bpf.c"
printf '#include %s\n' '"plan.h"' '"field.h"' '<glib.h>' >"$bad/src/plan_x.c"
printf '#include %s\n' '"flow_packed.h"' '<bpf/bpf.h>' >"$bad/src/probe_object.c"
test -z "$(check "$bad")"
result $? "leaves a good tree alone"
finds "clock may not include plan: it is not on a lower floor" \
    src/clock.c '#include "clock.h"' '#include "plan.h"'
finds "plan may not include main: it is not on a lower floor" \
    src/plan.h '#include "main.h"'
finds "expire may not include template: it is not on a lower floor" \
    src/expire.c '  #  include "template.h"'
finds "flow may not include record: it is not on a lower floor" \
    bpf/flow.h '#include "../src/record.h"'
finds "<bpf/ is for probe|overflow only" src/pipeline.c '#include <bpf/libbpf.h>'
finds "<fixbuf/ is for encode_ipfix only" src/encode.c \
    '#include <fixbuf/public.h>'
finds "<libconfig is for config|template only" src/main.c \
    '#include <libconfig.h>'
finds "gadget is on no floor: see test/floors.sh" src/gadget.c "int gadget;"
finds "gadget is on no floor" src/main.c '#include "gadget.h"'
finds "more than 350 lines" src/main.c $(seq 351)
finds "more than 350 lines" test/long.sh $(seq 351)
finds "more than 350 lines" bench/long.py $(seq 351)
cd "${srcdir:-.}" && mute=$(grep -rlsE '^#!' test bench debian bootstrap.sh .ci \
    --include='*.sh' --include='*.py' --include=run --include=rules |
    while read -r script; do
        [ -x "$script" ] || echo "$script"
    done) && test -z "$mute"
result $? "every script can be run"
test -z "$mute" || echo "$mute" | sed 's/^/# /'
forgotten=$(find test bench -name '*.sh' | while read -r script; do
    grep -qF "$script" Makefile.am || echo "$script"
done)
test -z "$forgotten"
result $? "Makefile.am knows every script"
test -z "$forgotten" || echo "$forgotten" | sed 's/^/# /'
