"""What people read, in their language: gettext catalogues in `llmos/locale`, chosen as gettext chooses.

What the model reads stays English, as does what programs read (JSON, the log, names of tools and arguments). A text
that both read is made by `both` and turned by `here` where it is shown.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

TYPE_CHECKING = False
"""As type checkers know it; see cli.py."""

if TYPE_CHECKING:
    from gettext import NullTranslations

DOMAIN = "llmos"
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "locale")

OURS = "LLMOS_LANGUAGE"
"""Comes before the variables of the locale: a language as they have it, as zh_CN or en."""

SIMPLIFIED = ("zh", "zh_cn", "zh_sg", "zh_my", "zh_hans")
"""Chinese that the catalogue zh_CN suits."""


class Both(str):
    """English, as the model and the log have it, with the same in the reader's language."""

    here: str

    def __new__(cls, english: str, here: str) -> Both:
        made = super().__new__(cls, english)
        made.here = here
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # for pickle: __new__ takes two
        return str.__str__(self), self.here

    def __str__(self) -> str:
        return self  # str() of an error that was raised with one keeps both

    def format(self, *values: object, **named: object) -> Both:
        english = super().format(*values, **named)
        local = self.here.format(*map(_here, values), **{name: _here(value) for name, value in named.items()})
        return Both(english, local)

    def __add__(self, other: str) -> Both:
        return Both(super().__add__(other), self.here + here(other))

    def __radd__(self, other: str) -> Both:
        return Both(other + str.__str__(self), here(other) + self.here)


def _(english: str) -> str:
    """For what only people read. The text is a literal; values are put in by `.format` afterwards."""
    return english if (found := _catalogue()) is None else found.gettext(english)


def ngettext(one: str, many: str, number: int) -> str:
    """The form that goes with a number."""
    found = _catalogue()
    return (one if number == 1 else many) if found is None else found.ngettext(one, many, number)


def both(english: str) -> str:
    """For what the model or a program reads as well: stays English until `here` is asked for it."""
    return english if (found := _catalogue()) is None else Both(english, found.gettext(english))


def nboth(one: str, many: str, number: int) -> str:
    """The form of `both` that goes with a number."""
    english = one if number == 1 else many
    return english if (found := _catalogue()) is None else Both(english, found.ngettext(one, many, number))


def here(text: str) -> str:
    """As the reader has it: for the screen, never for the model, the log or a program."""
    return text.here if isinstance(text, Both) else text


def joined(between: str, parts: Iterable[str]) -> str:
    """`between.join(parts)`, which would keep the English only."""
    texts = list(parts)
    english = between.join(texts)
    local = here(between).join(map(here, texts))
    return english if local == english else Both(english, local)


def mapped(change: Callable[[str], str], text: str) -> str:
    """The same done to the English and to what the reader has."""
    return Both(change(str.__str__(text)), change(text.here)) if isinstance(text, Both) else change(text)


def N_(english: str) -> str:  # the name that extractors and translators know
    """Marks a literal that is looked up later, where it is shown: tables are made before anybody has a language."""
    return english


def translate_argparse() -> None:
    """argparse's own words ("usage", "invalid choice") from the same catalogue."""
    if _catalogue() is not None:
        import argparse  # noqa: PLC0415

        vars(argparse).update(_=_, ngettext=ngettext)


def language(env: Mapping[str, str]) -> str | None:
    """The catalogue that an environment asks for; None is English.

    As GNU gettext (its manual, "The LANGUAGE variable"): the locale is the first of LC_ALL, LC_MESSAGES and LANG;
    LANGUAGE is a list that comes before it, and is not looked at where the locale is C.
    """
    if env.get(OURS):
        return _supported(env[OURS])
    locale = next((env[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if env.get(name)), "C")
    if _plain(locale) in ("c", "posix"):
        return None
    for wanted in (*env.get("LANGUAGE", "").split(":"), locale):
        if _plain(wanted).startswith("en"):
            return None
        if found := _supported(wanted):
            return found
    return None


def _plain(locale: str) -> str:
    """Without encoding and variant: zh_CN.UTF-8@pinyin is zh_cn."""
    return locale.partition(".")[0].partition("@")[0].replace("-", "_").lower()


def _supported(wanted: str) -> str | None:
    plain = _plain(wanted)
    return "zh_CN" if plain in SIMPLIFIED or plain.startswith("zh_hans") else None


_loaded: dict[str, NullTranslations | None] = {}
"""The catalogue of this process, once it was asked for."""


def _catalogue() -> NullTranslations | None:
    if DOMAIN not in _loaded:
        wanted = language(os.environ)
        _loaded[DOMAIN] = _load(wanted) if wanted else None
    return _loaded[DOMAIN]


def _load(wanted: str) -> NullTranslations:
    import gettext  # noqa: PLC0415  # English needs none of it

    return gettext.translation(DOMAIN, FOLDER, [wanted], fallback=True)


def _here(value: object) -> object:
    return here(value) if isinstance(value, str) else value
