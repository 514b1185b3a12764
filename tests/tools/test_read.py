"""Reading files in whole and in part."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from llmos.errors import ToolError
from llmos.values.messages import Outcome, ToolCall
from tests.at_work import Work


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def numbers(count: int) -> str:
    return "".join(f"line {number}\n" for number in range(1, count + 1))


@pytest.mark.parametrize(
    ("part", "lines"),
    [
        ({"first": 2}, [1, 2]),
        ({"last": 2}, [9, 10]),
        ({"start": 3, "end": 5}, [3, 4, 5]),
        ({"start": 9}, [9, 10]),
        ({"end": 2}, [1, 2]),
        ({"start": 4, "first": 2}, [4, 5]),
        ({"start": 4, "end": 8, "last": 2}, [7, 8]),
        ({"first": 3, "last": 1}, [3]),
        ({"first": 99}, list(range(1, 11))),
        ({"last": 0}, []),
        ({"start": 11}, []),
    ],
)
def test_parts_of_lines(work: Work, part: dict[str, int], lines: list[int]) -> None:
    work.write("a.txt", numbers(10))
    assert work.do("read_file", path="a.txt", **part).text == "\n".join(f"line {number}" for number in lines)


def test_line_numbers_are_those_of_the_file_also_at_its_end(work: Work) -> None:
    work.write("a.txt", numbers(12))
    assert work.do("read_file", path="a.txt", last=2, line_numbers=True).text == "    11\tline 11\n    12\tline 12"
    assert work.do("read_file", path="a.txt", start=5, end=5, line_numbers=True).text == "     5\tline 5"


def test_several_files_follow_each_other_and_their_parts_are_told_apart(work: Work) -> None:
    work.files(a_txt="1\n2\n", b_txt="3\n")
    assert work.do("read_file", path=["a.txt", "b.txt"]).text == "1\n2\n3"
    assert work.do("read_file", path=["a.txt", "b.txt"], first=1).text == "==> a.txt <==\n1\n==> b.txt <==\n3"


def test_files_are_put_together_line_by_line_and_empty_ones_add_nothing(work: Work) -> None:
    work.files(a_txt="1", b_txt="", c_txt="\n2\n")
    assert work.do("read_file", path=["a.txt", "b.txt", "c.txt"]).text == "1\n\n2"


def test_the_end_of_a_huge_file_is_read_at_once(work: Work) -> None:
    path = work.write("huge")
    with path.open("r+b") as file:
        file.truncate(1 << 40)  # a hole: reading it all would take an hour
        file.seek(0, os.SEEK_END)
        file.write(b"\nalmost\nlast\n")
        file.seek(0)
        file.write(b"first\n" + b"x" * 10_000)
    assert work.do("read_file", path="huge", last=2).text == "almost\nlast"
    assert work.do("read_file", path="huge", first=1).text == "first"
    assert work.do("read_file", path="huge", last=5, unit="bytes").text == "last"


def test_long_content_keeps_its_head_and_says_where_the_rest_is(work: Work) -> None:
    work.write("long", numbers(20_000))
    outcome = work.do("read_file", path="long")
    assert len(outcome.text) <= 1 << 16 and outcome.text.startswith("line 1\n") and outcome.more == f"{work.cwd}/long"
    tail = work.do("read_file", path="long", last=19_000)
    assert tail.text.endswith("line 20000") and tail.more == f"{work.cwd}/long"
    assert work.do("read_file", path="long", first=10).more is None


def test_binary_files_are_refused_with_what_they_are(work: Work) -> None:
    (work.cwd / "p.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    with pytest.raises(ToolError, match=r"not text but binary: PNG image\. Its bytes can be shown in hexadecimal"):
        work.do("read_file", path="p.png")


def test_hex_of_some_bytes_is_plain_and_of_a_file_says_where(work: Work) -> None:
    (work.cwd / "b").write_bytes(bytes(range(65, 85)))
    assert work.do("read_file", path="b", first=18, show="hex").text.split("\n")[1] == "51 52"
    row = "00000010  51 52 53 54                                      |QRST|"
    assert work.do("read_file", path="b", show="hex").text.split("\n")[1] == row


def test_characters_shows_what_cannot_be_seen(work: Work) -> None:
    (work.cwd / "odd").write_bytes(b"a\tb\r\n\x00\x1b\xff\xe4\xb8\xad\n")
    assert work.do("read_file", path="odd", show="characters").text == "a\\tb\\r\\n\n\\0\\x1b\\xff中\\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marked_encodings_are_read_as_text(work: Work, encoding: str) -> None:
    (work.cwd / "a").write_bytes("一\n二\n三\n".encode(encoding))
    assert work.do("read_file", path="a").text == "一\n二\n三"
    assert work.do("read_file", path="a", last=1).text == "三"


def test_control_sequences_in_content_lose_their_power(work: Work) -> None:
    (work.cwd / "evil").write_bytes(b"\x1b]0;title\x07\xff ok\r\n")
    assert work.do("read_file", path="evil").text == "\\x1b]0;title\\x07\ufffd ok"


def test_files_that_do_not_know_their_size_are_read(work: Work) -> None:
    if not os.path.exists("/proc/self/status"):
        pytest.skip("no /proc here")
    assert work.do("read_file", path="/proc/self/status", first=1).text.startswith("Name:")
    assert work.do("read_file", path="/proc/self/status", last=1).text.startswith("nonvoluntary")


def test_a_pipe_nobody_writes_to_does_not_hang(work: Work) -> None:
    os.mkfifo(work.cwd / "pipe")
    with pytest.raises(ToolError, match="named pipe"):
        work.do("read_file", path="pipe")


@pytest.mark.parametrize(
    ("path", "says"), [("folder", "is a folder"), ("reprot", "Did you mean 'report'"), ("loop", "round in a circle")]
)
def test_what_cannot_be_read_is_said_in_one_line(work: Work, path: str, says: str) -> None:
    (work.cwd / "folder").mkdir()
    (work.cwd / "loop").symlink_to("loop")
    work.files(report="")
    with pytest.raises(ToolError, match=says) as error:
        work.do("read_file", path=path)
    assert "\n" not in str(error.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(work: Work) -> None:
    work.write("secret").chmod(0)
    with pytest.raises(ToolError, match=r"You may not read .*secret"):
        work.do("read_file", path="secret")


def test_a_filter_selects_what_is_read(work: Work) -> None:
    work.files(a_md="one\n", b_md="two\n", c_txt="three\n")
    assert work.do("read_file", extension="md").text == "one\ntwo"
    assert work.do("read_file", extension="rst").text == f"Nothing found: no files ending in .rst in {work.cwd}."


def test_what_was_piped_in_is_read_as_a_dash(work: Work, tmp_path: Path) -> None:
    piped = tmp_path / "piped"
    piped.write_text("ERROR disk full\nok\n")
    place = replace(work.place, input=str(piped))
    tool = work.tools["read_file"]
    call = ToolCall("1", "read_file", {})
    plan = tool.plan(call, tool.arguments.model_validate({"path": "-", "first": 1}), place)
    outcome = tool.run(plan, place)
    assert isinstance(outcome, Outcome) and outcome.text == "ERROR disk full"


def test_following_shows_what_is_added(work: Work) -> None:
    path = work.write("log", "old\n")

    def add() -> None:
        time.sleep(0.2)
        with path.open("a") as file:
            file.write("new\nhal")
        time.sleep(0.2)
        with path.open("a") as file:
            file.write("f\n")

    adding = threading.Thread(target=add)
    adding.start()
    outcome = work.do("read_file", path="log", follow=0.7)
    adding.join()
    assert outcome.text == "old\nnew\nhalf"
    assert [step.text for step in work.progress] == ["old", "new", "half"]


def test_following_goes_on_in_a_file_that_was_replaced(work: Work) -> None:
    path = work.write("log", "a long old line\n")

    def rotate() -> None:
        time.sleep(0.2)
        os.rename(path, f"{path}.1")
        path.write_text("new\n")

    rotating = threading.Thread(target=rotate)
    rotating.start()
    outcome = work.do("read_file", path="log", follow=0.7)
    rotating.join()
    assert outcome.text == "a long old line\nnew"
