# What linux.resources has to withstand, on v1 and v2: bad values, cgroups that cannot be used, no memory, many at once.
load ../lib/helpers

prepare() {
    args true
}

is_v2() {
    [ -f /sys/fs/cgroup/cgroup.controllers ]
}

# The hierarchy with a controller.
hierarchy() {
    if is_v2; then echo /sys/fs/cgroup; else echo "/sys/fs/cgroup/$1"; fi
}

# ---- Bad values ---------------------------------------------------------------------------------

@test "names that lead out of the cgroup are refused" {
    only_proa 'the control takes some of them'
    while IFS='|' read -r filter text; do
        cp "$BUNDLE/config.json" "$BASE/good"
        config ".linux.resources += $filter"
        run_refused "$text"
        cp "$BASE/good" "$BUNDLE/config.json"
    done <<'END'
{unified: {"../memory.max": "1"}}|must be a file name (no slashes)
{unified: {"a/memory.max": "1"}}|must be a file name (no slashes)
{unified: {"..": "1"}}|must be in the form CONTROLLER.PARAMETER
{unified: {"": "1"}}|must be in the form CONTROLLER.PARAMETER
{unified: {"memory": "1"}}|must be in the form CONTROLLER.PARAMETER
{unified: {"cgroup.procs": "1"}}|is not a setting
{unified: {"cgroup.freeze": "1"}}|is not a setting
{hugepageLimits: [{pageSize: "../2MB", limit: 1}]}|unsupported huge page size
{hugepageLimits: [{pageSize: "2MB/../../x", limit: 1}]}|unsupported huge page size
{hugepageLimits: [{pageSize: "2mb", limit: 1}]}|unsupported huge page size
{rdma: {"a\nb": {hcaHandles: 1}}}|not the name of an RDMA device
{network: {priorities: [{name: "a b", priority: 1}]}}|not the name of a network interface
END
}

@test "values out of range are refused with the place in the file" {
    only_proa 'the control takes some of them'
    while IFS='|' read -r filter text; do
        cp "$BUNDLE/config.json" "$BASE/good"
        config ".linux.resources += $filter"
        run_refused "$text"
        cp "$BASE/good" "$BUNDLE/config.json"
    done <<'END'
{memory: {limit: -2}}|/linux/resources/memory/limit: must be from -1
{memory: {limit: "1G"}}|/linux/resources/memory/limit: must be an integer
{memory: {swap: 1048576}}|unable to set swap limit without memory limit
{memory: {swappiness: 101}}|/linux/resources/memory/swappiness: must be from -1 to 100
{cpu: {idle: 2}}|/linux/resources/cpu/idle: must be from 0 to 1
{cpu: {quota: -2}}|/linux/resources/cpu/quota: must be from -1
{cpu: {cpus: "9-"}}|cpuset.cpus
{blockIO: {weight: 1001}}|/linux/resources/blockIO/weight: must be from 0 to 1000
{blockIO: {throttleReadBpsDevice: [{major: 8, minor: 0, rate: -1}]}}|/linux/resources/blockIO/throttleReadBpsDevice/0/rate
{hugepageLimits: [{pageSize: "2MB", limit: -1}]}|/linux/resources/hugepageLimits/0/limit
{network: {classID: 4294967296}}|/linux/resources/network/classID
END
}

# ---- Cgroups that cannot be used ------------------------------------------------------------------

@test "a cgroup that is frozen is not taken" {
    only_proa 'the control words it otherwise, or waits'
    dir=$(hierarchy freezer)/$ID
    mkdir "$dir"
    if is_v2; then echo 1 >"$dir/cgroup.freeze"; else echo FROZEN >"$dir/freezer.state"; fi
    config '.linux.cgroupsPath = $p' --arg p "/$ID"
    refused "container's cgroup unexpectedly frozen" proa run --bundle "$BUNDLE" "$ID"
    # It was there before, and is there still; the others are gone.
    equal "$dir" "$(cgroups_named "$ID")"
    rmdir "$dir"
}

@test "a cgroup file system that is mounted read-only" {
    dir=$(hierarchy memory)
    args sh -c 'echo "not to be reached"'
    refused 'Read-only file system' unshare --mount sh -c 'mount -o remount,bind,ro "$0" && exec "$@"' "$dir" \
        "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    nothing_remains
}

# ---- Little memory --------------------------------------------------------------------------------

# User-mode Linux (7.2) panics when a program's execve is short of memory (__clear_user in elf_load).
needs_sound_execve() {
    only_proa "$1"
    [ -e "$(hierarchy memory)/cgroup.procs" ] || skip 'needs the memory controller'
    ! grep -q 'User Mode Linux' /proc/cpuinfo || skip 'this kernel would panic'
}

limit_memory() {
    config '.linux.resources.memory = {limit: $l, swap: $l}' --argjson l "$(($1 * 1024))"
}

# docs/resources.md says from where on a start works. A page here or there is a matter of the kernel and of what else it is
# asked to make: twice as much is enough anywhere.
@test "memory: the floor" {
    only_proa 'the control needs some megabytes'
    [ -e "$(hierarchy memory)/cgroup.procs" ] || skip 'needs the memory controller'
    limit_memory 512
    proa run --bundle "$BUNDLE" "$ID"
    nothing_remains
}

@test "memory: a limit below the floor says so" {
    needs_sound_execve 'the control is killed as well'
    for kilobytes in 4 16 40; do
        limit_memory $kilobytes
        run_refused 'memory limit too low?'
        contains "$stderr" "is $((kilobytes * 1024)), peak usage"
    done
}

@test "memory: what is too little for the program alone ends it, and leaves nothing" {
    needs_sound_execve 'the control needs some megabytes'
    for kilobytes in {20..380..60}; do
        limit_memory "$kilobytes"
        run proa run --bundle "$BUNDLE" "$ID"
        case $status in
            0 | 137) ;;
            1) contains "$output" 'memory limit too low?' ;;
            *) complain "exit status $status with $kilobytes KB" ;;
        esac
        nothing_remains
    done
}

# ---- Many -----------------------------------------------------------------------------------------

@test "200 containers at once, created and deleted" {
    only_proa 'the control takes minutes'
    config '.linux.resources = {memory: {limit: 33554432}, pids: {limit: 10}, cpu: {shares: 100}}'
    for i in {1..200}; do echo "$ID-$i"; done >"$BASE/ids"
    xargs -P 8 -I '{}' timeout 60 "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" '{}' <"$BASE/ids" >"$BASE/out" 2>&1 3>&-
    equal 200 "$(proa list -q | wc -l)"
    equal 200 "$(cgroups_named "$ID" | grep -c "^$(hierarchy memory)/.*-[0-9]*$")"
    xargs -P 8 -I '{}' timeout 60 "$RUNTIME" --root "$STATE" delete --force '{}' <"$BASE/ids"
    equal 0 "$(proa list -q | wc -l)"
    nothing_left
}
