"""`llmos teach`: the embedded model learns the user's own tools and what they corrected, on this machine.

How it learns is in train.teach, which weights are used in models.embedded.taught.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from llmos import paths
from llmos.commands.opening import open_place, parser
from llmos.errors import Exit, UsageError
from llmos.translation import _

if TYPE_CHECKING:
    from llmos.tools.manifest import Manifest
    from llmos.train.lessons import Lesson
    from llmos.train.teach import Taught

EPILOG = """\
Without manifests it learns those in your own tools folder and the requests you corrected. Weights that would forget
what the model knew are not kept."""


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    place = open_place()
    if options.undo:
        return _undo(place.state)
    from llmos.train import lessons  # noqa: PLC0415

    manifests = list(_manifests(options.manifests))
    taught = [*lessons.from_manifests(manifests), *_corrections(place.state)]
    if not taught:
        raise UsageError(_("there is nothing to learn: no manifest with examples, and no request you corrected"))
    return _learn(taught, manifests, place.state, options)


def _parser() -> argparse.ArgumentParser:
    made = parser("teach", EPILOG)
    made.add_argument("manifests", nargs="*", type=Path, help=_("manifests, or folders of them"))
    made.add_argument("--minutes", type=float, default=5.0, help=_("of the processor that it may take (default 5)"))
    made.add_argument("--undo", action="store_true", help=_("forget the latest teaching"))
    made.add_argument("--force", action="store_true", help=_("keep the new weights even if it forgot something"))
    return made


def _undo(state: str) -> int:
    from llmos.models.embedded import taught  # noqa: PLC0415

    if not taught.take_back(state):
        raise UsageError(_("nothing was taught here"))
    left = len(taught.generations(state))
    print(
        _("The latest teaching is forgotten; {left} before it {plural}.").format(
            left=left, plural="remains" if left == 1 else "remain"
        )
    )
    return Exit.DONE


def _manifests(given: Sequence[Path]) -> Iterator[Manifest]:
    from llmos.tools.manifest import load_manifests, read_manifest  # noqa: PLC0415

    own = paths.config_file(os.environ).with_name("tools")
    for path in given or ([own] if own.is_dir() else []):
        if not path.exists():
            raise UsageError(_("there is no {path}").format(path=path))
        yield from load_manifests(path).values() if path.is_dir() else [read_manifest(path)]


def _corrections(state: str) -> Iterator[Lesson]:
    from llmos.memory.past import entries, listed  # noqa: PLC0415
    from llmos.memory.sessions import from_json, is_message  # noqa: PLC0415
    from llmos.train import lessons  # noqa: PLC0415

    for past in listed(state):
        messages = [from_json(entry.body) for entry in entries(state, past) if is_message(entry.body)]
        yield from lessons.from_messages(messages)


def _learn(taught: list[Lesson], manifests: list[Manifest], state: str, options: argparse.Namespace) -> int:
    from llmos.models.embedded import taught as weights  # noqa: PLC0415
    from llmos.models.embedded.model import read_schema  # noqa: PLC0415
    from llmos.train import lessons, teach  # noqa: PLC0415

    base = weights.weights(state)
    new_tools = lessons.schema_of(manifests)
    lines, wrong = lessons.lines(taught, {**read_schema(base), **new_tools})
    for problem in wrong:
        _show(f"left out: {problem}")
    if not lines:
        raise UsageError(_("none of the examples can be learned; each has to say the values of its call"))
    _show(f"{len(lines)} examples, {len(new_tools)} tools, {options.minutes:g} minutes")
    with tempfile.TemporaryDirectory(prefix="llmos-teach-") as work:
        result = teach.teach(base, lines, new_tools, Path(work), options.minutes, _show)
        return _judge(result, state, force=options.force)


def _judge(result: Taught, state: str, *, force: bool) -> int:
    from llmos.models.embedded import taught  # noqa: PLC0415

    figures = (
        f"{result.learned:.0f} % of the lessons; of the rest {result.known_before:.1f} → {result.known_after:.1f} %"
    )
    if result.forgot and not force:
        print(
            _("Nothing changed: it would forget too much ({figures}). Try more --minutes, or fewer examples.").format(
                figures=figures
            )
        )
        return Exit.FAILED
    taught.keep(result.folder, state)
    print(_("Learned: {figures}. Take it back with: llmos teach --undo").format(figures=figures))
    return Exit.DONE


def _show(text: str) -> None:
    print(_("llmos: {text}").format(text=text), file=sys.stderr, flush=True)
