"""Run on a file system of 1 MiB by test_faults.py: what cannot be done there is refused whole."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from llmos.errors import ToolError
from llmos.journal.recovery import recover
from tests.journal.folder_under_change import Ground


def main(folder: str) -> None:
    ground = Ground(Path(folder))
    (ground.root / "a").write_text("OLD")
    before = ground.picture()
    with ground.changing() as entry:
        _refused(lambda: entry.write(ground / "a", b"N" * (3 << 20)))
    assert ground.picture() == before, "a part of the new content is left"
    _fill(Path(folder) / "filling")
    with ground.changing() as entry:
        _refused(lambda: entry.write(ground / "a", b"N" * 5000))
        _refused(lambda: entry.copy(ground / "a", ground / "b"))
    assert ground.picture() == before, "something is left of what was refused"
    with ground.changing() as entry:
        entry.purge(str(Path(folder) / "filling"))
    recover(ground.journal.store)
    with ground.changing() as entry:
        entry.delete(ground / "a")
    assert ground.undo() == "" and ground.picture() == before, "what was deleted did not come back"


def _refused(attempt: object) -> None:
    assert callable(attempt)
    try:
        attempt()
    except ToolError as error:
        assert "full" in str(error), error
    else:
        raise AssertionError("it was not refused")


def _fill(path: Path) -> None:
    with open(path, "wb", buffering=0) as file, suppress(OSError):
        for size in (1 << 16, 1 << 10, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)
    os.sync()


if __name__ == "__main__":
    main(os.path.realpath(sys.argv[1]))
