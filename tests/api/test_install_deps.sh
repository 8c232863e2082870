#!/bin/sh
# test_install_deps.sh SOURCE: tools/install-deps, with an apt-get that only says it has installed. No two at once, the policy
# that keeps services down is there meanwhile and gone afterwards, also after a failure or a signal.
set -eu
source=$1
[ "$(id -u)" -eq 0 ] && command -v flock >/dev/null || exit 77
dir=$(mktemp -d)
trap 'touch "$dir/go"; rm -rf "$dir"' EXIT

cat >"$dir/apt-get" <<'END'
#!/bin/sh
[ "$1" = install ] || exit 0
test -x /usr/sbin/policy-rc.d || echo 'no policy' >>"$DIR/log"
echo "begins $*" >>"$DIR/log"
case $MODE in
fails) exit 100 ;;
hangs) exec sleep 60 ;;
esac
while [ ! -e "$DIR/go" ]; do sleep 0.05; done
test -x /usr/sbin/policy-rc.d || echo 'no policy' >>"$DIR/log"
touch "$DIR/installed"
echo ends >>"$DIR/log"
END
cat >"$dir/dpkg-query" <<'END'
#!/bin/sh
echo asked >>"$DIR/asked"
[ ! -e "$DIR/installed" ] || printf 'install ok installed'
END
cat >"$dir/test" <<'END'
set -eu
mount -t tmpfs none /usr/sbin
deps=$SOURCE/tools/install-deps
gone() { [ ! -e /usr/sbin/policy-rc.d ] || { echo "the policy is left: $1"; exit 1; }; }
begun() { timeout 60 sh -c 'until [ -s "$1" ]; do sleep 0.05; done' sh "$DIR/$1"; }

MODE=fails "$deps" packages some && exit 1
gone 'a failure'
for signal in INT TERM; do
    : >"$DIR/log"
    MODE=hangs setsid python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$deps" packages some &
    begun log
    kill -"$signal" -- -$!
    wait $! && exit 1
    gone "SIG$signal"
done

: >"$DIR/log"
: >"$DIR/asked"
MODE=waits "$deps" packages some &
first=$!
begun log
: >"$DIR/asked"
MODE=waits "$deps" packages some &
second=$!
begun asked
touch "$DIR/go"
wait $first
wait $second
gone 'two at once'
[ "$(cut -d ' ' -f 1 "$DIR/log" | xargs)" = 'begins ends' ] || { cat "$DIR/log"; exit 1; }
END
chmod 755 "$dir/apt-get" "$dir/dpkg-query"
DIR=$dir SOURCE=$source PATH=$dir:$PATH unshare -m --propagation private bash "$dir/test"
