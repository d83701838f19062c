#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# bootstrap.sh - from the source tree to a flowexport that is built and tested.
#
#	./bootstrap.sh build	installs what building takes, makes build/flowexport
#	./bootstrap.sh demo	builds, then shows it at work, in a minute (root)
#	./bootstrap.sh check	builds, then runs every test there is (root)
#
# The packages are those of debian/control and debian/tests/control; only what
# is missing is installed.  Run it as often as you like.

set -eu
cd "$(dirname "$0")"
PATH=$PATH:/usr/sbin:/sbin

began=$(date +%s)

# say WORDS: and how many seconds after we began
say() {
    printf '==> %s  [%d s]\n' "$*" $(($(date +%s) - began))
}

fail() {
    echo "bootstrap.sh: $*" >&2
    exit 1
}

# packages FILE FIELD: the names in a list of dependencies.
packages() {
    awk -v field="$2:" '
        /^#/ { next }
        /^[^ \t]/ { inside = index($0, field) == 1; sub(/^[^:]*:/, "") }
        inside' "$1" | tr ',' '\n' |
        awk '$1 !~ /^(@.*|debhelper-compat)?$/ { print $1 }'
}

is_installed() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null |
        grep -qx installed
}

# install_packages PACKAGE...: those that are missing.
install_packages() {
    missing=
    for package; do
        is_installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    [ "$(id -u)" -eq 0 ] ||
        fail "not root, and these packages are missing:$missing"
    say "installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q update
    # shellcheck disable=SC2086 # a list of words
    apt-get -q -y install --no-install-recommends $missing
}

install_for_building() {
    # Debian takes build-essential for granted and does not list it.
    # shellcheck disable=SC2046 # a list of words
    install_packages build-essential $(packages debian/control Build-Depends)
    echo 'int x;' | clang -target bpf -x c -c -o /dev/null - 2>/dev/null ||
        fail "clang cannot compile for bpf: $(clang --version | head -n 1)"
}

install_for_running() {
    [ "$(id -u)" -eq 0 ] ||
        fail "root is needed: programs are loaded into the kernel"
    # shellcheck disable=SC2046 # a list of words
    install_packages $(packages debian/tests/control Depends)
}

# configure DIRECTORY ARGUMENT...
configure() {
    build=$1
    shift
    if [ ! -e configure ] ||
        [ -n "$(find configure.ac Makefile.am -newer configure)" ]; then
        say "autoreconf"
        autoreconf -fi
    fi
    [ ! -e "$build/Makefile" ] || return 0
    say "configure in $build/"
    mkdir -p "$build"
    (cd "$build" && ../configure -q "$@")
}

# make_in DIRECTORY TARGET...
make_in() {
    say "make -C $*"
    make -j "$(nproc)" -s --no-print-directory -C "$@"
}

build() {
    install_for_building
    configure build
    make_in build all
    say "built: build/flowexport"
}

# What the kernel lacks, the daemon itself knows best.
probe_kernel() {
    why=$(unshare -n build/flowexport -c /dev/null -q -p -i lo -d 0.1 2>&1 >/dev/null) ||
        fail "flowexport does not run on this kernel: $why"
}

# test_in DIRECTORY TARGET...: what fails is shown, and the next step goes on.
test_in() {
    make_in "$@" VERBOSE=1 || failed="$failed '$*'"
}

check() {
    failed=
    find . -path './build*' -name '*.trs' -exec rm {} +
    configure build-devel --enable-devel
    make_in build-devel all
    test_in build-devel check
    test_in build check-bpf
    test_in build check-net
    test_in build -j 1 check-package
    test_in build check-vm
    configure build-clang CC=clang CFLAGS='-O2 -g -Werror'
    test_in build-clang check benches TESTS=
    test_in build fuzz
    test_in build analyze
    test_in build distcheck

    sh test/summary.sh build-devel/test build-devel/test/unit \
        build-devel/test/pcap build/test/bpf build/test/net build/bench \
        build/test/wire build/test/package build/test/vm ||
        failed="$failed summary"
    [ -z "$failed" ] || fail "failed:$failed"
    say "all is well"
}

case ${1-} in
build)
    build
    ;;
demo)
    build
    install_for_running
    probe_kernel
    make_in build demo
    ;;
check)
    build
    install_for_running
    probe_kernel
    check
    ;;
*)
    echo "usage: $0 build|demo|check" >&2
    exit 2
    ;;
esac
