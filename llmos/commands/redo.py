"""`llmos redo`: make again what was undone. Shown and asked like every other change.

What can be is `llmos history`'s to say; how it is done is the journal's business.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmos.commands.reversing import reverse


def main(arguments: Sequence[str]) -> int:
    return reverse("redo", "N changes, the last undone first; or one undo that `llmos history` lists", arguments)
