"""May this run? Shown on standard error, answered with one key on the terminal, never on standard input.

How a key is read is in `keys`; what a change looks like from close by in `closer`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from llmos.adapters.terminal import clean_name
from llmos.dispatch.dispatcher import preview
from llmos.dispatch.policy import is_privileged
from llmos.fronts.keys import END, read_key, read_line
from llmos.fronts.layout import in_lines, width_of
from llmos.fronts.paint import PLAIN, Theme, is_dumb, painted
from llmos.translation import _, here
from llmos.values.events import Answer, Ask, Choose, Edit, Pick, Response
from llmos.values.messages import ToolCall
from llmos.values.place import Place
from llmos.values.wording import in_words

YES = {"y", "yes", "是", "好", "好的", "可以", "行", "对"}
DEFAULT = {"\n", "\r", END, "n", "N", "q", "否", "不"}

TEXTS = {"text", "old"}
"""Arguments of calls that change what stands in a file."""


@dataclass(frozen=True)
class Asking:
    """Where a question is shown, and what a front can do besides yes and no."""

    err: TextIO
    theme: Theme = PLAIN
    page: Callable[[str], None] | None = None
    """Shows a text that may be long."""

    edit: Callable[[ToolCall], ToolCall | None] | None = None
    """The call as the user corrects it; None when they would rather not."""

    why: Callable[[ToolCall], str] | None = None


def ask_on_terminal(ask: Ask, place: Place, err: TextIO, asking: Asking | None = None) -> Response:
    """No answer is no. What is privileged takes a whole "yes", so that a habit does not approve it."""
    asking = asking or Asking(err)
    print(here(preview(ask.plan)), *_at_a_glance(ask, asking), sep="\n", file=err)
    if ask.warning:
        print(painted(here(ask.warning), asking.theme.error), file=err)
    if ask.typed or is_privileged(ask.plan, place):
        if ask.decision.rule != ask.warning:
            print(clean_name(here(ask.decision.rule)), file=err)
        return _typed(_("type yes to go on: "), {"yes"}, asking)
    if is_dumb(place.env):
        return _typed(_("go on? [y/N] "), YES, asking)
    return _one_key(ask, place, asking)


def pick_on_terminal(choose: Choose, asking: Asking | None = None) -> Response:
    """What was meant, by its number. Anything else is none of these."""
    asking = asking or Asking(sys.stderr)
    print(_("I am not sure what you mean ({confidence:.0%}):").format(confidence=choose.confidence), file=asking.err)
    for number, calls in enumerate(choose.readings, 1):
        print(f"  {number}  {clean_name(in_words(calls))}", file=asking.err)
    numbers = [str(number) for number in range(1, len(choose.readings) + 1)]
    pressed = _press(asking, _("which? [{numbers}/N]").format(numbers="/".join(numbers)), {*numbers, *DEFAULT})
    return Pick(int(pressed) - 1) if pressed in numbers else Answer.NO


def _typed(prompt: str, yes: set[str], asking: Asking) -> Answer:
    print(painted(prompt.rstrip(), asking.theme.question), end=" ", file=asking.err, flush=True)
    typed = ""
    try:
        typed = read_line()
    finally:  # also after Ctrl-C
        if not typed.endswith("\n"):
            print(file=asking.err)
    return Answer.YES if typed.strip().lower() in yes else Answer.NO


Reaction = Callable[[Ask, Place, Asking], Response | None]
"""None asks again."""


@dataclass(frozen=True)
class Key:
    key: str
    word: Callable[[Ask], str]
    """What the line of choices says about it."""

    react: Reaction
    offered: Callable[[Ask, Asking], bool]


def _one_key(ask: Ask, place: Place, asking: Asking) -> Response:
    keys = {key.key: key for key in KEYS if key.offered(ask, asking)}
    choices = [f"y {_('yes')}", f"n {_('no')}", *(f"{key.key} {key.word(ask)}" for key in keys.values())]
    for line in in_lines(choices, width_of(asking.err)):
        print(painted(line, asking.theme.faint), file=asking.err)
    while True:
        pressed = _press(asking, _("go on? [y/N]"), {*keys, *YES, *DEFAULT})
        if pressed in YES:
            return Answer.YES
        if pressed in DEFAULT:
            return Answer.NO
        response = keys[pressed].react(ask, place, asking)
        if response is not None:
            return response


def _press(asking: Asking, question: str, known: set[str]) -> str:
    """The first key with a meaning; what was pressed is left standing as a word."""
    print(painted(question, asking.theme.question), end=" ", file=asking.err, flush=True)
    pressed = ""
    try:
        while pressed not in known:
            pressed = read_key()
            pressed = pressed.lower() if pressed.isalpha() else pressed
        return pressed
    finally:  # also after Ctrl-C
        word = _("yes") if pressed in YES else _("no") if pressed in DEFAULT else pressed
        print(word, file=asking.err)


def _at_a_glance(ask: Ask, asking: Asking) -> list[str]:
    if not ask.plan.changes.changes or not TEXTS & ask.plan.call.arguments.keys():
        return []
    from llmos.fronts.closer import at_a_glance  # noqa: PLC0415

    return at_a_glance(ask.plan, asking.theme)


def _details(ask: Ask, place: Place, asking: Asking) -> None:
    from llmos.fronts.closer import from_close_by  # noqa: PLC0415  # difflib, for who wants to see it

    text = from_close_by(ask.plan, place, asking.theme)
    (asking.page or (lambda whole: print(whole, file=asking.err)))(text)


def _edit(ask: Ask, _place: Place, asking: Asking) -> Edit | None:
    corrected = asking.edit(ask.plan.call) if asking.edit else None
    return Edit(corrected) if corrected and corrected != ask.plan.call else None


def _why(ask: Ask, _place: Place, asking: Asking) -> None:
    print(_("asked because: {rule}").format(rule=here(ask.decision.rule)), file=asking.err)
    if asking.why:
        print(asking.why(ask.plan.call), file=asking.err)


KEYS = (
    Key(
        "a",
        lambda ask: _("always ({scope})").format(scope=here(ask.scope)),
        lambda _ask, _place, _asking: Answer.ALWAYS,
        lambda ask, _asking: bool(ask.scope),
    ),
    Key(
        "s",
        lambda _ask: _("always, also later"),
        lambda _ask, _place, _asking: Answer.SAVE,
        lambda ask, _asking: bool(ask.scope),
    ),
    Key("d", lambda _ask: _("details"), _details, lambda _ask, _asking: True),
    Key("e", lambda _ask: _("edit"), _edit, lambda _ask, asking: asking.edit is not None),
    Key("w", lambda _ask: _("why"), _why, lambda _ask, _asking: True),
)
