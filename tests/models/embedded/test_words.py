import pytest

from llmos.models.embedded.words import cut


def words(text):
    return [text[w.start : w.end] for w in cut(text, 100)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("delete report.txt.", ["delete", "report.txt", "."]),
        ("把report.txt删了", ["把", "report.txt", "删", "了"]),
        ("copy 'my notes.md' to ../old", ["copy", "'", "my", "notes.md", "'", "to", "../old"]),
        ("more than 1,024 bytes", ["more", "than", "1,024", "bytes"]),
        ("cd ..", ["cd", ".."]),
        ("what's in ~/Music?", ["what", "'s", "in", "~/Music", "?"]),
        ("find *.py, *.js", ["find", "*.py", ",", "*.js"]),
    ],
)
def test_words_are_what_a_person_would_point_at(text, expected):
    assert words(text) == expected


def test_no_more_words_than_there_are_index_tokens():
    assert len(cut("a " * 500, 128)) == 128
