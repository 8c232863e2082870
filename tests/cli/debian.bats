# A whole Debian, as somebody at a terminal uses it. PROA_DEBIAN names a root file system; without it
# tools/make-debian-rootfs makes one (two minutes the first time; it is cached).
load ../lib/helpers

setup_file() {
    local here
    here=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    DEBIAN=${PROA_DEBIAN:-$BATS_FILE_TMPDIR/debian}
    WHY_NOT=
    if [ ! -x "$DEBIAN/bin/bash" ] && ! "$here/tools/make-debian-rootfs" "$DEBIAN" >"$BATS_FILE_TMPDIR/log" 2>&1; then
        WHY_NOT="no Debian root file system: $(tail -n 1 "$BATS_FILE_TMPDIR/log")"
    fi
    export DEBIAN WHY_NOT
}

prepare() {
    [ -z "$WHY_NOT" ] || skip "$WHY_NOT"
    rm -rf "$BUNDLE/rootfs"
    config '.root.path = $p | .root.readonly = true | .process.terminal = true' --arg p "$DEBIAN"
    add_mount /tmp tmpfs tmpfs mode=1777
    args bash --norc
}

# at_the_terminal <script: console.py with the container; bash is past its first prompt.
at_the_terminal() {
    run $CONSOLE --size 30x100 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" < <(
        printf '%s\n' 'expect #' "send bind 'set enable-bracketed-paste off'; PS1='%''% '"'\r' 'expect %%'
        cat
    )
    output=${output//$'\r'/}
}

@test "Debian: apt, perl, locale, df and mount work; ps shows the container's own processes, bash first" {
    at_the_terminal <<'END'
send ps -e -o pid=,comm= | tr -s ' \\n' ' :'; echo\r
expect 1 bash: [0-9]+ ps: [0-9]+ tr:
send apt-get --version | head -n 1; perl -e 'print "perl ", 6 * 7, "\\n"'; locale charmap\r
expect apt 2[\s\S]*perl 42[\s\S]*ANSI
send df /tmp | tail -n 1; mount | grep -c ' on /proc type proc'\r
expect tmpfs.*/tmp\s+1
send tty; stty size; id -u; hostname\r
expect /dev/pts/0\s+30 100\s+0\s
send exit 3\r
END
    equal 3 "$status" || complain "$output"
}

@test "Debian: Ctrl-C, Ctrl-Z, bg, fg and the exit statuses of jobs" {
    at_the_terminal <<'END'
send sh -c 'echo r""eady; exec cat'\r
expect ready
send \x03
expect %%
send echo rc=$?\r
expect rc=130
expect %%
send sh -c 'echo r""eady; exec cat'\r
expect ready
send \x1a
expect Stopped[\s\S]*%%
send sleep 1000 & jobs\r
expect Stopped\s+sh[\s\S]*Running\s+sleep
send kill %2; wait %2; echo rc=$?\r
expect rc=143
send fg\r
expect exec cat
send line\r
expect line\s+line
send \x04
expect %%
send exit 0\r
END
    ok
}

@test "Debian: a new window size reaches bash" {
    at_the_terminal <<'END'
send trap 'echo now $(stty size)' WINCH\r
expect %%
size 44 120
send \r
expect now 44 120
send exit 0\r
END
    ok
}

@test "Debian: su and setuid programs, as far as noNewPrivileges lets them" {
    all_capabilities CAP_SETUID CAP_SETGID
    config '.process.noNewPrivileges = false'
    at_the_terminal <<'END'
send su -s /bin/sh -c 'id -un; grep CapEff /proc/self/status; su -s /bin/sh -c id root </dev/null' nobody\r
expect nobody\s+CapEff:\s+0000000000000000\s+[\s\S]*Authentication failure
send cp /usr/bin/id /tmp/id && chmod 4755 /tmp/id && setpriv --reuid 65534 --clear-groups /tmp/id\r
expect euid=0\(root\)
send setpriv --no-new-privs --reuid 65534 --clear-groups /tmp/id\r
expect uid=65534\(nobody\) gid=0\(root\) groups
send exit 0\r
END
    ok
}

@test "Debian: what runs in the background ends with bash, and nothing is left" {
    at_the_terminal <<'END'
send (sleep 1000 >/dev/tty &); nohup sleep 1000 & disown; exit 3\r
END
    equal 3 "$status" || complain "$output"
    nothing_remains
}
