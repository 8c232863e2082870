#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154
# docker: how a runtime is configured, builds, compose, hooks as those for GPUs, and a daemon that ends and comes back.

load docker

setup_file() {
    docker_begin '.runtimes += {
        "other": {path: .runtimes.oci.path},
        "talkative": {path: .runtimes.oci.path, runtimeArgs: ["--debug"]},
        "gpu": {path: (.pidfile | sub("docker.pid"; "gpu"))}
    }'
    engine_needs docker-compose
}

teardown_file() {
    docker_end
}

# ---- The runtime in docker's configuration ------------------------------------------------------------

@test "daemon.json: default-runtime, and info" {
    run docker info --format '{{.DefaultRuntime}} {{.Runtimes}}'
    mentions oci other talkative "$RUNTIME"
    [ "${output%% *}" = oci ]
    box default
    is .HostConfig.Runtime default oci
    docker exec default true
}

@test "run --runtime" {
    box chosen --runtime other
    is .HostConfig.Runtime chosen other
    docker exec chosen true
}

@test "runtimeArgs: docker writes a wrapper" {
    box wrapped --runtime talkative
    docker exec wrapped true
    grep -q -r -F -- "$RUNTIME --debug" "$BASE/data/runtimes"
}

@test "dockerd --add-runtime, --default-runtime" {
    cp "$BASE/daemon.json" "$BASE/daemon.kept"
    edit_daemon_json 'del(.runtimes, ."default-runtime")'
    stop_daemon dockerd
    start_dockerd --add-runtime "flag=$RUNTIME" --default-runtime flag
    run default_runtime_is flag
    docker run --rm busy true
    docker run --rm --runtime flag busy true
    stop_daemon dockerd
    mv "$BASE/daemon.kept" "$BASE/daemon.json"
    start_dockerd
    ends 0
}

@test "SIGHUP: one runtime more, and another default" {
    edit_daemon_json '.runtimes.later = .runtimes.oci | ."default-runtime" = "later"'
    kill -HUP "$(cat "$BASE/daemons/dockerd")"
    wait_until 60 default_runtime_is later
    box reloaded
    is .HostConfig.Runtime reloaded later
}

edit_daemon_json() {
    jq "$1" "$BASE/daemon.json" >"$BASE/daemon.new"
    mv "$BASE/daemon.new" "$BASE/daemon.json"
}

default_runtime_is() {
    [ "$(docker info --format '{{.DefaultRuntime}}')" = "$1" ]
}

@test "info and version: the runtime's own, no warnings of it" {
    run docker info
    [[ $output != *'unknown output format'* && $output != *'Failed to retrieve'* ]]
    run grep -i 'level=\(warning\|error\).*\(runtime\|runc\)' "$BASE/dockerd.log"
    [ -z "$output" ]
    run docker version
    mentions "$("$RUNTIME" --version | sed -n '1s/.* //p')"
}

@test "docker info: features of the runtime" {
    run docker info --format '{{json .Runtimes}}'
    [[ $output == *status* ]] || skip_known 'docker asks for them since 25'
    mentions org.opencontainers.runtime-spec.features ociVersionMax
}

# ---- Builds ------------------------------------------------------------------------------------------

# context NAME: a directory with the Dockerfile on stdin.
context() {
    mkdir "$BASE/$1"
    cat >"$BASE/$1/Dockerfile"
    echo "$1" >"$BASE/$1/file"
}

# built CODE BUILDKIT docker build's arguments…
built() {
    status=0
    output=$(DOCKER_BUILDKIT=$2 docker build "${@:3}" 2>&1) || status=$?
    ends "$1"
}

everything='FROM busy
COPY file /srv/file
RUN test "$(cat /srv/file)" && id -u >/srv/id
WORKDIR /srv/work
ENV A=b
USER user
RUN test "$PWD $A $(id -u)" = "/srv/work b 1000"
USER root
RUN ["/bin/sh", "-c", "mkdir -p /var/x && chown 1000 /var/x"]
CMD cat /srv/id'

@test "docker build" {
    context classic <<<"$everything"
    built 0 0 -t classic "$BASE/classic"
    run docker run --rm classic
    says 0
}

@test "docker build: a step that fails" {
    context classic-fails <<<$'FROM busy\nRUN exit 7'
    built 7 0 "$BASE/classic-fails"
    mentions 'returned a non-zero code: 7'
}

@test "docker build: limits" {
    context classic-limits <<<$'FROM busy\nRUN ulimit -n; cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes'
    built 0 0 --ulimit nofile=77:77 --memory 64m "$BASE/classic-limits"
    mentions $'\n77\n67108864\n'
}

@test "BuildKit: docker build" {
    context kit <<<"$everything"
    built 0 1 --network host --progress plain -t kit "$BASE/kit"
    run docker run --rm kit
    says 0
}

