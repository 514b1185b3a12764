# llmos in zsh. Made by `llmos init zsh`; nothing in it starts a program before it is needed.
if [[ -o interactive ]]; then

typeset -g __llmos_status=0 __llmos_last= __llmos_this=
__llmos_preexec() { __llmos_last=$__llmos_this; __llmos_this=$1 }
__llmos_precmd() { __llmos_status=$? }
autoload -Uz add-zsh-hook
add-zsh-hook preexec __llmos_preexec
# First of all hooks: the ones before it would leave their own status.
precmd_functions=(__llmos_precmd ${precmd_functions:#__llmos_precmd})

llmos() {
    LLMOS_LAST_COMMAND=$__llmos_last LLMOS_LAST_STATUS=$__llmos_status command llmos "$@"
}

# @KEY@: what stands in the line becomes a request to llmos, which then runs.
__llmos_line() {
    if [[ -n ${BUFFER//[[:space:]]/} && $BUFFER != llmos && $BUFFER != 'llmos '* ]]; then
        if [[ $BUFFER == -* ]]; then BUFFER="llmos -- ${(qq)BUFFER}"; else BUFFER="llmos ${(qq)BUFFER}"; fi
    fi
    zle accept-line
}
# @SHOW_KEY@: what llmos would do is shown, and the line stays.
__llmos_show() {
    [[ -n ${BUFFER//[[:space:]]/} ]] || return 0
    zle -I
    command llmos --mode dry-run --no-stdin -- "$BUFFER" </dev/tty
}
zle -N __llmos_line
zle -N __llmos_show
for __llmos_map in emacs viins vicmd; do
    bindkey -M $__llmos_map '@KEY_ZSH@' __llmos_line
    @SHOW_ZSH@bindkey -M $__llmos_map '@SHOW_KEY_ZSH@' __llmos_show
done
unset __llmos_map

# A line that is no command is a request. What the distribution says about missing packages comes first.
if (( $+functions[command_not_found_handler] )) && [[ $functions[command_not_found_handler] != *__llmos_asks* ]]; then
    functions[__llmos_distribution]=$functions[command_not_found_handler]
fi
__llmos_asks() {
    local word
    [[ -z ${LLMOS_ASKED-} && -t 0 && -t 1 && -t 2 ]] || return 1
    [[ $# -gt 1 || $1 == *[^[:ascii:]]* ]] || return 1
    for word in "$@"; do
        [[ $word != -* ]] || return 1
    done
    [[ $1 != */* && $1 != *=* ]]
}
command_not_found_handler() {
    local hint=
    if ! __llmos_asks "$@"; then
        if (( $+functions[__llmos_distribution] )); then
            __llmos_distribution "$@"
            return
        fi
        print -u2 "zsh: command not found: $1"
        return 127
    fi
    if [[ $# -lt 4 && $1 != *[^[:ascii:]]* ]] && (( $+functions[__llmos_distribution] )); then
        hint=$(__llmos_distribution "$@" 2>&1)
        if [[ $hint == *$'\n'*[^[:space:]]* ]]; then
            print -ru2 -- "$hint"
            return 127
        fi
    fi
    export LLMOS_ASKED=1
    llmos -- "$*"
}

if (( $+functions[compdef] )); then
    __llmos_complete() {
        if (( CURRENT == 2 )); then compadd -- @COMMANDS@; fi
        if [[ $PREFIX == -* ]]; then compadd -- @OPTIONS@; else _files; fi
    }
    compdef __llmos_complete llmos
fi

fi
