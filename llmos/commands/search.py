"""`llmos search`: documents by what they say, best first.

Which folders are searched is `llmos index`; exact text in files is the tool search_text.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence

from llmos.adapters.terminal import clean, clean_name
from llmos.commands.index import opened, update
from llmos.commands.opening import open_place, parser
from llmos.errors import UsageError
from llmos.memory.index import Hit
from llmos.translation import _

EPILOG = """\
  llmos search "the document where I wrote about the rent"
  llmos search 房租

Searched are the folders of llmos index. Documents that hold any of the words are found, in any of their forms."""


def main(arguments: Sequence[str]) -> int:
    made = parser("search", EPILOG)
    made.add_argument("words", nargs="+", metavar="WORD", help="what it is about")
    made.add_argument("--limit", type=int, default=10, metavar="N", help="show this many at most (10)")
    made.add_argument("--json", action="store_true", help="path, passage and score, one JSON object a line")
    options = made.parse_intermixed_args(arguments)
    if options.limit < 1:
        raise UsageError(_("--limit has to be 1 or more"))
    place = open_place()
    with opened(place) as index:
        folders = index.folders()
        if not folders:
            raise UsageError(_("no folder is indexed yet; llmos index add FOLDER"))
        now = time.time()
        code = update(index, [one for one in folders if index.stale(one, now)], place)
        hits = index.search(" ".join(options.words), options.limit)
    for hit in hits:
        print(json.dumps(hit._asdict(), ensure_ascii=False) if options.json else _shown(hit))
    if not hits:
        print(_("nothing found"), file=sys.stderr)
    return code


def _shown(hit: Hit) -> str:
    """In a pipe the path alone, for the next program."""
    path = clean_name(hit.path)
    return f"{path}\n    {clean(hit.part)}" if sys.stdout.isatty() else path
