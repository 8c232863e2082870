load ../lib/helpers

# options_of DESTINATION: the mount's own options, then (after " - ") type, source and superblock
# options, as /proc/self/mountinfo of the container has them.
options_of() {
    args sh -c 'cat /proc/self/mountinfo'
    proa run --bundle "$BUNDLE" "$ID" | awk -v d="$1" '$5 == d { sub(/^([^ ]+ ){5}/, ""); print }' | tail -n 1
}

own_options() {
    options_of "$1" | cut -d ' ' -f 1
}

# has_options DESTINATION OPTION…: each of them, and none of those given with a leading !.
has_options() {
    local found option
    found=,$(own_options "$1"),
    for option in "${@:2}"; do
        case $option in
        !*) lacks "$found" ",${option#!}," ;;
        *) contains "$found" ",$option," ;;
        esac
    done
}

@test "the default mounts: types and options" {
    args cat /proc/self/mounts
    run proa run --bundle "$BUNDLE" "$ID"
    ok
    for line in 'proc /proc proc rw' 'tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755' \
        'devpts /dev/pts devpts rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666' \
        'shm /dev/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k' \
        'mqueue /dev/mqueue mqueue rw,nosuid,nodev,noexec,relatime' 'sysfs /sys sysfs ro,nosuid,nodev,noexec,relatime'; do
        contains "${output//seclabel,/}" "$line"
    done
}

@test "nothing of the host's mounts is left" {
    args cat /proc/self/mountinfo
    run proa run --bundle "$BUNDLE" "$ID"
    lacks "$output" "$BASE/state"
    # The root, and what config.json, the masks and the read-only paths ask for: all below it.
    equal / "$(awk '{ print $5 }' <<<"$output" | head -n 1)"
    equal '' "$(awk '$5 ~ /(oldroot|pivot)/' <<<"$output")"
}

@test "tmpfs: size, mode, uid and gid" {
    add_mount /t tmpfs tmpfs size=128k mode=1750 uid=1000 gid=1001
    inside 'stat -c "%a %u %g" /t; stat -f -c %T /t; df -k /t | awk "END { print \$2 }"'
    says $'1750 1000 1001\ntmpfs\n128'
}

@test "tmpfs: without a mode it takes that of the directory below" {
    mkdir -m 2711 "$BUNDLE/rootfs/t"
    add_mount /t tmpfs tmpfs
    inside 'stat -c %a /t'
    [ "$NAME" = runc ] && skip 'the control drops the setgid bit'
    says 2711
}

@test "tmpfs: tmpcopyup copies what was there" {
    mkdir -p "$BUNDLE/rootfs/t/sub"
    echo content >"$BUNDLE/rootfs/t/sub/file"
    chmod 666 "$BUNDLE/rootfs/t/sub/file"
    chown 1000:1001 "$BUNDLE/rootfs/t/sub/file"
    ln -s sub/file "$BUNDLE/rootfs/t/link"
    add_mount /t tmpfs tmpfs tmpcopyup
    inside 'cat /t/link; stat -c "%a %u %g" /t/sub/file; stat -f -c %T /t; echo new >/t/sub/file'
    says $'content\n666 1000 1001\ntmpfs'
    equal content "$(cat "$BUNDLE/rootfs/t/sub/file")"
}

@test "tmpfs: tmpcopyup keeps every kind of file with mode, owner, time, holes and attributes" {
    only_proa 'the control forgets times, holes and attributes'
    t=$BUNDLE/rootfs/t
    mkdir -p "$t/dir/deep" "$t/closed"
    echo x >"$t/set-id"
    chown 7:8 "$t/set-id" "$t/dir/deep"
    chmod 6751 "$t/set-id"
    chmod 3770 "$t/dir/deep"
    chmod 0 "$t/closed"
    mknod -m 640 "$t/null" c 1 3
    mkfifo -m 604 "$t/fifo"
    ln -s /nowhere "$t/dangling"
    chown -h 9:10 "$t/dangling"
    touch -h -d @1000000001.123456789 "$t/dangling" "$t/set-id" "$t/dir/deep" "$t/fifo"
    truncate -s 10G "$t/sparse"
    printf end | dd of="$t/sparse" bs=1 seek=5G conv=notrunc status=none
    cp /bin/true "$t/capable"
    setcap cap_net_raw+ep "$t/capable"
    add_mount /t tmpfs tmpfs tmpcopyup size=1m
    inside 'cd /t; stat -c "%n %F %a %u:%g %t:%T %Y %s" set-id dir/deep closed null fifo dangling sparse
        dd if=sparse bs=1 skip=5G count=3 2>/dev/null; echo; du -k sparse | cut -f 1; stat -f -c %T .'
    line() { contains "$output" "$1"$'\n'; }
    line 'set-id regular file 6751 7:8 0:0 1000000001 2'
    matches "$output" 'dir/deep directory 3770 7:8 0:0 1000000001 '
    matches "$output" 'closed directory 0 0:0'
    matches "$output" 'null character special file 640 0:0 1:3 '
    matches "$output" 'fifo fifo 604 0:0 0:0 1000000001 '
    matches "$output" 'dangling symbolic link 777 9:10 0:0 1000000001 '
    matches "$output" 'sparse regular file 644 0:0 0:0 [0-9]+ 10737418240'
    equal end "${lines[7]}"
    equal 4 "${lines[8]}"
    equal tmpfs "${lines[9]}"
    start_waiting
    contains "$(getcap "/proc/$(pid_of)/root/t/capable")" cap_net_raw=ep
}

