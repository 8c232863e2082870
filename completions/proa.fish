# Completion for fish. It knows nothing itself: `proa complete` says what may stand at the end of the line.

function __proa_candidates
    set -l words (commandline -opc) (commandline -ct)
    # "--bundle=" of "--bundle=/srv"
    set -l before (string match -r -- '^-.*?=' $words[-1])
    for line in (command $words[1] complete -- $words[2..-1] 2>/dev/null)
        switch $line
            case :file
                string replace -r -- '^' "$before" (__fish_complete_path (string replace -- "$before" '' $words[-1]))
            case :directory
                string replace -r -- '^' "$before" (__fish_complete_directories (string replace -- "$before" '' $words[-1]) '')
            case '*'
                echo $line
        end
    end
end

complete -c proa -f -a '(__proa_candidates)'
