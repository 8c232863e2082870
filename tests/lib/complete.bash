# complete.bash SCRIPT: loads the completion SCRIPT and completes each line of standard input; a line of candidates for each.
# A line's words are separated by single spaces; a `=` is a word of its own, as bash has it.
# shellcheck disable=SC1090 # whichever it is
source "$1"
compopt() { :; }
while IFS= read -r line; do
    IFS=' ' read -ra COMP_WORDS <<<"${line//=/ = }"
    [[ $line != *[' '] ]] || COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _proa
    echo "${COMPREPLY[*]}"
done