@test "tmpfs: tmpcopyup of thousands of names, of a directory that is missing, read-only in the end" {
    mkdir -p "$BUNDLE/rootfs/t/a/b"
    (cd "$BUNDLE/rootfs/t" && touch a/b/{1..1500} a/{1..300} {1..300} && mkdir -p z/{1..200}/y)
    add_mount /t tmpfs tmpfs tmpcopyup ro
    add_mount /missing tmpfs tmpfs tmpcopyup
    inside 'find /t | wc -l; touch /t/x 2>&1 | grep -o Read-only; ls -A /missing'
    says $'2504\nRead-only'
}

@test "tmpfs: tmpcopyup takes nothing from other mounts, and follows no link" {
    only_proa 'the control copies what is mounted below'
    mkdir -p "$BUNDLE/rootfs/t/place" "$BASE/other"
    echo secret >"$BASE/other/file"
    touch "$BUNDLE/rootfs/t/file"
    ln -s / "$BUNDLE/rootfs/t/up"
    add_mount /t/place bind "$BASE/other" bind
    add_mount /t/file bind "$BASE/other/file" bind
    add_mount /t tmpfs tmpfs tmpcopyup
    inside 'ls -A /t /t/place; cat /t/file; readlink /t/up'
    says $'/t:\nfile\nplace\nup\n\n/t/place:\n/'
}

@test "tmpfs: tmpcopyup into a tmpfs that is too small, and of a tree that is too deep" {
    only_proa 'the control fails in its own words'
    mkdir "$BUNDLE/rootfs/t"
    head -c 100000 /dev/urandom >"$BUNDLE/rootfs/t/big"
    add_mount /t tmpfs tmpfs tmpcopyup size=64k
    run_refused '/t: tmpcopyup: copying big: the tmpfs is full (see its options size and nr_inodes): No space left'
    (cd "$BUNDLE/rootfs/t" && rm big && for _ in {1..200}; do mkdir d && cd d || exit 1; done)
    run_refused 'tmpcopyup: copying d: more than 128 directories deep'
}

@test "tmpfs ro: read-only, although files may be mounted into it first" {
    echo data >"$BASE/file"
    add_mount /t tmpfs tmpfs ro
    add_mount /t/deep/file bind "$BASE/file" bind
    inside 'cat /t/deep/file; touch /t/x 2>&1 | grep -o Read-only'
    says $'data\nRead-only'
}

@test "each flag that a mount can show" {
    check() {
        add_mount /t tmpfs tmpfs "$1"
        has_options /t "${@:2}"
        config '.mounts |= map(select(.destination != "/t"))'
    }
    check ro ro
    check rw rw
    check nosuid nosuid
    check suid '!nosuid'
    check nodev nodev
    check dev '!nodev'
    check noexec noexec
    check exec '!noexec'
    check noatime noatime
    check nodiratime nodiratime
    check relatime relatime
    check strictatime '!relatime' '!noatime'
    [ "$NAME" = runc ] || check defaults rw '!nosuid'
    [ "$NAME" = runc ] || check nosymfollow nosymfollow
}

@test "each flag that a superblock shows, and its opposite" {
    check() {
        add_mount /t tmpfs tmpfs "${@:2}"
        found=,$(options_of /t | sed 's/.* //'),
        case $1 in
        !*) lacks "$found" ",${1#!}," ;;
        *) contains "$found" ",$1," ;;
        esac
        config '.mounts |= map(select(.destination != "/t"))'
    }
    check sync sync
    check '!sync' sync async
    check dirsync dirsync
    [ "$NAME" = runc ] || check lazytime lazytime
    [ "$NAME" = runc ] || check '!lazytime' lazytime nolazytime
}

@test "every other word of the vocabulary is accepted" {
    words=(async atime diratime iversion loud mand noiversion nolazytime nomand norelatime nostrictatime rw silent
           suid symfollow)
    [ "$NAME" = proa ] || words=(async atime diratime iversion nomand norelatime nostrictatime rw suid)
    for word in "${words[@]}"; do
        add_mount "/t-$word" tmpfs tmpfs "$word"
    done
    inside 'grep -c " /t-" /proc/self/mounts'
    says "${#words[@]}"
}

