"""Reasoning that stands before an answer, kept apart from it, and the headings of channels that some models write.

What the answer says is `parse`'s business.
"""

from __future__ import annotations

import re

_PAIRS = (
    ("<think>", "</think>"),
    ("[THINK]", "[/THINK]"),
    ("<seed:think>", "</seed:think>"),
    ("<|channel|>analysis<|message|>", "<|end|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
)
_HEADINGS = ("<|channel|>final<|message|>", "<|channel|>commentary<|message|>", "<response>", "<|START_RESPONSE|>")
_TURN = "<|start|>assistant"
_CHANNEL = "<|channel|>"
_TAIL = re.compile(
    r"\s*(?:<\|(?:end|return|im_end|eot_id|eom_id|end_of_text|endoftext|END_RESPONSE)\|>|</response>|</s>)\s*\Z"
)


def begins(text: str) -> int | None:
    """Where the answer begins; None while that cannot be said: within a thought, or half a tag."""
    at = len(text) - len(text.lstrip())
    rest = text[at:]
    for opener, closer in _PAIRS:
        if rest.startswith(opener):
            end = rest.find(closer)
            return None if end < 0 else _after(text, at + end + len(closer))
    if rest.startswith(_TURN):
        heading = rest[len(_TURN) :]
        if not heading.startswith(_CHANNEL):
            return None if _CHANNEL.startswith(heading) else 0
        return _after(text, at + len(_TURN))
    for heading in _HEADINGS:
        if rest.startswith(heading):
            return at + len(heading)
    whole = (*(opener for opener, _ in _PAIRS), *_HEADINGS, _TURN)
    return None if any(tag.startswith(rest) for tag in whole) else 0


def _after(text: str, at: int) -> int | None:
    more = begins(text[at:])
    return None if more is None else at + more


def apart(text: str) -> tuple[str, str]:
    """Thought and answer of a whole reply. A thought that was never ended is all there is."""
    at = begins(text)
    if at is None:
        at = len(text) if text.lstrip().startswith(tuple(opener for opener, _ in _PAIRS)) else 0
    if at == 0 and "</think>" in text:  # the prompt had opened it
        at = text.rindex("</think>") + len("</think>")
    return text[:at].strip(), _TAIL.sub("", text[at:])
