"""Random trees, random changes: undo gives back the exact tree, redo the changed one."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmos.errors import ToolError
from llmos.journal.journal import Entry
from tests.journal.folder_under_change import Ground, Picture

NAMES = ["a", "a", "a", "b", "b", "c d", "-rf", "名", "x\udcff\n", ".hidden", "A", "e" * 200]
names = st.sampled_from(NAMES)
paths = st.lists(names, min_size=1, max_size=2).map("/".join)
contents = st.sampled_from([b"", b"x", b"text\n", b"\0binary", b"long " * 3000])
modes = st.sampled_from([0o644, 0o600, 0o4755, 0o000, 0o777, 0o2750])

planted = st.lists(
    st.one_of(
        st.tuples(st.just("file"), paths, contents, modes),
        st.tuples(st.just("folder"), paths),
        st.tuples(st.just("link"), paths, paths),
        st.tuples(st.just("twin"), paths, paths),
        st.tuples(st.just("attribute"), paths),
    ),
    min_size=3,
    max_size=12,
)
changes = st.lists(
    st.one_of(
        st.tuples(st.just("write"), paths, contents),
        st.tuples(st.just("append"), paths, contents),
        st.tuples(st.just("copy"), paths, paths, st.booleans()),
        st.tuples(st.just("move"), paths, paths, st.booleans()),
        st.tuples(st.sampled_from(["delete", "stow", "make_folder"]), paths),
        st.tuples(st.just("link"), paths, paths),
        st.tuples(st.just("hard_link"), paths, paths),
        st.tuples(st.just("mode"), paths, modes),
        st.tuples(st.just("times"), paths),
        st.tuples(st.just("next entry")),
    ),
    min_size=1,
    max_size=10,
)


def plant(ground: Ground, things: list[tuple[object, ...]]) -> None:
    for kind, name, *rest in things:
        path = Path(ground / str(name))
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            match kind, *rest:
                case "file", bytes(content), int(mode):
                    path.write_bytes(content)
                    path.chmod(mode)
                case "folder", *_:
                    path.mkdir()
                case "link", str(target):
                    path.symlink_to(target)
                case "twin", str(target):
                    os.link(ground / target, path, follow_symlinks=False)
                case "attribute", *_:
                    os.setxattr(path, "user.llmos", b"kept", follow_symlinks=False)


def change(entry: Entry, ground: Ground, verb: str, *rest: object) -> None:
    """What cannot be done is refused, and then nothing has changed."""
    with suppress(ToolError):
        match verb, *rest:
            case "copy" | "move", str(one), str(other), bool(replace):
                getattr(entry, verb)(ground / one, ground / other, replace=replace)
            case "link" | "hard_link", str(target), str(path):
                getattr(entry, verb)(target if verb == "link" else ground / target, ground / path)
            case "times", str(path):
                entry.times(ground / path, 10**15, 10**15)
            case _, str(path), *more:
                getattr(entry, verb)(ground / path, *more)


def change_all(ground: Ground, steps: list[tuple[object, ...]]) -> int:
    """In how many entries."""
    before = len(ground.journal.store.numbers())
    while steps:
        with ground.changing() as entry:
            while steps and (step := steps.pop(0)) != ("next entry",):
                change(entry, ground, *step)  # type: ignore[arg-type]
    return len(ground.journal.store.numbers()) - before


def names_and_contents(picture: Picture) -> Picture:
    return {path: seen[:2] for path, seen in picture.items()}


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(planted, changes)
def test_undo_gives_back_the_exact_tree(things: list[tuple[object, ...]], steps: list[tuple[object, ...]]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        ground = Ground(folder)
        plant(ground, things)
        before = ground.picture()
        entries = change_all(ground, list(steps))
        after = ground.picture()
        for _ in range(entries):
            assert ground.undo() == ""
        assert ground.picture() == before
        for _ in range(entries):
            assert ground.redo() == ""
        assert names_and_contents(ground.picture()) == names_and_contents(after)
        if entries:
            assert ground.undo(entries) == "" and ground.picture() == before
    finally:
        shutil.rmtree(folder, ignore_errors=True)