@test "of contradicting words the last wins" {
    add_mount /t tmpfs tmpfs ro rw noexec exec nosuid
    has_options /t rw '!noexec' nosuid
}

@test "unknown options go to the file system, which refuses them" {
    add_mount /t tmpfs tmpfs nonsense=1
    run_refused '/t'
}

@test "bind: a directory, a file; the mount points are made" {
    mkdir "$BASE/dir"
    echo one >"$BASE/dir/f"
    echo two >"$BASE/file"
    add_mount /new/dir bind "$BASE/dir" bind
    add_mount /new/place/file none "$BASE/file" rbind
    add_mount /third '' "$BASE/file" bind
    inside 'cat /new/dir/f /new/place/file /third; echo changed >/third; stat -c "%F" /new/dir /new/place/file'
    says $'one\ntwo\ntwo\ndirectory\nregular file'
    equal changed "$(cat "$BASE/file")"
    equal 755 "$(stat -c %a "$BUNDLE/rootfs/new")"
}

@test "bind: a relative source is relative to the bundle" {
    echo beside >"$BUNDLE/beside"
    add_mount /x bind beside bind
    cd /
    inside 'cat /x'
    says beside
}

@test "bind: a relative destination is relative to /" {
    echo text >"$BASE/file"
    add_mount x/y bind "$BASE/file" bind
    args cat /x/y
    run --separate-stderr proa run --bundle "$BUNDLE" "$ID"
    ok
    says text
}

@test "bind ro, rw, nosuid, nodev, noexec" {
    mkdir "$BASE/dir"
    add_mount /ro bind "$BASE/dir" bind ro
    add_mount /rw bind "$BASE/dir" bind rw
    add_mount /all bind "$BASE/dir" bind nosuid nodev noexec
    inside 'touch /ro/x 2>&1 | grep -o Read-only; touch /rw/x && echo written
        grep " /all " /proc/self/mounts | sed s/seclabel,// | cut -d " " -f 4 | cut -d , -f 1-4'
    says $'Read-only\nwritten\nrw,nosuid,nodev,noexec'
    [ -e "$BASE/dir/x" ]
}

@test "bind: without a flag the source's flags stay, with one the unasked are dropped" {
    mkdir "$BASE/source"
    host_mount -t tmpfs -o nosuid,nodev tmpfs "$BASE/source"
    add_mount /same bind "$BASE/source" bind
    has_options /same nosuid nodev
    config '.mounts |= map(select(.destination != "/same"))'
    add_mount /asked bind "$BASE/source" bind noexec
    has_options /asked noexec
}

@test "bind: ro does not change the source's own mount" {
    mkdir "$BASE/source"
    host_mount -t tmpfs tmpfs "$BASE/source"
    add_mount /x bind "$BASE/source" bind ro
    has_options /x ro
    touch "$BASE/source/still-writable"
}

nested() {
    mkdir "$BASE/outer"
    host_mount -t tmpfs tmpfs "$BASE/outer"
    mkdir "$BASE/outer/inner"
    host_mount -t tmpfs tmpfs "$BASE/outer/inner"
    touch "$BASE/outer/inner/deep"
}

@test "bind leaves submounts out, rbind takes them" {
    nested
    add_mount /one bind "$BASE/outer" bind
    add_mount /all bind "$BASE/outer" rbind
    inside 'ls /one/inner; ls /all/inner'
    says deep
}

@test "rbind ro changes the top mount, rro all" {
    nested
    add_mount /top bind "$BASE/outer" rbind ro
    add_mount /all bind "$BASE/outer" rbind rro
    inside 'touch /top/x 2>/dev/null; echo $?; touch /top/inner/x; echo $?; touch /all/inner/y 2>/dev/null; echo $?'
    says $'1\n0\n1'
}

@test "each recursive option changes the mounts below as well" {
    only_proa 'the control lacks some'
    nested
    check() {
        add_mount /r bind "$BASE/outer" rbind "$1"
        has_options /r/inner "${@:2}"
        config '.mounts |= map(select(.destination != "/r"))'
    }
    check rro ro
    check rnosuid nosuid
    check rnodev nodev
    check rnoexec noexec
    check rnoatime noatime
    check rnodiratime nodiratime
    check rrelatime relatime
    check rstrictatime '!relatime' '!noatime'
    check rnosymfollow nosymfollow
    umount "$BASE/outer/inner"
    mount -t tmpfs -o ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow tmpfs "$BASE/outer/inner"
    check rrw rw
    check rsuid '!nosuid'
    check rdev '!nodev'
    check rexec '!noexec'
    check rdiratime '!nodiratime'
    check rsymfollow '!nosymfollow'
    # Of atime's three modes there is none that "not relatime" would mean: it is accepted.
    check rnorelatime nosuid
    check ratime '!noatime'
}

