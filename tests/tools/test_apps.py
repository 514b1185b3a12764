"""Applications from desktop entries in a folder of the test's own; what opens leaves a mark in a file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from llmos.adapters.apps import macos
from llmos.adapters.apps.app import App
from llmos.adapters.apps.linux import app_command, program_of, split_exec
from llmos.errors import ToolError
from llmos.memory.log import Entry as Entry_
from llmos.memory.log import Log
from llmos.values.messages import ItemKind
from llmos.values.place import Place
from llmos.values.plans import Effect
from tests.carrying_out import carry_out, place_in, planned

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="desktop entries are for Linux")

Entry = Callable[..., Path]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A display is claimed, and only the programs of the test are on the PATH."""
    (tmp_path / "bin").mkdir()
    return place_in(tmp_path, env={**_folders(tmp_path), "DISPLAY": ":99"})


def _folders(tmp_path: Path) -> dict[str, str]:
    return {
        "XDG_DATA_DIRS": str(tmp_path / "share"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "PATH": f"{tmp_path}/bin",
    }


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    def write(identity: str, **keys: str) -> Path:
        path = tmp_path / "share" / "applications" / f"{identity}.desktop"
        path.parent.mkdir(parents=True, exist_ok=True)
        keys = {"Type": "Application", "Name": identity.title(), **keys}
        path.write_text("[Desktop Entry]\n" + "".join(f"{key}={value}\n" for key, value in keys.items()))
        return path

    return write


def marker(tmp_path: Path, name: str) -> Path:
    """A program that writes its arguments into a file, which is returned."""
    program, mark = tmp_path / "bin" / name, tmp_path / f"{name}.mark"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$0" "$@" > "{mark}.part"\n/bin/mv "{mark}.part" "{mark}"\n')
    program.chmod(0o755)
    return mark


def marked(mark: Path) -> list[str]:
    deadline = time.monotonic() + 5
    while not mark.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return mark.read_text().splitlines()[1:]


# Listing


def test_applications_are_listed_by_name(place: Place, entry: Entry) -> None:
    entry("zebra", Exec="zebra", Comment="Stripes")
    entry("apple", Exec="apple")
    outcome = carry_out("list_apps", place)
    assert outcome.table and outcome.table.rows == (("Apple", ""), ("Zebra", "Stripes"))
    assert (outcome.items, outcome.kind) == (("Apple", "Zebra"), ItemKind.APP)


def test_what_menus_hide_is_not_listed(place: Place, entry: Entry) -> None:
    entry("one", Exec="one", NoDisplay="true")
    entry("two", Exec="two", Hidden="true")
    entry("three", Exec="three", TryExec="not-there")
    entry("four", Type="Link", URL="http://example.org")
    assert carry_out("list_apps", place).text == "There is no application here."


def test_a_broken_entry_does_not_hide_the_others(place: Place, entry: Entry) -> None:
    entry("good", Exec="good")
    entry("bad", Exec="bad").write_text("no group\n\x00\xff")
    assert carry_out("list_apps", place).items == ("Good",)


def test_names_are_in_the_language_of_the_place(tmp_path: Path, entry: Entry) -> None:
    entry("calc", Exec="calc", Name="Calculator", **{"Name[zh_CN]": "计算器"})
    place = place_in(tmp_path, env={**_folders(tmp_path), "LANG": "zh_CN.UTF-8"})
    assert carry_out("list_apps", place).items == ("计算器",)


def test_an_entry_of_the_user_hides_that_of_the_system(place: Place, entry: Entry) -> None:
    system = entry("calc", Exec="calc", Name="Old")
    own = Path(place.home, ".local/share/applications")
    own.mkdir(parents=True)
    (own / "calc.desktop").write_text(system.read_text().replace("Old", "New"))
    assert carry_out("list_apps", place).items == ("New",)


# Opening an application


@pytest.mark.parametrize("name", ["Calculator", "calculator", "计算器", "gcalc", "Desktop Sums", "calc", "sums"])
def test_an_application_opens_by_any_of_its_names(place: Place, entry: Entry, tmp_path: Path, name: str) -> None:
    mark = marker(tmp_path, "gcalc")
    names = {"Name[zh_CN]": "计算器", "GenericName": "Desktop Sums"}
    entry("calc", Exec="gcalc --new %U", Name="Calculator", **names)
    assert carry_out("open_app", place, name=name).text == "Opened Calculator."
    assert marked(mark) == ["--new"]


def test_planning_opens_nothing(place: Place, entry: Entry, tmp_path: Path) -> None:
    mark = marker(tmp_path, "gcalc")
    entry("calc", Exec="gcalc")
    plan = planned("open_app", place, name="calc")
    assert [(t.effect, t.what) for t in plan.targets] == [(Effect.RUN, f"{tmp_path}/bin/gcalc")]
    assert not mark.exists()


def test_a_file_is_opened_with_an_application(place: Place, entry: Entry, tmp_path: Path) -> None:
    mark = marker(tmp_path, "edit")
    entry("edit", Exec="edit %F")
    Path(place.cwd, "my notes.txt").touch()
    carry_out("open_app", place, name="edit", path="my notes.txt")
    assert marked(mark) == [f"{place.cwd}/my notes.txt"]


def test_a_near_name_is_proposed(place: Place, entry: Entry) -> None:
    entry("calc", Exec="calc", Name="Calculator")
    with pytest.raises(ToolError, match="no application 'calcuator'; near it: Calculator"):
        carry_out("open_app", place, name="calcuator")


def test_a_program_that_is_not_installed_is_an_error(place: Place, entry: Entry) -> None:
    entry("calc", Exec="gone")
    with pytest.raises(ToolError, match="its program gone is not installed"):
        planned("open_app", place, name="calc")


def test_a_program_that_fails_at_once_is_an_error(place: Place, entry: Entry, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "crash"
    program.write_text("#!/bin/sh\nexit 7\n")
    program.chmod(0o755)
    entry("crash", Exec="crash")
    with pytest.raises(ToolError, match="exit code 7"):
        carry_out("open_app", place, name="crash")


def test_without_a_display_nothing_opens(tmp_path: Path, entry: Entry) -> None:
    place = place_in(tmp_path, env=_folders(tmp_path))
    entry("calc", Exec="calc")
    with pytest.raises(ToolError, match="no display"):
        planned("open_app", place, name="calc")
    with pytest.raises(ToolError, match="no display"):
        planned("open_url", place, url="https://example.org")


# The command line of an entry


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"/opt/my app/run" --new', ["/opt/my app/run", "--new"]),
        (r'sh -c "echo \"\$1\" \\ \`x\`"', ["sh", "-c", r'echo "$1" \ `x`']),
        ("run  %U", ["run", "%U"]),
    ],
)
def test_quoting(line: str, words: list[str]) -> None:
    assert split_exec(line) == words


