"""Packing, unpacking and listing archives."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import stat
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from llmos.errors import ToolError
from llmos.values.changes import ChangeKind
from tests.at_work import Work

FORMATS = ["tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst", "zip"]
ALONE = ["gz", "bz2", "xz", "zst"]


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def tar_of(work: Work, *members: tarfile.TarInfo, name: str = "bad.tar") -> str:
    """A tar with just these members; files hold as many x as they say."""
    with tarfile.open(work.cwd / name, "w") as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    return name


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, size
    return info


@pytest.mark.parametrize("format_", FORMATS)
def test_what_is_packed_comes_out_the_same(work: Work, format_: str) -> None:
    work.write("docs/a b.txt", "text")
    script = work.write("docs/sub/run.sh", "#!")
    script.chmod(0o755)
    os.utime(script, (1_000_000_000, 1_000_000_000))
    (work.cwd / "docs/empty").mkdir()
    (work.cwd / "docs/link").symlink_to("a b.txt")
    packed = work.do("archive_files", path="docs", format=format_)
    assert packed.items == (str(work.cwd / f"docs.{format_}"),)
    outcome = work.do("extract_archive", path=f"docs.{format_}", to="out")
    assert outcome.items == (str(work.cwd / "out/docs"),)
    out = work.cwd / "out/docs"
    assert work.names("out/docs") == ["a b.txt", "link", "sub/run.sh"] and (out / "empty").is_dir()
    assert (out / "a b.txt").read_text() == "text" and os.readlink(out / "link") == "a b.txt"
    assert stat.S_IMODE((out / "sub/run.sh").stat().st_mode) == 0o755
    assert (out / "sub/run.sh").stat().st_mtime == 1_000_000_000


@pytest.mark.parametrize("format_", ALONE)
def test_a_single_file_is_compressed_in_its_place_and_back(work: Work, format_: str) -> None:
    work.write("a.txt", "text" * 1000)
    plan = work.plan("archive_files", path="a.txt", format=format_)
    assert {one.kind for one in plan.changes.changes} == {ChangeKind.CREATED, ChangeKind.DELETED}
    work.run(plan)
    assert work.names() == [f"a.txt.{format_}"] and work.kept() == ["text" * 1000]
    work.do("extract_archive", path=f"a.txt.{format_}")
    assert (work.cwd / "a.txt").read_text() == "text" * 1000


def test_compressed_elsewhere_the_original_stays(work: Work) -> None:
    work.write("a.txt", "text")
    work.do("archive_files", path="a.txt", format="gz", to="packed/")
    assert work.names() == ["a.txt", "packed/a.txt.gz"]


def test_a_folder_asked_for_as_gz_becomes_a_tar(work: Work) -> None:
    work.write("docs/a")
    assert work.do("archive_files", path="docs", format="gz").items == (str(work.cwd / "docs.tar.gz"),)


@pytest.mark.parametrize(("to", "format_", "name"), [
    ("x.tgz", None, "x.tgz"), ("x", "zip", "x.zip"), ("x", None, "x.tar.gz"), ("new/", "zip", "new/docs.zip"),
    ("x.tar.xz", "tar.xz", "x.tar.xz"), (None, None, "docs.tar.gz"),
])  # fmt: skip
def test_the_archive_is_called_as_asked(work: Work, to: str | None, format_: str | None, name: str) -> None:
    work.write("docs/a")
    assert work.do("archive_files", path="docs", to=to, format=format_).items == (str(work.cwd / name),)


def test_a_name_that_says_another_format_is_refused(work: Work) -> None:
    work.write("docs/a")
    with pytest.raises(ToolError, match="would be zip"):
        work.plan("archive_files", path="docs", to="x.zip", format="tar")


def test_names_are_relative_to_the_current_folder_or_the_one_above(work: Work) -> None:
    work.write("sub/a")
    (work.home / "other").mkdir()
    (work.home / "other/b").touch()
    work.do("archive_files", path=["sub/a", "~/other"], to="x.tar")
    with tarfile.open(work.cwd / "x.tar") as tar:
        assert tar.getnames() == ["sub/a", "other", "other/b"]


def test_the_current_folder_is_packed_without_the_archive_itself(work: Work) -> None:
    work.write("a")
    work.write("x.tar", "old")
    work.do("archive_files", path=".", to="x.tar")
    with tarfile.open(work.cwd / "x.tar") as tar:
        assert tar.getnames() == ["a"]
    assert work.kept() == ["old"]


def test_a_filter_packs_what_matches(work: Work) -> None:
    for name in ("a.txt", "sub/b.txt", "c.md"):
        work.write(name)
    outcome = work.do("archive_files", extension="txt", format="zip")
    assert zipfile.ZipFile(outcome.items[0]).namelist() == ["a.txt", "sub/b.txt"]


def test_odd_names_survive_in_a_tar_and_are_told_for_a_zip(work: Work) -> None:
    names = ["a b", "line\nbreak", "\udcff.bin", "名字.txt"]
    for name in names:
        work.write(f"src/{name}")
    work.do("archive_files", path="src", to="x.tar.gz")
    work.do("extract_archive", path="x.tar.gz", to="out")
    assert work.names("out/src") == sorted(names)
    with pytest.raises(ToolError, match="not Unicode"):
        work.plan("archive_files", path="src", format="zip")


def test_existing_files_are_shown_and_kept_when_unpacking(work: Work) -> None:
    work.write("a", "new")
    work.do("archive_files", path="a", to="x.zip")
    work.write("a", "old")
    plan = work.plan("extract_archive", path="x.zip")
    assert [(one.kind, one.path) for one in plan.changes.changes] == [(ChangeKind.CHANGED, str(work.cwd / "a"))]
    work.run(plan)
    assert (work.cwd / "a").read_text() == "new" and work.kept() == ["old"]


def test_the_plan_shows_the_topmost_new_folder(work: Work) -> None:
    work.write("docs/sub/a", "123")
    work.do("archive_files", path="docs", to="x.tar")
    (change,) = work.plan("extract_archive", path="x.tar", to="docs").changes.changes
    assert (change.kind, change.path, change.size) == (ChangeKind.CREATED, str(work.cwd / "docs/docs"), 3)


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "..", "/../evil"])
def test_nothing_lands_outside_the_folder(work: Work, name: str) -> None:
    bad = tar_of(work, member("good", size=1), member(name, size=1))
    with zipfile.ZipFile(work.cwd / "bad.zip", "w") as archive:
        archive.writestr(name, "x")
    for path in (bad, "bad.zip"):
        with pytest.raises(ToolError, match="would land outside"):
            work.plan("extract_archive", path=path, to="out")


def test_absolute_names_become_relative(work: Work) -> None:
    work.do("extract_archive", path=tar_of(work, member("/etc/evil", size=1)), to="out")
    assert work.names("out") == ["etc/evil"]


@pytest.mark.parametrize("target", ["/etc", "..", "../..", "sub/../../.."])
def test_links_that_point_outside_are_left_out(work: Work, target: str) -> None:
    bad = tar_of(work, member("link", tarfile.SYMTYPE, target), member("good", size=1))
    outcome = work.do("extract_archive", path=bad, to="out")
    assert work.names("out") == ["good"] and "leaving out 1" in outcome.text


def test_nothing_is_written_through_a_link_of_the_archive(work: Work) -> None:
    (work.cwd / "out/real").mkdir(parents=True)
    bad = tar_of(work, member("link", tarfile.SYMTYPE, "real"), member("link/a", size=1))
    with pytest.raises(ToolError, match="go through a link"):
        work.plan("extract_archive", path=bad, to="out")


def test_nothing_is_written_through_a_link_on_the_disk(work: Work, tmp_path: Path) -> None:
    (work.cwd / "out").mkdir()
    (work.cwd / "out/link").symlink_to(tmp_path)
    with pytest.raises(ToolError, match="go through a link"):
        work.plan("extract_archive", path=tar_of(work, member("link/a", size=1)), to="out")


def test_hard_links_only_join_files_of_the_archive(work: Work) -> None:
    work.write("secret", "mine")
    bad = tar_of(work, member("a", size=1), member("b", tarfile.LNKTYPE, "a"), member("c", tarfile.LNKTYPE, "secret"))
    work.do("extract_archive", path=bad, to="out")
    assert work.names("out") == ["a", "b"] and (work.cwd / "out/a").samefile(work.cwd / "out/b")


def test_devices_and_special_bits_are_not_taken_over(work: Work) -> None:
    file = member("suid", size=1)
    file.mode = 0o6777
    work.do("extract_archive", path=tar_of(work, file, member("null", tarfile.CHRTYPE)), to="out")
    assert work.names("out") == ["suid"]
    assert stat.S_IMODE((work.cwd / "out/suid").stat().st_mode) == 0o755


def test_an_archive_that_would_grow_beyond_measure_is_refused(work: Work) -> None:
    huge = member("huge", size=1 << 45)
    (work.cwd / "bomb.tar.gz").write_bytes(gzip.compress(huge.tobuf() + bytes(1 << 16)))
    with pytest.raises(ToolError, match="trap"):
        work.plan("extract_archive", path="bomb.tar.gz")


def test_the_content_decides_not_the_name(work: Work) -> None:
    work.write("a", "text")
    work.do("archive_files", path="a", to="x.tar.gz")
    (work.cwd / "x.tar.gz").rename(work.cwd / "x.zip")
    work.do("extract_archive", path="x.zip", to="out")
    assert work.names("out") == ["a"]


@pytest.mark.parametrize("name", ["x.tar.gz", "x.tar.zst", "x.zip", "x.tar"])
def test_a_damaged_archive_is_told_in_one_line(work: Work, name: str) -> None:
    (work.cwd / "a").write_bytes(os.urandom(300_000))
    work.do("archive_files", path="a", to=name)
    os.truncate(work.cwd / name, 200_000)
    with pytest.raises(ToolError, match="damaged or incomplete"):
        work.do("extract_archive", path=name, to="out")


@pytest.mark.parametrize("format_", ALONE)
def test_a_file_that_was_cut_off_leaves_no_half(work: Work, format_: str) -> None:
    (work.cwd / "a").write_bytes(os.urandom(300_000))
    work.do("archive_files", path="a", format=format_)
    os.truncate(work.cwd / f"a.{format_}", 200_000)
    with pytest.raises(ToolError, match="damaged or incomplete"):
        work.do("extract_archive", path=f"a.{format_}", to="out")
    assert work.names("out") == []


def test_what_is_no_archive_is_told(work: Work) -> None:
    work.write("a.zip", "no archive at all")
    (work.cwd / "b.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(100))
    with pytest.raises(ToolError, match="is no archive"):
        work.plan("list_archive", path="a.zip")
    with pytest.raises(ToolError, match="install 7z"):
        work.plan("extract_archive", path="b.7z")


def test_an_archive_that_changed_after_the_plan_is_not_unpacked(work: Work) -> None:
    plan = work.plan("extract_archive", path=tar_of(work, member("good", size=1)), to="out")
    (work.cwd / "bad.tar").unlink()
    tar_of(work, member("../evil", size=1))
    with pytest.raises(ToolError, match="changed meanwhile"):
        work.run(plan)


def test_lists_sizes_and_names(work: Work) -> None:
    work.write("docs/a b.txt", "12345")
    work.do("archive_files", path="docs", to="x.zip")
    table = work.do("list_archive", path="x.zip").table
    assert table is not None and table.rows == ((0, "docs/"), (5, "docs/a b.txt"))
    assert table.plain is not None and table.plain(table.rows[1]) == "docs/a b.txt"


def test_archives_of_the_usual_programs_are_read(work: Work) -> None:
    work.write("src/a", "text")
    for command in (["tar", "czf", "t.tgz", "src"], ["tar", "--format=v7", "-cf", "old.tar", "src"]):
        subprocess.run(command, cwd=work.cwd, check=True)
    for name in ("t.tgz", "old.tar"):
        work.do("extract_archive", path=name, to=f"out-{name}")
        assert work.names(f"out-{name}") == ["src/a"]


@pytest.mark.skipif(not shutil.which("compress"), reason="nothing here makes .Z files")
def test_the_ancient_compress_is_read(work: Work) -> None:
    work.write("a", "text" * 100)
    subprocess.run(["compress", "a"], cwd=work.cwd, check=True)
    work.do("extract_archive", path="a.Z")
    assert (work.cwd / "a").read_text() == "text" * 100


def test_chinese_names_of_an_old_zip_are_read(work: Work) -> None:
    raw = "报告.txt".encode("gb18030")
    with zipfile.ZipFile(work.cwd / "x.zip", "w") as archive:
        archive.writestr("x" * len(raw), "text")
    content = (work.cwd / "x.zip").read_bytes().replace(b"x" * len(raw), raw)
    (work.cwd / "x.zip").write_bytes(content)
    work.do("extract_archive", path="x.zip", to="out")
    assert work.names("out") == ["报告.txt"]


def test_unreadable_files_are_told_and_the_rest_is_packed(work: Work) -> None:
    work.files(a="1", b="2")
    plan = work.plan("archive_files", path=["a", "b"], to="x.tar.gz")
    (work.cwd / "a").unlink()
    outcome = work.run(plan)
    assert "1 of 2" in outcome.text and "There is no 'a'" in outcome.text
    with tarfile.open(work.cwd / "x.tar.gz") as tar:
        assert tar.getnames() == ["b"]
