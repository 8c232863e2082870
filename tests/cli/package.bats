# shellcheck disable=SC2046 # names of packages are words
# The Debian packages: what `make deb` makes, installed into a small Debian of its own. PROA_DEBS names a folder of packages
# that are there already.
load ../lib/helpers

setup_file() {
    WHY_NOT=
    REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    DEBS=${PROA_DEBS:-$BATS_FILE_TMPDIR/debs}
    ROOT=$BATS_FILE_TMPDIR/root
    TARBALL=${PROA_CACHE:-/var/cache/proa}/debian-minbase-$(dpkg --print-architecture 2>/dev/null).tar
    export WHY_NOT DEBS ROOT TARBALL
    if [ "$(id -u)" -ne 0 ]; then
        WHY_NOT='needs root'
    elif ! type dh dpkg-buildpackage scdoc >/dev/null 2>&1; then
        WHY_NOT='debhelper, dpkg-dev or scdoc is missing (tools/install-deps deb)'
    elif [ -z "${PROA_DEBS:-}" ]; then
        install -D /dev/null "$DEBS/of the user"
        DEB_BUILD_OPTIONS=noautodbgsym "$REPO/tools/deb" "$DEBS" >"$BATS_FILE_TMPDIR/log" 2>&1 || { cat "$BATS_FILE_TMPDIR/log"; return 1; }
    fi
}

prepare() {
    only_proa 'the packages are of proa'
    [ -z "$WHY_NOT" ] || skip "$WHY_NOT"
    VERSION=$(sed -n "s/^  version: '\(.*\)',/\1/p" "$REPO/meson.build")
}

fields() {
    dpkg-deb -f "$DEBS/$1"_*.deb "${@:2}"
}

# deb NAME…: the paths of these packages in the Debian.
deb() {
    local name
    for name; do (cd "$DEBS" && printf '/debs/%s\n' "$name"_*.deb); done
}

