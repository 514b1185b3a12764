"""The catalogues are whole and current, chosen as gettext chooses; what the model and programs read stays English."""

from __future__ import annotations

import json
import os
import pickle
import re
import string
import subprocess
import symtable
import sys
from io import BytesIO
from pathlib import Path

import pexpect
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import llmos
from llmos.translation import Both, here, joined, language

PACKAGE = Path(llmos.__file__).parent
CATALOGUES = sorted((PACKAGE / "locale").glob("*/LC_MESSAGES/llmos.po"))
KEYWORDS = {"_": None, "both": None, "N_": None, "ngettext": (1, 2), "nboth": (1, 2)}
HAN = re.compile("[\u4e00-\u9fff]")


def catalogue(file: Path) -> Catalog:
    with file.open("rb") as stream:
        return read_po(stream)


def in_source() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found}


def placeholders(text: str) -> set[str]:
    """Those of the argparse kind too; `plural` is the ending of an English word."""
    named = {name for _, name, _, _ in string.Formatter().parse(text) if name} if "%" not in text else set()
    return named - {"plural"} | set(re.findall(r"%\(\w+\)[rs]|%[rsd]", text))


def llmos_in_chinese(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if k not in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LLMOS_LANGUAGE")}
    env |= {
        "LANG": "zh_CN.UTF-8",
        "LLMOS_STATE": str(tmp_path / "state"),
        "PYTHONPATH": str(PACKAGE.parent),
    }
    command = [sys.executable, "-m", "llmos", *arguments]
    nothing = subprocess.DEVNULL
    return subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, stdin=nothing, check=False)


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-3])
def test_every_message_of_the_source_is_translated(file: Path) -> None:
    known = {message.id for message in catalogue(file) if message.string and not message.fuzzy}
    assert in_source() - known == set()


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-3])
def test_translations_have_the_placeholders_of_the_english(file: Path) -> None:
    for message in catalogue(file):
        if message.id:
            english = message.id if isinstance(message.id, str) else message.id[-1]
            texts = [message.string] if isinstance(message.string, str) else message.string
            for text in texts:
                assert placeholders(text) == placeholders(english), english


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-3])
def test_the_compiled_catalogue_is_the_current_one(file: Path) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue(file))
    assert file.with_suffix(".mo").read_bytes() == compiled.getvalue()


@pytest.mark.parametrize(
    ("env", "chosen"),
    [
        ({}, None),
        ({"LANG": "en_US.UTF-8"}, None),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, None),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_SG"}, "zh_CN"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "fr:zh_CN"}, "zh_CN"),
        ({"LANG": "C", "LANGUAGE": "zh_CN"}, None),
        ({"LANG": "zh_CN.UTF-8", "LLMOS_LANGUAGE": "en"}, None),
        ({"LANG": "C", "LLMOS_LANGUAGE": "zh"}, "zh_CN"),
    ],
)
def test_the_language_is_chosen_as_gettext_does(env: dict[str, str], chosen: str | None) -> None:
    assert language(env) == chosen


def test_english_loads_no_catalogue() -> None:
    script = "import sys; from llmos.translation import _; _('print the version'); sys.exit('gettext' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], env={**os.environ, "LC_ALL": "C"}, check=False)
    assert done.returncode == 0


def shadowed(table: symtable.SymbolTable) -> list[str]:
    """Functions that read a name which they also assign to, and which Python therefore takes for a local one."""
    here = [symbol for symbol in table.get_symbols() if symbol.get_name() in KEYWORDS]
    local = table.get_type() == "function" and any(one.is_local() and one.is_referenced() for one in here)
    return [table.get_name()] * local + [name for child in table.get_children() for name in shadowed(child)]


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_nothing_that_translates_uses_the_names_for_something_else(file: Path) -> None:
    assert shadowed(symtable.symtable(file.read_text(), str(file), "exec")) == []


def test_both_languages_survive_joining_formatting_and_pickling() -> None:
    made = joined(", ", [Both("{n} files", "{n} 个文件").format(n=2), Both("now", "现在")])
    again = pickle.loads(pickle.dumps(made))
    assert (again, here(again), here(str(ValueError(again)))) == ("2 files, now", "2 个文件, 现在", "2 个文件, 现在")


@pytest.mark.parametrize("arguments", [["--help"], ["habits", "frobnicate"], ["--frobnicate"], ["undo", "--help"]])
def test_help_and_errors_are_chinese(tmp_path: Path, arguments: list[str]) -> None:
    done = llmos_in_chinese(tmp_path, *arguments)
    assert HAN.search(done.stdout + done.stderr)


def test_a_preview_is_chinese(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    done = llmos_in_chinese(tmp_path, "--mode", "dry-run", "delete a.txt")
    assert f"删除 {tmp_path}/a.txt，0 字节，移到回收站" in done.stdout


def test_a_question_is_chinese(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    env = os.environ | {"LC_ALL": "zh_CN.UTF-8", "LLMOS_STATE": str(tmp_path / "state"), "TERM": "xterm"}
    command = [sys.executable, "-m", "llmos", "delete a.txt"]
    child = pexpect.spawn(command[0], command[1:], env=env, cwd=str(tmp_path), encoding="utf-8", timeout=30)
    child.expect_exact("继续吗？")
    child.send("n")
    child.expect_exact("否")
    child.expect(pexpect.EOF)
    assert (tmp_path / "a.txt").exists()


def test_programs_read_english(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    done = llmos_in_chinese(tmp_path, "--json", "-y", "delete a.txt")
    assert not HAN.search(json.dumps([json.loads(line) for line in done.stdout.splitlines()], ensure_ascii=False))


def test_the_log_and_so_the_model_keep_english(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    llmos_in_chinese(tmp_path, "-y", "delete a.txt")
    logged = llmos_in_chinese(tmp_path, "log", "--json").stdout
    assert "delete_files" in logged
    assert not HAN.search(json.dumps([json.loads(line) for line in logged.splitlines()], ensure_ascii=False))
