"""How sentences vary on the surface: capitals, typos, politeness, a word of background. Never touches what fills a slot."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from llmos.train import background

if TYPE_CHECKING:
    from llmos.train.generate import Filled

_BEFORE = {
    "en": ["please ", "Please ", "can you ", "could you please ", "hey, ", "hi, ", "ok, ", "Okay, now ", "now ", "well, ", "so ", "I want you to ", "I need you to ", "I'd like to ", "quickly ", "just ", "go ahead and ", "next, ", "then ", "first, ", "alright, ", "would you mind: ", "kindly ", "for me, ", "um, "],
    "zh": ["请", "麻烦", "帮我", "请帮我", "麻烦你", "那个，", "嗯，", "现在", "然后", "接下来", "我想", "能不能", "可以", "劳驾", "给我", "那就", "好的，", "你好，"],
}  # fmt: skip
_AFTER = {
    "en": [" please", " thanks", ", thank you", ", please", " for me", " now", " asap", "!", " thx", " pls", " if you can", ", ok?", " right away", " when you get a chance", " and show me the result", " and print the output", " in the terminal", " so I can check"],
    "zh": ["，谢谢", "谢谢", "吧", "。谢谢！", "，麻烦了", "一下", "，快点", "！", "，辛苦了", "，好吗", "，并显示结果", "，输出到终端"],
}  # fmt: skip


class Backstories:
    """Sentences of background before a request, which say nothing about what to do."""

    en = (
        "I'm cleaning up before the holidays.", "We have an audit next week.", "My boss just called.", "I got a new laptop yesterday.",
        "This project is a mess.", "It's getting late.", "I'm preparing a talk.", "We are about to release.", "The build broke again.",
        "I think something went wrong last night.", "I'm new to this machine.", "Our team is moving offices.", "I need to hand this in today.",
        "The customer asked for it.", "I've been working on this all day.", "Let's get organised.", "I want to be sure about something.",
        "There is not much time left.", "I was away for two weeks.", "I have to write a summary.", "Time to tidy up.", "Good morning!",
        "Thanks, that worked.", "Great.", "Hmm, strange.", "I can't remember where things are.", "My colleague sent me some things.",
        "As discussed in the meeting.", "Before I forget:", "One more thing.", "I'm writing my thesis.", "The disk alarm went off.",
        "For the record,", "To wrap up,", "Since we are at it,", "In preparation for tomorrow's review,", "To be safe,",
    )  # fmt: skip
    zh = (
        "我在整理电脑。", "明天要交作业了。", "老板刚才催我了。", "刚换了新电脑。", "项目有点乱。", "时间不早了，", "我在准备汇报。", "系统好像出问题了。",
        "下周要审计，", "我是新手，", "昨天忘了处理，", "为了方便查看，", "刚才那个不错。", "好的。", "谢谢！", "我想确认一件事：", "同事发来了一些东西。", "顺便，", "最后，", "对了，",
    )  # fmt: skip

    def pick(self, r: random.Random, language: str) -> str:
        return r.choice(self.zh if language == "zh" else self.en) + ("" if language == "zh" else " ")


def noisy(r: random.Random, filled: Filled, language: str) -> Filled:
    """Lower case, a missing full stop, a typo: only outside the slots, so that offsets stay right."""
    roll = r.random()
    if re.search(r" -\w*[A-Z]|\$[A-Z]", filled.text):
        roll = 1.0  # grep -L and grep -l are two things
    if roll < 0.25 and language == "en":
        _replace_outside(filled, str.lower)
    elif roll < 0.4 and language == "en" and filled.text and not _starts_with_slot(filled):
        filled.text = filled.text[0].upper() + filled.text[1:]
    elif roll < 0.41 and language == "en":
        _replace_outside(filled, str.upper)
    if r.random() < 0.08 and language == "en":
        _typo(r, filled)
    end = r.random()
    if filled.text and not _ends_with_slot(filled):
        if filled.text[-1] in ".?!。？！" and end < 0.4:
            filled.text = filled.text[:-1]
        elif end > 0.85 and filled.text[-1].isalpha():
            filled.text += "。" if language == "zh" else "."
    elif filled.text and end > 0.85 and filled.text[-1] not in "./*~?":
        filled.text += "。" if language == "zh" else r.choice([".", ".", "?"])
    return filled


_SENTENCE = re.compile(
    r"(?i)(?:i|we|you|it|he|she|they|there|this|that|these|those|my|our|your|the|a|an|what|which|who|whose|where|when|why|how|is|are"
    r"|am|was|were|do|does|did|has|have|can|could|would|will|should|may|might|any|please|don't|i'[a-z]+|it's|that's|what's|where's|who's|no|yes|oh|hi|hello|hey)\b"
)
"""Before the beginning of a whole sentence nobody says "I'd like to"."""


def wrap(r: random.Random, filled: Filled, language: str, backstories: Backstories) -> Filled:
    """Politeness or background around the request."""
    if not filled.text.endswith((".", "?", "!", "。", "？", "！")):
        tail = r.random()
        if tail < 0.1:
            filled.text += r.choice(_AFTER[language])
        elif tail < 0.22:
            filled.text += background.after(r, language)
    before = _before(r, filled, language, backstories)
    if before:
        filled.text = before + filled.text
        filled.spans = {k: (a + len(before), b + len(before)) for k, (a, b) in filled.spans.items()}
    return filled


def _before(r: random.Random, filled: Filled, language: str, backstories: Backstories) -> str:
    roll = r.random()
    if roll > 0.38:
        return ""
    if language == "en" and _SENTENCE.match(filled.text):
        return backstories.pick(r, language) if roll < 0.17 else background.before(r, language)
    capital = language == "en" and filled.text[:1].isupper() and filled.text[1:2].islower()
    if capital and not _starts_with_slot(filled) and (roll < 0.18 or r.random() < 0.5):
        filled.text = filled.text[0].lower() + filled.text[1:]
    if roll < 0.08:
        return r.choice(_BEFORE[language])
    if roll < 0.12 and language == "en":
        return background.opening(r)
    if roll < 0.17:
        return backstories.pick(r, language)
    told = background.before(r, language)
    if roll < 0.22:
        told += background.before(r, language)
    if roll > 0.34 and language == "en":
        told += background.opening(r)
    return told


def _starts_with_slot(filled: Filled) -> bool:
    return any(start <= 1 for start, _ in filled.spans.values())


def _ends_with_slot(filled: Filled) -> bool:
    return any(end >= len(filled.text) - 1 for _, end in filled.spans.values())


def _outside(filled: Filled) -> list[tuple[int, int]]:
    gaps, position = [], 0
    for start, end in sorted(filled.spans.values()):
        if start > position:
            gaps.append((position, start))
        position = max(position, end)
    gaps.append((position, len(filled.text)))
    return gaps


def _replace_outside(filled: Filled, change: object) -> None:
    for start, end in _outside(filled):
        changed = change(filled.text[start:end])  # type: ignore[operator]
        if len(changed) == end - start:
            filled.text = filled.text[:start] + changed + filled.text[end:]


def _typo(r: random.Random, filled: Filled) -> None:
    """Two letters swapped in one longer word: the length stays the same."""
    words = [m for a, b in _outside(filled) for m in re.compile(r"[a-z]{5,}").finditer(filled.text, a, b)]
    if words:
        word = r.choice(words)
        i = r.randrange(word.start() + 1, word.end() - 2)
        filled.text = filled.text[:i] + filled.text[i + 1] + filled.text[i] + filled.text[i + 2 :]
