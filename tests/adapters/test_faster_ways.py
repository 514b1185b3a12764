"""Two ways to the same answer: what a program or a sieve makes faster is held to what Python alone says."""

from __future__ import annotations

import codecs
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmos.adapters.files import ripgrep, search
from llmos.adapters.files.match import closeness, has_extension
from llmos.adapters.files.sieve import sieve
from llmos.adapters.files.usage import MANY, Usage
from llmos.adapters.files.walk import Entry, Root, Unread, walk

NAMES = ("a.txt", "A.TXT", "notes.md", "Notes", "x.tar.gz", "ſ.py", "K.txt", "İ", "a[b", "{a}", "new\nline.txt", ".hid")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for folder in ("one", "two/deep", "ascii"):
        (tmp_path / folder).mkdir(parents=True)
        for name in NAMES:
            if folder != "ascii" or name.isascii():
                (tmp_path / folder / name).write_text("Needle in hay\n" if len(name) % 2 else "nothing\n")
    os.symlink("a.txt", tmp_path / "one" / "link.txt")
    return tmp_path


@pytest.mark.parametrize(
    "names", [["a.txt"], ["*.txt"], ["note"], ["k"], ["s"], ["i"], ["*[ab]*"], ["{a,x}.*"], ["a[b"], ["*"], ["NOTES"]]
)
def test_a_sieve_for_names_loses_nothing(tree: Path, names: list[str]) -> None:
    fit = closeness(names)
    assert _fitting(tree, lambda e: fit(e.name) is not None, sieve(names, None))


@pytest.mark.parametrize("extensions", [["txt"], ["TXT", "py"], ["gz"], ["tar.gz"], [""]])
def test_a_sieve_for_extensions_loses_nothing(tree: Path, extensions: list[str]) -> None:
    assert _fitting(tree, has_extension(extensions), sieve(None, extensions))


def _fitting(tree: Path, test: object, held: object) -> bool:
    root = Root(str(tree), "")
    slow, fast = ([e.path for e in walk(root, Unread(), sieve=s) if test(e)] for s in (None, held))  # type: ignore
    return slow == fast


CONTENTS = (
    b"Needle", b"needle\n", b"NEEDLE\r\n", b"", b"\0needle", b"\xff\xfen\0e\0e\0d\0l\0e\0", b"hay\nhay", b"need\nle",
    b"\xef\xbb\xbfneedle", "Ünïcode needle".encode(), "nEEdle ſ K".encode("latin-1", "replace"), b"\xff needle \xfe",
    codecs.BOM_UTF32_LE + "a needle".encode("utf-32-le"), codecs.BOM_UTF32_BE + "Needle".encode("utf-32-be"),
    b"\xfe\xff\0n\0e\0e\0d\0l\0e", b"x" * 100_000 + b"needle",
)  # fmt: skip


@pytest.mark.skipif(not shutil.which("rg"), reason="ripgrep is not installed")
@pytest.mark.parametrize("text", ["needle", "Needle", "ü", "a\nb", "(", "\\x", "\udcff", "k"])
@pytest.mark.parametrize("ignore_case", [False, True])
def test_ripgrep_rules_out_no_file_that_holds_it(tmp_path: Path, text: str, ignore_case: bool) -> None:
    needle = search.literal(text, ignore_case, False, False)
    entries = list(_files(tmp_path))
    left_out = [entry.path for entry, likely in ripgrep.sorted_out(entries, needle.rough) if not likely]
    assert not [path for path in left_out if list(search.found_in(path, needle, binary=True))]
    assert left_out or not needle.rough or "\n" in text


def _files(folder: Path) -> Iterator[Entry]:
    for number in range(2 * ripgrep.FEW):
        path = folder / f"{number:03}"
        path.write_bytes(CONTENTS[number % len(CONTENTS)])
        yield Entry(str(path), path.name)


@pytest.mark.skipif(not shutil.which("rg"), reason="ripgrep is not installed")
def test_one_that_cannot_be_read_is_not_ruled_out(tmp_path: Path) -> None:
    entries = [*_files(tmp_path), Entry(str(tmp_path / "gone"), "gone")]
    assert {e.shown: likely for e, likely in ripgrep.sorted_out(entries, "x")}["gone"]


@pytest.mark.skipif(not shutil.which("rg"), reason="ripgrep is not installed")
def test_who_stops_early_leaves_no_ripgrep_behind(tmp_path: Path) -> None:
    entries = list(_files(tmp_path)) * 4
    told = ripgrep.sorted_out(entries, "x")
    next(told)
    told.close()  # type: ignore[attr-defined]
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    assert not [pid for pid in children if Path(f"/proc/{pid}/comm").read_text() == "rg\n"]


@given(st.lists(st.sampled_from([b"ab", b"AB", b"a", b"b", b"\n", b"\r\n", b" "])), st.booleans())
@settings(max_examples=200, deadline=None)
def test_leaping_from_match_to_match_finds_what_reading_every_line_does(pieces: list[bytes], folded: bool) -> None:
    content = b"".join(pieces)
    lines = content.split(b"\n")
    want = [(i, line.rstrip(b"\r")) for i, line in enumerate(lines, 1) if b"ab" in (line.lower() if folded else line)]
    with NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        found = [line for line, _ in search.found_in(file.name, search.literal("ab", folded, False, False))]
    assert [(line.number, line.text.encode()) for line in found] == want


def test_numbers_are_right_in_a_file_that_is_read_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(b"".join(b"%d%s\n" % (i, b" needle" if i % 100_000 == 7 else b"") for i in range(1, 1_300_001)))
    assert path.stat().st_size > 9_000_000
    found = [line for line, _ in search.found_in(str(path), search.literal("needle", False, False, False))]
    assert [line.number for line in found] == [int(line.text.split()[0]) for line in found]
    assert len(found) == 13


@given(st.text(min_size=1, max_size=8), st.text(max_size=12))
@settings(max_examples=200, deadline=None)
def test_a_name_that_fits_passes_the_sieve(sought: str, name: str) -> None:
    held = sieve([sought], None)
    if held and closeness([sought])(name) is not None:
        assert held([_Named(name)])  # type: ignore[list-item]


class _Named:
    """A file as a folder lists it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def is_file(self, *, follow_symlinks: bool) -> bool:
        return not follow_symlinks


@pytest.mark.skipif(not shutil.which("du"), reason="there is no du")
def test_a_folder_that_du_measures_is_as_big(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(MANY + 50):
        folder = tmp_path / f"d{number % 7}" / f"e{number}"
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"x" * (number * 97 % 20_000))
    os.link(tmp_path / "d0" / "e0" / "file", tmp_path / "again")
    fast = _measured(tmp_path)
    monkeypatch.setenv("PATH", "")
    assert _measured(tmp_path) == fast
    assert len(fast) == 8


def _measured(folder: Path) -> list[tuple[str, str, int, int]]:
    found = Usage(Unread()).folders(Root(str(folder), ""), 1)
    return [(each.path, each.shown, each.depth, each.size) for each in found]
