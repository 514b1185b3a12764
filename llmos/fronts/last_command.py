"""The command before this one in the user's shell: what it was, how it ended and, in tmux, what it printed.

The shell says so in the environment (`llmos init`). Nothing is ever run again to find out more.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from signal import Signals

from llmos.models.base import Model
from llmos.models.scripted import ScriptedModel
from llmos.values.messages import Reply

COMMAND, STATUS = "LLMOS_LAST_COMMAND", "LLMOS_LAST_STATUS"

LINES = 200
"""Of the terminal's history that are looked at."""

_ASKED = re.compile(
    r"(please |can you |could you )*"
    r"(fix (it|that|this)|repair (it|that)|(so )?why did (that|it|this|the (last )?command) (fail|not work|break|stop)"
    r"|why (doesn't|didn't|did not|does not) (that|it|this) work|what (went|is|was) wrong( (with|there).*)?"
    r"|what happened|(explain|what was) (that|the|the last) (error|failure)|what does (that|this) error mean)"
    r"( please)?|(刚才|上一条|上个|这个|那个|它)?(的)?(命令)?(为什么|怎么)(会)?(失败|报错|出错|不行)(了)?(呢)?"
    r"|(请)?(帮我)?修(复|好|一下)(它|这个|刚才的命令)?|怎么回事|(刚才)?哪里(错|出错)了|出了什么问题",
    re.IGNORECASE,
)

_MEANINGS = {
    1: "as programs say that something went wrong; what, they print",
    2: "as many programs say that their arguments do not fit; its --help or man page lists them",
    124: "as `timeout` says that the time was up",
    126: "the shell found it and may not run it: it is not executable (chmod +x), or it is a folder",
    127: "the shell found no program of that name",
    128: "an exit code that does not fit",
}

_OF_PROGRAMS = {
    ("grep", 1): "grep found no line that matches; that is no error",
    ("rg", 1): "rg found no line that matches; that is no error",
    ("diff", 1): "the two differ; that is no error",
    ("cmp", 1): "the two differ; that is no error",
    ("test", 1): "the condition is false; that is no error",
    ("[", 1): "the condition is false; that is no error",
    ("curl", 6): "curl could not find the host: a mistake in the name, or no network",
    ("curl", 7): "curl found the host and could not connect: nothing listens there, or a firewall is between",
    ("ssh", 255): "ssh could not connect or log in",
    ("make", 2): "make stopped at a command that failed; that command's own message is above make's",
}

_SIGNALS = {
    Signals.SIGINT: "stopped with Ctrl-C",
    Signals.SIGQUIT: "stopped with Ctrl-\\",
    Signals.SIGKILL: "killed by force: by somebody, or by the system when memory ran out",
    Signals.SIGSEGV: "crashed: it used memory that is not its own",
    Signals.SIGABRT: "gave up by itself, as programs do at an error they do not expect",
    Signals.SIGPIPE: "who read its output had ended, as in `... | head`; that is no error",
    Signals.SIGTERM: "told to end",
    Signals.SIGHUP: "ended with its terminal",
}

