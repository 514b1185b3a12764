"""The words of a request as its meaning takes them: politeness and articles gone, Chinese characters one by one.

What they mean together is for others to find out.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(
    r"(?P<quote>[\"'`])(?P<quoted>[^\"'`\n]+)(?P=quote)(?![\w'])|“(?P<quoted2>[^”\n]+)”|「(?P<quoted3>[^」\n]+)」"
    r"|查看|看看|看一下|看一看|显示|列出|哪些|什么"
    r"|[〇零一二两三四五六七八九十百千]+"
    rf"|[{CJK}]"
    rf"|[^\s{CJK}\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\"`“”‘,;()<>!?]+"
)
_ENDS = re.compile(r"(?<=[^./~])[.:]+$|'$")

SAYS_NOTHING = frozenset(("a", "an", "the", "please", "my", "me", "our", "kindly", "的", "了", "请"))
_BEFORE = (
    ("can", "you"), ("could", "you"), ("would", "you"), ("will", "you"), ("i", "want", "to"),
    ("i", "want", "you", "to"),
    ("i'd", "like", "to"), ("i", "would", "like", "to"), ("i", "need", "to"), ("i'd", "like", "you", "to"),
    ("帮", "我"), ("帮", "忙"), ("麻", "烦"), ("麻", "烦", "你"), ("你", "能"), ("可", "以"), ("给", "我"), ("你",),
    ("我", "想"), ("我", "要"),
)  # fmt: skip
_AFTER = (("一", "下"), ("吧",), ("吗",), ("呢",), ("for",), ("thanks",), ("thank", "you"), ("谢", "谢"))
_SAME = {
    "list": "show", "display": "show", "which": "what",
    "查看": "看", "看看": "看", "看一下": "看", "看一看": "看", "显示": "看", "列出": "看", "哪些": "什么",
}  # fmt: skip
"""Words in whose place others are said. Few, for all else of an example has to be said as well."""

_WHOLE = {"what's": ("what", "is"), "who's": ("who", "is"), "where's": ("where", "is"), "how's": ("how", "is")}


class Word(NamedTuple):
    text: str
    start: int
    end: int
    quoted: bool = False

    @property
    def plain(self) -> str:
        """As it is compared: capitals and the width of letters do not matter."""
        text = unicodedata.normalize("NFKC", self.text).casefold().replace("’", "'")
        return _SAME.get(text, text)


def words(text: str) -> list[Word]:
    """Chinese characters one by one, what is quoted whole; without words that change nothing."""
    found = [word for match in _WORD.finditer(text) for word in _parts(match)]
    said = [word for word in found if word.quoted or word.plain not in SAYS_NOTHING]
    return _without_frame(said)


def _parts(match: re.Match[str]) -> list[Word]:
    for name in ("quoted", "quoted2", "quoted3"):
        if match[name] is not None:
            return [Word(match[name], *match.span(name), quoted=True)]
    text = _ENDS.sub("", match[0])
    start, end = match.start(), match.start() + len(text)
    if whole := _WHOLE.get(Word(text, start, end).plain):
        return [Word(part, start, end) for part in whole]
    return [Word(text, start, end)] if text else []


def _without_frame(said: list[Word]) -> list[Word]:
    """Without "could you" in front and "thanks" at the end."""
    plain = [word.plain for word in said]
    begin = max((len(b) for b in _BEFORE if plain[: len(b)] == list(b)), default=0)
    end = max((len(a) for a in _AFTER if plain[len(plain) - len(a) :] == list(a)), default=0)
    return said[begin : len(said) - end]