# The Debian is made once: each test leaves it as it was.
need_debian() {
    [ -s "$TARBALL" ] || skip "no $TARBALL: tools/make-debian-rootfs makes it"
    [ ! -e "$ROOT" ] || return 0
    mkdir "$ROOT"
    tar -C "$ROOT" --numeric-owner --exclude=./usr/share/locale --exclude=./usr/share/zoneinfo -xf "$TARBALL"
    rm -f "$ROOT"/etc/dpkg/dpkg.cfg.d/*
    mkdir "$ROOT/debs"
    cp "$DEBS"/*.deb "$ROOT/debs"
    # What depends on runc as docker.io does, and a runc.
    dummy engine 'Depends: runc (>= 1.0.0~rc8~)'
    mkdir -p "$BASE/runc/usr/sbin"
    printf '#!/bin/sh\necho the old one\n' >"$BASE/runc/usr/sbin/runc"
    chmod 755 "$BASE/runc/usr/sbin/runc"
    dummy runc 'Section: admin'
}

dummy() {
    mkdir -p "$BASE/$1/DEBIAN"
    printf '%s\n' "Package: $1" 'Version: 1.1.5' 'Architecture: all' 'Maintainer: nobody <nobody@example.org>' "$2" \
        'Description: dummy' >"$BASE/$1/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$BASE/$1" "$ROOT/debs/dummy-$1.deb" >/dev/null
}

in_debian() {
    run --separate-stderr env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive chroot "$ROOT" "$@"
    ok
}

# The packages bring all that they need but what a Debian has: nothing is downloaded.
install_packages() {
    in_debian sh -c 'apt-get install -qq --allow-downgrades --no-install-recommends -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 \
        "$@" 2>&1' - "$@"
}

status_of() {
    # shellcheck disable=SC2016 # dpkg-query's
    in_debian dpkg-query -W -f '${db:Status-Status} ' "$@"
}

# Every file but what dpkg and apt keep about themselves.
files() {
    (cd "$ROOT" && find . -path ./var/lib/dpkg -prune -o -path ./var/lib/apt -prune -o -path ./var/cache -prune -o -path ./var/log -prune \
        -o -path ./debs -prune -o -name 'ld.so.cache*' -prune -o -printf '%p %y %l\n' | sort)
}

@test "package: four packages, of meson's version, and what they depend on" {
    for package in proa proa-runc libproa0 libproa-dev; do
        equal "$VERSION" "$(fields "$package" Version)"
    done
    equal 'runc (= 1.4.0)' "$(fields proa-runc Provides)"
    equal 'runc' "$(fields proa-runc Conflicts)"
    equal "libproa0 (= $VERSION)" "$(fields libproa-dev Depends)"
    # The helper inside of both is linked with it.
    for package in proa libproa0; do contains "$(fields "$package" Depends)" 'libsystemd0 (>= '; done
    lacks "$(fields libproa0 Depends)" json-c
}

@test "package: what else is in the folder stays" {
    [ -z "${PROA_DEBS:-}" ] || skip 'nothing has been built'
    [ -e "$DEBS/of the user" ]
}

@test "package: lintian finds nothing" {
    command -v lintian >/dev/null || skip 'lintian is missing'
    run env TMPDIR="$BASE" lintian --allow-root --fail-on error,warning,pedantic,info --pedantic --display-info "$DEBS"/*.changes
    ok
    equal '' "$output"
}

@test "package: installed, it works; purged, nothing is left" {
    need_debian
    files >"$BASE/before"
    install_packages $(deb proa libproa0 libproa-dev)
    in_debian proa --version
    matches "$output" "^proa version $VERSION"$'\n'"commit: $VERSION"
    in_debian proa features
    for file in share/man/man8/proa-run.8.gz share/man/man3/libproa.3.gz share/bash-completion/completions/proa include/proa/proa.h \
        share/zsh/vendor-completions/_proa share/fish/vendor_completions.d/proa.fish share/doc/proa/README.md.gz; do
        [ -s "$ROOT/usr/$file" ] || complain "no $file"
    done
    [ ! -e "$ROOT/usr/sbin/runc" ]
    cc "$REPO/examples/run.c" -I"$ROOT/usr/include" -L"$ROOT/usr/lib/$(gcc -print-multiarch)" -lproa -o "$ROOT/debs/example"
    run chroot "$ROOT" /debs/example
    contains "$output" 'usage: run BUNDLE ID'
    in_debian dpkg --purge libproa-dev libproa0 proa
    files >"$BASE/after"
    diff "$BASE/before" "$BASE/after"
}

@test "package: proa-runc takes the place of runc, and what depends on runc stays" {
    need_debian
    install_packages /debs/dummy-runc.deb /debs/dummy-engine.deb
    in_debian runc --version
    equal 'the old one' "$output"
    install_packages $(deb proa proa-runc)
    for runc in runc /usr/sbin/runc /usr/bin/runc; do
        in_debian "$runc" --version
        matches "${lines[0]}" "^runc version $VERSION$"
    done
    contains "$("$ROOT/usr/bin/runc" --help)" '(default: /run/runc)'
    status_of engine proa-runc
    equal 'installed installed ' "$output"
    in_debian apt-get check -qq
    # And back.
    install_packages /debs/dummy-runc.deb
    in_debian runc --version
    equal 'the old one' "$output"
    status_of engine
    equal 'installed ' "$output"
    in_debian dpkg --purge engine runc proa
}

@test "package: containerd, docker.io and podman of Debian take proa-runc for runc" {
    [ -n "$(apt-cache policy containerd 2>/dev/null)" ] || skip 'apt knows no packages: apt-get update'
    need_debian
    run apt-get -s install -o Dir::State::status="$ROOT/var/lib/dpkg/status" --no-install-recommends \
        containerd docker.io podman "$DEBS"/proa_*.deb "$DEBS"/proa-runc_*.deb
    ok
    for package in containerd docker.io podman proa-runc; do contains "$output" "Inst $package ("; done
    lacks "$output" 'Inst runc '
    lacks "$output" 'Inst crun '
}