@test "BuildKit: a step that fails" {
    context kit-fails <<<$'FROM busy\nRUN echo seen; exit 7'
    built 1 1 --network host --progress plain "$BASE/kit-fails"
    mentions seen 'exit code: 7'
}

@test "BuildKit: no network, a cache, a secret" {
    context kit-more <<-'END'
	FROM busy
	RUN ls /sys/class/net
	RUN --mount=type=cache,target=/cache echo cached >/cache/a
	RUN --mount=type=cache,target=/cache cat /cache/a
	RUN --mount=type=secret,id=s cat /run/secrets/s
	RUN --mount=type=tmpfs,target=/t stat -f -c %T /t
	END
    echo whisper >"$BASE/secret"
    built 0 1 --network none --progress plain --secret "id=s,src=$BASE/secret" "$BASE/kit-more"
    mentions ' lo' ' cached' ' whisper' ' tmpfs'
}

@test "BuildKit: steps side by side" {
    context kit-many <<-'END'
	FROM busy AS a
	RUN echo a >/a
	FROM busy AS b
	RUN echo b >/b
	FROM busy
	COPY --from=a /a /
	COPY --from=b /b /
	RUN cat /a /b >/ab
	CMD cat /ab
	END
    built 0 1 --network host -t many "$BASE/kit-many"
    run docker run --rm many
    says $'a\nb'
}

@test "BuildKit: the runtime in its PATH, interrupted" {
    context kit-slow <<<$'FROM busy\nRUN echo started; sleep 1000'
    DOCKER_BUILDKIT=1 /usr/bin/docker build --network host --progress plain "$BASE/kit-slow" >"$BASE/slow.log" 2>&1 3>&- &
    wait_until 60 step_runs
    pgrep -P "$(cat "$BASE/docker.pid")" | sed 's:.*:/proc/&/exe:' | xargs readlink | grep -x -F "$(realpath "$RUNTIME")"
    kill -INT $!
    wait $! || true
    wait_until 60 no_step_runs
}

# Steps have cgroups below docker's parent. Where that is a slice, runc gets systemd's kind of path, but not the option for
# systemd: so the path is that of a directory.
step_runs() {
    find /sys/fs/cgroup '(' -path "*/$PARENT/*buildkit*/cgroup.procs" -o -path "*/$PARENT:*/cgroup.procs" ')' -exec cat '{}' + | grep .
}

no_step_runs() {
    ! step_runs
}

# ---- compose -----------------------------------------------------------------------------------------

@test "compose: three services" {
    mkdir "$BASE/app"
    cat >"$BASE/app/docker-compose.yml" <<-'END'
	version: "2.4"
	services:
	  web:
	    image: busy
	    network_mode: none
	    hostname: web
	    command: sh -c "echo x >/data/x; mkdir -p /tmp/w && echo hello >/tmp/w/index.html && exec httpd -f -p 127.0.0.1:80 -h /tmp/w"
	    mem_limit: 64m
	    volumes: ["data:/data"]
	  client:
	    image: busy
	    network_mode: "service:web"
	    depends_on: [web]
	    command: sh -c "until wget -q -O - http://127.0.0.1/; do sleep 0.1; done; sleep 1000"
	    volumes: ["data:/data"]
	  third:
	    build: {context: ., network: host}
	    runtime: other
	    network_mode: host
	    environment: {A: b}
	    init: true
	    command: sh -c "echo $$A; sleep 1000"
	volumes: {data: {}}
	END
    printf 'FROM busy\nRUN touch /built\n' >"$BASE/app/Dockerfile"
    compose up -d
    boxes=(app_web_1 app_client_1 app_third_1)
    wait_until 60 logs_have app_client_1 hello
    wait_until 60 logs_have app_third_1 b
    run --separate-stderr compose exec -T web cat /data/x
    says x
    docker exec app_third_1 ls /built
    is .HostConfig.Runtime app_third_1 other
    compose down -t 0 -v
    run docker ps -aq --filter label=com.docker.compose.project=app
    says ''
    boxes=()
}

compose() {
    timeout 200 docker-compose -p app -f "$BASE/app/docker-compose.yml" --no-ansi --compatibility "$@" 3>&-
}

# ---- Hooks of the kind that GPUs need ------------------------------------------------------------------

