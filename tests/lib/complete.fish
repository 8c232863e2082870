# complete.fish SCRIPT: loads the completion SCRIPT and completes each line of standard input; a line of candidates for each.
source $argv[1]
while read -l line
    echo (complete -C $line | string replace -r '\t.*' '')
end
