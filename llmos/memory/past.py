"""The sessions there were: listed under names people can type, and searched. Reads the log file, never writes it.

What a message says is `sessions`' business.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from llmos.errors import UsageError
from llmos.memory.log import Entry
from llmos.memory.sessions import REMOVED, is_alive

UNNAMED = "unnamed-"
"""How the log calls a session whose user gave it no name."""

LONGEST_NAME = 40

_LISTED = f"""
WITH gone AS (SELECT session, max(id) AS id FROM messages WHERE body = '{REMOVED}' GROUP BY session),
kept AS (
    SELECT m.* FROM messages AS m LEFT JOIN gone USING (session) WHERE m.id > coalesce(gone.id, 0)
),
counted AS (
    SELECT session, max(id) AS last, min(time) AS began, max(time) AS ended,
        count(*) FILTER (WHERE body LIKE '{{"user": %') AS turns,
        min(id) FILTER (WHERE body LIKE '{{"user": %') AS first,
        max(id) FILTER (WHERE body LIKE '{{"began": %') AS opened,
        max(id) FILTER (WHERE body LIKE '{{"ended": %') AS closed
    FROM kept GROUP BY session
)
SELECT c.session, f.body, l.cwd, c.began, c.ended, c.turns, iif(c.opened > coalesce(c.closed, 0), o.body, NULL)
FROM counted AS c
JOIN messages AS f ON f.id = c.first JOIN messages AS l ON l.id = c.last LEFT JOIN messages AS o ON o.id = c.opened
ORDER BY c.first
"""


@dataclass(frozen=True)
class Past:
    """One session as it is listed."""

    name: str
    """As the user gave it, or made of the first request."""

    key: str
    """What the log calls it."""

    first: str
    """The first request."""

    cwd: str
    """The folder it was in last."""

    began: float
    last: float
    """Seconds since 1970-01-01 00:00 UTC."""

    turns: int
    open_in: int | None = None
    """The process that began a turn and has not ended it: at work, or killed."""

    @property
    def running(self) -> bool:
        return self.open_in is not None and is_alive(self.open_in)

    @property
    def cut_off(self) -> bool:
        """The last turn was not ended: llmos was killed or the machine went down."""
        return self.open_in is not None and not is_alive(self.open_in)


def listed(state: str) -> list[Past]:
    """All there are, the latest last. Raises sqlite3.Error when the log cannot be read."""
    file = Path(state) / "log.sqlite"
    if not file.exists():
        return []
    with closing(_opened(file)) as db:
        rows = db.execute(_LISTED).fetchall()
    taken: Counter[str] = Counter(key for key, *_ in rows if not key.startswith(UNNAMED))
    found = [_past(row, taken) for row in rows]
    return sorted(found, key=lambda past: past.last)


def find(state: str, name: str) -> Past:
    """By its name, or the only one whose name or first request begins so. Raises UsageError."""
    there = listed(state)
    wanted = name.casefold()
    near = (
        [past for past in there if name in (past.name, past.key)]
        or [past for past in there if past.name.casefold().startswith(wanted)]
        or [past for past in there if past.first.casefold().startswith(wanted)]
    )
    if len(near) == 1:
        return near[0]
    raise UsageError(_not_found(name, near or there, several=bool(near)))


def known_as(state: str, name: str) -> str:
    """What the log calls the session of this name; the name itself when there is none yet."""
    file = Path(state) / "log.sqlite"
    if not file.exists():
        return name
    with closing(_opened(file)) as db:
        if db.execute("SELECT 1 FROM messages WHERE session = ? LIMIT 1", (name,)).fetchone():
            return name
    return next((past.key for past in listed(state) if past.name == name), name)


def latest(state: str) -> str:
    """What the log calls the session that something was said in last. Raises UsageError when there is none."""
    file = Path(state) / "log.sqlite"
    seen: set[str] = set()
    if file.exists():
        with closing(_opened(file)) as db:
            for key, body in db.execute("SELECT session, body FROM messages ORDER BY id DESC"):
                if key not in seen and body != REMOVED:
                    return str(key)
                seen.add(key)
    raise UsageError("there is no session to go on with yet")


def entries(state: str, past: Past) -> list[Entry]:
    """All of a session since it was last removed, oldest first."""
    with closing(_opened(Path(state) / "log.sqlite")) as db:
        rows = db.execute("SELECT time, cwd, body FROM messages WHERE session = ? ORDER BY id", (past.key,)).fetchall()
    found = [Entry(time, _restored(cwd), body) for time, cwd, body in rows]
    start = max((i for i, entry in enumerate(found) if entry.body == REMOVED), default=-1)
    return found[start + 1 :]


def having(state: str, words: Sequence[str]) -> list[tuple[Past, str]]:
    """Sessions in which all the words were said or answered, each with a line that has one of them."""
    likely = _with_all(state, words)
    found = []
    for past in listed(state):
        if past.key not in likely:
            continue
        lines = list(_lines(entry.body for entry in entries(state, past)))
        text = "\n".join(lines).casefold()
        if all(word.casefold() in text for word in words):
            found.append((past, _telling(lines, words)))
    return found


def _with_all(state: str, words: Sequence[str]) -> set[str]:
    """Keys of sessions whose bodies hold every word somewhere: the log is too long to read all of it as JSON."""
    file = Path(state) / "log.sqlite"
    if not file.exists():
        return set()
    with closing(_opened(file)) as db:
        found = [
            {key for (key,) in db.execute("SELECT DISTINCT session FROM messages WHERE body LIKE ? ESCAPE '!'", [like])}
            for like in map(_like, words)
        ]
    return set.intersection(*found)


def _like(word: str) -> str:
    """As JSON writes it, with what LIKE has a meaning for taken literally."""
    return "%" + re.sub(r"([!%_])", r"!\1", json.dumps(word)[1:-1]) + "%"


def _telling(lines: Iterable[str], words: Sequence[str]) -> str:
    """The first line with most of the words."""
    return max(lines, key=lambda line: sum(word.casefold() in line.casefold() for word in words))


def _lines(bodies: Iterable[str]) -> Iterable[str]:
    for body in bodies:
        yield from (line for text in _texts(json.loads(body)) for line in text.splitlines() if line.strip())


def _texts(value: object) -> Iterable[str]:
    match value:
        case str():
            yield value
        case list():
            for part in value:
                yield from _texts(part)
        case dict():
            for part in value.values():
                yield from _texts(part)


def _past(row: tuple[str, str, str, float, float, int, str | None], taken: Counter[str]) -> Past:
    key, body, cwd, began, last, turns, opened = row
    first = json.loads(body)["user"]
    name = key
    if key.startswith(UNNAMED):
        name = _name_for(first)
        taken[name] += 1
        name += f"-{taken[name]}" if taken[name] > 1 else ""
    return Past(name, key, first, _restored(cwd), began, last, turns, json.loads(opened)["began"] if opened else None)


def _name_for(request: str) -> str:
    """Its words with dashes between, as many as fit: something to type after `--session`."""
    name = "-".join(re.findall(r"[\w.]+", request.lower()))
    return (name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME].rpartition("-")[0] or name[:LONGEST_NAME]) or "_"


def _not_found(name: str, there: Sequence[Past], *, several: bool) -> str:
    if several:
        return f"{len(there)} sessions begin with {name!r}: {', '.join(past.name for past in there[-4:])}"
    near = get_close_matches(name, [past.name for past in there], n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`llmos sessions` lists them"
    return f"there is no session {name!r}; {hint}"


def _restored(cwd: str) -> str:
    """As the log stores names that are not UTF-8."""
    return str(json.loads(cwd)) if cwd.startswith('"') else cwd


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=5.0)