@pytest.mark.parametrize(
    ("exec_line", "arguments"),
    [
        ("true %F", ["/a b", "/c"]),
        ("true %f", ["/a b"]),
        ("true %U", ["file:///a%20b", "file:///c"]),
        ("true --name=%c --at=%k %i %u", ["--name=App", "--at=/app.desktop", "file:///a%20b"]),
        ("true 100%% %d %v --open=%f", ["100%", "--open=/a b"]),
        ("true", ["/a b", "/c"]),
    ],
)
def test_field_codes(exec_line: str, arguments: list[str]) -> None:
    app = App("app", "App", (), exec=exec_line, path="/app.desktop")
    argv = app_command(app, ["/a b", "/c"], {"DISPLAY": ":0", "PATH": os.environ["PATH"]})
    assert argv[1:] == arguments


@pytest.mark.parametrize(
    ("line", "program"),
    [
        ("env GDK_BACKEND=x11 /usr/bin/foo --bar %U", "foo"),
        ("firefox %u", "firefox"),
        ("python3 /opt/app.py", "app.py"),
    ],
)
def test_the_program_behind_launchers(line: str, program: str) -> None:
    assert program_of(line) == program


# Opening files and addresses


def test_a_file_opens_with_xdg_open_where_there_is_one(place: Place, tmp_path: Path) -> None:
    mark = marker(tmp_path, "xdg-open")
    Path(place.cwd, "report.pdf").touch()
    outcome = carry_out("open_file", place, path=["report.pdf"])
    assert marked(mark) == [f"{place.cwd}/report.pdf"] and outcome.kind is ItemKind.PATH


