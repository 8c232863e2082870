# shellcheck shell=bash disable=SC2015,SC2119,SC2120,SC2154
# What the tests of the contract with engines share. `call` is the runtime with the global options of an engine, in its
# order; the tests add the command as that engine writes it.

can_pause() {
    [ -d /sys/fs/cgroup/freezer ] || [ -f /sys/fs/cgroup/cgroup.controllers ] || skip 'no freezer'
}

# created [OPTION…]: what `call` creates from the bundle; its pid is in the file pid there, its output in $BASE/out. Its streams
# are not the test's: bats waits for whoever holds those.
created() {
    "${call[@]}" create --bundle "$BUNDLE" --pid-file "$BUNDLE/pid" "$@" "$ID" </dev/null >"$BASE/out" 2>&1 3>&-
}

# started: one that runs until it is killed.
started() {
    waiting_program
    created
    "${call[@]}" start "$ID"
}

# quiet COMMAND…: succeeds, says nothing on either stream, and nobody holds them afterwards.
quiet() {
    run "$HARNESS" drain "$@"
    ok
    says ''
}

# answers COMMAND…: succeeds, and says nothing on stderr; $output is the answer. Nobody holds stdout or stderr afterwards.
answers() {
    # shellcheck disable=SC2016
    run "$HARNESS" drain sh -c '"$@" 2>&3' sh "$@" 3>"$BASE/stderr"
    ok
    equal '' "$(cat "$BASE/stderr")"
}

# records LOG: the number of records of a log that is one stream of JSON, each with level, msg and a time of RFC 3339.
records() {
    jq -s 'map(select((.msg | type == "string") and (.level | IN("error", "warning", "info", "debug"))
        and (.time | test("^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$")))) | length' "$1"
}

# one_error STATUS TEXT COMMAND…: fails with STATUS; the log $LOG is one record, an error with TEXT (any case, ERE); stderr is that
# text alone and fits into the 8191 bytes that conmon reads.
one_error() {
    local message
    rm -f "$LOG"
    run --separate-stderr "${@:3}"
    equal "$1" "$status"
    [ "$(records "$LOG")" = 1 ] && [ "$(wc -l <"$LOG")" = 1 ] || complain "not one record:" "$(cat "$LOG")"
    message=$(jq -r 'select(.level == "error") | .msg' "$LOG")
    equal "${message% }" "${stderr% }"
    matches "${message,,}" "${2,,}"
    [ "${#stderr}" -le 8191 ] || complain "${#stderr} bytes"
}

# process_spec FILTER WORD…: $BASE/process.json, what exec --process takes.
process_spec() {
    jq ".process | .args = \$ARGS.positional | $1" "$BUNDLE/config.json" --args -- "${@:2}" >"$BASE/process.json"
}
