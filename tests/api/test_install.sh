#!/bin/sh
# test_install.sh BUILD SOURCE: `meson install` puts down these files and no others, they are enough to build and run the
# example by pkg-config, and uninstalling takes them away.
set -eu
build=$1 source=$2
dir=$(mktemp -d)
log=$build/meson-logs/install-log.txt
# The log is what `make uninstall` goes by: that of an installation of the user's stays.
[ ! -f "$log" ] || cp "$log" "$dir/log"
trap 'rm -f "$log"; [ ! -f "$dir/log" ] || cp "$dir/log" "$log"; rm -rf "$dir"' EXIT
for needed in make pkg-config jq; do command -v $needed >/dev/null || exit 77; done

# What `make install` would do, with a meson that only says what it is told.
meson_is_told() {
    mkdir -p "$dir/stub"
    # shellcheck disable=SC2016 # the stub's
    printf '#!/bin/sh\nprintf "%%s\\n" "$DESTDIR" "$@"\n' >"$dir/stub/meson"
    chmod 755 "$dir/stub/meson"
    env -u MAKEFLAGS make -C "$source" -n install BUILD=b "$@" | grep meson | sed 's|>/dev/null||' >"$dir/commands"
    PATH=$dir/stub:$PATH DESTDIR='' sh -eu "$dir/commands"
}
meson_is_told DESTDIR='/a b/c' PREFIX='/d  e' >"$dir/told"
printf '%s\n' '' setup --reconfigure b '-Dprefix=/d  e' '/a b/c' install -C b | diff -u - "$dir/told"

DESTDIR=$dir/root meson install -C "$build" --no-rebuild --quiet
version=$(sed -n "s/^  version: '\(.*\)',/\1/p" "$source/meson.build")
{
    printf '%s\n' bin/proa include/proa/proa.h lib/libproa.so lib/libproa.so.0 "lib/libproa.so.$version" lib/pkgconfig/proa.pc \
        share/bash-completion/completions/proa share/fish/vendor_completions.d/proa.fish share/zsh/site-functions/_proa
    if command -v scdoc >/dev/null; then
        (cd "$source/man" && ls -- *.scd) | sed 's|\(.*\.\(.\)\)\.scd|share/man/man\2/\1|'
    fi
} | LC_ALL=C sort >"$dir/expected"
prefix=$(meson introspect --buildoptions "$build" | jq -r '.[] | select(.name == "prefix").value')
libdir=$(meson introspect --buildoptions "$build" | jq -r '.[] | select(.name == "libdir").value')
(cd "$dir/root$prefix" && find . ! -type d) | sed "s|^\./||; s|^$libdir/|lib/|" | LC_ALL=C sort >"$dir/found"
diff -u "$dir/expected" "$dir/found"
pc=$(find "$dir/root" -name proa.pc)
PKG_CONFIG_LIBDIR=$(dirname "$pc")
PKG_CONFIG_SYSROOT_DIR=$dir/root
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR

[ "$(pkg-config --modversion proa)" = "$version" ]
# shellcheck disable=SC2046 # these are words
cc -Wall -Wextra -Werror "$source/examples/run.c" $(pkg-config --cflags --libs proa) -o "$dir/run"

lib=$(dirname "$(find "$dir/root" -name 'libproa.so')")
objdump -T "$lib/libproa.so" | grep -q 'PROA_0 *proa_exec$'
if objdump -T "$lib/libproa.so" | grep ' g ' | grep -v PROA_0; then exit 1; fi
readelf -d "$lib/libproa.so" | grep -q 'SONAME.*libproa.so.0'

LD_LIBRARY_PATH=$lib "$dir/run" 2>&1 | grep -q 'usage: run BUNDLE ID'
"$dir/root$prefix/bin/proa" --version | grep -q "^proa version $version"

run_example() {
    mkdir -p "$dir/bundle/rootfs/bin" "$dir/bundle/rootfs/proc"
    cp /bin/busybox "$dir/bundle/rootfs/bin/sh"
    cat >"$dir/bundle/config.json" <<END
{"ociVersion": "1.3.0", "root": {"path": "rootfs"}, "process": {"args": ["/bin/sh", "-c", "exit 42"], "cwd": "/"},
 "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}]}}
END
    status=0
    LD_LIBRARY_PATH=$lib "$dir/run" "$dir/bundle" "install-$$" || status=$?
    [ "$status" -eq 42 ]
}

if [ "$(id -u)" -eq 0 ] && [ -x /bin/busybox ]; then run_example; fi
ninja -C "$build" uninstall >/dev/null
[ -z "$(find "$dir/root" ! -type d 2>/dev/null)" ]

# Without a build there is nothing to remove, and that is said.
if env -u MAKEFLAGS make -s -C "$source" uninstall BUILD="$dir/none" 2>"$dir/errors"; then exit 1; fi
grep -q 'Nothing has been installed' "$dir/errors"