_TELLING = re.compile(
    r"error|fail|cannot|can't|could not|not found|no such|denied|refused|invalid|unknown|unrecognized|usage:"
    r"|no space|in use|not permitted|错误|失败|无法|不存在",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Last:
    command: str
    status: int
    output: str = ""
    """What it printed, where that can be had without running it again."""

    @property
    def program(self) -> str:
        words = self.command.split()
        while words and (words[0] in ("sudo", "env", "time", "nohup", "command") or "=" in words[0]):
            words.pop(0)
        return os.path.basename(words[0]) if words else ""


def last(env: Mapping[str, str], *, output: bool = False) -> Last | None:
    """None when the shell does not say."""
    command, status = " ".join(env.get(COMMAND, "").split()), env.get(STATUS, "")
    if not command or not status.isdigit():
        return None
    return Last(command, int(status), _printed(env, command) if output else "")


def is_asked(request: str) -> bool:
    """The request is about the last command and nothing else: "fix it", "why did that fail?", 为什么失败了."""
    return _ASKED.fullmatch(request.strip().rstrip("?!.。？！ ")) is not None


def is_to_mend(request: str) -> bool:
    """Of requests that are about the last command: it is to be mended, and not only explained."""
    return re.search(r"fix|repair|修", request, re.IGNORECASE) is not None


def mended(last: Last, path: str) -> str:
    """The command with the one program that was surely meant; "" where that is not known."""
    near = _near(last.program, path) if last.status == 127 else []
    return last.command.replace(last.program, near[0], 1) if len(near) == 1 else ""


@dataclass(frozen=True)
class Meant:
    """A request as it goes to a model, or what answers it instead."""

    request: str
    input: str | None
    by: Model | None = None


@contextmanager
def meant(request: str, env: Mapping[str, str], *, embedded: bool, input: str | None) -> Iterator[Meant]:
    """The embedded model cannot mend commands, so what can be said of one is said; others get it with its output."""
    known = last(env, output=True) if is_asked(request) else None
    if known is None:
        yield Meant(request, input)
    elif embedded:
        yield Meant(request, input, ScriptedModel([Reply(explained(known, env.get("PATH", "")), final=True)]))
    else:
        with tempfile.NamedTemporaryFile("w", prefix="llmos-", encoding="utf-8") as file:
            file.write(known.output)
            file.flush()
            output = input or (file.name if known.output else None)
            yield Meant(f"{request}\n\n({_told(known, printed=bool(known.output) and not input)})", output)


def _told(last: Last, *, printed: bool) -> str:
    """The output itself stays out of the request: it is text from a program, and has no authority."""
    what = f"the last command in my shell was: {last.command} ; it ended with exit code {last.status}"
    return what + ('; what it printed is the file "-"' if printed else "")


def explained(last: Last, path: str = "") -> str:
    """What can be said without a large model. `path` is where the shell looks for programs."""
    said = [f"`{last.command}` ended with exit code {last.status}: {_meaning(last)}."]
    if line := _telling_line(last.output):
        said.append(f"It printed: {line}")
    if last.status == 127 and (near := _near(last.program, path)):
        said.append(f"Did you mean {' or '.join(near)}?")
    if last.status not in (0, 127) and "no error" not in said[0]:
        said.append("The built-in model cannot mend commands; a larger one (--model) gets it with its output.")
    return "\n".join(said)


def _meaning(last: Last) -> str:
    if last.status == 0:
        return "all went well, as far as it says"
    if (last.program, last.status) in _OF_PROGRAMS:
        return _OF_PROGRAMS[last.program, last.status]
    if last.status > 128:
        return _of_signal(last.status - 128)
    return _MEANINGS.get(last.status, "it failed; its man page may say what this number means")


def _of_signal(number: int) -> str:
    try:
        signal = Signals(number)
    except ValueError:
        return "it failed; its man page may say what this number means"
    return _SIGNALS.get(signal, f"ended by the signal {signal.name}")


def _telling_line(output: str) -> str:
    """The last line that sounds like the reason."""
    return next((line.strip()[:300] for line in reversed(output.splitlines()) if _TELLING.search(line)), "")


def _near(program: str, path: str) -> list[str]:
    from difflib import get_close_matches  # noqa: PLC0415

    names = _programs(path)
    return mistyped(program, path) or get_close_matches(program, sorted(names), n=3, cutoff=0.7)


def _programs(path: str) -> set[str]:
    names: set[str] = set()
    for folder in path.split(os.pathsep):
        try:
            names.update(os.listdir(folder))
        except OSError:
            continue
    return names


def mistyped(program: str, path: str) -> list[str]:
    """Programs with two letters in each other's place, which is how short names are mistyped: gti, sl."""
    names = _programs(path)
    pairs = range(len(program) - 1)
    return [word for i in pairs if (word := program[:i] + program[i + 1] + program[i] + program[i + 2 :]) in names][:3]


def _printed(env: Mapping[str, str], command: str) -> str:
    """What stands in this tmux pane after the command and before the request; "" outside tmux."""
    if not env.get("TMUX") or not env.get("TMUX_PANE"):
        return ""
    import subprocess  # noqa: PLC0415

    try:
        seen = subprocess.run(
            ["tmux", "capture-pane", "-p", "-J", "-S", f"-{LINES}", "-t", env["TMUX_PANE"]],
            env=dict(env), capture_output=True, timeout=2, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return _after(seen.stdout.decode("utf-8", "replace").rstrip().splitlines(), command)


def _after(lines: list[str], command: str) -> str:
    """Between the last line that ends in the command and the prompt with the request."""
    begins = [i for i, line in enumerate(lines) if " ".join(line.split()).endswith(command)]
    return "\n".join(lines[begins[-1] + 1 : -1]) if begins else ""
