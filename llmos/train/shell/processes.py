"""What ps, pgrep, kill, lsof … mean."""

from __future__ import annotations

import re

from llmos.train.shell.command_line import options
from llmos.train.shell.operands import Program
from llmos.train.shell.system import nothing
from llmos.train.shell.wishes import Beyond, Meant, Wish


def killing(meant: Meant, command: list[str]) -> Meant:
    """`ps | grep name | awk … | xargs kill`."""
    if command[:1] != ["kill"]:
        raise Beyond("xargs")
    target = meant.wishes["name"]
    assert isinstance(target, Wish)
    return _kill("process")([*command[1:], target.text])


def _ps(arguments: list[str]) -> Meant:
    line = " ".join(arguments)
    wishes: dict[str, object] = {}
    if match := re.search(r"\s*-[uU] ?(\w+)$", line):
        line, wishes = line[: match.start()], {"user": Wish("user", match[1])}
    orders = {
        "--sort=-%mem": "memory",
        "--sort=-%cpu": "cpu",
        "--sort -%mem": "memory",
        "--sort size": "memory",
        "--sort=-pmem": "memory",
    }
    for option, order in orders.items():
        if line.endswith(option):
            line, wishes = line[: -len(option)].strip(), {**wishes, "sort": order}
    if line.strip() not in (
        "",
        "aux",
        "-ef",
        "-e",
        "-A",
        "ax",
        "-aux",
        "auxww",
        "axu",
        "-eF",
        "-ely",
        "auxw",
        "-f",
    ) or (line in ("", "-f") and not wishes):
        raise Beyond("ps")
    return Meant("list_processes", wishes, (r"(?i)process|进程",))


def _pgrep(arguments: list[str]) -> Meant:
    given, rest = options(arguments, "fla", "u")
    if len(rest) > 1 or (not rest and "u" not in given):
        raise Beyond("pgrep")
    user = {"user": Wish("user", given["u"])} if "u" in given else {}
    name = {"name": Wish("process", rest[0])} if rest else {}
    asks = {"show": "pids"} if not {"l", "a"} & set(given) else {}
    return Meant("list_processes", {**name, **user, **asks}, (r"(?i)\bpids?\b|process ids?",) if asks else ())


_SIGNALS = {"9": "kill", "KILL": "kill", "SIGKILL": "kill", "15": "terminate", "TERM": "terminate", "SIGTERM": "terminate",
            "STOP": "stop", "SIGSTOP": "stop", "19": "stop", "CONT": "continue", "SIGCONT": "continue", "18": "continue",
            "HUP": "hangup", "SIGHUP": "hangup", "1": "hangup", "INT": "interrupt", "SIGINT": "interrupt", "2": "interrupt"}  # fmt: skip


_SIGNAL_SAID = {"kill": r"(?i)\bforc|SIGKILL|\bkill|-9|强制", "stop": r"(?i)SIGSTOP|\bstop|\bpaus|\bsuspend|暂停", "continue": r"(?i)SIGCONT|\bcontinu|\bresum|继续|恢复",
                "hangup": r"(?i)SIGHUP|hang|hup|重新加载", "interrupt": r"(?i)SIGINT|interrupt|中断", "terminate": r"(?i)SIGTERM|terminat|kill|终止|stop"}  # fmt: skip


def _kill(kind: str) -> Program:
    def read(arguments: list[str]) -> Meant:
        words = list(arguments)
        signal = "terminate"
        if words and re.fullmatch(r"-(?:s|[A-Z]+|\d+)", words[0]):
            name = words.pop(0)[1:]
            name = words.pop(0) if name == "s" and words else name
            if name not in _SIGNALS:
                raise Beyond("another signal")
            signal = _SIGNALS[name]
        words = [w for w in words if w != "-f"]
        if not words or any(word.startswith(("-", "%")) for word in words):
            raise Beyond("kill")
        target = tuple(Wish("pid" if w.isdigit() else kind, w) for w in words)
        shown = {"signal": signal} if arguments[0].startswith("-") and arguments[0] != "-f" else {}
        return Meant("signal_process", {"target": target, **shown}, (_SIGNAL_SAID[signal],))

    return read


def _lsof(arguments: list[str]) -> Meant:
    line = " ".join(arguments)
    if match := re.fullmatch(r"-i ?:(\w+)|-i ?tcp:(\d+)(?: -sTCP:LISTEN)?|-t? ?-i ?:(\d+)", line):
        return Meant("find_port", {"port": Wish("port", next(g for g in match.groups() if g))})
    if match := re.fullmatch(r"-p (\d+)", line):
        return Meant("process_info", {"target": (Wish("pid", match[1]),), "about": "files"})
    if match := re.fullmatch(r"-c (\S+)", line):
        return Meant("process_info", {"target": (Wish("process", match[1]),), "about": "files"})
    if len(arguments) == 1 and not line.startswith("-"):
        return Meant("who_uses", {"path": Wish("path", line)})
    raise Beyond("lsof")


def _renice(arguments: list[str]) -> Meant:
    given, rest = options([re.sub(r"^\+", "", a) for a in arguments], "", "np")
    if "n" not in given or not (rest or "p" in given):
        raise Beyond("renice")
    pids = rest or [given["p"]]
    return Meant(
        "set_priority", {"target": tuple(Wish("pid", p) for p in pids), "priority": Wish("number", given["n"])}
    )


PROGRAMS: dict[str, Program] = {
    "ps": _ps,
    "pgrep": _pgrep,
    "pidof": _pgrep,
    "kill": _kill("pid"),
    "pkill": _kill("process"),
    "killall": _kill("process"),
    "lsof": _lsof,
    "renice": _renice,
    "pstree": nothing("process_tree", r"(?i)tree|树"),
}  # fmt: skip