propagation_of() {
    options_of "$1" | sed 's/ - .*//' | cut -s -d ' ' -f 2-
}

@test "propagation options: shared, slave, private, unbindable and their recursive forms" {
    nested
    mount --make-shared "$BASE/outer"
    check() {
        add_mount /p bind "$BASE/outer" rbind "$1"
        matches "$(propagation_of "$2") " "$3"
        config '.mounts |= map(select(.destination != "/p"))'
    }
    check shared /p shared:
    check slave /p master:
    check private /p '^ *$'
    check unbindable /p unbindable
    check rshared /p/inner shared:
    check rprivate /p '^[a-z,]* *$'
    check runbindable /p/inner unbindable
    check rslave /p master:
}

@test "a mount made on the host appears in a slave bind, not in a private one" {
    mkdir "$BASE/shared"
    host_mount -t tmpfs tmpfs "$BASE/shared"
    mount --make-shared "$BASE/shared"
    mkdir "$BASE/shared/later"
    mkfifo "$BUNDLE/rootfs/ready" "$BUNDLE/rootfs/go"
    add_mount /slave bind "$BASE/shared" rbind rslave
    add_mount /private bind "$BASE/shared" rbind rprivate
    args sh -c 'echo >/ready; cat /go >/dev/null; ls /slave/later; ls /private/later'
    create
    proa start "$ID"
    timeout 60 cat "$BUNDLE/rootfs/ready" >/dev/null
    mount -t tmpfs tmpfs "$BASE/shared/later"
    touch "$BASE/shared/later/seen"
    pid=$(pid_of)
    timeout 60 sh -c 'echo >"$1"' sh "$BUNDLE/rootfs/go"
    wait_end "$pid"
    umount "$BASE/shared/later"
    equal seen "$(cat "$BASE/out")"
}

@test "rootfsPropagation: private, slave, shared and unbindable" {
    check() {
        config '.linux.rootfsPropagation = $p' --arg p "$1"
        matches "$(propagation_of /) " "$2"
    }
    check private '^ *$'
    check rprivate '^ *$'
    only_proa 'the control forgets the following'
    check shared shared:
    check rshared shared:
    check unbindable unbindable
    check runbindable unbindable
    config '.linux.rootfsPropagation = "rslave"'
    args true
    proa run --bundle "$BUNDLE" "$ID"
    config '.linux.rootfsPropagation = "sideways"'
    run_refused sideways
}

@test "a container's mounts do not reach the host, even from a shared tree" {
    host_mount --bind "$BUNDLE" "$BUNDLE"
    mount --make-shared "$BUNDLE"
    add_mount /t tmpfs tmpfs
    args true
    proa run --bundle "$BUNDLE" "$ID"
    start_waiting
    # All that it has is below the bundle; elsewhere on the machine mounts come and go.
    equal "$BUNDLE" "$(mounts_below)"
}

@test "mounts are made in the order of the list" {
    mkdir "$BASE/dir"
    touch "$BASE/dir/hidden" "$BASE/file"
    add_mount /a bind "$BASE/dir" bind
    add_mount /a tmpfs tmpfs
    add_mount /a/b/c bind "$BASE/file" bind
    inside 'ls /a; ls /a/b'
    says $'b\nc'
}

@test "destinations: symbolic links are resolved inside the root" {
    mkdir -p "$BUNDLE/rootfs/real" "$BASE/dir"
    touch "$BASE/dir/here"
    ln -s /real "$BUNDLE/rootfs/absolute"
    ln -s ../../../real "$BUNDLE/rootfs/relative"
    add_mount /absolute/one bind "$BASE/dir" bind
    add_mount /relative/two bind "$BASE/dir" bind
    inside 'ls /real/one /real/two'
    says $'/real/one:\nhere\n\n/real/two:\nhere'
    [ ! -e /real ]
}

@test "destination: over / is refused" {
    mkdir "$BASE/dir"
    only_proa 'the control tries'
    add_mount / bind "$BASE/dir" bind
    run_refused ''
}

@test "sources that are missing, and a source of the wrong kind" {
    add_mount /x bind "$BASE/none" bind
    run_refused 'o such file or directory'
    config '.mounts |= map(select(.destination != "/x"))'
    touch "$BUNDLE/rootfs/file"
    mkdir "$BASE/dir"
    add_mount /file bind "$BASE/dir" bind
    run_refused 'ot a directory'
}

@test "bind of a fifo and of a socket neither blocks nor fails" {
    mkfifo "$BASE/fifo"
    add_mount /f bind "$BASE/fifo" bind
    args stat -c %F /f
    run timeout 60 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    ok
    says fifo
}

@test "a file system that does not exist" {
    add_mount /x nonsensefs none
    run_refused 'o such device'
}

@test "root: read-only and writable" {
    inside 'touch /x && echo yes'
    says yes
    config '.root.readonly = true'
    inside 'touch /y 2>&1 | grep -o Read-only; touch /dev/shm/z && echo shm'
    says $'Read-only\nshm'
}

