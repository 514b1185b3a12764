"""Has `du` of GNU measure a big folder: it asks the system in half the time. `usage.py` does the same without it.

See du(1) of coreutils. Whatever it could not read, or where there is none, nothing is said here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator


def sizes(path: str, depth: int) -> Iterator[tuple[str, int]] | None:
    """Paths of the folder and of those in it down to `depth`, each with its bytes on the disk; None when in doubt."""
    program = shutil.which("du")
    if program is None or not os.path.isabs(program) or not os.path.isabs(path):
        return None
    command = [program, "--null", "--block-size=1", f"--max-depth={depth}", "--", path]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError:
        return None
    if done.returncode or done.stderr:
        return None
    lines = (line.partition(b"\t") for line in done.stdout.split(b"\0") if line)
    return ((os.fsdecode(folder), int(size)) for size, _, folder in lines)
