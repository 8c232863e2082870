# shellcheck shell=bash
# Completion for bash. It knows nothing itself: `proa complete` says what may stand at the end of the line.

_proa()
{
    local words=() typed line value before i
    for ((i = 1; i <= COMP_CWORD; i++)); do
        # The shell has cut the words at `=` too.
        if ((i > 1)) && [[ ${COMP_WORDS[i]} == = || ${COMP_WORDS[i - 1]} == = ]]; then
            words[-1]+=${COMP_WORDS[i]}
        else
            words+=("${COMP_WORDS[i]}")
        fi
    done
    # What is typed is the part behind the last cut.
    typed=${COMP_WORDS[COMP_CWORD]#=}
    before=${words[-1]%"$typed"}
    COMPREPLY=()
    while IFS= read -r line; do
        value=${line%%$'\t'*}
        case $value in
        :file)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$typed")
            ;;
        :directory)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -d -- "$typed")
            ;;
        "$before$typed"*) COMPREPLY+=("${value#"$before"}") ;;
        esac
    done < <("${COMP_WORDS[0]}" complete -- "${words[@]}" 2>/dev/null)
}

complete -F _proa proa