@test "root: read-only keeps the flags that the file system had" {
    only_proa 'the control drops them'
    host_mount --bind "$BUNDLE" "$BUNDLE"
    mount -o remount,bind,nosuid,nodev "$BUNDLE"
    config '.root.readonly = true'
    has_options / ro nosuid nodev
}

@test "root: an absolute path, and one relative to the bundle" {
    mv "$BUNDLE/rootfs" "$BASE/elsewhere"
    config '.root.path = $p' --arg p "$BASE/elsewhere"
    inside 'echo absolute'
    says absolute
    mkdir "$BUNDLE/sub"
    mv "$BASE/elsewhere" "$BUNDLE/sub/tree"
    config '.root.path = "sub/tree"'
    cd /
    inside 'echo relative'
    says relative
}

@test "maskedPaths: files read empty, directories are empty and read-only" {
    mkdir "$BUNDLE/rootfs/secret"
    echo secret >"$BUNDLE/rootfs/secret/file"
    echo secret >"$BUNDLE/rootfs/secret-file"
    config '.linux.maskedPaths += ["/secret", "/secret-file", "/not-there", "/secret"]'
    inside 'ls -A /secret; cat /secret-file; touch /secret/x 2>&1 | grep -o Read-only; stat -c %t:%T /secret-file
        cat /proc/keys /proc/timer_list'
    says $'Read-only\n1:3'
    equal secret "$(cat "$BUNDLE/rootfs/secret-file")"
}

@test "readonlyPaths: read-only, also what was mounted there; missing ones are passed over" {
    mkdir "$BUNDLE/rootfs/fixed"
    echo text >"$BUNDLE/rootfs/file"
    add_mount /dir tmpfs tmpfs nosuid nodev
    config '.linux.readonlyPaths += ["/fixed", "/file", "/dir", "/not-there"]'
    inside 'for p in /fixed/x /dir/x; do touch $p 2>&1 | grep -o Read-only; done
        (echo >/file) 2>&1 | grep -o Read-only; grep " /dir " /proc/self/mounts | tail -n 1 | sed s/seclabel,// | cut -d " " -f 4 | cut -d , -f 1-3'
    says $'Read-only\nRead-only\nRead-only\nro,nosuid,nodev'
}

@test "the kernel's switches cannot be written with the default configuration" {
    all_capabilities CAP_SYS_ADMIN CAP_DAC_OVERRIDE
    inside 'for f in /proc/sys/kernel/core_pattern /proc/sys/vm/swappiness /proc/sys/fs/nr_open; do
        (echo x >$f) 2>&1 | grep -o Read-only; done'
    says $'Read-only\nRead-only\nRead-only'
}

@test "masked and read-only paths need a mount namespace" {
    no_namespace mount
    config '.mounts = []'
    run_refused 'MNT namespace'
}

@test "cgroup: a read-only tree with the container's own place" {
    only_v1
    inside 'ls /sys/fs/cgroup | tr "\n" " "; mkdir /sys/fs/cgroup/pids/x 2>&1 | grep -o Read-only
        grep -c " cgroup ro," /proc/self/mounts'
    contains "$output" 'pids'
    contains "$output" 'Read-only'
    contains "$output" 'memory'
}

@test "cgroup: with a cgroup namespace the container sees its own cgroup as the root" {
    only_v1
    namespace cgroup
    config '.linux.resources.pids.limit = 33'
    inside 'cat /sys/fs/cgroup/pids/pids.max; cut -d : -f 3 /proc/self/cgroup | sort -u'
    says $'33\n/'
}

@test "mqueue and devpts are the container's own" {
    inside 'ls -A /dev/mqueue; ls /dev/pts; stat -f -c %T /dev/mqueue'
    equal ptmx "${lines[0]}"
}

@test "a tree of a hundred mounts" {
    config '.mounts += [range(100) | {destination: "/m/\(.)", type: "tmpfs", source: "tmpfs", options: ["size=4k"]}]'
    inside 'grep -c " /m/" /proc/self/mounts'
    says 100
}

# ---- Id-mapped mounts -------------------------------------------------------------------------

user_namespace() {
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
}

# A source with a file of root's and one of 1000's, and a mount below it.
owned_tree() {
    mkdir "$BASE/owned"
    host_mount -t tmpfs tmpfs "$BASE/owned"
    touch "$BASE/owned/root" "$BASE/owned/user"
    chown 1000:1001 "$BASE/owned/user"
    mkdir "$BASE/owned/below"
    host_mount -t tmpfs tmpfs "$BASE/owned/below"
    touch "$BASE/owned/below/deep"
}

