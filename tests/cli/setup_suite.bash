# shellcheck shell=bash

# make_kit DIRECTORY: the helper program, and the bundle that all tests copy.
make_kit() {
    local here
    here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
    gcc -O1 -Wall -o "$1/harness" "$here/tests/lib/harness.c"
    PROA=$(command -v "${RUNTIME:-$here/build/cli/proa}") "$here/tools/make-bundle" "$1/bundle" sh
    jq '.root.readonly = false | del(.process.rlimits)' "$1/bundle/config.json" >"$1/config.json"
    mv "$1/config.json" "$1/bundle/config.json"
}

# TEST_KIT names a kit that is there already; else each run of bats makes one.
setup_suite() {
    local here kit=${TEST_KIT:-$BATS_SUITE_TMPDIR}
    here=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export HARNESS=$kit/harness
    export TEMPLATE=$kit/bundle
    export CONSOLE="/usr/bin/python3 $here/tests/lib/console.py"
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_SUITE_TMPDIR"
    [ -n "${TEST_KIT:-}" ] || make_kit "$kit"
}
