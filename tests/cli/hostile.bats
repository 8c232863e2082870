load ../lib/helpers

# Surroundings that fail, lie, hang or run out: one error that says what it was, and nothing is left.

prepare() {
    only_proa 'how it fails is its own'
    IMAGES=$BASE/images
}

# fake_criu MODE: tests/lib/fake-criu is found, and does as it says there.
fake_criu() {
    mkdir -p "$BASE/bin" "$IMAGES"
    ln -sfn "$REPO/tests/lib/fake-criu" "$BASE/bin/criu"
    export PATH=$BASE/bin:$PATH FAKE_CRIU=$1 FAKE_CRIU_LOG=$BASE/requests
    rm -f "$BASE/requests.pid"
}

# the_pid: what the criu of the tests has left in its pid file.
the_pid() {
    timeout 20 sh -c 'until [ -s "$1" ]; do :; done' sh "$BASE/requests.pid"
    cat "$BASE/requests.pid"
}

@test "criu ends, and a child that it leaves has its socket: an error, no waiting" {
    start_waiting
    fake_criu leaves
    refused 'criu has ended without an answer (exit status 3)' \
        timeout 20 "$RUNTIME" --root "$STATE" checkpoint --image-path "$IMAGES" "$ID"
    kill "$(the_pid)"
    status_is running
    proa delete --force "$ID"
    fake_criu leaves
    refused 'criu has ended without an answer (exit status 3)' \
        timeout 20 "$HARNESS" orphans "$RUNTIME" --root "$STATE" restore --image-path "$IMAGES" --bundle "$BUNDLE" --detach "$ID"
    nothing_remains
}

@test "criu has answered and does not end: it is ended, and its answer counts" {
    start_waiting
    fake_criu stays
    timeout 20 "$RUNTIME" --root "$STATE" checkpoint --image-path "$IMAGES" --leave-running "$ID"
    [ ! -e "/proc/$(the_pid)" ]
    status_is running
    proa delete --force "$ID"
    fake_criu stays
    timeout 20 "$RUNTIME" --root "$STATE" restore --image-path "$IMAGES" --bundle "$BUNDLE" --detach "$ID" </dev/null >"$BASE/out" 2>&1
    [ ! -e "/proc/$(the_pid)" ]
    status_is running
    NO_AUDIT=1
}

@test "run with too few descriptors: one error, and nothing is left" {
    args true
    # shellcheck disable=SC2016 # for the inner shell
    for n in 5 6 7 8 9 12 15; do
        refused 'Too many open files' bash -c 'ulimit -n "$1" && shift && exec "$@"' bash "$n" \
            "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
        nothing_remains
    done
}

@test "checkpoint and restore: relative paths in a working directory that is gone are an error" {
    start_waiting
    fake_criu ok
    mkdir "$BASE/gone"
    # shellcheck disable=SC2016 # for the inner shell
    away() { bash -c 'cd "$1" && shift && rmdir "$PWD" && exec "$@"' bash "$BASE/gone" "$RUNTIME" --root "$STATE" "$@"; }
    refused "--image-path proa-nowhere: working directory: No such file or directory" \
        away checkpoint --leave-running --image-path proa-nowhere "$ID"
    [ ! -e /proa-nowhere ]
    mkdir "$BASE/gone"
    refused "--work-path proa-nowhere: working directory: No such file or directory" \
        away restore --image-path "$IMAGES" --work-path proa-nowhere --bundle "$BUNDLE" --detach "$ID-two"
    [ ! -e /proa-nowhere ]
}