# own_maps DESTINATION JSON [JSON]: the mount's uidMappings and gidMappings.
own_maps() {
    config '.mounts |= map(if .destination == $d then .uidMappings = ($u | fromjson) | .gidMappings = ($g | fromjson) else . end)' \
        --arg d "$1" --arg u "$2" --arg g "${3:-$2}"
}

@test "idmap: the container's mappings; ridmap: also below" {
    only_proa 'the control does not know the options'
    owned_tree
    user_namespace
    add_mount /plain bind "$BASE/owned" rbind
    add_mount /one bind "$BASE/owned" rbind idmap
    add_mount /all bind "$BASE/owned" rbind ridmap
    add_mount /last bind "$BASE/owned" rbind ridmap idmap ro
    inside 'stat -c "%n %u:%g" /plain/root /one/root /one/user /one/below/deep /all/user /all/below/deep /last/user /last/below/deep
        touch /one/new; touch /last/new 2>&1 | grep -o Read-only'
    says '/plain/root 65534:65534
/one/root 0:0
/one/user 1000:1001
/one/below/deep 65534:65534
/all/user 1000:1001
/all/below/deep 0:0
/last/user 1000:1001
/last/below/deep 65534:65534
Read-only'
    equal '0 0' "$(stat -c '%u %g' "$BASE/owned/new")"
}

@test "idmap: mappings of the mount's own, with and without a user namespace, and the option left out" {
    only_proa 'the control wants the mappings of the container'
    owned_tree
    chmod 777 "$BASE/owned"
    check() {
        config '.mounts |= map(select(.destination != "/m"))'
        add_mount /m bind "$BASE/owned" rbind "${@:3}"
        own_maps /m "$1" "$2"
        inside 'stat -c "%u:%g" /m/root /m/user /m/below/deep | tr "\n" " "'
    }
    u='[{"containerID": 0, "hostID": 5000, "size": 10}, {"containerID": 1000, "hostID": 2000, "size": 1}]'
    g='[{"containerID": 0, "hostID": 6000, "size": 2000}]'
    check "$u" "$g" idmap
    says '5000:6000 2000:7001 0:0 '
    check "$u" "$g"
    says '5000:6000 2000:7001 0:0 '
    check "$u" "$g" ridmap
    says '5000:6000 2000:7001 5000:6000 '
    user_namespace
    check '[{"containerID": 0, "hostID": 100007, "size": 2000}]' '[{"containerID": 0, "hostID": 100000, "size": 65536}]' ridmap
    says '7:0 1007:1001 7:0 '
    # The same as the container's: its namespace is used.
    check '[{"containerID": 0, "hostID": 100000, "size": 65536}]' '[{"containerID": 0, "hostID": 100000, "size": 65536}]' idmap
    says '0:0 1000:1001 65534:65534 '
}

@test "idmap: a joined user namespace" {
    only_proa 'the control does not know the option'
    owned_tree
    user_namespace
    mkfifo "$BASE/keeper"
    unshare --user sh -c 'echo up >"$1/keeper"; exec cat "$1/keeper"' sh "$BASE" 3>&- &
    timeout 60 cat "$BASE/keeper" >/dev/null
    until_true pgrep -f "^cat $BASE/keeper"
    keeper=$(pgrep -n -f "^cat $BASE/keeper")
    echo '0 100000 65536' >"/proc/$keeper/uid_map"
    echo '0 100000 65536' >"/proc/$keeper/gid_map"
    namespace user "/proc/$keeper/ns/user"
    config 'del(.linux.uidMappings, .linux.gidMappings)'
    add_mount /m bind "$BASE/owned" rbind idmap
    inside 'stat -c "%u:%g" /m/user'
    says 1000:1001
}

@test "idmap: what is refused" {
    only_proa 'texts of today'
    mkdir "$BASE/dir"
    add_mount /m tmpfs tmpfs idmap
    run_refused 'id-mapped mounts are only supported for bind-mounts'
    config 'del(.mounts[-1])'
    add_mount /m bind "$BASE/dir" bind ridmap
    run_refused 'id-mapped mounts must have both uid and gid mappings specified'
    own_maps /m '[{"containerID": 0, "hostID": 5000, "size": 10}]' '[]'
    run_refused 'id-mapped mounts must have both uid and gid mappings specified'
    own_maps /m '[{"containerID": 0, "hostID": 5, "size": 10}, {"containerID": 5, "hostID": 5, "size": 10}]'
    run_refused 'mounts[7] /m: uidMappings or gidMappings (do ranges overlap'
    config 'del(.mounts[-1])'
    add_mount /m bind /proc/sys rbind
    own_maps /m '[{"containerID": 0, "hostID": 5000, "size": 10}]'
    run_refused 'mounts[7] /m: id mapping of /proc/sys: the file system there (proc) cannot be id-mapped by this kernel'
}

