# shellcheck shell=bash
# Counting the tests of tools/check and tests/vm/check. Each row of the table is one suite; $logs is where all of it goes.

# start_tally DIRECTORY
start_tally() {
    logs=$1
    mkdir -p "$logs"
    : >"$logs/table"
    : >"$logs/left-out"
}

# account NAME SECONDS PASSED FAILED SKIPPED: into a file, since suites run side by side.
account() {
    printf '%-24s %7.1f s %6d passed %4d failed %4d skipped\n' "$@" | tee -a "$logs/table"
}

# leave_out NAME REASON: a whole suite that cannot run here.
leave_out() {
    echo "$1: left out: $2" >>"$logs/left-out"
    account "$1" 0 0 0 1
}

seconds_since() {
    awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'
}

# bats_suite NAME FILE: a file of command tests, with RUNTIME and FAULTY from the environment.
bats_suite() {
    local log=$logs/${1//\//-}.tap start=$EPOCHREALTIME plan results ok skip
    timeout --foreground -k 10 "${SUITE_SECONDS:-1000}" bats --tap -T "$2" >"$log" 2>&1 </dev/null
    plan=$(sed -n '1s/^1\.\.//p' "$log")
    results=$(grep -c -E '^(not )?ok ' "$log")
    ok=$(grep -c '^ok ' "$log")
    skip=$(grep -c '^ok .* # skip' "$log")
    grep -A 40 '^not ok' "$log" | grep -v '^ok '
    [ "${plan:-0}" -le "$results" ] || { echo "$1: ended early"; tail -n 20 "$log"; }
    # Tests that did not report count as failed; a teardown_file that fails is one more.
    [ "${plan:-1}" -ge "$results" ] || plan=$results
    account "$1" "$(seconds_since "$start")" $((ok - skip)) $((${plan:-1} - ok)) "$skip"
    sed -n 's/^ok .* # skip //p' "$log" | sort | uniq -c | sed "s|^ *|$1: |" >>"$logs/left-out"
}

# engine_suite NAME FILE DIRECTORY: the tests of an engine, with a control beside them; logs in DIRECTORY. What fails with
# both is the engine's fault, or the machine's.
engine_suite() {
    local engine start=$EPOCHREALTIME passed failed skipped
    engine=$(basename "$2" .bats)
    tests/engines/compare --log "$3" "$engine" >"$3/$engine.compared" 2>&1
    cat "$3/$engine.compared"
    read -r passed failed skipped <"$3/$engine.verdict"
    account "$1" "$(seconds_since "$start")" "$passed" "$failed" "$skipped"
    awk -F '\t' -v name="$1" '$2 != "ok" { print name ": " $1 ": " $4 }' "$3/$engine.joined" >>"$logs/left-out"
}

# column N: the sum of the table's N-th column from its end.
column() {
    awk -v n="$1" '{ sum += $(NF - n) } END { print sum + 0 }' "$logs/table"
}

# report [REMARK]: where the time went, what was left out, and the totals; fails if a test has.
report() {
    local failed
    failed=$(column 3)
    echo
    echo 'Where the time went:'
    sort -n -r -k 1.25,1.32 "$logs/table"
    if [ -s "$logs/left-out" ]; then
        echo
        echo 'Left out:'
        sed 's/^/    /' "$logs/left-out"
    fi
    [ -z "${1:-}" ] || echo "    ($1)"
    echo
    echo "$(column 5) passed, $failed failed, $(column 1) skipped"
    [ "$failed" -eq 0 ]
}
