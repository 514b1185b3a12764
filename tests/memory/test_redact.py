"""Secrets are hidden by their shape and by what stands beside them; ordinary text is left alone."""

from __future__ import annotations

import time

import pytest

from llmos.memory.redact import HIDDEN, redact, redact_value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password=hunter2", f"password={HIDDEN}"),
        ("export API_KEY='abc def'", f"export API_KEY={HIDDEN}"),
        ('{"client_secret": "s3cr3t", "a": 1}', f'{{"client_secret": {HIDDEN}, "a": 1}}'),
        ("mysql --password hunter2 -u root", f"mysql --password {HIDDEN} -u root"),
        ("Authorization: Bearer abcdefghijklmnop", f"Authorization: Bearer {HIDDEN}"),
        ("git clone https://ada:tok3n@example.com/x.git", f"git clone https://ada:{HIDDEN}@example.com/x.git"),
        ("my password is hunter2", f"my password is {HIDDEN}"),
        ("密码是hunter2", f"密码是{HIDDEN}"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nafter", f"{HIDDEN}\nafter"),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", f"AWS_SECRET_ACCESS_KEY={HIDDEN}"),
    ],
)
def test_secrets_are_hidden(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "find the file with the password in it",
        "https://example.com/a?b=c#d",
        "def f(token: str) -> None: ...",
        "tokens = 512",
        "PASSWORD=$PASSWORD",
        "git commit -m 'secret santa'",
        "/home/ada/.ssh/id_rsa",
        "keys: a, b",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_a_row_beside_a_telling_name_is_hidden() -> None:
    assert redact_value([["HOME", "/root"], ["GITHUB_TOKEN", "x"]]) == [["HOME", "/root"], ["GITHUB_TOKEN", HIDDEN]]


def test_the_answer_to_a_telling_name_is_hidden() -> None:
    result = {"call": {"arguments": {"name": "DB_PASSWORD"}}, "outcome": {"text": "x", "items": ["x"], "kind": "value"}}
    assert redact_value({"result": result})["result"]["outcome"] == {"text": HIDDEN, "items": [], "kind": "value"}


def test_a_long_text_takes_no_time() -> None:
    began = time.process_time()
    for text in ("a" * 200_000, "token" * 40_000, "-----BEGIN PRIVATE KEY-----" * 500, "x://" * 50_000, "eyJ" * 60_000):
        redact(text)
    assert time.process_time() - began < 5
