"""The sub-commands of the command line, one module each with `main(arguments) -> exit code`.

What is no sub-command is a request, and is not handled here. A request that begins with one of these names is put in
quotes together with its other words, or after `--`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from llmos.translation import N_

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "init": ("llmos.commands.init", N_("llmos in your shell: a key, lines that are no command, the last command")),
        "batch": (
            "llmos.commands.batch",
            N_("many independent prompts, several at a time; goes on where it was killed"),
        ),
        "run": ("llmos.commands.run", N_("run a script of requests, or check it with --check")),
        "undo": ("llmos.commands.undo", N_("take back the last change, or more of them")),
        "redo": ("llmos.commands.redo", N_("make again what was undone")),
        "history": ("llmos.commands.history", N_("what was changed, and what of it can still be undone")),
        "explain": (
            "llmos.commands.explain",
            N_("why a request was read as it was and what came of it; what a command does"),
        ),
        "sessions": ("llmos.commands.sessions", N_("conversations there were: search, show, export, remove")),
        "habits": (
            "llmos.commands.habits",
            N_("what was learned of you, from your own log; forget it, or turn it off"),
        ),
        "routines": ("llmos.commands.routines", N_("requests that run by themselves at set times")),
        "index": ("llmos.commands.index", N_("folders whose documents can be searched by what they say")),
        "search": ("llmos.commands.search", N_("documents by what they say: the one where I wrote about the rent")),
        "teach": ("llmos.commands.teach", N_("the embedded model learns your tools and what you corrected")),
        "app": ("llmos.commands.app", N_("small programs from a description or from what you just did")),
        "tools": ("llmos.commands.tools", N_("every tool there is; check, add and try manifests of your own")),
        "model": ("llmos.commands.model", N_("which model reads the requests: list, use, show, bench, doctor, remove")),
        "policy": ("llmos.commands.policy", N_("what is allowed, asked and denied, and why")),
        "mcp": ("llmos.commands.mcp", N_("your tools for other agents, and MCP servers whose tools are yours")),
        "daemon": ("llmos.commands.daemon", N_("a process that keeps the model ready for all your shells")),
        "privacy": ("llmos.commands.privacy", N_("what is kept about you on this machine, and all of it erased")),
        "doctor": ("llmos.commands.doctor", N_("how commands are confined here, and what is missing")),
        "log": ("llmos.commands.log", N_("what was asked, decided and done: filter it, verify it")),
    }
)
"""Name → (dotted path of the module, one line for `--help`). Modules are imported when they are called for."""
