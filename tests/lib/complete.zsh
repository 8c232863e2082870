# complete.zsh FOLDER: types each line of standard input and a tab into a zsh that has FOLDER in its fpath. Prints a line for
# each: what is on the command line then, and below it, when there are several, the candidates.
zmodload zsh/zpty

read_until() {
    local text= chunk
    while [[ $text != *$1* ]]; do
        zpty -r z chunk || exit 1
        text+=$chunk
    done
    print -r -- $text
}

TERM=dumb zpty z zsh -f -i
zpty -w z "PS1=; stty cols 250; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D; zstyle ':completion:*' verbose no
    show() { print -r -- \"<\$BUFFER>\"; zle kill-buffer }; zle -N show; bindkey ^G show; print re''ady"
read_until ready >/dev/null
while IFS= read -r line; do
    zpty -w -n z "$line"$'\t\a'
    read_until '>' | tr -d '\r'
done