def test_a_file_opens_with_the_users_choice(place: Place, entry: Entry, tmp_path: Path) -> None:
    first, chosen = marker(tmp_path, "first"), marker(tmp_path, "chosen")
    for name in ("first", "chosen"):
        entry(name, Exec=f"{name} %f", MimeType="application/pdf;")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "mimeapps.list").write_text("[Default Applications]\napplication/pdf=chosen.desktop;\n")
    Path(place.cwd, "report.pdf").touch()
    carry_out("open_file", place, path=["report.pdf"])
    assert marked(chosen) == [f"{place.cwd}/report.pdf"] and not first.exists()


def test_a_type_nothing_opens_is_an_error(place: Place) -> None:
    Path(place.cwd, "report.pdf").touch()
    with pytest.raises(ToolError, match=r"No application here opens report\.pdf \(application/pdf\)"):
        planned("open_file", place, path=["report.pdf"])


def test_where_nothing_opens_a_type_the_error_says_what_would(place: Place) -> None:
    (Path(place.cwd) / "talk.pdf").touch()
    with pytest.raises(ToolError, match="evince can; on Debian: sudo apt install evince"):
        planned("open_file", place, path=["talk.pdf"])


def test_a_file_opens_as_such_files_usually_did(place: Place, entry: Entry, tmp_path: Path) -> None:
    for name in ("reader", "default"):
        marker(tmp_path, name)
        entry(name, Exec=f"{name} %f", MimeType="application/pdf;")
    call = {"name": "open_app", "arguments": {"name": "Reader", "path": "old.pdf"}}
    log = Log(Path(place.state) / "log.sqlite")
    log.add("s", [Entry_(1.0, place.cwd, json.dumps({"assistant": "", "calls": [call]}))] * 2, ())
    log.close()
    (Path(place.cwd) / "new.pdf").touch()
    assert "new.pdf with Reader, as usual" in planned("open_file", place, path=["new.pdf"]).summary


def test_a_missing_file_is_an_error(place: Place) -> None:
    with pytest.raises(ToolError, match=r"There is no 'nothing\.pdf'"):
        planned("open_file", place, path=["nothing.pdf"])


def test_an_address_opens(place: Place, tmp_path: Path) -> None:
    mark = marker(tmp_path, "xdg-open")
    plan = planned("open_url", place, url="example.org/a?b=c")
    assert [(t.effect, t.what) for t in plan.targets] == [(Effect.NETWORK, "https://example.org/a?b=c")]
    carry_out("open_url", place, url="example.org/a?b=c")
    assert marked(mark) == ["https://example.org/a?b=c"]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "javascript:alert(1)", "--help", "http://", "", "https://a b", "steam://run/1"]
)
def test_other_addresses_are_refused(place: Place, url: str) -> None:
    with pytest.raises(ToolError):
        planned("open_url", place, url=url)


# Closing


def test_an_application_closes(place: Place, entry: Entry, tmp_path: Path) -> None:
    program = tmp_path / "bin" / f"nap{os.getpid()}"
    shutil.copy(shutil.which("sleep") or "", program)
    entry("nap", Exec=f"{program.name} 60", Name="Quiet Time")
    process = subprocess.Popen([program, "60"])
    try:
        assert carry_out("close_app", place, name="quiet time").text == f"Closed {program.name}."
    finally:
        process.kill()
        process.wait()


def test_an_application_that_does_not_run_cannot_be_closed(place: Place, entry: Entry) -> None:
    entry("nap", Exec="no-such-nap", Name="Quiet Time")
    with pytest.raises(ToolError, match="Quiet Time does not run"):
        planned("close_app", place, name="quiet time")


def test_command_lines_on_macos() -> None:
    app = App("Preview.app", "Preview", ("Preview",), path="/Applications/Preview.app")
    assert macos.app_command(app, ["/a b"], {}) == ["/usr/bin/open", "-a", "/Applications/Preview.app", "/a b"]
    assert macos.url_command("https://example.org", {}, "/Users/ada") == ["/usr/bin/open", "https://example.org"]
