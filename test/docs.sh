#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the program knows stands in its documents, and nothing else: keys with
# their defaults, options, counters, elements.

top=${srcdir:-.}
flowexport=${FLOWEXPORT:-./flowexport}
flowexportctl=${FLOWEXPORTCTL:-./flowexportctl}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0

# same TITLE: whether $tmp/known and $tmp/told are the same lines, and some
same() {
    n=$((n + 1))
    sort "$tmp/known" >"$tmp/known.sorted"
    sort "$tmp/told" >"$tmp/told.sorted"
    if test -s "$tmp/known" &&
        diff "$tmp/known.sorted" "$tmp/told.sorted" >"$tmp/diff"; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        sed -n 's/^</# undocumented:/p; s/^>/# unknown:/p' "$tmp/diff"
    fi
}

# A configuration file as lines GROUP.KEY = VALUE; host and name have no default
# that a dump could show.
flatten() {
    awk '/^[a-z]+ = [{(]/ { group = $1 }
         /^[a-z]+ = [^{(].*;/ { sub(/;[^;]*$/, ""); print }
         /^ +[a-z_]+ = .*;/ {
             sub(/^ +/, "")
             sub(/;[^;]*$/, "")
             print group "." $0
         }' |
        sed 's/^\(collectors.host\) = .*/\1/
             s/^\(collectors.name\) = .*/\1 = ""/'
}

# element names, options and counters, from where they are made
elements() {
    sed -n 's/^[[:space:]]*[A-Z_]*[({] *"\([A-Za-z0-9]*\)",.*/\1/p' \
        "$top/src/field.c"
}
options() {
    "$flowexport" --help |
        sed -n 's/^  -\(.\), --\([a-z-]*\).*/\1 \2/p'
}
counters_of() {
    sed -n 's/.*X(\([a-z_]*\), "\(.*\)").*/\1: \2/p' "$@"
}
counters() {
    counters_of "$top/bpf/flow.h" "$top/src/stats.h"
}
collector_counters() {
    counters_of "$top/src/transport.h"
}

# told_counters SUBSECTION: as NAME: WHAT
told_counters() {
    awk -v section="$1" '
        /^\.S[hs]/ { here = $0 == ".Ss " section }
        here && /^\.It Va/ { name = $3; getline; print name ": " $0 }' \
        "$top/man/flowexport.8"
}

echo 1..12

"$flowexport" -c /dev/null -n ipfix+udp://192.0.2.1 -T >"$tmp/dump"
flatten <"$tmp/dump" >"$tmp/known"
sed -n '/^\.It Va/{s/^\.It Va //;s/\\(dq/"/g;s/\\&//g;p;}' \
    "$top/man/flowexport.conf.5" >"$tmp/told"
same "flowexport.conf(5) has all keys and their defaults"

sed 's/^\( *\)# \([a-z_]* = .*;\)$/\1\2/
     /^ *port = 2055;$/d' "$top/etc/flowexport.conf" >"$tmp/all.conf"
flatten <"$tmp/all.conf" >"$tmp/told"
same "etc/flowexport.conf has all keys and their defaults"

"$flowexport" -c "$tmp/all.conf" -n ipfix+udp://192.0.2.1 -T >"$tmp/told"
cp "$tmp/dump" "$tmp/known"
same "etc/flowexport.conf loads with all its keys"

printf '127.0.0.1:2055 ipfix udp\n' >"$tmp/known"
"$flowexport" -c "$top/etc/flowexport.conf" -T | tr -d '";' |
    awk '$1 ~ /^(name|protocol|transport)$/ { line = line sep $3; sep = " " }
         END { print line }' >"$tmp/told"
same "etc/flowexport.conf reports to this host"

sed -n 's/^\t{ "\([a-z_.]*\)", KEY_.*/\1/p; s/.*\.restart = .*/restart/p' \
    "$top/src/config_keys.c" |
    awk '$1 == "restart" { print key } { key = $1 }' >"$tmp/known"
awk '/^\.It Va/ { key = $3 } /takes a restart\.$/ { print key }' \
    "$top/man/flowexport.conf.5" >"$tmp/told"
same "flowexport.conf(5) says which keys take a restart"

options >"$tmp/known"
sed -n 's/^\.It Fl \(.\) , Fl -\([a-z-]*\).*/\1 \2/p' \
    "$top/man/flowexport.8" >"$tmp/told"
same "flowexport(8) has all options"

counters >"$tmp/known"
told_counters "Of the kernel programs and the flow table" >"$tmp/told"
same "flowexport(8) has all counters as they explain themselves"

collector_counters >"$tmp/known"
told_counters "Of each collector" >"$tmp/told"
same "flowexport(8) has all counters of a collector, explained alike"

elements >"$tmp/known"
elements | while read -r name; do
    grep -qw "$name" "$top/man/flowexport-templates.5" && echo "$name"
done >"$tmp/told"
same "flowexport-templates(5) has all elements"

"$flowexportctl" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' >"$tmp/known"
awk '/^\.S[hs]/ { here = $2 == "COMMANDS" }
     here && /^\.It Cm/ { print $3 }' "$top/man/flowexportctl.8" >"$tmp/told"
same "flowexportctl(8) has all commands"

"$flowexportctl" --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z]+' |
    tr -d ' ' >"$tmp/known"
sed -n 's/^\.It Fl \(.\) , Fl -\([a-z]*\).*/-\1,--\2/p
        s/^\.It Fl -\([a-z]*\).*/--\1/p' "$top/man/flowexportctl.8" >"$tmp/told"
same "flowexportctl(8) has all options"

# What bash offers behind "flowexportctl ", and behind "flowexportctl -".
PATH=$(dirname "$flowexportctl"):$PATH bash -c '
    . "$1"
    COMP_WORDS=(flowexportctl "") COMP_CWORD=1
    _flowexportctl
    printf "%s\n" "${COMPREPLY[@]}"
    COMP_WORDS=(flowexportctl -)
    _flowexportctl
    printf "%s\n" "${COMPREPLY[@]}"' bash \
    "$top/etc/flowexportctl.bash-completion" >"$tmp/told"
"$flowexportctl" --help |
    sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' >"$tmp/known"
"$flowexportctl" --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z]+' |
    tr -d ' ' | tr ',' '\n' >>"$tmp/known"
same "bash completes all of them"
