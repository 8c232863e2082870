# shellcheck shell=bash
# A containerd for tests, below $BASE, with an image of busybox; loaded after `engines`.
#
#   $IMAGE     the image's name
#   $GROUP     the cgroup that its containers are below; also ctr's namespace, unless the file has chosen one
#   ctr …      speaks to this containerd

# containerd_begin CONFIGURATION
containerd_begin() {
    export IMAGE=localhost/busybox:1 CONTAINERD_ADDRESS=$BASE/c.sock GROUP=${BASE##*/}
    export CONTAINERD_NAMESPACE=${CONTAINERD_NAMESPACE:-$GROUP}
    engine_needs containerd busybox-static jq
    printf 'version = 2\n%s\n' "$1" >"$BASE/containerd.toml"
    containerd_start
    busybox_tar "$BASE/layer.tar"
    oci_image "$IMAGE" '{Env: ["PATH=/bin"], Cmd: ["sleep", "infinity"]}' "$BASE/layer.tar" >"$BASE/image.tar"
}

# By itself containerd looks for `runc` in PATH; $BASE/bin comes first there. Where $CONTAINERD_NETWORK is set it has a
# network namespace of its own, with a loopback for streams.
containerd_start() {
    local around=()
    [ -z "${CONTAINERD_NETWORK:-}" ] || around=(unshare --net sh -c 'busybox ip link set lo up && exec "$@"' sh)
    PATH="$BASE/bin:$PATH" start_daemon containerd "${around[@]}" containerd --config "$BASE/containerd.toml" \
        --address "$CONTAINERD_ADDRESS" --root "$BASE/root" --state "$BASE/state"
    wait_until 60 ctr version
}

# containerd_end: fails when something is left of the daemon or of a container.
containerd_end() {
    local failed=0
    # The shim's default for a runtime's --root stays.
    [ ! -d "/run/containerd/runc/$GROUP" ] || rmdir "/run/containerd/runc/$GROUP" || failed=1
    engine_end "/${GROUP}[^/]*/" || failed=1
    find /sys/fs/cgroup -depth -type d -name "$GROUP*" -exec rmdir {} + || failed=1
    return $failed
}

# CTR_SECONDS: how long it may take.
ctr() {
    timeout --foreground -k 5 "${CTR_SECONDS:-200}" ctr "$@"
}

# ---- An image ------------------------------------------------------------------------------------

# oci_image NAME CONFIG LAYER: an OCI image layout as an archive, on stdout. CONFIG is what containers are run with (jq).
oci_image() {
    local layout config layer manifest
    layout=$(mktemp -d "$BASE/layout.XXXXXX")
    mkdir -p "$layout/blobs/sha256"
    layer=$(oci_blob "$layout" layer.v1.tar <"$3")
    config=$(jq -n --argjson layer "$layer" "{architecture: \"$(oci_architecture)\", os: \"linux\", config: $2,
        rootfs: {type: \"layers\", diff_ids: [\$layer.digest]}}" | oci_blob "$layout" config.v1+json)
    manifest=$(jq -n --argjson config "$config" --argjson layer "$layer" '{schemaVersion: 2, config: $config,
        layers: [$layer]}' | oci_blob "$layout" manifest.v1+json)
    jq -n --argjson manifest "$manifest" --arg name "$1" '{schemaVersion: 2,
        manifests: [$manifest + {annotations: {"io.containerd.image.name": $name}}]}' >"$layout/index.json"
    echo '{"imageLayoutVersion": "1.0.0"}' >"$layout/oci-layout"
    tar -C "$layout" -c .
    rm -r "$layout"
}

# oci_blob LAYOUT TYPE: keeps stdin there; prints its descriptor.
oci_blob() {
    local file=$1/blob digest
    cat >"$file"
    digest=$(sha256sum "$file" | cut -d ' ' -f 1)
    jq -n --arg type "$2" --arg digest "$digest" --argjson size "$(stat -c %s "$file")" \
        '{mediaType: "application/vnd.oci.image.\($type)", digest: "sha256:\($digest)", size: $size}'
    mv "$file" "$1/blobs/sha256/$digest"
}

oci_architecture() {
    case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) uname -m ;;
    esac
}
