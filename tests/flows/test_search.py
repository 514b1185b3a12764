"""Searching documents by what they say, from the outside."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import time
from zipfile import ZipFile

import pytest

from tests.flows.conftest import Llmos


@pytest.fixture
def notes(llmos: Llmos) -> Llmos:
    """Three documents in a folder that is indexed."""
    (llmos.folder / "letter.txt").write_text("Dear landlord, the rent is too high and rents went up again.")
    (llmos.folder / "cake.md").write_text("Flour, sugar, four eggs; bake for an hour.")
    (llmos.folder / "信.txt").write_text("房东您好，房租太高了。")
    assert llmos.run("index", "add", ".").returncode == 0
    return llmos


def found(llmos: Llmos, *words: str) -> list[str]:
    return [os.path.basename(line) for line in llmos.run("search", *words).stdout.splitlines()]


def test_a_question_finds_the_document(notes: Llmos) -> None:
    assert found(notes, "the document where I wrote about the rent")[0] == "letter.txt"


def test_words_are_found_in_their_other_forms(notes: Llmos) -> None:
    assert found(notes, "baking") == ["cake.md"]


def test_chinese_is_found(notes: Llmos) -> None:
    assert found(notes, "我写过关于房租的那份文档") == ["信.txt"]


def test_what_changed_is_found_without_being_told(notes: Llmos) -> None:
    (notes.folder / "cake.md").write_text("Now about bicycles.")
    (notes.folder / "letter.txt").unlink()
    assert found(notes, "bicycle") == ["cake.md"]
    assert found(notes, "rent") == []


def test_secrets_links_hidden_and_ignored_files_stay_out(llmos: Llmos) -> None:
    (llmos.home / "diary.txt").write_text("zebra")
    os.symlink(llmos.home, llmos.folder / "out")
    os.symlink(llmos.home / "diary.txt", llmos.folder / "link.txt")
    (llmos.folder / ".gitignore").write_text("ignored.txt\n")
    for name in ("ignored.txt", ".hidden", "server.pem", "id_rsa", "draft.txt"):
        (llmos.folder / name).write_text("zebra")
    llmos.run("index", "add", ".", "--exclude", "draft*")
    assert found(llmos, "zebra") == []


def test_the_index_is_private(notes: Llmos) -> None:
    file = notes.base / "state" / "index.sqlite"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_removed_folder_leaves_no_words_behind(notes: Llmos) -> None:
    notes.run("index", "remove", ".")
    assert b"landlord" not in (notes.base / "state" / "index.sqlite").read_bytes()


def test_office_documents_and_web_pages_are_read(llmos: Llmos) -> None:
    with ZipFile(llmos.folder / "a.docx", "w") as archive:
        archive.writestr("word/document.xml", "<w:p><w:t>the gar</w:t><w:t>den</w:t></w:p>")
    with ZipFile(llmos.folder / "b.odt", "w") as archive:
        archive.writestr("content.xml", "<text:p>the garden</text:p>")
    (llmos.folder / "c.html").write_text("<p>the gar<b>den</b></p><script>tulip</script>")
    llmos.run("index", "add", ".")
    assert {"a.docx", "b.odt"} <= set(found(llmos, "garden"))
    assert found(llmos, "tulip") == []


def test_json_has_the_passage(notes: Llmos) -> None:
    row = json.loads(notes.run("search", "--json", "landlord").stdout)
    assert "Dear landlord" in row["part"]


@pytest.mark.parametrize("asked", ['"', "a AND (", "NEAR(x", "the", "*"])
def test_no_question_is_a_syntax_error(notes: Llmos, asked: str) -> None:
    assert notes.run("search", asked).returncode == 0


def test_without_a_folder_it_says_what_to_do(llmos: Llmos) -> None:
    done = llmos.run("search", "rent")
    assert (done.returncode, "llmos index add" in done.stderr) == (2, True)


def test_interrupted_it_keeps_what_was_read_and_a_search_reads_the_rest(llmos: Llmos) -> None:
    for number in range(4000):
        (llmos.folder / f"{number}.txt").write_text(f"apple number{number} " + "pear " * 500)
    going = subprocess.Popen(llmos.command("index", "add", "."), cwd=llmos.folder, env=llmos.env, stderr=-1)
    size = llmos.base / "state" / "index.sqlite"
    while going.poll() is None and not (size.exists() and size.stat().st_size > 100_000):
        time.sleep(0.01)
    going.send_signal(signal.SIGINT)
    _, said = going.communicate(timeout=20)
    assert (going.returncode, b"stopped" in said) == (130, True)
    assert found(llmos, "number3999") == ["3999.txt"]
    assert llmos.run("index").stdout.split()[0] == "4000"
