"""Models that are recommended, by the memory of a machine: what stands in configs/models.

Whether one fits this machine is `room`'s to say.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from llmos import paths

ON_CARD = "a graphics card"
"""The memory of such a rung is the card's."""

_FILES = ("8gb", "16gb", "32gb", "gpu")


@dataclass(frozen=True)
class Rung:
    """One model as recommended for one kind of machine."""

    memory: str
    """The machine: "8 GB", "a graphics card"."""

    name: str
    """As `llmos model use` takes it."""

    needs: int
    """Bytes of memory, about."""

    licence: str
    how: str
    """The command that gets it."""

    score: str = ""
    """Of calling tools, as published, with the name of the benchmark; "" where none was found."""

    source: str = ""
    vision: bool = False


def ladder() -> Iterator[Rung]:
    for file in _FILES:
        found = tomllib.loads((paths.share("configs") / "models" / f"{file}.toml").read_text("utf-8"))
        for model in found["model"]:
            yield _rung(found["memory"], model)


def _rung(memory: str, model: dict[str, Any]) -> Rung:
    return Rung(
        memory,
        model["name"],
        int(model["needs"] * 2**30),
        model["licence"],
        model["how"],
        f"{model['benchmark']} {model['score']}" if "score" in model else "",
        model.get("source", ""),
        model.get("vision", False),
    )
