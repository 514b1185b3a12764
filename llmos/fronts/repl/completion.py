"""Which candidates fit what is being typed: commands, mentions, names in a request, a shell line.

Commands and mentions are offered while they are typed, everything else when Tab is pressed: most of what people type
here is prose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from llmos.agent.mentions import begun_mention
from llmos.fronts.repl import candidates
from llmos.fronts.repl.commands import COMMANDS, Command
from llmos.values.place import Place

_PROCESS = re.compile(
    r"\b(process(es)?|kill|stop|end|terminate|pause|resume|wait|pid|priority|nice)\b|进程|结束|停止|杀|暂停|等"
)
_APP = re.compile(r"\b(open|launch|start|close|quit|app(lication)?s?)\b|打开|启动|关闭|运行|应用|软件")
_WORD = re.compile(r"[^\s\"'，。、；：“”]*$")


class Completions(Completer):
    def __init__(self, place: Callable[[], Place], arguments: Callable[[Command], Iterable[str]]) -> None:
        self._place = place
        self._arguments = arguments

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        before = document.text_before_cursor
        mention = begun_mention(before)
        if before.startswith("/") and "/" not in before[1:]:
            yield from self._command(before)
        elif before.startswith("!"):
            yield from self._shell_line(before[1:])
        elif mention:
            yield from self._mention(mention)
        elif complete_event.completion_requested:
            yield from self._name(before, _last_word(before))

    def _command(self, before: str) -> Iterator[Completion]:
        name, space, rest = before.partition(" ")
        if not space:
            for known in COMMANDS:
                if known.startswith(name):
                    yield Completion(known, -len(name), display_meta=COMMANDS[known].summary)
        elif command := COMMANDS.get(name):
            for value in self._arguments(command):
                if value.startswith(rest):
                    yield Completion(value, -len(rest))

    def _shell_line(self, line: str) -> Iterator[Completion]:
        word = line.rpartition(" ")[2]
        if " " not in line.lstrip() and "/" not in word:
            yield from _completions(candidates.programs(word, self._place()) if word else (), word)
        else:
            yield from _completions(map(_escaped, candidates.paths(word.replace("\\", ""), self._place())), word)

    def _mention(self, word: str) -> Iterator[Completion]:
        part = word[1:].lstrip('"')
        found = candidates.paths if part.startswith(("/", "~", "./", "../")) else candidates.beneath
        for path in found(part, self._place()):
            yield Completion("@" + _quoted(path), -len(word), display=path)

    def _name(self, before: str, word: str) -> Iterator[Completion]:
        """The longest end of the word that something begins with: Chinese has no spaces before a name."""
        for start in _starts(word):
            found = dict.fromkeys(self._named(before, word[start:]))
            if found:
                quoted = before[: len(before) - len(word)].endswith(('"', "'"))
                yield from _completions((name if quoted else _quoted(name) for name in found), word[start:])
                return

    def _named(self, before: str, begin: str) -> Iterator[str]:
        yield from candidates.paths(begin, self._place())
        if not begin or "/" in begin:
            return
        if _PROCESS.search(before):
            yield from candidates.processes(begin)
        if _APP.search(before):
            yield from candidates.applications(begin, self._place())


def _completions(names: Iterable[str], word: str) -> Iterator[Completion]:
    for name in names:
        yield Completion(name, -len(word), display=name.strip('"').rstrip("/").rpartition("/")[2] or name)


def _last_word(text: str) -> str:
    match = _WORD.search(text)
    return match[0] if match else ""


def _starts(word: str) -> Iterator[int]:
    """Where a name may begin: at the beginning, and after each character that is not ASCII."""
    yield 0
    yield from (i for i in range(1, len(word)) if not word[i - 1].isascii())


def _quoted(name: str) -> str:
    return f'"{name}"' if re.search(r"[\s'，。、；：]", name) else name


def _escaped(name: str) -> str:
    return re.sub(r"([\s'\"\\$&;()<>|*?`])", r"\\\1", name)
