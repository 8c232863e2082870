load podman

# buildah, and podman build: RUN steps in the runtime (isolation oci).

setup_file() { podman_begin; }
setup() {
    podman_setup
    CONTEXT=$HOME/$BATS_TEST_NUMBER
    directory "$CONTEXT"
}

# build OPTION… <<Containerfile: an image called localhost/built.
build() {
    cat >"$CONTEXT/Containerfile"
    run buildah bud --isolation oci --runtime "$RUNTIME" -t localhost/built "$@" "$CONTEXT"
}

# built SCRIPT: what is in the image.
built() {
    run podman run --rm localhost/built sh -c "$1"
}

@test "bud: RUN steps, each on the layer of the one before" {
    build --layers <<EOF
FROM $IMAGE
RUN echo one >/file
RUN echo two >>/file && id -u
EOF
    ends 0
    mentions 'STEP 2' 'STEP 3'
    built 'cat /file'
    says $'one\ntwo'
}

@test "bud: USER, WORKDIR, ENV, ARG, SHELL, exec form" {
    build --build-arg word=said <<EOF
FROM $IMAGE
ARG word
ENV A=b
WORKDIR /made
RUN ["touch", "exec form"]
RUN pwd >out && echo \$A \$word >>out
RUN chmod 777 .
USER user
SHELL ["/bin/sh", "-e", "-c"]
RUN id -u >user; test \$A = b
EOF
    ends 0
    built 'cat /made/out /made/user; ls /made'
    says $'/made\nb said\n1000\nexec form\nout\nuser'
}

@test "bud: two stages, COPY --from" {
    build <<EOF
FROM $IMAGE AS maker
RUN echo made >/product
FROM $IMAGE
COPY --from=maker /product /got
RUN cat /got >/again
EOF
    ends 0
    built 'cat /again; test ! -e /product'
    says made
}

@test "bud: a step that fails ends with its exit code" {
    build <<EOF
FROM $IMAGE
RUN echo before; exit 7
EOF
    ends 7
    mentions before 'exit status 7'
}

@test "bud: a program that is not there" {
    build <<EOF
FROM $IMAGE
RUN ["/no/where"]
EOF
    [ "$status" -ne 0 ]
    mentions /no/where 'no such file or directory'
}

@test "bud: --memory, --ulimit, --cap-add, --cap-drop, --shm-size" {
    local limits=(--memory 64m)
    own_cgroups || limits=()
    build "${limits[@]}" --ulimit nofile=100:100 --cap-add NET_ADMIN --cap-drop CHOWN --shm-size 1m <<EOF
FROM $IMAGE
RUN cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null | head -n 1 >/memory
RUN (ulimit -n; df -k /dev/shm | awk 'END {print \$2}'; awk '/^CapEff/ {print \$2}' /proc/self/status) >/limits
EOF
    ends 0
    built 'cat /limits'
    [ "${lines[0]} ${lines[1]}" = '100 1024' ]
    [ $((16#${lines[2]} & 1)) = 0 ]
    [ $((16#${lines[2]} >> 12 & 1)) = 1 ]
    own_cgroups || return 0
    built 'cat /memory'
    says 67108864
}

@test "bud: -v, --secret, RUN --mount=type=bind,cache,tmpfs,secret" {
    echo word >"$CONTEXT/word"
    directory "$CONTEXT/volume"
    echo here >"$CONTEXT/volume/file"
    build -v "$CONTEXT/volume:/v:ro" --secret "id=word,src=$CONTEXT/word" <<EOF
FROM $IMAGE
RUN cat /v/file >/out; ! touch /v/made
RUN --mount=type=secret,id=word cat /run/secrets/word >>/out
RUN --mount=type=bind,source=word,target=/bound --mount=type=tmpfs,target=/t touch /t/x && cat /bound >>/out
EOF
    ends 0
    built 'cat /out; ls /t 2>/dev/null || true'
    says $'here\nword\nword'
}

@test "bud --jobs 3: stages at the same time" {
    build --jobs 3 <<EOF
FROM $IMAGE AS a
RUN echo a >/a
FROM $IMAGE AS b
RUN echo b >/b
FROM $IMAGE
COPY --from=a /a /
COPY --from=b /b /
RUN cat /a /b >/both
EOF
    ends 0
    built 'cat /both'
    says $'a\nb'
}

@test "from, run, run -t, run -v, config, commit, rm" {
    local container
    container=$(buildah from $IMAGE)
    buildah config --workingdir /made "$container"
    run buildah run --isolation oci --runtime "$RUNTIME" "$container" -- sh -c 'pwd; touch made; exit 3'
    ends 3
    mentions /made
    run terminal buildah run --isolation oci --runtime "$RUNTIME" -t "$container" -- tty
    ends 0
    mentions /dev/pts/0
    run buildah run --isolation oci --runtime "$RUNTIME" --user user --hostname maker "$container" -- sh -c 'id -u; hostname; cat' <<<'input'
    says $'1000\nmaker\ninput'
    buildah commit -q "$container" localhost/committed >/dev/null
    buildah rm "$container" >/dev/null
    run podman run --rm localhost/committed ls /made
    says made
}

@test "a build that is interrupted ends its step" {
    # Others sleep as well.
    local seconds=$((1000000 + $$))
    printf '%s\n' "FROM $IMAGE" "RUN echo begun; exec sleep $seconds" >"$CONTEXT/Containerfile"
    start_daemon build buildah bud --isolation oci --runtime "$RUNTIME" "$CONTEXT"
    wait_until 60 grep -x begun "$BASE/build.log"
    stop_daemon build INT
    wait_until 60 no_sleeper "$seconds"
}

# The pattern comes as a file, or grep would find itself.
no_sleeper() {
    ! grep -l -s -z -x -f <(echo "$1") /proc/[0-9]*/cmdline
}

@test "podman build: RUN with the configured runtime, and by --runtime" {
    printf '%s\n' "FROM $IMAGE" 'RUN echo built >/file' >"$CONTEXT/Containerfile"
    podman build -q --isolation oci -t localhost/pod-built "$CONTEXT" >/dev/null
    run podman run --rm localhost/pod-built cat /file
    says built
    run podman --runtime "$RUNTIME" build --isolation oci --no-cache "$CONTEXT"
    ends 0
}