# A runtime that edits config.json on create and then becomes the real one, as NVIDIA's does. Its hook enters the mount
# namespace, binds a directory and a device into the root file system, and writes a file, as ldconfig would.
gpu_runtime() {
    mkdir "$BASE/driver"
    echo driver >"$BASE/driver/libfake.so"
    cat >"$BASE/gpu" <<-END
	#!/bin/bash
	bundle=
	for ((i = 1; i <= \$#; i++)); do
	    [ "\${!i}" != create ] || create=1
	    [ "\${!i}" != --bundle ] || { next=\$((i + 1)); bundle=\${!next}; }
	done
	if [ -n "\${create:-}" ]; then
	    jq --arg hook "$BASE/gpu-hook" --arg kind "\$(cat "$BASE/gpu-kind")" \
	        '.hooks[\$kind] += [{path: \$hook, args: ["gpu-hook", "--ldconfig"], env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]}]
	        | .linux.resources.devices += [{allow: true, type: "c", major: 1, minor: 11, access: "rw"}]' \
	        "\$bundle/config.json" >"\$bundle/config.new" && mv "\$bundle/config.new" "\$bundle/config.json"
	fi
	exec "$RUNTIME" "\$@"
	END
    cat >"$BASE/gpu-hook" <<-END
	#!/bin/bash
	set -e
	state=\$(cat)
	pid=\$(jq .pid <<<"\$state")
	root=\$(jq -r .root.path "\$(jq -r .bundle <<<"\$state")/config.json")
	mkdir -p "\$root/usr/lib/gpu"
	: >"\$root/dev/fakegpu" || true
	nsenter -t "\$pid" -m -- sh -e -c '
	    mount --bind "$BASE/driver" "\$1/usr/lib/gpu"
	    mount -o remount,bind,ro "\$1/usr/lib/gpu"
	    touch "\$1/dev/fakegpu"
	    mount --bind /dev/kmsg "\$1/dev/fakegpu"
	    echo "/usr/lib/gpu/libfake.so" >"\$1/etc/ld.so.cache"' sh "\$root"
	END
    chmod 755 "$BASE/gpu" "$BASE/gpu-hook"
}

# gpu_works KIND
gpu_works() {
    [ -e "$BASE/gpu" ] || gpu_runtime
    echo "$1" >"$BASE/gpu-kind"
    inside 'cat $(cat /etc/ld.so.cache); touch /usr/lib/gpu/x 2>/dev/null || echo ro; : >/dev/fakegpu; ls -l /dev/fakegpu | cut -c 1' \
        --runtime gpu
    says $'driver\nro\nc'
}

@test "a GPU-like prestart hook" {
    gpu_works prestart
}

@test "a GPU-like createRuntime hook" {
    gpu_works createRuntime
}

@test "a hook that fails: the container is not started" {
    [ -e "$BASE/gpu" ] || gpu_runtime
    echo prestart >"$BASE/gpu-kind"
    mv "$BASE/gpu-hook" "$BASE/gpu-hook.kept"
    printf '#!/bin/sh\necho no such card >&2\nexit 3\n' >"$BASE/gpu-hook"
    chmod 755 "$BASE/gpu-hook"
    run docker run --rm --runtime gpu busy true
    mv "$BASE/gpu-hook.kept" "$BASE/gpu-hook"
    ends 125
    mentions 'no such card'
}

# ---- The daemon ends and comes back --------------------------------------------------------------------

@test "live-restore: containers outlive the daemon" {
    edit_daemon_json '."live-restore" = true'
    stop_daemon dockerd
    start_dockerd
    box lives -- sh -c 'i=0; while sleep 0.1; do i=$((i + 1)); echo $i; done'
    box ends -- sh -c 'until [ -e /tmp/end ]; do sleep 0.1; done; exit 12'
    pid=$(the .State.Pid lives)
    root=/proc/$(the .State.Pid ends)/root
    stop_daemon dockerd
    [ -e "/proc/$pid" ]
    touch "$root/tmp/end"
    start_dockerd
    is .State.Pid lives "$pid"
    docker exec lives true
    wait_until 60 is '.State.Status}} {{.State.ExitCode' ends 'exited 12'
    docker stop -t 0 lives
    is .State.ExitCode lives 137
}

@test "dockerd is killed: containers are known, and end" {
    box known --ipc shareable
    box known2 --pid container:known --ipc container:known --network container:known
    pid=$(the .State.Pid known)
    stop_daemon dockerd KILL
    [ -e "/proc/$pid" ]
    start_dockerd
    is .State.Pid known "$pid"
    docker exec known true
    docker rm -f known2 known
    boxes=()
    [ ! -e "/proc/$pid" ]
    [ -z "$(find "$BASE/exec" -path '*runtime-*' -mindepth 3 -maxdepth 3 -type d)" ]
}

@test "without live-restore a killed dockerd ends them at its return" {
    edit_daemon_json 'del(."live-restore")'
    stop_daemon dockerd
    start_dockerd
    box swept --init
    box again --init --restart always
    pid=$(the .State.Pid swept)
    stop_daemon dockerd KILL
    start_dockerd
    is .State.Running swept false
    [ ! -e "/proc/$pid" ]
    wait_until 60 is .State.Running again true
}
