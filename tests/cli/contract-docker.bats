# What docker demands of a runtime beyond containerd: its own questions, the texts that become exit codes; and wrappers.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154,SC2164

load ../lib/helpers
load ../lib/contract

prepare() {
    LOG=$BUNDLE/log.json
    call=("$RUNTIME" --root "$STATE" --log "$LOG" --log-format json)
    cd "$BUNDLE"
}

# docker_code TEXT: the exit code of `docker run`, or of `docker exec`.
docker_code() {
    case ${1,,} in
    *'permission denied'* | *'is a directory'*) echo 126 ;;
    *'not a directory'* | *'executable file not found'* | *'no such file or directory'*) echo 127 ;;
    *) echo 128 ;;
    esac
}

cases=(nonesuch:127 /none:127 /etc/passwd/x:127 /etc/passwd:126)
[ "$NAME" != proa ] || cases+=(/etc:126)

@test "docker: exit codes 126 and 127 from what create says" {
    for pair in "${cases[@]}"; do
        args "${pair%:*}"
        one_error 1 'exec: "' "${call[@]}" create --bundle "$BUNDLE" "$ID"
        equal "$pair" "${pair%:*}:$(docker_code "$stderr")"
    done
}

@test "docker: exit codes 126 and 127 from what exec says" {
    started
    for pair in "${cases[@]}"; do
        process_spec . "${pair%:*}"
        one_error 255 'exec: "' "${call[@]}" exec --process "$BASE/process.json" --detach --pid-file "$BASE/pid" "$ID"
        equal "$pair" "${pair%:*}:$(docker_code "$stderr")"
    done
}

@test "docker: errors about programs are in the words of Go, without capitals" {
    only_proa 'Go says them'
    for pair in "/etc/passwd/x:stat /etc/passwd/x: not a directory" '/etc:is a directory'; do
        args "${pair%%:*}"
        one_error 1 "" "${call[@]}" create --bundle "$BUNDLE" "$ID"
        contains "$stderr" "exec: \"${pair%%:*}\": ${pair#*:}"
    done
}

@test "docker: a directory mounted onto a file is 'not a directory'" {
    add_mount /etc/passwd bind /etc bind
    args true
    one_error 1 'not a directory' "${call[@]}" create --bundle "$BUNDLE" "$ID"
    equal 127 "$(docker_code "$stderr")"
}

@test "docker: --version: a name and a version, a commit" {
    answers "$RUNTIME" --version
    matches "${lines[0]}" "^$NAME version [^ ]+$"
    matches "${lines[1]}" '^commit: [^ ]+$'
}

@test "docker: features has what it keeps: versions, mount options, annotations are strings" {
    only_proa 'the control has fewer'
    answers "$RUNTIME" features
    equal true "$(jq '(.mountOptions | index("rro") != null) and (.ociVersionMin | type == "string") and
        ((.annotations // {}) | all(type == "string"))' <<<"$output")"
}

@test "docker: runtimeArgs: a script that executes the runtime with arguments before the others" {
    printf '#!/bin/sh\nexec %s --log-format json --debug=false "$@"\n' "$RUNTIME" >"$BASE/wrapper"
    chmod 755 "$BASE/wrapper"
    args sh -c 'exit 9'
    run "$HARNESS" adopt sh -c '"$@" create --bundle "$BUNDLE" --pid-file pid "$ID" >out 2>&1 && "$@" start "$ID"' sh \
        "$BASE/wrapper" --root "$STATE" --log "$LOG" --log-format json </dev/null
    says "$(<pid) 9"
}

@test "wrappers: one that finds create and --bundle among the arguments and rewrites config.json" {
    cat >"$BASE/wrapper" <<'END'
#!/bin/bash
previous=
for word; do
    case $previous in --bundle | -b) bundle=$word ;; esac
    [ "$word" != create ] || create=1
    previous=$word
done
if [ "${create:-}" ]; then
    jq '.process.env += ["GPU=all"]' "$bundle/config.json" >"$bundle/config.new" && mv "$bundle/config.new" "$bundle/config.json"
fi
exec "$WRAPPED" "$@"
END
    chmod 755 "$BASE/wrapper"
    args sh -c 'echo "$GPU"'
    export WRAPPED=$RUNTIME
    call[0]=$BASE/wrapper
    created
    quiet "${call[@]}" start "$ID"
    wait_end "$(<pid)"
    equal all "$(cat "$BASE/out")"
}

@test "watchers: the arguments of create and the path of its program are there to be read in /proc" {
    args true
    # A hook is the runtime's child.
    config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", $s], env: ["PATH=" + $p]}]' --arg p "$PATH" \
        --arg s "tr '\\0' ' ' </proc/\$PPID/cmdline >$BASE/arguments; readlink /proc/\$PPID/exe >$BASE/program"
    created
    equal "${call[*]} create --bundle $BUNDLE --pid-file $BUNDLE/pid $ID " "$(cat "$BASE/arguments")"
    equal "$(realpath "$RUNTIME")" "$(cat "$BASE/program")"
}

@test "Singularity, guardian: run, exec, events, state, pause, resume, update, kill, delete with --log-format json alone" {
    can_pause
    call=("$RUNTIME" --root "$STATE" --log-format json)
    waiting_program
    "${call[@]}" run --detach --bundle "$BUNDLE" --pid-file pid "$ID" </dev/null >out 2>&1 3>&-
    for command in "exec --pid-file exec.pid $ID true" "pause $ID" "resume $ID" "update --pids-limit 60 $ID" "kill $ID KILL"; do
        # shellcheck disable=SC2086
        quiet "${call[@]}" $command
    done
    wait_end "$(<pid)"
    equal stopped "$("${call[@]}" state "$ID" | jq -r .status)"
    quiet "${call[@]}" delete --force "$ID"
    run --separate-stderr "${call[@]}" state "$ID"
    contains "$(jq -r .msg <<<"$stderr")" 'does not exist'
}
