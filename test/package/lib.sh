# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh - the package, built from the tree as it stands.
#
# Sourced by the tests in this folder, which leave what they build in $work, in
# the build tree, for one another.
# shellcheck shell=sh disable=SC2034

. "$(dirname "$0")/../net/lib.sh"

top=$(cd "$here/../.." && pwd)
work=$(cd "${builddir:-.}" && pwd)/test/package/work

# copy_source DIRECTORY: the files that a clone would have, nothing that was
# built.
copy_source() {
    mkdir -p "$1"
    if [ -e "$top/.git" ]; then
        git -C "$top" ls-files -z
    else
        (cd "$top" && find . -path './build*' -prune -o -type f -print0)
    fi | tar -C "$top" --null -T - -c | tar -C "$1" -x
}

# build_deb SOURCE [OPTION...]: beside SOURCE.
build_deb() (
    cd "$1" || exit
    shift
    DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" \
        dpkg-buildpackage -b -us -uc "$@" >../build.log 2>&1 ||
        { tail -n 30 ../build.log; exit 1; }
)

# deb_in DIRECTORY: the package's name.
deb_in() {
    echo "$1"/flowexport_*.deb
}

# have_deb: in $deb the package that build.sh left, or else one made now.
have_deb() {
    if [ ! -e "$(deb_in "$work/one")" ]; then
        rm -rf "$work"
        copy_source "$work/one/flowexport"
        ok "builds" build_deb "$work/one/flowexport"
    fi
    deb=$(deb_in "$work/one")
    [ -e "$deb" ] || bail "there is no package"
}
