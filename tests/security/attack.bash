# For tests whose container runs a program of the attacker's: attack.c, as /bin/attack.

setup_file() {
    export ATTACK=$BATS_FILE_TMPDIR/attack
    gcc -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -static -o "$ATTACK" "$BATS_TEST_DIRNAME/attack.c"
}
