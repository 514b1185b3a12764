"""Draws the picture of the interactive shell in the README: `python -m tests.flows.picture docs/terminal.svg`.

A real session on a real terminal with the model that ships; only the folder is made up.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

import pyte
from pyte.screens import Char

from tests.flows.conftest import Llmos
from tests.flows.terminal import shell

ROWS, COLUMNS = 25, 84
CELL, LINE = 8.4, 18
COLOURS = {
    "default": "#24292f", "red": "#cf222e", "brightred": "#cf222e", "green": "#116329", "brightgreen": "#116329",
    "blue": "#0550ae", "brightblue": "#0550ae", "cyan": "#1b7c83", "magenta": "#8250df", "brown": "#9a6700",
    "brightbrown": "#9a6700", "brightblack": "#6e7781",
}  # fmt: skip


def main() -> None:
    with _folder(Path(tempfile.gettempdir()) / "ada") as folder:
        llmos = _home(folder)
        env = {"TERM": "xterm-256color", "COLORFGBG": "0;15"}
        with shell(llmos, None, "-C", str(llmos.home / "notes"), size=(ROWS, COLUMNS), at="notes", **env) as terminal:
            terminal.enter("what are the three largest files here?", "notes")
            terminal.enter("in KB please", "notes")
            terminal.type("delete the second one\r")
            terminal.see("[y/N]")
            terminal.type("y")
            terminal.prompt("notes")
            terminal.enter("undo that", "notes")
            terminal.enter("把所有 md 文件打包成 notes.zip", "go on? [y/N]")
            picture = drawn(terminal.screen)
    Path(sys.argv[1]).write_text(picture, encoding="utf-8")


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    """With a name that can be shown; it must not be there yet."""
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path)


def _home(base: Path) -> Llmos:
    llmos = Llmos(base)
    notes = llmos.home / "notes"
    (notes / "photos").mkdir(parents=True)
    for name, size in (("photos/旅行.jpg", 2_400_000), ("talk.mp4", 48_000_000), ("ideas.md", 900), ("todo.md", 300)):
        with (notes / name).open("wb") as file:
            file.truncate(size)
    return llmos


def drawn(screen: pyte.Screen) -> str:
    width, height = COLUMNS * CELL + 24, ROWS * LINE + 24
    rows = "\n".join(_row(screen, number) for number in range(ROWS))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}">
<rect width="100%" height="100%" rx="8" fill="#f6f8fa" stroke="#d0d7de"/>
<g font-family="ui-monospace, Menlo, Consolas, 'Noto Sans Mono CJK SC', monospace" font-size="14" xml:space="preserve">
{rows}
</g>
</svg>
"""


def _row(screen: pyte.Screen, number: int) -> str:
    y = 12 + LINE * number + 14
    runs = (_run(column, y, text, char) for column, text, char in _runs(screen, number) if text.strip())
    return "".join(runs)


def _runs(screen: pyte.Screen, row: int) -> Iterator[tuple[int, str, Char]]:
    """Neighbours that look alike; a wide character begins a run, so that none is off by the width of a font."""
    start, text, look = 0, "", screen.buffer[row][0]
    for column in range(COLUMNS):
        char = screen.buffer[row][column]
        alike = (char.fg, char.bold) == (look.fg, look.bold) and char.data.isascii() and text.isascii()
        if not alike:
            yield start, text, look
            start, text, look = column, "", char
        text += char.data
    yield start, text, look


def _run(column: int, y: int, text: str, look: Char) -> str:
    bold = ' font-weight="bold"' if look.bold else ""
    fill = COLOURS.get(look.fg, COLOURS["default"])
    return f'<text x="{12 + column * CELL:.1f}" y="{y}" fill="{fill}"{bold}>{escape(text.rstrip())}</text>'


if __name__ == "__main__":
    main()
