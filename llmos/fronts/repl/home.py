"""Paths as a prompt shows them: the home folder is ~."""

from __future__ import annotations

from llmos.adapters.terminal import clean_name
from llmos.values.place import Place


def shortened(place: Place) -> str:
    inside = place.cwd == place.home or place.cwd.startswith(place.home.rstrip("/") + "/")
    return clean_name("~" + place.cwd[len(place.home) :] if inside and place.home != "/" else place.cwd)
