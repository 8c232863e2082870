load ../lib/helpers

# spec needs no root: these tests run for everybody.
NO_ROOT_NEEDED=yes

prepare() {
    EMPTY=$BASE/empty
    mkdir "$EMPTY"
    cd "$EMPTY"
}

@test "spec: writes config.json, indented with tabs, without a newline at its end" {
    run --separate-stderr proa spec
    ok
    equal '' "$output$stderr"
    jq -e . config.json >/dev/null
    [[ $(head -c 4 config.json) == $'{\n\t"' ]]
    [ "$(tail -c 1 config.json)" = '}' ]
}

@test "spec: refuses to overwrite" {
    echo mine >config.json
    refused 'File config.json exists. Remove it first' proa spec
    equal mine "$(cat config.json)"
}

@test "spec --bundle: writes there" {
    mkdir bundle
    proa spec --bundle bundle
    [ -s bundle/config.json ]
    refused 'o such file or directory' proa spec --bundle missing
}

@test "spec: the mode follows the umask" {
    (umask 027 && proa spec)
    equal 640 "$(stat -c %a config.json)"
}

@test "spec: what runc's default contains" {
    proa spec
    equal '["sh"]' "$(jq -c .process.args config.json)"
    equal true "$(jq .process.terminal config.json)"
    equal true "$(jq .process.noNewPrivileges config.json)"
    equal '{"path":"rootfs","readonly":true}' "$(jq -c .root config.json)"
    equal '["pid","network","ipc","uts","mount"]' "$(jq -c '[.linux.namespaces[].type] | .[:5]' config.json)"
    equal '["CAP_AUDIT_WRITE","CAP_KILL","CAP_NET_BIND_SERVICE"]' "$(jq -c .process.capabilities.bounding config.json)"
    equal '[{"type":"RLIMIT_NOFILE","hard":1024,"soft":1024}]' "$(jq -c .process.rlimits config.json)"
    equal '["/proc","/dev","/dev/pts","/dev/shm","/dev/mqueue","/sys","/sys/fs/cgroup"]' \
        "$(jq -c '[.mounts[].destination]' config.json)"
    equal '[{"allow":false,"access":"rwm"}]' "$(jq -c .linux.resources.devices config.json)"
    equal '["/proc/bus","/proc/fs","/proc/irq","/proc/sys","/proc/sysrq-trigger"]' \
        "$(jq -c .linux.readonlyPaths config.json)"
}

@test "spec: no inheritable capabilities (CVE-2022-29162)" {
    proa spec
    equal null "$(jq -c .process.capabilities.inheritable config.json)"
}

@test "spec --rootless: own ids mapped, no network namespace, no limits" {
    proa spec --rootless
    equal '["pid","ipc","uts","mount"]' "$(jq -c '[.linux.namespaces[].type] | map(select(. != "user" and . != "cgroup"))' config.json)"
    equal true "$(jq '[.linux.namespaces[].type] | any(. == "user")' config.json)"
    equal "[{\"containerID\":0,\"hostID\":$(id -u),\"size\":1}]" "$(jq -c .linux.uidMappings config.json)"
    equal "[{\"containerID\":0,\"hostID\":$(id -g),\"size\":1}]" "$(jq -c .linux.gidMappings config.json)"
    equal null "$(jq .linux.resources config.json)"
    equal false "$(jq '[.mounts[].options[]?] | any(startswith("gid="))' config.json)"
}

@test "spec: what it writes runs as it is, on a terminal" {
    [ "$(id -u)" -eq 0 ] || skip 'needs root'
    proa spec
    mv config.json "$BUNDLE/config.json"
    config 'del(.process.rlimits)'
    run $CONSOLE "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" <<'END'
expect #
send id -u\r
expect 0
send exit 4\r
END
    equal 4 "$status"
}
