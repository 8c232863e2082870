# shellcheck shell=bash
# What the tests of the command (helpers.bash) and those of engines (engines.bash) share.
#
#   $RUNTIME   the runtime under test, an absolute path; $NAME its name
#   $REPO      the repository

bats_require_minimum_version 1.5.0

REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
RUNTIME=$(command -v "${RUNTIME:-$REPO/build/cli/proa}")
NAME=$(basename "$RUNTIME")

# The control, Debian's runc 1.1.5, differs here from the contract (runc's current main branch).
only_proa() {
    [ "$NAME" = proa ] || skip "only proa: $1"
}

# mounts_below: below the test's, or the file's, own directory.
mounts_below() {
    awk -v base="$BASE/" 'index($5, base) == 1 { print $5 }' /proc/self/mountinfo
}

# wait_until SECONDS COMMAND…: until the command succeeds; fails when it has not by then.
wait_until() {
    local end=$((SECONDS + $1))
    until "${@:2}" >/dev/null 2>&1; do
        [ $SECONDS -le $end ] || return 1
        sleep 0.02
    done
}
