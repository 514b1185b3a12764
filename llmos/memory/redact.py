"""Secrets hidden in text that is written to the log or sent to another machine: by their shape and by their names.

Best effort. A secret that looks like any other word and stands beside no telling name is not found.
"""

from __future__ import annotations

import json
import re
from typing import Any

HIDDEN = "[hidden]"

_NAME = r"(?:password|passwd|passphrase|pwd|secret|token(?!s)|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)"
_NOTHING = r"(?!\[hidden\]|\$|<|None\b|null\b|true\b|false\b|\*{3}|(?:str|int|bytes|bool|Any)\b)"
_SHAPES = (
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.{0,20000}?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)",
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",  # AWS access key ids
    r"\bgh[pousr]_[A-Za-z0-9]{30,255}\b|\bgithub_pat_\w{22,255}\b|\bglpat-[\w-]{20,64}",
    r"\bsk-[A-Za-z0-9_-]{20,255}|\bhf_[A-Za-z0-9]{30,64}\b|\bnpm_[A-Za-z0-9]{36}\b|\b[sr]k_live_[A-Za-z0-9]{16,128}\b",
    r"\bxox[abeprs]-[A-Za-z0-9-]{10,255}|\bAIza[\w-]{35}\b",
    r"\beyJ[\w-]{8,4096}\.eyJ[\w-]{8,8192}\.[\w-]{8,4096}",  # JSON web tokens
)
_SHAPE = re.compile("|".join(_SHAPES), re.DOTALL)
_BEARER = re.compile(r"(?i)\b((?:bearer|basic)\s+)[A-Za-z0-9+/=._~-]{12,4096}")
_URL = re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,100}:)[^\s/@]{1,200}(?=@)")
_VALUE = r"(\"[^\"\n]{1,500}\"|'[^'\n]{1,500}'|[^\s\"',;&)}\]]{3,500})"
_PAIR = re.compile(rf"(?i)(\b[\w.-]{{0,40}}{_NAME}[\w-]{{0,20}}[\"']?\s{{0,3}}[:=]\s{{0,3}}){_NOTHING}{_VALUE}")
_FLAG = re.compile(rf"(?i)(--?{_NAME}\s{{1,3}}){_NOTHING}{_VALUE}")
_SPOKEN = re.compile(
    rf"(?i)(\b(?:{_NAME}|pin) (?:is|to) |(?:密码|口令|密钥|令牌)\s{{0,2}}(?:是|为|:|：)\s{{0,2}}){_VALUE}"
)
_SECRET_NAME = re.compile(rf"(?i){_NAME}|(?:^|_)key$")


def redact(text: str) -> str:
    text = _SHAPE.sub(HIDDEN, text)
    text = _URL.sub(rf"\1{HIDDEN}", text)
    text = _BEARER.sub(rf"\1{HIDDEN}", text)
    for pattern in (_PAIR, _FLAG, _SPOKEN):
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return text


def redact_value(value: Any) -> Any:
    """The same in every text of a JSON value; what stands beside a telling name in a row of two is hidden whole."""
    match value:
        case str():
            return redact(value)
        case [str() as name, str()] if _SECRET_NAME.search(name):
            return [name, HIDDEN]
        case list():
            return [redact_value(part) for part in value]
        case dict():
            return {name: redact_value(part) for name, part in _answers_hidden(value).items()}
        case _:
            return value


def _answers_hidden(value: dict[str, Any]) -> dict[str, Any]:
    """The result of looking up a variable whose name is telling."""
    match value:
        case {"call": {"arguments": {"name": str() as name}}, "outcome": dict() as outcome} if _SECRET_NAME.search(
            name
        ):
            return {**value, "outcome": {**outcome, "text": HIDDEN, "items": []}}
    return value


def redact_json(text: str) -> str:
    """The same for a JSON text; what is none is taken as text."""
    try:
        value = json.loads(text)
    except ValueError:
        return redact(text)
    safe = redact_value(value)
    return text if safe == value else json.dumps(safe)
