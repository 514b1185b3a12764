# llmos in fish. Made by `llmos init fish`; nothing in it starts a program before it is needed.
if status is-interactive

function __llmos_postexec --on-event fish_postexec
    set -g __llmos_status $status
    set -g __llmos_last $argv[1]
end

function llmos
    set -lx LLMOS_LAST_COMMAND "$__llmos_last"
    set -lx LLMOS_LAST_STATUS "$__llmos_status"
    command llmos $argv
end

# @KEY@: what stands in the line becomes a request to llmos, which then runs.
function __llmos_line
    set -l line (commandline | string collect)
    if test -n (string trim -- "$line" | string collect); and not string match -qr '^llmos( |$)' -- "$line"
        if string match -q -- '-*' "$line"
            commandline -r -- "llmos -- "(string escape -- "$line")
        else
            commandline -r -- "llmos "(string escape -- "$line")
        end
    end
    commandline -f execute
end
# @SHOW_KEY@: what llmos would do is shown, and the line stays.
function __llmos_show
    set -l line (commandline | string collect)
    test -n "$line"; or return
    echo
    command llmos --mode dry-run --no-stdin -- "$line"
    commandline -f repaint
end
for __llmos_map in default insert
    bind -M $__llmos_map @KEY_FISH@ __llmos_line
    @SHOW_FISH@bind -M $__llmos_map @SHOW_KEY_FISH@ __llmos_show
end

# A line that is no command is a request. What the distribution says about missing packages comes first.
if functions -q fish_command_not_found; and not functions -q __llmos_distribution
    functions -c fish_command_not_found __llmos_distribution
end
function __llmos_asks
    test -z "$LLMOS_ASKED"; and test -t 0; and test -t 2; or return 1
    # Whatever the line says, a handler's own output goes to the terminal: pipes show in the line alone.
    string match -qr '[|<>]' -- (status current-commandline 2>/dev/null); and return 1
    test (count $argv) -gt 1; or string match -qr '[^\x00-\x7f]' -- $argv[1]; or return 1
    for word in $argv
        string match -q -- '-*' $word; and return 1
    end
    not string match -qr '[/=]' -- $argv[1]
end
function fish_command_not_found
    if __llmos_asks $argv
        set -lx LLMOS_ASKED 1
        llmos -- "$argv"
    else if functions -q __llmos_distribution
        __llmos_distribution $argv
    else
        echo "fish: Unknown command: $argv[1]" >&2
    end
end

complete -c llmos -n __fish_use_subcommand -a '@COMMANDS@'
@FISH_OPTIONS@

end
