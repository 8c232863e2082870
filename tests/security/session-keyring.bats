load ../lib/helpers
load ../lib/canary
load attack

# Keys of the caller's session, within reach of the container (the reason why runc makes one for each, Docker issue 10939).
# No advisory has a number for it. Fails with --no-new-keyring, as it should, and when init/session.c does not join.

@test "run, create and exec: the caller's keys are not found" {
    "$ATTACK" with-key proa-secret true || skip 'no keyrings here'
    run "$ATTACK" with-key proa-secret "$ATTACK" find-key proa-secret
    says 'found proa-secret'
    args attack find-key proa-secret
    run "$ATTACK" with-key proa-secret timeout 60 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    ok
    says ''
    waiting_program
    "$ATTACK" with-key proa-secret timeout 60 "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>&1
    proa start "$ID"
    run "$ATTACK" with-key proa-secret timeout 60 "$RUNTIME" --root "$STATE" exec "$ID" attack find-key proa-secret
    ok
    says ''
}

@test "without a keyring of its own they are" {
    "$ATTACK" with-key proa-secret true || skip 'no keyrings here'
    args attack find-key proa-secret
    run "$ATTACK" with-key proa-secret timeout 60 "$RUNTIME" --root "$STATE" run --no-new-keyring --bundle "$BUNDLE" "$ID"
    says 'found proa-secret'
}