@test "idmap: descriptors of the helpers do not stay" {
    only_proa 'looks at /proc/PID/fd'
    owned_tree
    add_mount /m bind "$BASE/owned" bind idmap
    own_maps /m '[{"containerID": 0, "hostID": 5000, "size": 10}]'
    inside 'ls /proc/self/fd | wc -l'
    plain=$output
    config 'del(.mounts[-1])'
    inside 'ls /proc/self/fd | wc -l'
    says "$plain"
}

# ---- User namespaces --------------------------------------------------------------------------

@test "user namespace: a source that only the caller may reach" {
    user_namespace
    mkdir -m 700 "$BASE/closed"
    mkdir "$BASE/closed/dir"
    echo text >"$BASE/closed/dir/file"
    add_mount /dir bind "$BASE/closed/dir" bind
    add_mount /file bind "$BASE/closed/dir/file" bind ro
    inside 'cat /dir/file /file; (echo x >/file) 2>&1 | grep -o Read-only'
    says $'text\ntext\nRead-only'
}

@test "user namespace: such a source is no peer of the host's, and its flags stay locked" {
    only_proa 'the control drops nothing by itself'
    user_namespace
    mkdir -m 700 "$BASE/closed"
    mkdir "$BASE/closed/dir"
    host_mount -t tmpfs tmpfs "$BASE/closed/dir"
    mount --make-shared "$BASE/closed/dir"
    mount -o remount,bind,ro,nosuid,nodev "$BASE/closed/dir"
    add_mount /dir bind "$BASE/closed/dir" rbind
    all_capabilities CAP_SYS_ADMIN
    inside 'grep " /dir " /proc/self/mountinfo | cut -d " " -f 6,7; mount -o remount,bind,rw /dir 2>/dev/null || echo locked'
    matches "$output" $'^ro,nosuid,nodev,relatime master:[0-9]+\nlocked$'
}

@test "user namespace: locked flags stay unless asked away by name, which is an error" {
    user_namespace
    mkdir "$BASE/source"
    host_mount -t tmpfs -o nosuid,nodev,noexec,noatime tmpfs "$BASE/source"
    add_mount /x bind "$BASE/source" bind ro
    has_options /x ro nosuid nodev noexec
    for option in suid dev exec; do
        config '.mounts[-1].options = ["bind", $o]' --arg o "$option"
        run_refused "$(head_says locked)"
    done
    only_proa 'the control takes the next ones as they come'
    config '.mounts[-1].options = ["bind", "strictatime"]'
    run_refused locked
    config '.mounts[-1].options = ["bind", "noatime"]'
    has_options /x noatime nosuid
}

@test "user namespace: sysfs needs a network namespace; a bind of the host's is the way" {
    user_namespace
    no_namespace network
    run_refused 'peration not permitted'
    contains "$stderr" "$(head_says 'bind /sys (options rbind, ro) instead')"
    config '.mounts |= map(if .destination == "/sys" then {destination: "/sys", type: "none", source: "/sys", options: ["rbind", "ro"]}
        else . end | select(.destination | startswith("/sys/") | not))'
    inside 'ls /sys/kernel >/dev/null && echo seen; (echo x >/sys/kernel/uevent_helper) 2>/dev/null || echo closed'
    says $'seen\nclosed'
}

# ---- Remount ----------------------------------------------------------------------------------

@test "remount: flags and options of what is mounted already" {
    add_mount /t tmpfs tmpfs size=64k
    add_mount /t tmpfs tmpfs remount size=128k nosuid noexec
    inside 'df -k /t | awk "END { print \$2 }"; grep -c " /t " /proc/self/mounts; grep " /t " /proc/self/mounts'
    equal 128 "${lines[0]}"
    equal 1 "${lines[1]}"
    contains "${lines[2]}" rw,nosuid,noexec
    config '.mounts[-1].options = ["remount", "ro"]'
    inside 'touch /t/x 2>&1 | grep -o Read-only; grep -c " /t " /proc/self/mounts'
    says $'Read-only\n1'
}

@test "remount: of a bind mount, and of a proc" {
    mkdir "$BASE/dir"
    add_mount /b bind "$BASE/dir" bind nodev
    add_mount /b bind "$BASE/dir" bind remount ro nosuid
    add_mount /proc proc proc remount nosuid nodev noexec
    inside 'grep " /b " /proc/self/mounts | cut -d " " -f 4 | cut -d , -f 1-3; grep -c " /proc proc rw,nosuid,nodev,noexec" /proc/self/mounts'
    equal "$(head_says ro,nosuid,relatime)${NAME/proa/}" "${lines[0]}${NAME/proa/}" || [ "$NAME" != proa ]
    equal 1 "${lines[1]}"
    touch "$BASE/dir/the-source-is-as-it-was"
}

@test "remount: where nothing is mounted, and behind a link" {
    mkdir "$BUNDLE/rootfs/d"
    add_mount /d tmpfs tmpfs remount ro
    run_refused "$(head_says 'mounts[7] /d: nothing is mounted there to be remounted')"
    ln -s /proc "$BUNDLE/rootfs/p"
    config '.mounts[-1].destination = "/p"'
    only_proa 'the control remounts it'
    run_refused 'inside /proc'
}

