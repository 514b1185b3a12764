"""What is known of a command line by its programs: which need the network, a terminal, or another user's rights.

A guess that only decides what is asked first; what holds is the sandbox.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

NETWORK = frozenset((
    "uvicorn", "gunicorn", "jupyter", "jupyter-lab", "jupyter-notebook", "streamlit", "caddy", "nginx", "redis-server",
    "curl", "wget", "ssh", "scp", "sftp", "ftp", "rsync", "ping", "ping6", "traceroute", "tracepath", "mtr",
    "dig", "host", "nslookup", "whois", "nc", "ncat", "telnet", "apt", "apt-get", "aptitude", "dnf", "yum",
    "pacman", "zypper", "snap", "flatpak", "brew", "pip", "pip3", "pipx", "uv", "npm", "npx", "yarn", "pnpm",
    "gem", "conda", "mamba", "aria2c", "yt-dlp", "gh", "glab", "aws", "gcloud", "az", "kubectl", "helm", "http",
    "https", "lftp", "svn", "hg", "cvs", "rclone", "restic", "duplicity",
))  # fmt: skip
_NETWORK_PARTS = {
    "git": {"clone", "fetch", "pull", "push", "ls-remote", "submodule"},
    "cargo": {"install", "fetch", "update", "publish", "search", "add"},
    "go": {"get", "install", "mod"},
    "docker": {"pull", "push", "login", "build"},
    "python": set(), "python3": set(),
}  # fmt: skip
_OFFLINE_PARTS = {
    "pip": {"list", "show", "freeze", "check", "--version", "config", "cache"},
    "pip3": {"list", "show", "freeze", "check", "--version", "config", "cache"},
    "npm": {"run", "test", "start", "ls", "list", "--version"},
    "apt": {"list", "--version"},
    "conda": {"list", "info", "env"},
    "uv": {"run", "--version"},
    "yarn": {"run", "test"},
    "rsync": set(), "svn": set(), "hg": set(),
}  # fmt: skip
_LOCAL_UNLESS_REMOTE = ("rsync", "svn", "hg")

INTERACTIVE = frozenset((
    "vi", "vim", "nvim", "nano", "pico", "emacs", "micro", "helix", "hx", "ed", "joe", "info", "top", "htop",
    "btop", "atop", "iotop", "nmon", "watch", "mc", "ranger", "nnn", "lf", "vifm", "tmux", "screen", "lynx",
    "w3m", "links", "elinks", "mutt", "neomutt", "alsamixer", "cfdisk", "dialog", "whiptail", "fzf", "tig",
    "lazygit", "gdb", "passwd", "chsh", "visudo", "crontab",
))  # fmt: skip
PAGERS = frozenset((
    "less", "more", "most", "man",
))  # fmt: skip
"""Without a terminal they pass on what they get."""

_PROMPTS = frozenset((
    "python", "python3", "ipython", "node", "irb", "lua", "ghci", "R", "psql", "mysql", "sqlite3", "bc", "bash",
    "sh", "zsh", "fish",
))  # fmt: skip
"""These wait for somebody when they are given nothing to do."""

_NOT_INTERACTIVE = {
    "top": {"-b", "-bn1", "-n1"}, "crontab": {"-l"}, "emacs": {"--batch", "-batch"}, "vim": {"--version", "-es"},
    "gdb": {"-batch", "--batch", "--version"},
    "sqlite3": {"--version"}, "tmux": {"ls", "list-sessions", "-V"}, "screen": {"-ls", "--version"},
    "watch": {"--version"}, "fzf": {"-f", "--filter", "--version"}, "nano": {"--version"}, "vi": {"--version"},
}  # fmt: skip

PRIVILEGED = frozenset((
    "sudo", "su", "doas", "pkexec", "run0", "sudoedit",
))  # fmt: skip

_OPERATORS = re.compile(r"^[;&|()<>]+$")
_BEFORE = frozenset((
    "env", "nohup", "nice", "ionice", "time", "timeout", "stdbuf", "setsid", "command", "exec", "builtin",
    "xargs", "then", "do", "else", "!", "{",
))  # fmt: skip
_HERE_DOCUMENT = re.compile(r"(<<-?\s*(['\"]?)(\w+)\2[^\n]*)\n.*?^\s*\3$", re.MULTILINE | re.DOTALL)
_ASSIGNMENT = re.compile(r"^\w+=")
_OFFLINE = re.compile(
    r"could not resolve|temporary failure in name resolution|name or service not known|network is unreachable"
    r"|no address associated with hostname|getaddrinfo|ENOTFOUND|EAI_AGAIN|failed to resolve",
    re.IGNORECASE,
)


class Use(NamedTuple):
    """One program of a command line with what is given to it."""

    program: str
    words: tuple[str, ...]


def uses(command: str) -> tuple[Use, ...]:
    """Every program the shell would start, as far as that can be told without running it."""
    command = _HERE_DOCUMENT.sub(r"\1\n", command)
    try:
        lexer = shlex.shlex(command, posix=True, punctuation_chars=";&|()<>\n")
        lexer.whitespace, lexer.whitespace_split = " \t\r", True
        lexer.commenters = "#"
        words = list(lexer)
    except ValueError:
        words = command.split()
    return tuple(_parts(words))


def _parts(words: Sequence[str]) -> Iterator[Use]:
    part: list[str] = []
    for word in [*words, ";"]:
        if not (_OPERATORS.match(word) or set(word) <= {"\n"}):
            part.append(word)
            continue
        if set("<>") & set(word) and not set("();|\n") & set(word):
            continue  # a file's name follows, which does no harm among the words
        if use := _use(part):
            yield use
        part = []


def _use(part: list[str]) -> Use | None:
    while part and (_ASSIGNMENT.match(part[0]) or part[0] in _BEFORE):
        wrapper = part[0] in ("timeout", "nice", "ionice", "stdbuf")
        part = part[1:]
        while wrapper and part and re.match(r"^-|^[\d.]+[smhd]?$", part[0]):
            part = part[1:]
    return Use(os.path.basename(part[0]), tuple(part[1:])) if part else None


def hosts(command: str) -> tuple[str, ...]:
    """What on the network it would talk to: hosts where they can be read, else the program. Nothing: it needs none."""
    found = [host for use in uses(command) if needs_network(use) for host in _hosts_of(use)]
    return tuple(dict.fromkeys(found))


def needs_network(use: Use) -> bool:
    if use.program in ("python", "python3") and use.words[:2] == ("-m", "pip"):
        return needs_network(Use("pip", use.words[2:]))
    if "http.server" in use.words:
        return True
    if use.program in _LOCAL_UNLESS_REMOTE:
        return any(re.match(r"^[\w.@-]+:|^\w+://", word) for word in use.words)
    if use.program in _NETWORK_PARTS:
        return bool(_NETWORK_PARTS[use.program] & {_first(use.words)})
    if use.program in NETWORK:
        return not _OFFLINE_PARTS.get(use.program, set()) & {_first(use.words), *use.words[:1]}
    return False


def _first(words: Sequence[str]) -> str:
    """The sub-command: `git -C folder clone` is a clone."""
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in ("-C", "-c"):
            skip = True
        elif not word.startswith("-"):
            return word
    return ""


def _hosts_of(use: Use) -> Iterator[str]:
    named = [host for word in use.words if (host := _host(use.program, word))]
    yield from named or [f"whatever {use.program} talks to"]


def _host(program: str, word: str) -> str:
    if "://" in word:
        return urlsplit(word).hostname or ""
    if at := re.match(r"^(?:[\w.-]+@)([\w.-]+)(?::.*)?$", word):
        return at[1]
    if program in ("curl", "wget", "ping", "ping6", "ssh", "dig", "host", "nslookup", "whois", "traceroute", "telnet"):
        plain = re.match(r"^([\w-]+(?:\.[\w-]+)+)(?:[:/].*)?$", word)
        return plain[1] if plain else ""
    return ""


def needs_terminal(command: str) -> str:
    """The first program in it that waits for somebody at the keyboard, or ""."""
    piped = "|" in command
    return next((use.program for use in uses(command) if _waits(use, piped)), "")


def likes_terminal(command: str) -> bool:
    """It is of more use with one: needs it, or shows page by page."""
    return bool(needs_terminal(command)) or any(use.program in PAGERS | {"ssh", "sftp"} for use in uses(command))


def _waits(use: Use, piped: bool) -> bool:
    if use.program in INTERACTIVE:
        return not _NOT_INTERACTIVE.get(use.program, set()) & set(use.words) and "--help" not in use.words
    return use.program in _PROMPTS and not piped and not [word for word in use.words if word != "-i"]


def needs_rights(command: str) -> str:
    """sudo and its like, or ""."""
    return next((use.program for use in uses(command) if use.program in PRIVILEGED), "")


def failed_offline(output: str) -> bool:
    """It says that it could not reach anything."""
    return _OFFLINE.search(output) is not None
