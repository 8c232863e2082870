load ../lib/helpers
load ../lib/canary

# Masked and read-only paths that lead elsewhere.
# That it can fail was seen: a proa that resolves paths without RESOLVE_IN_ROOT fails the second test.

@test "masked and read-only paths behind links: nothing of the host's is covered" {
    ln -s "$CANARY" "$BUNDLE/rootfs/out"
    config '.linux.maskedPaths += ["/out", "/out/file"] | .linux.readonlyPaths += ["/out"]'
    either_way
    touch "$CANARY/file"
}

@test "every read-only path is read-only, whatever kind of thing it is and however it is written" {
    mkdir -p "$BUNDLE/rootfs/ro/dir/sub" "$BUNDLE/rootfs/real"
    echo x >"$BUNDLE/rootfs/ro/file"
    mkfifo "$BUNDLE/rootfs/ro/fifo"
    ln -s /real "$BUNDLE/rootfs/ro/link"
    config '.linux.readonlyPaths = ["/ro/dir/../dir", "ro/file", "/ro/fifo", "/ro/link"]'
    inside 'for p in /ro/dir/sub/x /real/x; do touch $p 2>&1 | grep -o Read-only; done
        (echo y >/ro/file) 2>&1 | grep -o Read-only; chmod 777 /ro/fifo 2>&1 | grep -o Read-only; touch /ro/other && echo other'
    says $'Read-only\nRead-only\nRead-only\nRead-only\nother'
}
