"""A turn explained: how it was read and how surely, which words each argument came from, what else was likely, which
rule allowed it, what changed and how to undo it. As text, as JSON, and the attention as a picture.

Where the figures come from is models/embedded/reasons.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from llmos.adapters.terminal import clean, clean_name
from llmos.fronts.repl.call_line import to_line
from llmos.memory.turns import LoggedTurn
from llmos.models.embedded.reasons import Part, Reasons
from llmos.values.messages import Reply, ToolCall
from llmos.values.wording import in_words


@dataclass(frozen=True)
class Explained:
    turn: LoggedTurn
    reasons: Reasons | None
    """None where another model answered, or no model at all."""

    read: Reply | None = None
    """How the embedded model reads it now, with the next best readings."""

    changes: tuple[str, ...] = ()
    """Ids in the journal."""

    @property
    def same(self) -> bool:
        """It is read now as it was then; what lies in the folder may have changed since."""
        return self.read is not None and in_words(self.read.calls) == in_words(self.turn.calls)


def as_text(explained: Explained) -> str:
    return "\n".join(_lines(explained))


def _lines(explained: Explained) -> Iterator[str]:
    turn = explained.turn
    yield f"“{clean_name(turn.request)}”"
    for call in turn.calls:
        yield f"was read as  {clean_name(to_line(call))}"
    if not turn.calls:
        yield "led to no call"
    if explained.read and not explained.same:
        now = " then ".join(map(to_line, explained.read.calls)) or f"saying “{clean(explained.read.text)}”"
        yield f"read again now, it would be  {clean_name(now)}: what is here has changed since, or what is known of it"
    if explained.reasons:
        yield from _reasons(explained.reasons)
    yield from _others(explained)
    for decided in turn.decisions:
        became = "ran" if decided.ran else "did not run"
        answer = f", you said {decided.answer}" if decided.answer else ""
        verdict = _VERDICTS.get(decided.verdict, decided.verdict)
        yield f"{decided.summary}: {verdict} by the rule “{decided.rule}”{answer}; it {became}"
    for result in turn.results:
        if not result.ok:
            yield f"it did not work: {clean(result.error)}"
    for change in explained.changes:
        yield f"it changed files: llmos history shows {change}, llmos undo {change} takes it back"


_VERDICTS = {"allow": "allowed", "ask": "asked about", "deny": "denied"}


def _reasons(reasons: Reasons) -> Iterator[str]:
    yield f"{reasons.probability:.0%} probable, the product of {sum(len(p.steps) for p in reasons.parts)} steps:"
    for part in reasons.parts:
        what = f"{part.tool} {part.argument}".rstrip()
        yield f"  {what:28} {part.probability:4.0%}  {_because(part, reasons.words)}"


def _because(part: Part, words: Sequence[str]) -> str:
    if not words:
        return ""
    looked, needed = words[part.looked_at], words[part.needed]
    if max(part.fall) < _LITTLE:
        return f"looked most at “{looked}”; no single word is needed for it"
    if part.looked_at == part.needed:
        return f"from “{needed}”: most attention, and without it {_times_less(max(part.fall))}"
    return f"without “{needed}” {_times_less(max(part.fall))}; it looked most at “{looked}”: the two disagree"


_LITTLE = 0.1
"""Nats: without the word the part would be nine tenths as probable."""


def _times_less(fall: float) -> str:
    times = 2.718281828 ** min(fall, 16)
    return "hardly possible" if times > 1000 else f"{times:.2g} times less probable"


def _others(explained: Explained) -> Iterator[str]:
    others = explained.read.others() if explained.read and explained.read.others else ()
    for other in others:
        what = " then ".join(map(to_line, other.calls)) or f"say “{other.text}”"
        sure = f"  {other.confidence:.0%}" if other.confidence is not None else ""
        yield f"next best  {clean_name(what)}{sure}"


def as_json(explained: Explained) -> dict[str, Any]:
    turn, reasons = explained.turn, explained.reasons
    others = explained.read.others() if explained.read and explained.read.others else ()
    return {
        "request": turn.request,
        "time": turn.time,
        "calls": [_call(call) for call in turn.calls],
        "read_the_same_now": explained.same if explained.read else None,
        "probability": reasons.probability if reasons else None,
        "words": reasons.words if reasons else None,
        "parts": [_part(part) for part in reasons.parts] if reasons else None,
        "others": [{"calls": [_call(c) for c in o.calls], "confidence": o.confidence} for o in others],
        "decisions": [
            {"summary": d.summary, "verdict": d.verdict, "rule": d.rule, "ran": bool(d.ran), "answer": d.answer}
            for d in turn.decisions
        ],
        "changes": explained.changes,
    }


def _call(call: ToolCall) -> dict[str, Any]:
    return {"name": call.name, "arguments": dict(call.arguments)}


def _part(part: Part) -> dict[str, Any]:
    return {
        "tool": part.tool,
        "argument": part.argument,
        "probability": part.probability,
        "steps": [{"token": step.token, "probability": step.probability} for step in part.steps],
        "attention": part.attention,
        "fall": part.fall,
    }


# ---- a picture

_CELL, _ROW, _LEFT, _TOP = 16, 22, 220, 30


def as_svg(reasons: Reasons) -> str:
    """A heat map: a row for the tool and each argument, a column for each word of the request; darker is more."""
    widths = [max(24, 9 * _columns(word) + 10) for word in reasons.words]
    starts = [_LEFT + sum(widths[:i]) for i in range(len(widths))]
    width, height = _LEFT + sum(widths) + 10, _TOP + _ROW * len(reasons.parts) + 10
    cells = [
        f'<rect x="{x}" y="{_TOP + _ROW * row}" width="{w - 1}" height="{_ROW - 1}" fill="#1f6feb"'
        f' fill-opacity="{share:.3f}"><title>{escape(word)}: {share:.0%}</title></rect>'
        for row, part in enumerate(reasons.parts)
        for x, w, word, share in zip(starts, widths, reasons.words, part.attention, strict=True)
    ]
    heads = [
        f'<text x="{x + w / 2}" y="{_TOP - 10}" text-anchor="middle">{escape(word)}</text>'
        for x, w, word in zip(starts, widths, reasons.words, strict=True)
    ]
    rows = [
        f'<text x="{_LEFT - 8}" y="{_TOP + _ROW * row + _CELL}" text-anchor="end">'
        f"{escape(f'{part.tool} {part.argument}'.rstrip())} {part.probability:.0%}</text>"
        for row, part in enumerate(reasons.parts)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="monospace"'
        f' font-size="13"><rect width="100%" height="100%" fill="white"/>{"".join([*heads, *rows, *cells])}</svg>\n'
    )


def _columns(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)
