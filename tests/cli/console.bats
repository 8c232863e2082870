load ../lib/helpers

prepare() {
    config '.process.terminal = true'
}

# on_terminal CMD… <script: console.py with CMD; $output without carriage returns.
on_terminal() {
    run $CONSOLE "$@"
    output=${output//$'\r'/}
}

@test "run on a terminal: it is the container's own, of its own devpts" {
    args sh -c 'tty; stat -c "%t" /dev/console; ls /dev/pts; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all three'
    on_terminal "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null
    ok
    contains "$output" /dev/pts/0
    contains "$output" 88
    contains "$output" 'all three'
}

@test "run on a terminal: it is the controlling one; the program leads the session" {
    args sh -c 'echo "tty works" >/dev/tty; awk "{ print \$7 != 0, \$6 }" /proc/self/stat'
    on_terminal "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null
    contains "$output" 'tty works'
    contains "$output" '1 1'
}

@test "run on a terminal: the exit status" {
    args sh -c 'exit 9'
    on_terminal "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null
    equal 9 "$status"
}

@test "run on a terminal: Ctrl-C ends the foreground program, not the runtime" {
    args sh
    on_terminal "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" <<'END'
expect #
send sh -c 'echo u""p; exec cat'\r
expect up
send \x03
expect \^C[^#]*#
send echo status=$?\r
expect status=130
send exit 6\r
END
    equal 6 "$status"
}

@test "run on a terminal: Ctrl-C to a program that dies of it gives 130" {
    # Process 1 is deaf to signals that it does not handle: sh -c hands over and reports.
    args sh -c 'sh -c "echo up; exec cat"; exit $?'
    on_terminal "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" <<'END'
expect up
send \x03
END
    equal 130 "$status"
}

@test "run on a terminal: job control, Ctrl-Z and fg" {
    args sh
    on_terminal "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" <<'END'
expect #
send sh -c 'echo u""p; exec cat'\r
expect up
send one\r
expect one\s+one
send \x1a
expect Stopped[^#]*#
send jobs; echo st""ill\r
expect still[^#]*#
send fg\r
expect exec cat
send two\r
expect two\s+two
send \x04
expect #
send exit 0\r
END
    ok
}

@test "run on a terminal, in the background of a shell: it writes, leaves the input alone, and fg gives it that" {
    args sh -c 'echo started; read line; echo "got=$line"; exit 4'
    on_terminal bash --norc -i <<END
expect [#$]
send "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" &\r
expect started
send echo al""ive\r
expect alive
send fg\r
expect fg[^&]*run --bundle
sh sleep 0.3
send answer\r
expect got=answer[^#$]*[#$]
send echo rc=\$?; stty -a\r
expect rc=4[\s\S]* icanon[\s\S]* echo
send exit 0\r
END
    ok
}

@test "run on a terminal: the window size at the start and when it changes" {
    args sh
    on_terminal --size 33x101 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" <<'END'
expect #
send stty size\r
expect 33 101
size 44 122
send while [ "$(stty size)" != "44 122" ]; do :; done; echo size is $(stty size)\r
expect size is 44 122
send exit 0\r
END
    ok
}

@test "run on a terminal: the caller's terminal is as before, also after Ctrl-C" {
    args sh
    on_terminal sh -c 'before=$(stty -g); "$@"; [ "$before" = "$(stty -g)" ] && echo rest"ored"' sh \
        "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" <<'END'
expect #
send exit 1\r
expect restored
END
    contains "$output" restored
}

@test "run on a terminal: a megabyte comes out unchanged" {
    args sh -c 'seq 150000; echo "END"'
    run $CONSOLE "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null
    ok
    equal "$( (seq 150000; echo END) | md5sum)" "$(tr -d '\r' <<<"$output" | md5sum)"
}

@test "run on a terminal, output to a pipe: no carriage return, from the first line on" {
    only_proa 'the control insists on a terminal of its own'
    args echo first
    for _ in {1..20}; do
        run proa run --bundle "$BUNDLE" "$ID" </dev/null
        says first
    done
}

@test "run on a terminal, without pivot" {
    args tty
    on_terminal "$RUNTIME" --root "$STATE" run --no-pivot --bundle "$BUNDLE" "$ID" </dev/null
    contains "$output" /dev/pts/0
}

@test "run on a terminal: with a read-only root and as an ordinary user, who owns it" {
    config '.root.readonly = true | .process.user = {uid: 1000, gid: 1000}'
    args stat -c %u /dev/pts/0
    on_terminal "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null
    ok
    says 1000
}

@test "run on a terminal that is not one is an error or works on the pty alone" {
    args echo text
    run timeout 60 "$HARNESS" orphans "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null
    [ "$status" -le 1 ]
    nothing_remains
}

@test "console socket: create sends one descriptor, before anybody accepts; its own pipes are at EOF" {
    args sh -c 'echo hello from inside; read line; echo "got $line"'
    on_terminal --socket "$BASE/sock" "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" \
        --console-socket "$BASE/sock" "$ID" <<END
sh "$RUNTIME" --root "$STATE" start "$ID"
expect hello from inside
send word\r
expect got word
eof
END
    ok
    matches "$output" 'payload: .'
}

@test "console socket: run --detach" {
    args echo detached
    on_terminal --socket "$BASE/sock" "$RUNTIME" --root "$STATE" run --detach --bundle "$BUNDLE" \
        --console-socket "$BASE/sock" "$ID" <<'END'
expect detached
eof
END
    ok
}

@test "console socket: consoleSize is there when the descriptor arrives" {
    config '.process.consoleSize = {height: 17, width: 93}'
    args stty size
    on_terminal --socket "$BASE/sock" "$RUNTIME" --root "$STATE" run --detach --bundle "$BUNDLE" \
        --console-socket "$BASE/sock" "$ID" <<'END'
expect 17 93
END
    ok
    contains "$output" 'size: 17 93'
}

@test "console socket: ONLCR is the receiver's affair, the payload short" {
    args true
    on_terminal --socket "$BASE/sock" "$RUNTIME" --root "$STATE" run --detach --bundle "$BUNDLE" \
        --console-socket "$BASE/sock" "$ID" <<'END'
eof
END
    ok
    payload=$(sed -n 's/^payload: //p' <<<"$output")
    [ "${#payload}" -ge 1 ]
    [ "${#payload}" -lt 4096 ]
}

@test "console socket: needed with terminal and detach, forbidden otherwise" {
    args true
    refused 'cannot allocate tty if runc will detach without setting console socket' proa create --bundle "$BUNDLE" "$ID"
    refused 'cannot allocate tty if runc will detach without setting console socket' proa run --detach --bundle "$BUNDLE" "$ID"
    refused 'cannot use console socket if runc will not detach or allocate tty' \
        proa run --bundle "$BUNDLE" --console-socket "$BASE/sock" "$ID"
    config '.process.terminal = false'
    refused 'cannot use console socket if runc will not detach or allocate tty' \
        proa create --bundle "$BUNDLE" --console-socket "$BASE/sock" "$ID"
    nothing_remains
}

@test "console socket: nobody listens, or it is a file" {
    args true
    refused '' proa create --bundle "$BUNDLE" --console-socket "$BASE/none" "$ID"
    touch "$BASE/file"
    refused '' proa create --bundle "$BUNDLE" --console-socket "$BASE/file" "$ID"
    nothing_remains
}

@test "TIOCSTI from inside does not reach the caller's terminal" {
    # The container's terminal is another one: what it pushes there, it reads itself.
    args sh -c 'stat -c %t:%T "$(tty)"; exit 0'
    on_terminal sh -c 'echo "outer $(readlink /proc/self/fd/0)"; "$@"; read -t 1 stolen; echo "stolen=$stolen."' sh \
        "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null
    contains "$output" '88:0'
    contains "$output" 'stolen=.'
}
