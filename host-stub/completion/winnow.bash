# SPDX-License-Identifier: Apache-2.0
# Completion for bash. Commands and options come from the program's own help, so that they are always its.

_winnow() {
    local winnow=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]} prev= command= i
    ((COMP_CWORD > 0)) && prev=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -* ]] || { command=${COMP_WORDS[i]}; break; }
    done
    if [[ -z $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$winnow" help 2>/dev/null |
            sed -n 's/^  winnow \([a-z]*\) .*/\1/p')" -- "$cur")
        return
    fi
    # bash parts --name=value at the equals sign.
    if [[ $cur == "=" ]]; then
        cur=
    elif [[ $prev == "=" ]]; then
        ((COMP_CWORD > 1)) && prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    case $prev in
    --format)
        mapfile -t COMPREPLY < <(compgen -W "atom rss json" -- "$cur")
        return ;;
    --state)
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
        return ;;
    -c | --config | -o | --output)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return ;;
    --source | --base | -H | --header)
        return ;;
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$winnow" "$command" --help 2>/dev/null |
            sed -n 's/^ *\(-[A-Za-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p')" -- "$cur")
        return
    fi
    case $command in
    help)
        mapfile -t COMPREPLY < <(compgen -W "$("$winnow" help 2>/dev/null |
            sed -n 's/^  winnow \([a-z]*\) .*/\1/p')" -- "$cur") ;;
    opml)
        if [[ $prev == opml ]]; then
            mapfile -t COMPREPLY < <(compgen -W "import export" -- "$cur")
        else
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        fi ;;
    init | parse)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    esac
}
complete -o filenames -F _winnow winnow
