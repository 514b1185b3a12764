"""Which weights the embedded model uses: those that ship with llmos, or the ones the user taught on this machine.

Each teaching is a folder of its own beneath the state folder, so that it can be taken back. Teaching is train.teach's
business.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from llmos.models.embedded.model import WEIGHTS

BASE = "base"
"""A file in a taught folder: which shipped weights it began from."""


def weights(state: str) -> Path:
    """The latest taught weights that belong to the shipped ones, else the shipped ones."""
    taught = generations(state)
    return taught[-1] if taught else WEIGHTS


def generations(state: str) -> list[Path]:
    """The taught weights that belong to this version of llmos, oldest first."""
    folder = _folder(state)
    if not state or not folder.is_dir():
        return []
    found = sorted((p for p in folder.iterdir() if p.name.isdigit()), key=lambda p: int(p.name))
    return [p for p in found if _base_of(p) == shipped()]


def shipped() -> str:
    """Changes when another version of llmos is installed; cheaper than reading the weights."""
    status = os.stat(WEIGHTS / "model.safetensors")
    return f"{status.st_size} {int(status.st_mtime)}"


def keep(new: Path, state: str) -> Path:
    """Makes the weights in the folder `new` the ones that are used."""
    numbers = [int(p.name) for p in _folder(state).glob("[0-9]*") if p.name.isdigit()]
    target = _folder(state) / str(max(numbers, default=0) + 1)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    (new / BASE).write_text(shipped())
    staged = target.with_name(f".{target.name}")
    shutil.rmtree(staged, ignore_errors=True)
    shutil.copytree(new, staged)
    staged.rename(target)
    return target


def take_back(state: str) -> bool:
    """Forgets the latest teaching; False when there is none."""
    taught = generations(state)
    if taught:
        shutil.rmtree(taught[-1])
    return bool(taught)


def _folder(state: str) -> Path:
    return Path(state) / "taught"


def _base_of(folder: Path) -> str:
    try:
        return (folder / BASE).read_text()
    except OSError:
        return ""
