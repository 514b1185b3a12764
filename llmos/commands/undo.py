"""`llmos undo`: take back the last change, or more of them. Shown and asked like every other change.

What can be is `llmos history`'s to say; how it is done is the journal's business.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmos.commands.reversing import reverse


def main(arguments: Sequence[str]) -> int:
    return reverse(
        "undo",
        "N changes, the latest first, one request counting as one; or one that `llmos history` lists, like c12",
        arguments,
    )