# ---- The rest of the vocabulary ---------------------------------------------------------------

@test "mountLabel without SELinux is an error" {
    [ ! -d /sys/fs/selinux ] || skip 'SELinux is there'
    config '.linux.mountLabel = "system_u:object_r:container_file_t:s0"'
    only_proa 'the control says it in other words'
    run_refused 'selinux label is specified in config, but selinux is disabled or not supported'
}

@test "a relative destination: a warning" {
    only_proa 'the control says it elsewhere'
    echo text >"$BASE/file"
    add_mount x/y bind "$BASE/file" bind
    args true
    run --separate-stderr proa run --bundle "$BUNDLE" "$ID"
    ok
    contains "$stderr" 'mounts[7]: relative destination path is **deprecated**, using it as relative to /'
}

@test "overlay: a lowerdir of many layers, longer than a single option may be" {
    for n in {1..9}; do
        layer=$BASE/$(printf 'layer-%040d' "$n")
        mkdir "$layer"
        echo "$n" >"$layer/same"
        touch "$layer/$n"
        lower+=${lower:+:}$layer
    done
    mkdir "$BASE/a:b"
    touch "$BASE/a:b/colon"
    lower+=":$BASE/a\\:b"
    [ "${#lower}" -gt 400 ]
    add_mount /o overlay overlay "lowerdir=$lower" ro
    inside 'cat /o/same; ls /o | tr "\n" " "'
    says $'1\n1 2 3 4 5 6 7 8 9 colon same '
}

@test "a value that is too long for the kernel is named" {
    only_proa 'mount(2) of the control has other limits'
    add_mount /o overlay overlay "lowerdir=/tmp,upperdir=/$(printf 'n%.0s' {1..300})"
    run_refused 'mounts[7] /o: fsconfig: option upperdir: the kernel takes no value of more than 255 bytes'
}

@test "tmpfs: at a destination that is an absolute link; in a set-group-ID directory" {
    mkdir -p "$BUNDLE/rootfs/real" "$BUNDLE/rootfs/shared"
    ln -s /real "$BUNDLE/rootfs/link"
    chown 0:77 "$BUNDLE/rootfs/shared"
    chmod 2775 "$BUNDLE/rootfs/shared"
    add_mount /link tmpfs tmpfs mode=1777
    add_mount /shared/one/two tmpfs tmpfs
    inside 'stat -c "%a %n" /real; stat -f -c %T /real /shared/one/two; stat -c "%g %a" /shared/one'
    equal '1777 /real' "${lines[0]}"
    equal tmpfs "${lines[1]}"
    equal tmpfs "${lines[2]}"
    matches "${lines[3]}" '^77 '
}

@test "tmpfs: without a mode over a directory that is missing, and one with owner" {
    only_proa 'the control keeps no owner'
    mkdir -m 1730 "$BUNDLE/rootfs/t"
    chown 5:6 "$BUNDLE/rootfs/t"
    add_mount /t tmpfs tmpfs
    add_mount /t2 tmpfs tmpfs
    inside 'stat -c "%a %u:%g" /t /t2'
    says $'1730 5:6\n755 0:0'
}

@test "masked directories share one file system that holds nothing and takes nothing" {
    for name in a b c; do
        mkdir "$BUNDLE/rootfs/m$name"
        echo secret >"$BUNDLE/rootfs/m$name/file"
    done
    config '.linux.maskedPaths += ["/ma", "/mb", "/mc"]'
    all_capabilities CAP_SYS_ADMIN CAP_DAC_OVERRIDE
    inside 'stat -c %d /ma /mb /mc | sort -u | wc -l; ls -A /ma /mb /mc | wc -c; stat -f -c %c /ma
        for d in /ma /mb /mc; do touch $d/x 2>&1 | grep -o Read-only; done
        mount -o remount,rw /ma && { touch /ma/x && echo stored; }; true' || true
    [ "$NAME" = proa ] || skip 'the control has one for each'
    equal 1 "${lines[0]}"
    equal 17 "${lines[1]}"
    lacks "$output" stored
}

@test "/dev read-only: nodes are made first" {
    config '.mounts |= map(if .destination == "/dev" then .options += ["ro"] else . end)'
    inside 'echo x >/dev/null; touch /dev/x 2>&1 | grep -o Read-only; touch /dev/shm/x'
    says Read-only
}

@test "a type without bind and without a source; no type at all" {
    only_proa 'the control wants a source'
    config '.mounts += [{destination: "/t", type: "tmpfs"}]'
    inside 'stat -f -c %T /t'
    says tmpfs
    config '.mounts[-1] = {destination: "/t", source: "x"}'
    run_refused 'type is required unless it is a bind mount'
}
