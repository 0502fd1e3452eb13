# SPDX-License-Identifier: Apache-2.0
# Completion for fish. Commands and options come from the program's own help, so that they are always its.

function __winnow_commands
    command winnow help 2>/dev/null | string match -r '^  winnow [a-z]+ .*' |
        string replace -r '^  winnow ([a-z]+) +(.*)' '$1\t$2'
end

function __winnow_command
    for word in (commandline -opc)[2..-1]
        if not string match -q -- '-*' $word
            echo $word
            return 0
        end
    end
    return 1
end

function __winnow_options
    command winnow (__winnow_command) --help 2>/dev/null |
        string match -r '^ *(?:-[A-Za-z], )?--[a-z-]+.*' |
        string replace -r '^ *(?:-[A-Za-z], )?(--[a-z-]+)(?: [A-Z]+)? *(.*)' '$1\t$2'
end

function __winnow_is
    contains -- (__winnow_command; or echo none) $argv
end

function __winnow_after
    contains -- (commandline -opc)[-1] $argv
end

complete -c winnow -f
complete -c winnow -n 'not __winnow_command >/dev/null; or __winnow_is help' -a '(__winnow_commands)'
complete -c winnow -n '__winnow_command >/dev/null; and string match -q -- "-*" (commandline -ct)' -a '(__winnow_options)'
complete -c winnow -n '__winnow_is filter; and __winnow_after --format' -a 'atom rss json'
complete -c winnow -n '__winnow_after opml' -a 'import export'
complete -c winnow -n '__winnow_after --state' -a '(__fish_complete_directories (commandline -ct))'
complete -c winnow -n '__winnow_after -c --config -o --output; or __winnow_is init parse; or __winnow_is opml; and not __winnow_after opml' -F
