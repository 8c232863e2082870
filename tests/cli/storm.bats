# A short storm; `make storm` makes a long one.
load ../lib/helpers

prepare() {
    [ "$NAME" = proa ] || skip 'the model knows the texts of proa'
    [ -x /usr/bin/python3 ] || skip 'needs Python'
}

@test "engines at work at once, runtime processes killed: every status is right, nothing is left" {
    "$REPO/tests/storm/run" --seconds 20 >"$BASE/report" || complain "$(cat "$BASE/report")"
    tail -n 1 "$BASE/report" | sed 's/^/# /' >&3
}
