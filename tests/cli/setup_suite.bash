# Once for a whole run: the helper program and the root file system that all tests copy.
setup_suite() {
    local here
    here=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export HARNESS=$BATS_SUITE_TMPDIR/harness
    export TEMPLATE=$BATS_SUITE_TMPDIR/bundle
    export CONSOLE="/usr/bin/python3 $here/tests/lib/console.py"

    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_SUITE_TMPDIR"
    gcc -O1 -Wall -o "$HARNESS" "$here/tests/lib/harness.c"
    PROA=$(command -v "${RUNTIME:-$here/build/cli/proa}") "$here/tools/make-bundle" "$TEMPLATE"
}
