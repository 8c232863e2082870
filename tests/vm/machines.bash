# shellcheck shell=bash disable=SC2154
# The suites of tests/cli, tests/security and tests/engines that need another machine than this one, and that machine. Used by
# tests/vm/check (all of it) and by tools/check (what is marked fast). Needs tools/tally.bash, RUNTIME and FAULTY.

# when | name | options of tests/vm/run | suites
machines() {
    cat <<'TABLE'
fast  | v2           | --apparmor                                     | cgroups2
fast  | systemd      | --systemd                                      | systemd
fast  | user         | --user tester                                  | session
fast  | user-systemd | --systemd --user tester                        | session
whole | user-bare    | --user tester --no-delegation                  | session
whole | user-systemd | --systemd --user tester                        | systemd
whole | v2           | --apparmor                                     | resources update pause run lifecycle ps
whole | v2           | --apparmor                                     | exec stats events audit
whole | v2           | --apparmor                                     | namespaces mounts network environment hooks
whole | v2           | --apparmor                                     | seccomp console refusals process devices
whole | v2           | --apparmor                                     | attack badinput cmdline plan rootless spec kill-every-step
whole | v2           | --apparmor                                     | security
whole | systemd      | --systemd                                      | cgroups2 lifecycle
whole | selinux      | --selinux                                      | process refusals
whole | engines      | --engines --systemd -e CONTROL=crun            | engines/podman-systemd
whole | engines      | --engines --systemd --user tester -e CONTROL=crun | engines/podman-systemd engines/podman
whole | engines      | --engines --systemd                            | engines/podman engines/podman-options engines/buildah engines/conmon
whole | engines      | --engines --systemd                            | engines/containerd engines/containerd-tasks engines/cri
whole | engines      | --engines --systemd                            | engines/docker engines/docker-options engines/docker-daemon engines/docker-userns engines/buildkit
whole | engines-v2   | --engines                                      | engines/podman-options
whole | qemu         | -k qemu --apparmor --disk 1G --huge-pages 32   | cgroups2 process checkpoint
whole | qemu-systemd | -k qemu --systemd --disk 1G --huge-pages 32    | systemd
TABLE
}

# vm_parts WHEN: what make-image has to build.
vm_parts() {
    echo root uml
    [ "$1" = fast ] || echo qemu selinux engines
}

# suite_files SUITE…: those that there are; all of tests/security is one.
suite_files() {
    local suite file
    for suite; do
        case $suite in
        security) echo tests/security ;;
        engines/*) file=tests/$suite.bats; [ ! -e "$file" ] || echo "$file" ;;
        *) file=tests/cli/$suite.bats; [ ! -e "$file" ] || echo "$file" ;;
        esac
    done
}

# make_logs DIRECTORY NAME FILE…: what the machine's user makes in a directory of the host would be root's (hostfs).
make_logs() {
    local file
    rm -rf "$1"
    mkdir -m 777 "$1"
    for file in "${@:3}"; do
        : >"$1/$2-$(basename "$file" .bats).tap"
    done
    : >"$1/table"
    : >"$1/left-out"
    chmod 666 "$1"/*
}

# run_machine NUMBER NAME "OPTIONS" "SUITES": rows of the table as they come; a machine that ends early is a failure.
run_machine() {
    local own=$logs/vm-$1 status=0 start=$EPOCHREALTIME files options
    # shellcheck disable=SC2086
    mapfile -t files < <(suite_files $4)
    [ ${#files[@]} -gt 0 ] || return 0
    read -ra options <<<"$3"
    make_logs "$own" "$2" "${files[@]}"
    setpriv --pdeathsig TERM tests/vm/run -t "${VM_SECONDS:-3600}" --mount "$(dirname "$(dirname "$RUNTIME")")" -e RUNTIME -e FAULTY \
        -e "SUITE_SECONDS=${SUITE_SECONDS:-1500}" "${options[@]}" -- "$PWD/tests/vm/suite" "$own" "$2" "${files[@]}" 2>"$own/stderr" || status=$?
    cat "$own/table" >>"$logs/table"
    cat "$own/left-out" >>"$logs/left-out"
    [ $status -eq 0 ] && [ "$(wc -l <"$own/table")" -eq ${#files[@]} ] && return
    cat "$own/stderr"
    account "$2 (machine)" "$(seconds_since "$start")" 0 1 0
}

# vm_tests fast|whole: two machines at a time. They end with this shell, but take notice of SIGTERM alone: what a shell
# runs in the background ignores SIGINT.
vm_tests() {
    local when name options suites number=0 start=$EPOCHREALTIME status=0
    trap 'jobs -p | xargs -r kill 2>/dev/null' EXIT
    [ "$(id -u)" -eq 0 ] || { leave_out 'virtual machines' 'needs root'; return; }
    # shellcheck disable=SC2046
    setpriv --pdeathsig TERM tests/vm/make-image $(vm_parts "$1") 2>"$logs/make-image" || status=$?
    if [ $status -eq 75 ]; then
        leave_out 'virtual machines' "$(tail -n 1 "$logs/make-image")"
        return
    fi
    [ $status -eq 0 ] || { cat "$logs/make-image"; account 'virtual machines' "$(seconds_since "$start")" 0 1 0; return; }
    account 'machine images' "$(seconds_since "$start")" 1 0 0
    while IFS='|' read -r when name options suites; do
        [ "$1" = whole ] || [ "${when// /}" = fast ] || continue
        [ $number -lt "${VM_AT_ONCE:-2}" ] || wait -n
        number=$((number + 1))
        run_machine $number "${name// /}" "$options" "$suites" &
    done < <(machines)
    wait
    # shellcheck disable=SC2016
    [ "$1" = whole ] || echo 'virtual machines: `make vm-check` has more: QEMU, SELinux, the other command tests' >>"$logs/left-out"
}
