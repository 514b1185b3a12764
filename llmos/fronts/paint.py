"""Colours: which there are, and whether this terminal gets any. Only the terminal's own sixteen, which fit its theme.

What is coloured is said where it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """Parameters of the SGR sequence (ECMA-48 8.3.117); "" leaves the text as it is."""

    folder: str = ""
    mode: str = ""
    header: str = ""
    error: str = ""
    question: str = ""
    added: str = ""
    removed: str = ""
    faint: str = ""
    ghost: str = ""
    """What is suggested, as a style of prompt_toolkit."""


PLAIN = Theme()
DARK = Theme("94", "36", "1", "91", "93", "92", "91", "90", "ansibrightblack")
LIGHT = Theme("34", "35", "1", "31", "35", "32", "31", "90", "ansigray")

THEMES: Mapping[str, Theme] = {"dark": DARK, "light": LIGHT, "plain": PLAIN}


def painted(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text


def theme_for(env: Mapping[str, str], chosen: str = "auto") -> Theme:
    """NO_COLOR (https://no-color.org) and a terminal that can do nothing are stronger than what was chosen."""
    if env.get("NO_COLOR") or is_dumb(env):
        return PLAIN
    return THEMES.get(chosen) or (LIGHT if _light_background(env) else DARK)


def is_dumb(env: Mapping[str, str]) -> bool:
    return env.get("TERM", "dumb") in ("dumb", "unknown", "")


def _light_background(env: Mapping[str, str]) -> bool:
    """COLORFGBG is "foreground;background" as rxvt, Konsole and iTerm set it; 7 and 15 are the whites."""
    return env.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
