# What the shells offer at the end of a command line. Each shell is asked itself, with the script that is installed.
load ../lib/helpers

prepare() {
    only_proa 'the scripts are for proa'
    export PATH=${RUNTIME%/*}:$PATH HOME=$BASE XDG_CONFIG_HOME=$BASE XDG_DATA_HOME=$BASE
    SCRIPTS=$REPO/completions
    mkdir "$BASE/place" "$BASE/place/folder"
    touch "$BASE/place/file name" "$BASE/place/file.json"
    cd "$BASE/place"
}

# with SHELL LINE…: what that shell makes of the lines.
with() {
    command -v "$1" >/dev/null || skip "$1 is not installed"
    local options=()
    [ "$1" != fish ] || options=(--no-config)
    [ "$1" != zsh ] || options=(-f)
    [ "$1" != bash ] || options=(--norc)
    run timeout 60 "$1" "${options[@]}" "$REPO/tests/lib/complete.$1" "$(script "$1")" < <(printf '%s\n' "${@:2}")
    ok
}

script() {
    case $1 in
    bash) echo "$SCRIPTS/proa.bash" ;;
    fish) echo "$SCRIPTS/proa.fish" ;;
    zsh) echo "$SCRIPTS" ;;
    esac
}

# The candidates of the n-th line, sorted.
candidates() {
    sed -n "$1p" <<<"$output" | tr ' ' '\n' | sort | paste -sd ' '
}

@test "complete: every command of the help, and every option of each" {
    local command commands
    commands=$("$RUNTIME" --help | sed -n '/^COMMANDS:/,/^$/s/^   \([a-z]*\).*/\1/p')
    equal "$(sort <<<"$commands")" "$("$RUNTIME" complete -- '' | cut -f 1 | sort)"
    for command in $commands; do
        equal "$("$RUNTIME" "$command" --help | sed -n '/^OPTIONS/,$s/^   \(--[a-z0-9-]*\).*/\1/p' | sort)" \
            "$("$RUNTIME" complete -- "$command" - | cut -f 1 | sort)"
    done
    contains "$("$RUNTIME" complete -- -)" --version
}

@test "complete: an option that takes a path says which kind, one of several words offers them" {
    equal :directory "$("$RUNTIME" complete -- run -b '')"
    equal :file "$("$RUNTIME" complete -- --debug --log x/)"
    equal :file "$("$RUNTIME" complete -- exec --process=/e)"
    equal 'cgroupfs systemd disabled' "$("$RUNTIME" complete -- --cgroup-manager s | paste -sd ' ')"
    equal '--format=table --format=json' "$("$RUNTIME" complete -- list --format= | paste -sd ' ')"
    equal '' "$("$RUNTIME" complete -- update --memory '')"
    contains "$("$RUNTIME" complete -- kill x '')" USR1
    contains "$("$RUNTIME" complete -- help '')" audit
    equal '' "$("$RUNTIME" complete -- exec x -)"
    equal '' "$("$RUNTIME" complete -- create '')"
}

@test "complete: containers, those that the command is good for, in the --root that is typed" {
    proa create --bundle "$BUNDLE" "$ID"
    for command in start kill delete pause exec ps state audit update stats; do
        equal "$ID"$'\tcreated' "$("$RUNTIME" complete -- --root "$STATE" "$command" '')"
        equal "$ID"$'\tcreated' "$("$RUNTIME" complete -- "$command" --root="$STATE" '')"
    done
    equal '' "$("$RUNTIME" complete -- --root "$STATE" resume '')"
    equal '' "$("$RUNTIME" complete -- --root "$STATE" run '')"
    equal '' "$("$RUNTIME" complete -- --root "$STATE" start one '')"
    contains "$("$RUNTIME" complete -- --root "$STATE" stats one '')" "$ID"
    proa delete --force "$ID"
    equal '' "$("$RUNTIME" complete -- --root "$STATE" state '')"
}

@test "bash: commands, options, values, paths, containers" {
    proa create --bundle "$BUNDLE" "$ID"
    with bash 'proa sta' 'proa run --bun' 'proa --log-format=j' 'proa run --bundle ' 'proa run --bundle=fo' 'proa exec -p file.' \
        "proa --root $STATE start " "proa --root=$STATE state t" 'proa kill x HU' 'proa --log-format='
    equal 'start state stats' "$(candidates 1)"
    equal --bundle "$(candidates 2)"
    equal json "$(candidates 3)"
    equal folder "$(candidates 4)"
    equal folder "$(candidates 5)"
    equal file.json "$(candidates 6)"
    equal "$ID" "$(candidates 7)"
    equal "$ID" "$(candidates 8)"
    equal HUP "$(candidates 9)"
    equal 'json text' "$(candidates 10)"
}

@test "bash: the script is loaded for the command, and says nothing" {
    run bash --norc -c 'source "$1"; complete -p proa' - "$SCRIPTS/proa.bash"
    equal 'complete -F _proa proa' "$output"
}

@test "fish: commands, options, values, paths, containers" {
    proa create --bundle "$BUNDLE" "$ID"
    with fish 'proa sta' 'proa run --bun' 'proa --log-format=j' 'proa run --bundle ' 'proa run --bundle=fo' 'proa exec -p file.' \
        "proa --root $STATE start " "proa --root=$STATE state t" 'proa kill x HU' 'proa --log-format='
    equal 'start state stats' "$(candidates 1)"
    equal --bundle "$(candidates 2)"
    equal --log-format=json "$(candidates 3)"
    equal folder/ "$(candidates 4)"
    equal --bundle=folder/ "$(candidates 5)"
    equal file.json "$(candidates 6)"
    equal "$ID" "$(candidates 7)"
    equal "$ID" "$(candidates 8)"
    equal HUP "$(candidates 9)"
    equal '--log-format=json --log-format=text' "$(candidates 10)"
}

@test "zsh: commands, options, values, paths, containers" {
    proa create --bundle "$BUNDLE" "$ID"
    with zsh 'proa sp' 'proa run --bun' 'proa --log-format=j' 'proa run --bundle fo' 'proa run --bundle=fo' 'proa exec -p file.' \
        "proa --root $STATE start " "proa --root=$STATE state t" 'proa kill x HU' 'proa sta'
    for line in 'proa spec ' 'proa run --bundle ' 'proa --log-format=json ' 'proa run --bundle folder/' 'proa run --bundle=folder/' \
        'proa exec -p file.json ' "proa --root $STATE start $ID " "proa --root=$STATE state $ID " 'proa kill x HUP '; do
        contains "$output" "<$line>"
    done
    matches "$output" 'start +state +stats'
}
