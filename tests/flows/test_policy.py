"""`llmos policy`, rule files and what everyday reading asks: nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.flows.conftest import Llmos
from tests.flows.test_once import reply

RULE = """
[[rule]]
decide = "{decide}"
tool = "delete_files"
path = "~/keep/**"
reason = "keep is kept"
match = "delete_files write ~/keep/a"
not_match = "delete_files write ~/a"
"""


def check(llmos: Llmos, *arguments: str) -> tuple[int, str]:
    done = llmos.run("policy", "check", *arguments)
    return done.returncode, done.stdout or done.stderr


def user_rule(llmos: Llmos, decide: str) -> None:
    (llmos.home / "keep").mkdir(exist_ok=True)
    (llmos.home / "keep" / "a").touch()
    file = llmos.home / ".config" / "llmos" / "policy.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(RULE.format(decide=decide))


@pytest.mark.parametrize(("decide", "code"), [("allow", 0), ("deny", 3), ("ask", 4)])
def test_check_names_the_rule_and_ends_as_the_call_would(llmos: Llmos, decide: str, code: int) -> None:
    user_rule(llmos, decide)
    found, said = check(llmos, "--", "delete_files", 'path=["~/keep/a"]')
    assert found == code and "~/.config/llmos/policy.toml, rule 1: keep is kept" in said
    assert (llmos.home / "keep" / "a").exists()


def test_check_takes_json_and_a_request(llmos: Llmos) -> None:
    (llmos.folder / "a.log").touch()
    call = json.dumps({"name": "delete_files", "arguments": {"name": ["*.log"]}})
    asked = check(llmos, "--mode", "auto", "--said", "what is in b.txt?", "--after-content", "--", call)
    allowed = check(llmos, "--mode", "auto", "--said", "delete the log files", "--after-content", "--", call)
    assert (asked[0], allowed[0]) == (4, 0) and "not in the user's words: *.log" in asked[1]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (("nothing",), "no tool is called 'nothing'"),
        (("delete_files", "path"), "'path' is not ARGUMENT=VALUE"),
        (("{bad",), "a call in JSON is"),
        (("delete_files", "paht=x"), "there is no argument 'paht'"),
        ((), "which call?"),
    ],
)
def test_a_call_that_is_none_is_one_line(llmos: Llmos, call: tuple[str, ...], error: str) -> None:
    code, said = check(llmos, "--", *call)
    assert code in (1, 2) and error in said and said.count("\n") == 1


def test_a_rule_file_that_does_not_fit_stops_everything(llmos: Llmos) -> None:
    user_rule(llmos, "perhaps")
    done = llmos.run("list", script=[reply(("list_folder", {}))])
    assert done.returncode == 2 and "policy.toml, rule 1: decide" in done.stderr and done.stderr.count("\n") == 1


def test_a_rule_decides_about_requests(llmos: Llmos) -> None:
    user_rule(llmos, "deny")
    script = [reply(("delete_files", {"path": ["~/keep/a"]}))]
    done = llmos.run("--yes", "delete it", script=script)
    assert done.returncode == 3 and "keep is kept" in done.stderr and (llmos.home / "keep" / "a").exists()


def test_show_lists_the_mode_the_files_and_the_rules(llmos: Llmos) -> None:
    user_rule(llmos, "deny")
    said = llmos.run("policy", "show").stdout
    assert "mode ask" in said and "user: " in said and "deny  tool delete_files" in said


def everyday(home: Path) -> None:
    for folder in ("Music", "Downloads", "Documents", ".ssh"):
        (home / folder).mkdir()
    for file in ("Music/a.mp3", "Downloads/x.zip", "Documents/report.pdf", ".ssh/config", ".bashrc", "work.txt"):
        (home / file).write_text("x\n")


READS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("list the files here", "list_folder", {}),
    ("show notes.txt", "read_file", {"path": ["notes.txt"]}),
    ("what is the name of this machine? /etc/hostname", "read_file", {"path": ["/etc/hostname"]}),
    ("list /var/log", "list_folder", {"path": ["/var/log"]}),
    ("show the syslog", "file_info", {"path": ["/var/log"]}),
    ("how big is ~/Music", "disk_usage", {"path": ["~/Music"]}),
    ("what is in my music folder", "list_folder", {"path": ["~/Music"]}),
    ("what is in my downloads", "list_folder", {"path": ["~/Downloads"]}),
    ("列出下载文件夹里的文件", "list_folder", {"path": ["~/Downloads"]}),
    ("我的主目录有多大", "disk_usage", {"path": ["~"]}),
    ("find mp3 files in my home folder", "find_files", {"extension": ["mp3"], "path": ["~"]}),
    ("show me ~/.bashrc", "read_file", {"path": ["~/.bashrc"]}),
    ("show my .ssh/config", "read_file", {"path": ["~/.ssh/config"]}),
    ("what is in the parent folder", "list_folder", {"path": [".."]}),
    ("go to my documents", "change_folder", {"path": "~/Documents"}),
    ("how full is the disk", "system_info", {"about": "disks"}),
    ("which processes use the most memory", "list_processes", {"sort": "memory", "limit": 3}),
    ("who am i", "system_info", {"about": "user"}),
    ("is bash in /etc/passwd", "search_text", {"pattern": "bash", "path": ["/etc/passwd"]}),
    ("how many files are in /usr/bin", "count", {"path": ["/usr/bin"], "what": "files"}),
    ("find report.pdf on this computer", "find_files", {"name": ["report.pdf"], "path": ["/"], "depth": 1}),
)


def test_reading_what_one_asks_for_asks_nothing(llmos: Llmos) -> None:
    """One conversation after the other, with nobody to ask: a question would be refused."""
    everyday(llmos.home)
    (llmos.folder / "notes.txt").write_text("x\n")
    script = [reply((tool, arguments)) for _, tool, arguments in READS]
    requests = "".join(f"{request}\n" for request, _, _ in READS)
    done = llmos.run("--json", script=script, input=requests)
    results = [event for event in map(json.loads, done.stdout.splitlines()) if event["event"] == "finished"]
    assert len(results) == len(READS) and not [one for one in results if one["refused"]]


@pytest.mark.parametrize("path", ["~/Documents/report.pdf", "~/.ssh/config", "/etc/shadow"])
def test_reading_what_nobody_asked_for_asks(llmos: Llmos, path: str) -> None:
    everyday(llmos.home)
    done = llmos.run("list the files here", script=[reply(("read_file", {"path": [path]}))])
    assert done.returncode == 4 and "nobody is here to approve it" in done.stderr
