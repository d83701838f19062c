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

# make_new_version: of the tree that is built, with a new line in its
# configuration.
make_new_version() {
    [ ! -e "$work/new" ] || return 0
    mkdir "$work/new"
    cp -a "$work/one/flowexport" "$work/new/"
    sed -i '1s/)/.1)/' "$work/new/flowexport/debian/changelog"
    echo '# One line more.' >>"$work/new/flowexport/etc/flowexport.conf"
    build_deb "$work/new/flowexport" -nc
}

# --- a system of its own ------------------------------------------------------

root=$work/root

# inside COMMAND...: in that system, with a /proc and /sys of its own.
inside() {
    unshare -m sh -c 'root=$1
        shift
        mount -t proc proc "$root/proc" && mount -t sysfs sysfs "$root/sys" &&
            exec chroot "$root" "$@"' sh "$root" env -i LC_ALL=C \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
        "$@"
}

apt() {
    inside apt-get -q -y --no-install-recommends "$@"
}

# make_root: from this machine's mirror and of its release, with what $deb and
# the tests need, which is not part of the question; unless it is there.
make_root() {
    [ ! -e "$root" ] || return 0
    mirror=$(apt-get indextargets --format '$(REPO_URI)' \
        'Created-By: Packages' | awk '/\/debian\/?$/ { print; exit }')
    release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    {
        debootstrap --variant=minbase "$release" "$root" "$mirror" &&
            apt update &&
            apt satisfy "$(dpkg-deb -f "$deb" Depends)" \
                'systemd-sysv, nfdump, iproute2, iputils-ping'
    } >"$tmp/root.log" 2>&1 && return
    rm -rf "$root"
    bail "$(tail -n 5 "$tmp/root.log")"
}

# install_deb FILE
install_deb() {
    cp "$1" "$root/tmp/"
    apt -o Dpkg::Options::=--force-confold install "/tmp/$(basename "$1")"
}
