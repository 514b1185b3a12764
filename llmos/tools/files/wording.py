"""How plans and outcomes of file tools are worded: counts, sizes, what was looked for. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

from llmos.adapters.files.change import Measure
from llmos.adapters.terminal import clean_name
from llmos.tools.arguments import Selection
from llmos.translation import N_, Both, _, both, joined
from llmos.values.display import format_size

NOUNS = (N_("file"), N_("folder"), N_("line"), N_("link"), N_("archive"), N_("process"), N_("occurrence"))
"""What is counted; in Chinese with the word that stands between a number and a thing."""


def number(count: int, noun: str) -> str:
    """ "1 file", "2,000 files"."""
    plural = noun if count == 1 else noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    english = f"{count:,} {plural}"
    return english if _(noun) == noun else Both(english, f"{count:,} {_(noun)}")


def things(files: int, folders: int) -> str:
    """How many were chosen: "3 files", "1 folder", "2 files and 1 folder"."""
    parts = [number(files, "file")] if files or not folders else []
    return joined(both(" and "), parts + ([number(folders, "folder")] if folders else []))


def with_size(measure: Measure) -> str:
    return (
        format_size(measure.size) if measure.whole else both("more than {size}").format(size=format_size(measure.size))
    )


def named(paths: Sequence[str]) -> str:
    """One path as it is, several as how many."""
    return clean_name(paths[0]) if len(paths) == 1 else number(len(paths), "file")


def listed(names: Sequence[str], most: int = 3) -> str:
    """The first names: "a, b, c and 5 more"."""
    shown = joined(", ", [clean_name(name) for name in names[:most]])
    return (
        both("{shown} and {number} more").format(shown=shown, number=len(names) - most) if len(names) > most else shown
    )


def one_a_line(paths: Sequence[str], folder: str, most: int = 20) -> list[str]:
    """What several things were, as one writes them in that folder; nothing for a single one, which the text names.

    For what is gone, is elsewhere or was chosen by its content; what only got another mode or owner is only counted.
    """
    if len(paths) < 2:
        return []
    above = folder.rstrip("/") + "/"
    shown = [clean_name(path.removeprefix(above)) for path in paths[:most]]
    return [*shown, f"and {len(paths) - most:,} more"] if len(paths) > most else shown


def described(selection: Selection) -> str:
    """What a selection looks for: "files named *.tmp, larger than 1.0 MB"."""
    noun = f"{selection.type or selection.kind or 'file'}s"
    clauses = [
        ("named", " or ".join(selection.name)),
        ("ending in", " or ".join(e if set(e) & set(".*?") else f".{e}" for e in selection.extension)),
        ("containing", selection.contains),
        ("larger than", selection.larger_than is not None and format_size(selection.larger_than)),
        ("smaller than", selection.smaller_than is not None and format_size(selection.smaller_than)),
        ("newer than", _time(selection.newer_than)),
        ("older than", _time(selection.older_than)),
        ("opened within", _time(selection.accessed_within)),
        ("not opened for", _time(selection.accessed_before)),
        ("owned by", selection.owner),
        ("with permission", selection.permission),
        ("except", " or ".join(selection.exclude)),
    ]
    adjectives = [word for word, wanted in (("empty", selection.empty), ("hidden", selection.hidden)) if wanted]
    said = ", ".join(f"{words} {clean_name(value)}" for words, value in clauses if value)
    return " ".join([*adjectives, noun, said]).rstrip()


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return f"{seconds / length:g} {unit}{'' if seconds == length else 's'}"
    return f"{seconds:g} seconds"
