# llmos in bash. Made by `llmos init bash`; nothing in it starts a program before it is needed.
if [[ $- == *i* ]]; then

__llmos_status=0
__llmos_prompt() {
    __llmos_status=$?
    return "$__llmos_status"
}
if [[ ${PROMPT_COMMAND-} != *__llmos_prompt* ]]; then
    PROMPT_COMMAND="__llmos_prompt${PROMPT_COMMAND:+; $PROMPT_COMMAND}"
fi

# llmos is told the command before this one and how it ended. fc knows which one that is.
llmos() {
    local last
    last=$(builtin fc -ln -1 -1 2>/dev/null)
    LLMOS_LAST_COMMAND=$last LLMOS_LAST_STATUS=$__llmos_status command llmos "$@"
}

# @KEY@: what stands in the line becomes a request to llmos, which then runs.
__llmos_line() {
    local line=$READLINE_LINE quoted="'\\''"
    [[ $line == *[![:space:]]* && $line != llmos && $line != llmos\ * ]] || return 0
    READLINE_LINE="llmos '${line//\'/$quoted}'"
    [[ $line == -* ]] && READLINE_LINE="llmos -- ${READLINE_LINE#llmos }"
    READLINE_POINT=${#READLINE_LINE}
}
# @SHOW_KEY@: what llmos would do is shown, and the line stays.
__llmos_show() {
    [[ $READLINE_LINE == *[![:space:]]* ]] && command llmos --mode dry-run --no-stdin -- "$READLINE_LINE"
}
for __llmos_map in emacs-standard vi-insert vi-command; do
    bind -m "$__llmos_map" -x '"\C-x\C-l": __llmos_line'
    bind -m "$__llmos_map" '"@KEY_BASH@": "\C-x\C-l\C-j"'
    @SHOW_BASH@bind -m "$__llmos_map" -x '"@SHOW_KEY_BASH@": __llmos_show'
done
unset __llmos_map

# A line that is no command is a request. What the distribution says about missing packages comes first.
if declare -F command_not_found_handle >/dev/null; then
    __llmos_found=$(declare -f command_not_found_handle)
    if [[ $__llmos_found != *__llmos_asks* ]]; then
        eval "__llmos_distribution ${__llmos_found#command_not_found_handle}"
    fi
    unset __llmos_found
fi
__llmos_asks() {
    local word
    [[ -z ${LLMOS_ASKED-} && -t 0 && -t 1 && -t 2 ]] || return 1
    [[ $# -gt 1 || $1 == *[![:ascii:]]* ]] || return 1
    for word in "$@"; do
        [[ $word != -* ]] || return 1
    done
    [[ $1 != */* && $1 != *=* ]]
}
command_not_found_handle() {
    local hint=
    if ! __llmos_asks "$@"; then
        if declare -F __llmos_distribution >/dev/null; then
            __llmos_distribution "$@"
            return
        fi
        printf 'bash: %s: command not found\n' "$1" >&2
        return 127
    fi
    if [[ $# -lt 4 && $1 != *[![:ascii:]]* ]] && declare -F __llmos_distribution >/dev/null; then
        hint=$(__llmos_distribution "$@" 2>&1)
        if [[ $hint == *$'\n'*[![:space:]]* ]]; then
            printf '%s\n' "$hint" >&2
            return 127
        fi
    fi
    export LLMOS_ASKED=1
    llmos -- "$*"
}

__llmos_complete() {
    COMPREPLY=()
    if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '@OPTIONS@' -- "${COMP_WORDS[COMP_CWORD]}")
    elif [[ $COMP_CWORD -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W '@COMMANDS@' -- "${COMP_WORDS[COMP_CWORD]}")
    fi
}
complete -o bashdefault -o default -F __llmos_complete llmos

fi
