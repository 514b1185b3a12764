"""`llmos init`: what a shell evaluates to have llmos in it. Every start of a shell waits for this.

Hence no argparse and nothing else that takes time. What is in the text is in `fronts/shell`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from llmos.commands import COMMANDS
from llmos.errors import Exit, UsageError

SHELLS = ("bash", "zsh", "fish")
OPTIONS = (
    "-c -C --yes --session --continue --mode --model --json --output --schema --stdin --no-stdin --timeout --quiet"
)
KEY = "alt-l"

HELP = """\
usage: llmos init bash|zsh|fish [--key KEY]

prints what the shell needs to have llmos in it; at the end of ~/.bashrc, ~/.zshrc or ~/.config/fish/config.fish:

  eval "$(llmos init bash)"        eval "$(llmos init zsh)"        llmos init fish | source

A file is read faster than llmos starts:  llmos init bash > ~/.llmos.bash  once, then  . ~/.llmos.bash  in ~/.bashrc.

  Alt-L          runs the line being typed through llmos; --key ctrl-g or another alt- or ctrl- key instead
  Alt-Shift-L    shows what llmos would do with the line, and leaves it
  find my notes  a line that is no command goes to llmos, on a terminal only; hints about missing packages come first
  why did that fail, fix it
                 llmos "fix it" knows the last command and how it ended; in tmux also what it printed
  Tab            completes the commands and options of llmos

There is no other option; exit codes are those of llmos."""


def main(arguments: Sequence[str]) -> int:
    """Raises UsageError for a shell or a key that is none."""
    if {"-h", "--help"} & {*arguments}:
        print(HELP)
        return Exit.DONE
    shell, key = _read(arguments)
    sys.stdout.write(text_for(shell, key))
    return Exit.DONE


def _read(arguments: Sequence[str]) -> tuple[str, str]:
    match [part for argument in arguments for part in argument.split("=", 1)]:
        case [shell]:
            key = KEY
        case [shell, "--key", key] | ["--key", key, shell]:
            pass
        case _:
            raise UsageError("which shell? llmos init bash, zsh or fish; --key alt-l sets the key")
    if shell not in SHELLS:
        raise UsageError(f"llmos init knows {', '.join(SHELLS)}, not {shell!r}")
    return shell, key.lower()


def text_for(shell: str, key: str = KEY) -> str:
    """The whole text. Raises UsageError."""
    path = os.path.join(os.path.dirname(os.path.dirname(__file__)), "fronts", "shell", f"llmos.{shell}")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for name, value in _values(key).items():
        text = text.replace(f"@{name}@", value)
    return text


def _values(key: str) -> Mapping[str, str]:
    kind, _, letter = key.partition("-")
    if kind not in ("alt", "ctrl") or len(letter) != 1 or not letter.isascii() or not letter.isalpha():
        raise UsageError(f"a key is alt- or ctrl- and a letter, such as {KEY} or ctrl-g, not {key!r}")
    shows = kind == "alt"
    codes = {"bash": "\\e", "zsh": "^[", "fish": "\\e"} if shows else {"bash": "\\C-", "zsh": "^", "fish": "\\c"}
    values = {"KEY": key.title(), "SHOW_KEY": f"Alt-Shift-{letter.upper()}", "COMMANDS": " ".join(COMMANDS)}
    for shell in SHELLS:
        code = codes[shell]
        values[f"KEY_{shell.upper()}"] = code + letter
        values[f"SHOW_KEY_{shell.upper()}"] = code + letter.upper()
        values[f"SHOW_{shell.upper()}"] = "" if shows else "# "
    long = [option[2:] for option in OPTIONS.split() if option.startswith("--")]
    return {**values, "OPTIONS": OPTIONS, "FISH_OPTIONS": "\n".join(f"complete -c llmos -l {name}" for name in long)}
