# For the tests of tests/security: known escapes of other runtimes, tried on this one. The root file system is hostile,
# config.json is not. $CANARY is a directory of the host's; nothing in it may change.

prepare() {
    CANARY=$BASE/canary
    mkdir "$CANARY"
    echo canary >"$CANARY/file"
    [ -z "${ATTACK:-}" ] || cp "$ATTACK" "$BUNDLE/rootfs/bin/attack"
    args true
}

canary_lives() {
    equal file "$(ls -A "$CANARY")"
    equal canary "$(cat "$CANARY/file")"
    equal '644 0 0' "$(stat -c '%a %u %g' "$CANARY/file")"
}

# The runtime either refuses, or runs the program without harm.
either_way() {
    run --separate-stderr timeout 60 "$HARNESS" orphans "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    [ "$status" -le 1 ] || complain "status $status: $stderr"
    canary_lives
    nothing_remains
}

no_dev_mount() {
    config '.mounts |= map(select(.destination | startswith("/dev") | not))'
}
