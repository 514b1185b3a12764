"""A person in front of a terminal: types, and reads what the screen shows. A real pseudo-terminal, drawn by pyte."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pexpect
import pyte

from tests.flows.conftest import Llmos

CONTROL_C, CONTROL_D, CONTROL_R = "\x03", "\x04", "\x12"
UP, RIGHT, TAB, ALT_ENTER, ESCAPE = "\x1b[A", "\x1b[C", "\t", "\x1b\r", "\x1b"


class Terminal:
    def __init__(
        self, llmos: Llmos, script: object, options: tuple[str, ...], env: dict[str, str], size: tuple[int, int]
    ) -> None:
        command, *arguments = llmos.command(*options, script=script)
        # Nobody behind this terminal answers when it is asked where the cursor is.
        env = {**llmos.env, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", **env}
        self.child = pexpect.spawn(command, arguments, cwd=llmos.folder, env=env, encoding="utf-8", dimensions=size)
        self.screen = pyte.Screen(size[1], size[0])
        self._stream = pyte.Stream(self.screen)
        self.raw = ""

    def type(self, text: str) -> None:
        self.child.send(text)

    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display if line.strip()]

    def until(self, seen: Callable[[list[str]], bool]) -> None:
        deadline = time.monotonic() + 20
        while not seen(self.lines()):
            assert time.monotonic() < deadline, "\n".join(self.lines())
            self.read(0.1)

    def read(self, seconds: float) -> None:
        try:
            text = self.child.read_nonblocking(4096, timeout=seconds)
        except pexpect.TIMEOUT:
            return
        self.raw += text
        self._stream.feed(text)

    def see(self, text: str) -> None:
        self.until(lambda lines: any(text in line for line in lines))

    def sees(self, text: str) -> bool:
        return any(text in line for line in self.lines())

    def prompt(self, folder: str = "work") -> None:
        """Ready for the next request: the last line is an empty prompt."""
        self.until(lambda lines: bool(lines) and lines[-1].endswith(f"{folder}>"))

    def enter(self, request: str, folder: str = "work") -> None:
        """Type a request and wait until it was answered."""
        self.type(request + "\r")
        end = folder if folder.endswith("]") else f"{folder}>"
        self.until(lambda lines: lines[-1].endswith(end) and any(request in line for line in lines[:-1]))

    def resize(self, rows: int, columns: int) -> None:
        self.child.setwinsize(rows, columns)
        self.screen.resize(rows, columns)

    def leave(self) -> int:
        self.type(CONTROL_D)
        self.child.expect(pexpect.EOF)
        return int(self.child.wait())


@contextmanager
def shell(
    llmos: Llmos, script: object, *options: str, size: tuple[int, int] = (40, 120), at: str = "work", **env: str
) -> Iterator[Terminal]:
    """A shell that waits for the first request; `at` is how its folder ends."""
    terminal = Terminal(llmos, script, options, env, size)
    try:
        terminal.prompt(at)
        yield terminal
    finally:
        terminal.child.close(force=True)
