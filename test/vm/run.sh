#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh - runs a command on another kernel.
#
#	[KERNEL_PACKAGE=NAME|FILE.deb] run.sh COMMAND [ARGUMENT...]
#
# Boots the kernel of a Debian package in an emulated machine (QEMU, without
# KVM: slow), and runs COMMAND there as root, with this environment, in this
# directory.  Prints what it prints and exits as it does; 125: the machine
# failed, and its console is shown.
#
# With $VM_SYSTEM, a directory that holds a whole system, it sees that one only,
# and COMMAND, a path there, is a service that its systemd starts, in /.
#
# The machine sees all of this one's files, so there is no image to make and
# what is built here runs there.  What it writes is gone with it, but for what
# it writes to the directory $VM_SHARE.
#
# The package is downloaded once, to $VM_CACHE; its kernel is not installed.
# Its modules are those below; a test that wants another adds it.

set -u
here=$(cd "$(dirname "$0")" && pwd)
package=${KERNEL_PACKAGE:-linux-image-amd64}
cache=${VM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/flowexport}
PATH=$PATH:/usr/sbin:/sbin

# What init needs, then what tests do.
modules="virtio_pci 9pnet_virtio 9p overlay virtio_console virtio_rng
    veth tun bridge bonding 8021q sch_ingress cls_bpf act_mirred act_bpf
    sch_netem nf_tables sctp"
# Where those are in the package, and what they depend on.
folders="net lib crypto arch/x86/crypto drivers/virtio drivers/char
    drivers/net/veth.ko* drivers/net/tun.ko* drivers/net/bonding
    fs/9p fs/netfs fs/fscache fs/overlayfs"

fail() {
    echo "run.sh: $*" >&2
    exit 125
}

# download PACKAGE: to this directory.
download() {
    case $1 in
    *.deb) cp "$1" . ;;
    *) apt-get -q -o APT::Sandbox::User=root download "$1" ;;
    esac
}

# unpack DEB: its kernel and its modules, to this directory.
unpack() {
    set -f # tar's patterns, not the shell's
    # shellcheck disable=SC2046,SC2086 # lists of words
    dpkg-deb --fsys-tarfile "$1" | tar -x --wildcards \
        './boot/vmlinuz-*' './lib/modules/*/modules.*' \
        $(printf './lib/modules/*/kernel/%s ' $folders) 2>tar.log
    set +f
    # Not every kernel has every folder.
    [ -e "$(echo boot/vmlinuz-*)" ] || fail "$1: $(cat tar.log)"
    depmod -b . "$(ls lib/modules)" 2>/dev/null
}

# fetch: makes $kernel, unless it is there.
fetch() {
    [ ! -d "$kernel" ] || return 0
    new=$(mktemp -d "$cache/new.XXXXXX") || fail "cannot write to $cache"
    (
        cd "$new" || exit
        download "$package" >log 2>&1 ||
            { apt-get -q update && download "$package"; } >log 2>&1 ||
            fail "no $package: $(tail -n 3 log)"
        unpack ./*.deb
        rm ./*.deb
    ) && mv "$new" "$kernel" && return
    rm -rf "$new"
    exit 125
}

# make_initrd FILE: init, and the modules in the order that they go in.
make_initrd() {
    root=$vm/root
    mkdir -p "$root/bin" "$root/modules"
    for folder in dev host proc root sys written; do
        mkdir "$root/$folder"
    done
    cp /bin/busybox "$root/bin/" || fail "busybox-static is not installed"
    cp "$here/init" "$root/init"
    chmod 755 "$root/init"
    for module in $modules; do
        modprobe -d "$kernel" -S "$release" --show-depends "$module" ||
            fail "$package has no module $module"
    done >"$vm/modules"
    awk '$1 == "insmod" && !seen[$2]++ { print $2 }' "$vm/modules" |
        while read -r path; do
            cp "$path" "$root/modules/"
            basename "$path" >>"$root/modules/order"
        done
    (cd "$root" && find . | cpio -o -H newc --quiet) >"$1"
}

# quote WORD: as a shell reads it.
quote() {
    printf "'%s' " "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

# write_command COMMAND...: the script that init runs.
write_command() {
    export -p
    printf 'cd '
    [ -n "${VM_SYSTEM-}" ] && quote / || quote "$PWD"
    printf '&& exec '
    for word; do
        quote "$word"
    done
    echo
}

# device_9p NAME PATH [OPTION]
device_9p() {
    echo "-fsdev local,id=$1,path=$2,security_model=none,multidevs=remap$3" \
        "-device virtio-9p-pci,fsdev=$1,mount_tag=$1"
}

# boot: until the machine is switched off.
boot() {
    mkfifo "$vm/output"
    cat "$vm/output" &
    # shellcheck disable=SC2046 # lists of words
    timeout "${VM_TIMEOUT:-1200}" qemu-system-x86_64 -M pc -cpu max \
        -accel tcg,thread=multi -smp "${VM_CPUS:-2}" -m "${VM_MEMORY:-1024}" \
        -nodefaults -no-reboot -display none -serial "file:$vm/console" \
        -chardev "file,id=output,path=$vm/output" -device virtio-serial-pci \
        -device virtserialport,chardev=output \
        -chardev "file,id=status,path=$vm/status" \
        -device virtserialport,chardev=status -device virtio-rng-pci \
        $(device_9p host / ,readonly=on) $(device_9p share "$VM_SHARE" "") \
        -kernel "$kernel/boot/vmlinuz-$release" -initrd "$vm/initrd" \
        -append "console=ttyS0 panic=-1 quiet no_timer_check share=$VM_SHARE \
        system=${VM_SYSTEM-}" \
        </dev/null >"$vm/qemu.log" 2>&1 &
    qemu=$!
    wait
}

clean_up() {
    [ -z "${qemu-}" ] || kill "$qemu" 2>/dev/null
    rm -rf "$vm"
}

[ $# -gt 0 ] || fail "usage: run.sh COMMAND [ARGUMENT...]"
for program in apt-get cpio depmod flock qemu-system-x86_64; do
    command -v $program >/dev/null || fail "$program is not installed"
done
vm=$(mktemp -d "${TMPDIR:-/tmp}/flowexport-vm.XXXXXX") || exit 125
trap clean_up EXIT
trap 'exit 125' HUP INT TERM

# A package that stands for the newest kernel: that one.
depends=$(apt-cache depends "$package" 2>/dev/null |
    sed -n 's/.*Depends: \(linux-image-[^ ]*\)$/\1/p')
package=${depends:-$package}
kernel=$cache/$(basename "$package" .deb)-$(echo "$folders" | cksum | cut -c -8)
mkdir -p "$cache" || fail "cannot write to $cache"
(flock 9 && fetch) 9>"$cache/lock" || exit 125
release=$(ls "$kernel/lib/modules")

VM_SHARE=$vm/share
export VM_SHARE
mkdir "$VM_SHARE"
write_command "$@" >"$VM_SHARE/command"
make_initrd "$vm/initrd"
boot
[ -s "$vm/status" ] ||
    fail "the machine failed: $(tail -n 20 "$vm/console" "$vm/qemu.log")"
exit "$(cat "$vm/status")"
