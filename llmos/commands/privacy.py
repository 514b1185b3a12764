"""`llmos privacy`: what llmos keeps about its user on this machine, where, and all of it erased.

What a request was is `llmos log`; what leaves the machine stands in docs/privacy.md. What the user wrote themselves
(configuration, rules, apps) is shown but stays, and so do the trash and models in the hub's cache, which others share.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from llmos import paths
from llmos.adapters.terminal import clean_name
from llmos.commands.opening import open_place, parser
from llmos.errors import Exit, LlmosError, UsageError
from llmos.fronts.ask import YES
from llmos.fronts.keys import read_line
from llmos.translation import N_, _
from llmos.values.display import format_size
from llmos.values.place import Place

KEPT = {
    "log.sqlite": N_("every request, decision and result in short; secrets hidden where they are recognised"),
    "history": N_("lines typed into the interactive shell"),
    "habits.json": N_("suggestions you do not want, and whether habits are on"),
    "journal": N_("what was changed, so that it can be undone"),
    "kept": N_("old versions of files that were changed or deleted"),
    "output": N_("output that was too long to show"),
    "jobs": N_("background jobs and what they printed"),
    "index.sqlite": N_("words of the documents in folders you had indexed"),
    "taught": N_("weights of the embedded model that learned from you"),
    "routines.json": N_("requests that run at set times"),
    "mcp": N_("which MCP servers you accepted"),
    "daemon": N_("socket and log of the daemon"),
    "sandbox.json": N_("how commands can be confined here"),
    "examples.json": N_("examples of the tools, read ahead; nothing of yours"),
}
"""In the state folder. A name that is not here is shown and erased all the same."""

OURS = frozenset({"log.sqlite", "journal", "kept", "sandbox.json", "examples.json"})
"""One of these stands in every state folder; a folder with none of them is somebody else's."""


class Held(NamedTuple):
    path: Path
    size: int
    """Bytes, with all that is in it."""


def main(arguments: Sequence[str]) -> int:
    made = parser("privacy")
    made.add_argument("action", nargs="?", default="show", metavar="ACTION", help=_("show (default) or erase"))
    made.add_argument("-y", "--yes", action="store_true", help=_("erase without asking"))
    options = made.parse_args(arguments)
    if options.action not in ("show", "erase"):
        raise UsageError(_("llmos privacy cannot {action!r}; there are show, erase").format(action=options.action))
    place = open_place()
    held = list(_held(place.state))
    print("\n".join(_lines(held, place)))
    if options.action == "show" or not held:
        return Exit.DONE
    return _erase(place, held, asked=options.yes or _agreed())


def _held(state: str) -> Iterator[Held]:
    folder = Path(state)
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            yield Held(path, _size(path))


def _size(path: Path) -> int:
    files = [path] if path.is_symlink() or not path.is_dir() else path.rglob("*")
    return sum(file.lstat().st_size for file in files if file.is_symlink() or file.is_file())


def _lines(held: Sequence[Held], place: Place) -> Iterator[str]:
    yield _("kept in {folder}:").format(folder=clean_name(place.state)) if held else _("llmos keeps nothing of yours")
    width = max((len(one.path.name) for one in held), default=0)
    for one in held:
        what = KEPT.get(one.path.name.removesuffix("-wal").removesuffix("-shm"), "")
        yield f"  {clean_name(one.path.name):{width}}  {format_size(one.size):>8}  {what and _(what)}".rstrip()
    yield from (_("yours, and never erased: {path}").format(path=clean_name(str(path))) for path in _written_by_user())
    yield _("nothing of it leaves this machine unless you choose a model behind a server")


def _written_by_user() -> list[Path]:
    own = (paths.config_file(os.environ), Path(paths.user_policy(os.environ)), paths.apps_folder(os.environ))
    return [path for path in own if path.exists()]


def _agreed() -> bool:
    """Read from the terminal, never from standard input: a habit or a pipe does not erase the past."""
    if not sys.stderr.isatty():
        return False
    print(_("erase all of it? Nothing can be undone afterwards. Type yes: "), end="", file=sys.stderr, flush=True)
    return read_line().strip().lower() in YES - {"y"}


def _erase(place: Place, held: Sequence[Held], *, asked: bool) -> int:
    if not asked:
        print(_("nothing was erased; --yes erases without asking"), file=sys.stderr)
        return Exit.DENIED if sys.stderr.isatty() else Exit.APPROVAL_NEEDED
    _refuse_in_use(place, held)
    for one in held:
        _remove(one.path)
    print(_("erased: {size}").format(size=format_size(sum(one.size for one in held))), file=sys.stderr)
    return Exit.DONE


def _refuse_in_use(place: Place, held: Sequence[Held]) -> None:
    """What still writes there, or would lose the only list of what it set up elsewhere."""
    names = {one.path.name for one in held}
    if not names & OURS:
        raise LlmosError(_("{folder} is not llmos's own folder").format(folder=clean_name(place.state)))
    if os.path.exists(f"{place.state}/daemon/socket"):
        raise LlmosError(_("the daemon runs; first: llmos daemon stop"))
    if "routines.json" in names and _has_routines(place.state):
        raise LlmosError(_("routines would go on running; first remove them: llmos routines list"))


def _has_routines(state: str) -> bool:
    from llmos.memory import routines  # noqa: PLC0415

    return bool(routines.read(state))


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        raise LlmosError(
            _("{path} cannot be erased: {reason}").format(path=clean_name(str(path)), reason=error.strerror)
        ) from None
