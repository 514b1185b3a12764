"""Which entries a selection means: paths, globs, names, filters."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from llmos.errors import ToolError
from llmos.tools.arguments import Selection
from llmos.tools.files.selection import resolve, select
from llmos.values.messages import JSON
from tests.at_work import Work


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def found(work: Work, **arguments: JSON) -> list[str]:
    """What find_files finds, as relative paths."""
    outcome = work.do("find_files", **arguments)
    return [os.path.relpath(item, work.cwd) for item in outcome.items]


def chosen(work: Work, **arguments: JSON) -> list[str]:
    """What a tool that acts on the selection would act on."""
    entries = select(Selection.model_validate(arguments), work.place)
    return [os.path.relpath(entry.path, work.cwd) for entry in entries]


def test_a_name_is_exact_before_other_capitals_before_a_part(work: Work) -> None:
    for name in ("report", "Report", "a/old-report.txt"):
        work.write(name)
    assert found(work, name="report") == ["report"]
    assert found(work, name="REPORT") == ["Report", "report"]
    assert found(work, name="old") == ["a/old-report.txt"]


def test_what_acts_does_not_take_parts_of_names(work: Work) -> None:
    work.write("banana")
    assert chosen(work, name="a") == []
    assert chosen(work, name="*a*") == ["banana"]


def test_without_a_filter_what_acts_means_the_path_itself(work: Work) -> None:
    work.write("folder/x")
    assert chosen(work, path="folder") == ["folder"]
    assert chosen(work, path="folder", name="*") == ["folder/x"]


def test_a_link_that_is_acted_on_is_not_followed(work: Work) -> None:
    work.write("real/x")
    (work.cwd / "link").symlink_to("real")
    assert chosen(work, path="link") == ["link"]


def test_globs_count_capitals_and_may_have_alternatives(work: Work) -> None:
    for name in ("a.jpg", "b.JPG", "c.png", "d.txt"):
        work.write(name)
    assert found(work, name="*.jpg") == ["a.jpg"]
    assert found(work, name="*.{jpg,png}") == ["a.jpg", "c.png"]
    assert found(work, extension="jpg") == ["a.jpg", "b.JPG"]


def test_an_extension_may_have_two_parts(work: Work) -> None:
    work.files(a_tar_gz="", b_gz="")
    assert found(work, extension="tar.gz") == ["a.tar.gz"]
    assert found(work, extension=["gz"]) == ["a.tar.gz", "b.gz"]


def test_a_path_may_be_a_glob_unless_a_file_has_that_name(work: Work) -> None:
    for name in ("a.txt", "src/x/b.txt", "*.md", "c.md"):
        work.write(name)
    assert chosen(work, path="*.txt") == ["a.txt"]
    assert chosen(work, path="src/**/*.txt") == ["src/x/b.txt"]
    assert chosen(work, path="*.md") == ["*.md"]
    with pytest.raises(ToolError, match=r"Nothing matches '\*.rs'"):
        chosen(work, path="*.rs")


def test_a_path_that_is_not_there_is_answered_with_what_was_meant(work: Work) -> None:
    work.write("report.txt")
    with pytest.raises(ToolError) as error:
        chosen(work, path="reprot.txt")
    assert str(error.value) == f"There is no 'reprot.txt' in {work.cwd}. Did you mean 'report.txt'?"
    with pytest.raises(ToolError, match=f"There is no 'nowhere' in {work.cwd}"):
        chosen(work, path="nowhere/at/all")


def test_paths_are_resolved_as_people_write_them(work: Work) -> None:
    place = replace(work.place, env={"DATA": "/srv/data"}, input="/tmp/piped")
    written = ["~/a", "$DATA/b", "${DATA}", "file:///c%20d", "e/", "./f", "-", "$HOME"]
    meant = [f"{work.home}/a", "/srv/data/b", "/srv/data", "/c d", f"{work.cwd}/e", f"{work.cwd}/f", "/tmp/piped"]
    assert [resolve(path, place) for path in written] == [*meant, str(work.home)]


def test_dots_after_a_link_lead_where_the_system_goes(work: Work) -> None:
    work.write("far/away/x")
    (work.cwd / "link").symlink_to("far/away")
    assert resolve("link/../x", work.place) == f"{work.cwd}/far/x"


@pytest.mark.parametrize("path", ["", "$NOT_SET/x", "~no-such-user/x", "-", "file://elsewhere/x", "a\0b"])
def test_paths_that_mean_nothing_are_refused(work: Work, path: str) -> None:
    with pytest.raises(ToolError):
        resolve(path, work.place)


def test_sizes_are_strict_and_mean_files(work: Work) -> None:
    for name, size in (("d/small", 99), ("d/same", 100), ("d/large", 101)):
        work.write(name, "x" * size)
    assert found(work, larger_than=100) == ["d/large"]
    assert found(work, smaller_than=100) == ["d/small"]


def test_ages_are_counted_to_the_second(work: Work) -> None:
    day = 86400
    for name, age in (("new", 3600), ("old", 3 * day + 60), ("almost", 3 * day - 60)):
        os.utime(work.write(name), (0, time.time() - age))
    assert found(work, older_than="3 days") == ["old"]
    assert found(work, newer_than="3 days") == ["almost", "new"]
    assert found(work, accessed_before="1 year") == ["almost", "new", "old"]
    assert found(work, accessed_within="1 year") == []


def test_octal_permissions_are_exact_and_symbolic_ones_at_least(work: Work) -> None:
    for name, mode in (("a", 0o644), ("b", 0o755), ("c", 0o666), ("d", 0o4755)):
        os.chmod(work.write(name), mode)
    assert found(work, permission="755") == ["b"]
    assert found(work, permission="u+x") == ["b", "d"]
    assert found(work, permission="go-w") == ["a", "b", "d"]
    assert found(work, permission="u+s") == ["d"]
    assert found(work, permission="o=r") == ["a"]
    assert found(work, permission="rw-rw-rw-") == ["c"]
    with pytest.raises(ToolError, match="write it like 644 or u"):
        found(work, permission="everything")


def test_empty_means_files_without_a_byte_and_folders_without_an_entry(work: Work) -> None:
    work.files(full="x", none="")
    (work.cwd / "hollow").mkdir()
    assert found(work, empty=True) == ["hollow", "none"]
    assert found(work, empty=True, type="folder") == ["hollow"]


def test_types(work: Work) -> None:
    work.write("folder/file")
    (work.cwd / "link").symlink_to("folder")
    assert [found(work, type=kind) for kind in ("file", "folder", "link")] == [["folder/file"], ["folder"], ["link"]]


def test_a_whole_name_among_extensions_is_found(work: Work) -> None:
    for name in ("a.out", "b.o", "out"):
        work.write(name)
    assert found(work, extension=["a.out", "*.o"]) == ["a.out", "b.o"]


def test_a_glob_among_extensions_is_a_glob(work: Work) -> None:
    for name in ("draft-1.log", "final.log", "my-page.html"):
        work.write(name)
    assert found(work, extension=["draft-*.log", "*page.html"]) == ["draft-1.log", "my-page.html"]


def test_kinds_are_told_by_the_extension(work: Work) -> None:
    for name in ("a.PNG", "b.mkv", "c.py", "d.tar.xz", "e.flac", "f.docx", "Makefile", "x.png/y"):
        work.write(name)
    kinds = ["image", "video", "audio", "archive", "document"]
    assert [found(work, kind=kind) for kind in kinds] == [["a.PNG"], ["b.mkv"], ["e.flac"], ["d.tar.xz"], ["f.docx"]]
    assert found(work, kind="code") == ["Makefile", "c.py"]


def test_content_is_searched_as_bytes_also_across_blocks(work: Work) -> None:
    (work.cwd / "binary").write_bytes(b"\0" * ((1 << 20) - 3) + "日本".encode() + b"\xff")
    work.files(other="nothing")
    assert found(work, contains="日本") == ["binary"]


def test_what_is_excluded_is_not_entered_either(work: Work) -> None:
    for name in ("node_modules/a/b.js", "src/c.js", "src/d.min.js"):
        work.write(name)
    assert found(work, extension="js", exclude=["node_modules", "*.min.js"]) == ["src/c.js"]
    assert found(work, extension="js", exclude="node_modules/") == ["src/c.js", "src/d.min.js"]


def test_hidden_entries_are_found_and_can_be_all_that_is(work: Work) -> None:
    for name in (".config/x", "y", ".z"):
        work.write(name)
    assert found(work) == [".config", ".config/x", ".z", "y"]
    assert found(work, hidden=True) == [".config", ".z"]


def test_owner_by_name_and_number(work: Work) -> None:
    work.write("mine")
    assert found(work, owner=str(os.getuid())) == ["mine"]
    assert found(work, owner=str(os.getuid() + 1)) == []
    with pytest.raises(ToolError, match="no user 'nobody-at-all'"):
        found(work, owner="nobody-at-all")


def test_depth(work: Work) -> None:
    work.write("a/b/c")
    assert found(work, depth=1) == ["a"]
    assert found(work, depth=2) == ["a", "a/b"]


def test_a_path_that_is_a_file_is_meant_itself_when_it_fits(work: Work) -> None:
    work.files(a_txt="x", b_md="x")
    assert found(work, path=["a.txt", "b.md"], extension="txt") == ["a.txt"]


def test_two_ways_to_the_same_file_find_it_once(work: Work) -> None:
    work.write("d/a")
    assert chosen(work, path=["d/a", "./d/../d/a", str(work.cwd / "d/a")]) == ["d/a"]
