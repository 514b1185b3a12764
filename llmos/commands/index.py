"""`llmos index`: the folders whose documents can be searched by what they say.

Searching itself is `llmos search`.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from llmos.commands.opening import open_place, parser
from llmos.dispatch.policy import SECRET_ANYWHERE, SECRET_IN_HOME
from llmos.errors import Exit, LlmosError, UsageError
from llmos.memory.index import Folder, Index
from llmos.sandbox.base import SECRETS
from llmos.translation import _
from llmos.values.place import Place

ACTIONS = ("list", "add", "update", "remove")

EPILOG = """\
  llmos index add FOLDER       read its documents; --exclude 'drafts/' leaves some out, as in a .gitignore
  llmos index                  the folders, and how many documents of each are known
  llmos index update [FOLDER]  read what changed now; a search does it as well
  llmos index remove FOLDER    forget all of it

Read are text, HTML, docx, odt, and PDF where pypdf is installed. Links are not followed; hidden files, what a
.gitignore names and what holds keys or passwords are left out. The index stays on this machine, for you alone."""


def main(arguments: Sequence[str]) -> int:
    made = parser("index", EPILOG)
    made.add_argument("action", nargs="?", default="list", help="list (default), add, update or remove")
    made.add_argument("folder", nargs="*", metavar="FOLDER")
    made.add_argument("--exclude", action="append", default=[], metavar="PATTERN", help="leave these out; repeatable")
    options = made.parse_intermixed_args(arguments)
    action: str = options.action
    if action not in ACTIONS or (action in ("add", "remove") and not options.folder):
        raise UsageError(_("llmos index list, add FOLDER, update or remove FOLDER; llmos index --help says more"))
    place = open_place()
    wanted = [os.path.realpath(os.path.join(place.cwd, os.path.expanduser(one))) for one in options.folder]
    with opened(place) as index:
        if action == "list":
            return _list(index)
        if action == "remove":
            return _remove(index, wanted)
        for path in wanted if action == "add" else ():
            _add(index, path, options.exclude, place)
        return update(index, [one for one in index.folders() if not wanted or one.path in wanted], place)


@contextmanager
def opened(place: Place) -> Iterator[Index]:
    """Raises LlmosError."""
    try:
        index = Index(Path(place.state) / "index.sqlite")
        try:
            yield index
        finally:
            index.close()
    except (OSError, sqlite3.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise LlmosError(_("the search index cannot be used: {why}").format(why=why)) from None


def secret(place: Place) -> Callable[[str], bool]:
    """Whether a path is on one of the lists of what opens other machines."""
    listed = [os.path.join(place.home, name) for name in (*SECRETS, *SECRET_IN_HOME)]
    exact = frozenset(os.path.realpath(one) for one in (*listed, place.state) if one)
    return lambda path: path in exact or SECRET_ANYWHERE.search(path) is not None


def update(index: Index, folders: Sequence[Folder], place: Place) -> int:
    """With a bar where somebody looks on; interrupted, what was read stays."""
    from tqdm import tqdm  # noqa: PLC0415

    code = Exit.DONE
    for folder in folders:
        bar = tqdm(desc=folder.path, unit=" files", leave=False, disable=not sys.stderr.isatty())
        try:
            for _number, total in index.update(folder, secret(place)):
                bar.total = total
                bar.update()
        except KeyboardInterrupt:
            bar.close()
            print(_("stopped; what was read can be searched, llmos index update reads the rest"), file=sys.stderr)
            return Exit.INTERRUPTED
        except OSError as error:
            _complain(folder, error)
            code = Exit.FAILED
        finally:
            bar.close()
    return code


def _complain(folder: Folder, error: OSError) -> None:
    said = _("{folder} cannot be read: {why}; llmos index remove forgets it")
    print(said.format(folder=folder.path, why=error.strerror), file=sys.stderr)


def _add(index: Index, path: str, exclude: Sequence[str], place: Place) -> None:
    if not os.path.isdir(path):
        raise UsageError(_("{path} is no folder").format(path=path))
    if any(secret(place)(above) for above in (path, *map(str, Path(path).parents))):
        raise UsageError(_("{path} holds what opens other machines; it is not indexed").format(path=path))
    for known in index.folders():
        if path.startswith(os.path.join(known.path, "")):
            raise UsageError(_("{path} is in {known}, which is indexed already").format(path=path, known=known.path))
    index.add(path, exclude)


def _remove(index: Index, wanted: Sequence[str]) -> int:
    known = {folder.path: folder for folder in index.folders()}
    for path in wanted:
        if path not in known:
            raise UsageError(_("{path} is not indexed; llmos index lists what is").format(path=path))
        index.remove(known[path])
    return Exit.DONE


def _list(index: Index) -> int:
    folders = index.folders()
    for folder in folders:
        print(f"{folder.files}\t{folder.path}" + "".join(f"\t!{one}" for one in folder.exclude))
    if not folders:
        print(_("no folder is indexed yet; llmos index add FOLDER"), file=sys.stderr)
    return Exit.DONE
