#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hardening.sh - what SECURITY.md says of how the package's programs are built:
# position-independent, relocations read-only and bound at start, stacks that
# are guarded and never run, checked calls of libc.

. "$(dirname "$0")/lib.sh"

need dpkg-buildpackage readelf gcc

have_deb
dpkg-deb -x "$deb" "$tmp/root" || bail "the package cannot be unpacked"

# program_headers FILE, dynamic FILE, imports FILE
program_headers() { readelf -W -l "$1"; }
dynamic() { readelf -W -d "$1"; }
imports() { readelf -W --dyn-syms "$1" | awk '$7 == "UND" { print $8 }'; }

is_pie() { dynamic "$1" | grep -q 'FLAGS_1.*PIE'; }
has_relro() { program_headers "$1" | grep -q GNU_RELRO; }
is_bound_now() { dynamic "$1" | grep -q 'BIND_NOW\|FLAGS_1.*NOW'; }
has_guards() { imports "$1" | grep -q '^__stack_chk_fail@'; }
has_checked_calls() {
    imports "$1" | grep -v '^__stack_chk' | grep -q '^__.*_chk@'
}
has_plain_stack() {
    program_headers "$1" | awk '$1 == "GNU_STACK" { print $7 }' | grep -qx RW
}
has_plain_code() {
    ! program_headers "$1" | awk '$1 == "LOAD"' | grep -q 'RWE' &&
        ! dynamic "$1" | grep -qE 'TEXTREL|RPATH|RUNPATH'
}
checks='is_pie has_relro is_bound_now has_guards has_checked_calls
    has_plain_stack has_plain_code'

n_programs=0
for program in "$tmp"/root/usr/*bin/*; do
    readelf -h "$program" >/dev/null 2>&1 || continue
    n_programs=$((n_programs + 1))
    for check in $checks; do
        ok "${program##*/} $check" "$check" "$program"
    done
done
ok "that was a program at least" [ "$n_programs" -gt 0 ]

# What few hosts need is loaded by its name when it is, not linked; the package
# depends on it nonetheless.
daemon=$tmp/root/usr/sbin/flowexport
is_linked() { dynamic "$daemon" | grep -qF "[$1]"; }
is_depended_on() {
    dpkg-deb -f "$deb" Depends | grep -qw "$(dpkg -S "*/$1" | sed 's/:.*//;q')"
}
loaded=$(grep -aoE 'lib[a-z]+\.so(\.[0-9]+)+' "$daemon" | sort -u |
    while read -r name; do is_linked "$name" || echo "$name"; done)
is "$(echo "$loaded" | sed 's/\.so.*//' | xargs)" "libmicrohttpd libzmq" \
    "the daemon loads what few need"
for name in $loaded; do
    ok "$name is depended on" is_depended_on "$name"
done

# A program that has nothing of it: each check sees that.
cat >"$tmp/soft.c" <<'END'
#include <stdio.h>
int main(int argc, char **argv)
{
    char text[64];
    sprintf(text, "%s", argv[argc - 1]);
    return puts(text);
}
END
gcc -O1 -fno-stack-protector -U_FORTIFY_SOURCE -no-pie -fno-pie -z norelro \
    -z lazy -z execstack -Wl,-rpath=/tmp -o "$tmp/soft" "$tmp/soft.c" \
    2>/dev/null || bail "no program without"
is_refused() { ! "$1" "$tmp/soft"; }
for check in $checks; do
    ok "$check finds one that is not so" is_refused "$check"
done
done_testing
