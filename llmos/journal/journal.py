"""The journal: entries, the verbs that tools change files with, and the order in which things reach the disk.

What the operations are is operations.py; how an entry is taken back is undo.py, old versions and their quota kept.py.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from types import TracebackType

from llmos.adapters.failures import explain
from llmos.adapters.files.anchored import Ground, Mark, Spot, open_folder
from llmos.adapters.files.clone import clone, sync_folders, take_over_rights, write_all
from llmos.adapters.files.trash import Trash, home_trash
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.journal import kept, recovery
from llmos.journal.operations import Attributes, Move, Operation, Purge, Put, Splice, Take
from llmos.journal.store import EntryFile, Header, Store
from llmos.translation import both
from llmos.values.messages import ToolCall
from llmos.values.place import Place


def open_journal(place: Place) -> Journal:
    """The journal of the place's state folder; deleted things go to the user's own trash."""
    return Journal(place.state, home_trash(place.home, place.env), place.keep)


class Journal:
    def __init__(self, state: str, trash: str = "", quota: int | None = None) -> None:
        """`trash` is the user's own trash folder; without one, deleted things go to the kept versions.

        `quota` is the number of bytes of old versions that are kept at most, 5 GiB by default, and never more than a
        tenth of what is free on the disk."""
        if not state:
            raise ToolError(both("There is no folder to keep old versions in: set LLMOS_STATE to one."))
        self.store = Store(state)
        self.trash = Trash(trash) if trash else None
        self.quota = quota

    def room(self) -> int:
        """Bytes of old versions that one entry may keep."""
        return kept.quota(self.store.kept, self.quota)

    def begin(
        self, summary: str, call: ToolCall | None = None, now: float = 0.0, kind: str = "change", of: int = 0
    ) -> Entry:
        """A new entry, to be used in a `with` statement; one in which nothing was done leaves no trace."""
        described = {"name": call.name, "arguments": dict(call.arguments)} if call else {}
        recovery.recover(self.store)
        return Entry(self, Header(0, now, summary, kind, of, described))


class Entry:
    """One tool call. Every verb raises ToolError when it cannot be done, and has changed nothing then."""

    def __init__(self, journal: Journal, header: Header) -> None:
        self._journal = journal
        self._header = header
        self._file: EntryFile | None = None
        self._ground = Ground()
        self._numbers: dict[Operation, int] = {}
        self._deletes: dict[str, Take] = {}
        self._touched: set[str] = set()
        self._happened: set[Operation] = set()
        self._failed: set[Operation] = set()
        self._untidy = False
        self._made_folder = False
        self.done: list[Operation] = []
        self._missed: list[str] = []

    def __enter__(self) -> Entry:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def number(self) -> int:
        """0 before the first operation."""
        return self._header.number

    # The verbs

    def create(self, path: str, prepared: str) -> None:
        self.do(Put(path, source=prepared))

    def overwrite(self, path: str, prepared: str, *, seen: Mark | None = None, keep: bool = True) -> None:
        self.do(Put(path, source=prepared, replace=True, seen=seen, keep=keep))

    def compose(
        self, path: str, fill: Callable[[str], None], *, replace: bool = False, lasting: bool = True, keep: bool = True
    ) -> None:
        """`fill` makes the new file at the path it is given, a hidden one in the same folder."""
        self.do(Put(path, fill=fill, replace=replace, lasting=lasting, keep=keep))

    def write(self, path: str, content: bytes, *, seen: Mark | None = None, keep: bool = True) -> None:
        """An existing file keeps its mode, owner, attributes and further names."""
        status = self._status(path)
        if status is None:
            self.do(Put(path, fill=partial(_fill_new, content)))
        elif status.st_nlink > 1 or not os.access(os.path.dirname(path), os.W_OK):
            self.do(Splice(path, content=content, seen=seen))
        else:
            self.do(Put(path, fill=partial(_fill_like, path, content), replace=True, seen=seen, keep=keep))

    def append(self, path: str, content: bytes, *, seen: Mark | None = None) -> None:
        """On a line of its own. In place, because somebody may be following the file."""
        if self._status(path) is None:
            self.do(Put(path, fill=partial(_fill_new, content)))
        else:
            self.do(Splice(path, content=content, at_end=True, seen=seen))

    def copy(self, source: str, path: str, *, replace: bool = False, keep: bool = True) -> None:
        """Mode, times and attributes are kept, the owner is who copies. `not_copied` tells what in a folder was not."""
        self.do(self.copying(source, path, replace=replace, keep=keep))

    def copying(self, source: str, path: str, *, replace: bool = False, keep: bool = True) -> Operation:
        """What `copy` does, to be intended together with others."""
        if path.startswith(source.rstrip("/") + "/"):
            raise ToolError(both("{source} cannot go into itself.").format(source=clean_name(source)))
        return Put(path, fill=partial(self._fill_copy, source), replace=replace, keep=keep, lasting=False)

    @contextmanager
    def making(self, path: str, *, replace: bool = False, keep: bool = True) -> Iterator[str]:
        """Where the new file is to be made, step by step; in the end it becomes `path`."""
        one = Put(path, fill=lambda _there: None, replace=replace, keep=keep)
        self.intend([one])
        with _explained(one.doing, path):
            folder = open_folder(os.path.dirname(path))
        try:
            yield Spot(folder, os.path.basename(one.source)).path()
            self.do(one)
        except BaseException:
            if one not in self._happened:
                self._has_happened(one)
            raise
        finally:
            os.close(folder)

    def make_folder(self, path: str) -> None:
        """Those above it have to be there; one that exists stays as it is."""
        status = self._status(path)
        if status is not None and stat.S_ISDIR(status.st_mode):
            return
        self.do(Put(path, fill=partial(os.mkdir, mode=0o777), lasting=False))

    def link(self, text: str, path: str, *, replace: bool = False) -> None:
        self.do(Put(path, fill=partial(os.symlink, text), replace=replace, lasting=False))

    def hard_link(self, target: str, path: str, *, replace: bool = False) -> None:
        self.do(Put(path, twin=target, replace=replace, lasting=False))

    def move(self, path: str, to: str, *, replace: bool = False, seen: Mark | None = None, keep: bool = True) -> None:
        self.do(Move(path, to, replace=replace, seen=seen, keep=keep))

    def delete(self, path: str, *, seen: Mark | None = None) -> None:
        """Into the trash of its own disk where there is one, else into the user's own."""
        if self._journal.trash is None:
            self.stow(path, seen=seen)
            return
        with _explained("delete", path):
            if self._foreseen(path, seen):
                return
            for spot in self._journal.trash.spots(self._ground, path):
                try:
                    self._carry_out(Take(path, spot.to, spot.info, spot.top, seen=seen))
                    return
                except OSError as error:
                    if not spot.may_be_passed_over(error):
                        raise

    def foresee_deletes(self, things: Mapping[str, Mark | None]) -> None:
        """Paths that `delete` will be called for: much faster than one by one."""
        if self._journal.trash is None:
            return
        for path, seen in things.items():
            with suppress(OSError):
                spot = next(self._journal.trash.spots(self._ground, path))
                self._deletes[path] = Take(path, spot.to, spot.info, spot.top, seen=seen)
        self.intend(list(self._deletes.values()))

    def _foreseen(self, path: str, seen: Mark | None) -> bool:
        one = self._deletes.pop(path, None)
        if one is None or one.seen != seen:
            return False
        with suppress(OSError):  # another trash folder may still do
            self._carry_out(one)
        return one in self._happened

    def stow(self, path: str, *, seen: Mark | None = None) -> None:
        self.do(Take(path, seen=seen))

    def purge(self, path: str, *, seen: Mark | None = None) -> None:
        one = Purge(path, seen=seen)
        try:
            self.do(one)
        except ToolError as error:
            if not _is_full(error.__cause__):
                raise
            with _explained("delete", path):  # what cannot be undone need not be written down, and makes room
                one.intend(self._ground, "")
                one.commit(self._ground)

    def mode(self, path: str, mode: int, *, seen: Mark | None = None) -> None:
        self.do(Attributes(path, mode=mode, seen=seen))

    def owner(self, path: str, user: int, group: int, *, seen: Mark | None = None) -> None:
        """-1 leaves the user or the group as it is. A link itself is changed, never what it points to."""
        self.do(Attributes(path, user=user, group=group, seen=seen))

    def times(self, path: str, accessed: int, modified: int) -> None:
        self.do(Attributes(path, times=[accessed, modified]))

    def not_copied(self) -> list[str]:
        """One line about what could not be copied out of folders: devices, sockets, files that may not be read."""
        if not self._missed:
            return []
        more = f" and {len(self._missed) - 1} more" if len(self._missed) > 1 else ""
        return [f"Could not copy {clean_name(self._missed[0])}{more}; the rest was copied."]

    # The protocol

    def intend(self, operations: Sequence[Operation]) -> None:
        """Write down what is going to be done, all at once: much faster than one by one.

        What cannot be done yet, or not at all, is left for `do` to see."""
        lines = []
        for one in operations:
            with suppress(OSError, ToolError):
                lines.append(self._intend(one))
        with _explained("record changes to", self._journal.store.root):
            self._write(lines, intents=True)

    def _intend(self, one: Operation) -> dict[str, object]:
        if self._file is None:
            self._file, self._header = self._journal.store.create(self._header)
        number = self._numbers.get(one, len(self._numbers) + 1)
        one.intend(self._ground, self._kept_place(number))
        self._numbers[one] = number
        return {"n": number, **one.record()}

    def do(self, operation: Operation) -> None:
        try:
            self._carry_out(operation)
        except OSError as error:
            raise _in_words(error, operation.doing, operation.path) from error

    def _carry_out(self, one: Operation) -> None:
        if one not in self._numbers or not one.still_fits(self._ground):
            self._write([self._intend(one)], intents=True)
        try:
            for _ in one.prepare(self._ground):
                self._write([{"n": self._numbers[one], **one.record()}])
            if one.hides and self._file:
                self._file.sync()
            one.commit(self._ground)
        except BaseException as error:
            if not self._has_happened(one):
                raise
            self._finish(one)
            if not isinstance(error, OSError):
                raise
        else:
            self._finish(one)

    def _has_happened(self, one: Operation) -> bool:
        """After an error: on which side of the commit did it stop?"""
        try:
            if one.is_done(self._ground):
                return True
            one.revoke(self._ground)
            self._failed.add(one)
            self._note({"failed": self._numbers[one]})
        except OSError:
            self._untidy = True  # recovery will look again
        return False

    def _finish(self, one: Operation) -> None:
        """Past the commit: what goes wrong now is left to recovery, the change itself has been made."""
        self.done.append(one)
        self._happened.add(one)
        self._touched.update(one.touched())
        number = self._numbers[one]
        try:
            one.tidy(self._ground)
        except OSError:
            self._untidy = True
            return
        if isinstance(one, Splice):
            self._note({"n": number, **one.record()})
        if one.moves_folders:
            self._ground.leave()
        self._note({"done": number})

    def _kept_place(self, number: int) -> str:
        """The folder is made for the first operation, and goes again when it stays empty."""
        folder = self._journal.store.kept_folder(self.number)
        if not self._made_folder:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            self._made_folder = True
        return os.path.join(folder, str(number))

    def _write(self, lines: list[dict[str, object]], intents: bool = False) -> None:
        if self._file and lines:
            self._file.add(lines, intents)

    def _note(self, line: dict[str, object]) -> None:
        """What recovery could find out by itself."""
        try:
            self._write([line])
        except OSError:
            self._untidy = True

    def close(self) -> None:
        """Nothing in here may fail: what is done is done."""
        self._drop_unused()
        self._ground.leave()
        if self._file is None:
            return
        file, self._file = self._file, None
        if not self.done and not self._untidy:
            self._leave_kept_folder()
            file.discard()
            return
        sync_folders(self._touched)
        if not self._untidy:
            self._leave_kept_folder()
        with suppress(OSError):
            kept.evict(self._journal.store, self._journal.quota, self.number)
            kept.forget(self._journal.store)
        with suppress(OSError):  # it stays among the open ones then, and recovery finds nothing in doubt in it
            file.close(None if self._untidy else self._journal.store.finished(self.number))

    def _drop_unused(self) -> None:
        """What was intended and then not done."""
        for one in self._numbers.keys() - self._happened - self._failed:
            self._has_happened(one)

    def _leave_kept_folder(self) -> None:
        with suppress(OSError):
            os.rmdir(self._journal.store.kept_folder(self.number))

    # What is put in the place of others

    def _status(self, path: str) -> os.stat_result | None:
        with _explained("look at", path):
            return self._ground.status(path)

    def _fill_copy(self, source: str, there: str) -> None:
        self._missed += clone(source, there)


@contextmanager
def _explained(doing: str, path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _in_words(error, doing, path) from error


def _is_full(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def _in_words(error: OSError, doing: str, path: str) -> ToolError:
    """About the path, or about what beneath it could not be done."""
    if error.errno == errno.ELOOP:
        return ToolError(
            both("A folder on the way to {path} has become a link; it was left alone.").format(path=clean_name(path))
        )
    if error.errno == errno.EEXIST:
        taken = error.filename2 or error.filename or path
        return ToolError(
            both("{taken} has appeared meanwhile; it was left alone.").format(taken=clean_name(str(taken)))
        )
    told = error.filename if isinstance(error.filename, str) else ""
    return explain(error, doing, told if told.startswith(path + "/") else path)


def _fill_new(content: bytes, there: str) -> None:
    held = os.open(there, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        write_all(held, content)
    finally:
        os.close(held)


def _fill_like(path: str, content: bytes, there: str) -> None:
    """With what belongs to the file at `path`."""
    held = os.open(there, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        write_all(held, content)
        with Ground() as ground:
            take_over_rights(ground, path, held)
    finally:
        os.close(held)
