import json
import random

import pytest

from llmos.models.embedded.codec import Literal, Span
from llmos.models.embedded.model import EmbeddedModel
from llmos.train.shell_lines import ShellLines, example, examples, label, labelled

LINES = [
    ("Delete all *.log files under /tmp older than 7 days", "find /tmp -type f -name '*.log' -mtime +7 -delete",
     "delete_files path=/tmp extension=*.log older_than=7 days"),
    ("count the number of files in /var/log", "find /var/log -type f | wc -l", "count path=/var/log what=files"),
    ("search all .py files in src for 'import os'", "find src -name '*.py' | xargs grep 'import os'",
     "search_text path=src extension=.py pattern=import os"),
    ("find folders starting with 'foo'", "find . -type d -name 'foo*'", "find_files name=foo* type=folder"),
    ("list files larger than 10MB under your home directory", "find ~ -type f -size +10M",
     "find_files path=~ larger_than=10MB type=file"),
    ("set permissions to 644 for all files beneath docs", "find docs -type f -exec chmod 644 {} \\;",
     "change_mode path=docs mode=644 type=file"),
    ("Print the last 20 lines of notes.txt", "tail -n 20 notes.txt", "read_file path=notes.txt last=20"),
    ("extract backup.tar.gz to /opt", "tar xzf backup.tar.gz -C /opt", "extract_archive path=backup.tar.gz to=/opt"),
    ("Recursively change the owner of /srv to bob", "chown -R bob /srv", "change_owner user=bob path=/srv recursive"),
    ("show how often each line occurs in a.txt", "sort a.txt | uniq -c", "unique_lines path=a.txt count"),
]  # fmt: skip

BEYOND = [
    ("find files newer than a.txt", "find . -newer a.txt"),
    ("find all jpg files and open them in gimp", "find . -name '*.jpg' -exec gimp {} \\;"),
    ("find txt files but not in /tmp/old", "find . -name '*.txt'"),
    ("find all files", "find . -type f -size +10M"),
    ("find text files and remember them", "find . -name '*.txt' > list.out"),
    ("find files modified 7 days ago", "find . -type f -mtime -7"),
]


def written(calls, text):
    (call,) = calls
    return call.tool + "".join(f" {name}{value_text(value, text)}" for name, value in call.arguments.items())


def value_text(value, text):
    if not isinstance(value, list):
        return "" if value is True else f"={value}"
    pieces = ["".join(p.text if isinstance(p, Literal) else text[p.start : p.end] for p in e) for e in value]
    return "=" + ",".join(pieces)


@pytest.mark.parametrize(("text", "command", "expected"), LINES)
def test_a_command_line_gives_the_call_that_the_sentence_says(text, command, expected):
    assert sorted(written(label(text, command), text).split()) == sorted(expected.split())


@pytest.mark.parametrize(("text", "command"), BEYOND)
def test_what_is_not_covered_or_not_said_gives_no_label(text, command):
    assert label(text, command) is None


@pytest.mark.parametrize("seed", range(5))
def test_what_the_model_would_write_reads_back_as_the_varied_values(seed):
    codec = EmbeddedModel().codec
    for text, command, _ in LINES:
        line = labelled(text, command, "en")
        made = example(line, random.Random(seed))
        ids, start = made.tokens(codec)
        call = codec.decode(ids[start:], codec.prompt(made.view)).calls[0]
        assert call.tool == line.calls[0].tool and call.arguments.keys() == line.calls[0].arguments.keys()
        for value in call.arguments.values():
            for element in value if isinstance(value, list) else [value]:
                assert element is True or element


def test_names_vary_between_the_variants_of_a_line():
    text, command, _ = LINES[0]
    line = labelled(text, command, "en")
    made = [example(line, random.Random(seed)) for seed in range(20)]
    spans = [m.target.calls[0][1]["path"][0][0] for m in made]
    assert all(isinstance(span, Span) for span in spans)
    assert len({m.view.request[s.start : s.end] for m, s in zip(made, spans, strict=True)}) > 5


def test_a_folder_of_lines_becomes_examples(tmp_path):
    rows = [{"description": text, "command": command} for text, command, _ in LINES]
    (tmp_path / "nl2bash.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert len(list(examples(tmp_path, variants=3))) == 3 * len(LINES)


def test_what_is_saved_is_written_once_it_was_seen():
    line = labelled("save a list of all *.py files to names.out", "find . -name '*.py' > names.out", "en")
    made = [example(line, random.Random(seed)) for seed in range(20)]
    first, second = ([m for m in made if m.view.again is again] for again in (False, True))
    assert {m.target.calls[0][0] for m in first} == {"find_files"} and all(m.target.more for m in first)
    assert {m.target.calls[0][0] for m in second} == {"write_file"} and all(m.view.rounds for m in second)


def test_no_tool_drowns_the_others(tmp_path):
    rows = [{"description": f"make the directory d{i}", "command": f"mkdir d{i}"} for i in range(60)]
    rows += [{"description": text, "command": command} for text, command, _ in LINES]
    (tmp_path / "nl2bash.jsonl").write_text("\n".join(map(json.dumps, rows)))
    lines = ShellLines(tmp_path)
    made = [lines.example().target.calls[0][0] for _ in range(200)]
    assert made.count("make_folder") < 120


def test_what_a_sentence_says_twice_varies_together():
    line = labelled("force a symlink lnk_x to abc without dereferencing 'lnk_x'", "ln -nsf abc lnk_x", "en")
    texts = [example(line, random.Random(seed)).view.request for seed in range(30)]
    assert all(text.count("lnk_x") in (0, 2) for text in texts) and any("lnk_x" not in text for text in texts)
