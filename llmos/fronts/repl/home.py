"""The folder as a prompt shows it: the home folder is ~, and of a long path the end will do."""

from __future__ import annotations

from llmos.adapters.terminal import clean_name
from llmos.fronts.layout import columns_of
from llmos.values.place import Place


def shortened(place: Place) -> str:
    inside = place.cwd == place.home or place.cwd.startswith(place.home.rstrip("/") + "/")
    return clean_name("~" + place.cwd[len(place.home) :] if inside and place.home != "/" else place.cwd)


def at_most(path: str, columns: int) -> str:
    """The last folders of a path, as many as fit, but one in any case."""
    if columns_of(path) <= columns:
        return path
    *above, end = path.split("/")
    while above and columns_of(f"…/{above[-1]}/{end}") <= columns:
        end = f"{above.pop()}/{end}"
    return f"…/{end}"
