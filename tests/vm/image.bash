# What make-image and run share: where the parts of the machine are. All of it is kept outside the tree, below a
# directory whose name changes whenever what it is built from does.

vm_die() {
    echo "$(basename "$0"): $1" >&2
    exit "${2:-1}"
}

vm_cache() {
    echo "${PROA_VM_CACHE:-${XDG_CACHE_HOME:-/var/cache}/proa/vm}"
}

# vm_images: the directory of the images that today's make-image builds.
vm_images() {
    local here
    here=$(dirname "${BASH_SOURCE[0]}")
    echo "$(vm_cache)/$({ cat "$here/make-image" "$here/guest/init"; echo "${PROA_VM_SUITE:-}"; } | sha256sum | cut -c 1-12)"
}

# vm_tool DIR PROGRAM: sets `tool`, the start of a command line that runs a program of another Debian release, unpacked
# in DIR, with that release's loader and libraries.
vm_tool() {
    local libraries=$1/usr/lib/x86_64-linux-gnu
    # shellcheck disable=SC2034
    tool=("$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" --argv0 "$2" "$1/$2")
}
