"""Where a sentence says permissions, in octal, symbols or words. Raises Unsaid."""

from __future__ import annotations

import re

from llmos.models.embedded.codec import Literal
from llmos.train.shell.sentence import Elements, Said, Unsaid
from llmos.train.shell.wishes import Wish


def mode(said: Said, wish: Wish) -> Elements:
    for form in (wish.text, "0" + wish.text, wish.text.lstrip("0")):
        span = said.find(form, "mode")
        if span is not None:
            return [[span]]
    for mode, pattern in _MODES.items():
        if wish.text in mode.split("|") and said.explains(pattern):
            return [[Literal(wish.text)]]
    return _rights_said(said, wish.text)


_WHO = {
    "u": r"\bowners?\b|\busers?\b(?! \w+ and)|所有者",
    "g": r"\bgroups?\b|用户组",
    "o": r"\bothers?\b|\bworld\b|其他用户",
    "a": r"\ball users\b|\beveryone\b|\beverybody\b|\banyone\b|\bfor all\b|\bto all\b|\bby all\b|所有用户",
}


_RIGHTS = {
    "r": r"\bread|读",
    "w": r"\bwrit|写",
    "x": r"\bexecut|执行",
    "s": r"\bset-?[ug]id|\bs[ug]id|set (?:user|group) id",
    "t": r"\bsticky",
}


_CHANGE = {
    "+": r"\badd|\bgiv|\bgrant|\bset|\ballow|\bmake|\benabl|\bassign|授予|添加",
    "-": r"\bremov|\brevok|\btak(?:e|es|ing)|\bden|\bdisabl|\bstrip|\bclear|\bwithdraw|移除|取消",
}


def _rights_said(said: Said, mode: str) -> Elements:
    """A symbolic mode in words: all that it has, nothing that it has not."""
    match = re.fullmatch(r"([ugoa]*)([+-])([rwxst]+)", mode)
    text = said.text.lower()
    if match is None or not re.search(_CHANGE[match[2]], text):
        raise Unsaid(mode)
    _says_exactly(text, match[1] if match[3] not in ("s", "t") else "", match[3])
    said.ignores(r"(?i)\bpermissions?\b|\bowners?\b|\busers?\b|\bgroups?\b|\bothers?\b|\bexecutable\b")
    return [[Literal(mode)]]


def _says_exactly(text: str, who: str, rights: str) -> None:
    if any(bool(re.search(pattern, text)) != (letter in rights) for letter, pattern in _RIGHTS.items()):
        raise Unsaid(rights)
    if who != "" and any(bool(re.search(pattern, text)) != (letter in who) for letter, pattern in _WHO.items()):
        raise Unsaid(who)


def rights(said: Said, wish: Wish) -> Elements:
    """A permission to look for, in words."""
    who, _, rights = wish.text.partition("+")
    _says_exactly(said.text.lower(), who, rights)
    if re.search(r"(?i)\bonly\b|\bor\b|\bnot\b|n't\b|\bat least\b.*\bor\b", said.text):
        raise Unsaid("only these")
    said.ignores(r"(?i)\bowners?\b|\busers?\b|\bgroups?\b|\bothers?\b|\breadable\b|\bwritt?e?able\b")
    return [[Literal(wish.text)]]


_MODES = {
    "+x|a+x": r"(?i)\bexecut(?:able|e|ion)\b.{0,40}\b(?:all|every|any|each)|\ball\b.{0,30}execut|(?:make|mark|set)\w*\b.*\bexecutable|execut\w+ permission",
    "u+x": r"(?i)\bexecut\w+\b.{0,30}\b(?:owner|user)|\b(?:owner|user)\b.{0,30}execut",
    "g+w": r"(?i)group[- ]?writ|writ\w+\b.{0,25}\bgroup|group\b.{0,25}\bwrit",
    "o-w": r"(?i)remov\w*\b.*writ\w+\b.*\bother",
}  # fmt: skip


def bit(said: Said, wish: Wish) -> Elements:
    if not said.explains(wish.text):
        raise Unsaid(wish.kind)
    return [[Literal(wish.kind.split(" ")[1])]]
