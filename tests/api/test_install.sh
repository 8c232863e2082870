#!/bin/sh
# test_install.sh BUILD SOURCE: what `meson install` puts down is enough to build and run the example, by pkg-config.
set -eu
build=$1 source=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
command -v pkg-config >/dev/null || exit 77

DESTDIR=$dir/root meson install -C "$build" --no-rebuild --quiet
pc=$(find "$dir/root" -name proa.pc)
PKG_CONFIG_LIBDIR=$(dirname "$pc")
PKG_CONFIG_SYSROOT_DIR=$dir/root
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR

[ "$(pkg-config --modversion proa)" = "$(sed -n "s/^  version: '\(.*\)',/\1/p" "$source/meson.build")" ]
# shellcheck disable=SC2046 # these are words
cc -Wall -Wextra -Werror "$source/examples/run.c" $(pkg-config --cflags --libs proa) -o "$dir/run"

lib=$(dirname "$(find "$dir/root" -name 'libproa.so')")
objdump -T "$lib/libproa.so" | grep -q 'PROA_0 *proa_exec$'
if objdump -T "$lib/libproa.so" | grep ' g ' | grep -v PROA_0; then exit 1; fi
readelf -d "$lib/libproa.so" | grep -q 'SONAME.*libproa.so.0'

LD_LIBRARY_PATH=$lib "$dir/run" 2>&1 | grep -q 'usage: run BUNDLE ID'
[ "$(id -u)" -eq 0 ] && [ -x /bin/busybox ] || exit 0
mkdir -p "$dir/bundle/rootfs/bin" "$dir/bundle/rootfs/proc"
cp /bin/busybox "$dir/bundle/rootfs/bin/sh"
cat >"$dir/bundle/config.json" <<END
{"ociVersion": "1.3.0", "root": {"path": "rootfs"}, "process": {"args": ["/bin/sh", "-c", "exit 42"], "cwd": "/"},
 "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}]}}
END
status=0
LD_LIBRARY_PATH=$lib "$dir/run" "$dir/bundle" "install-$$" || status=$?
[ "$status" -eq 42 ]
