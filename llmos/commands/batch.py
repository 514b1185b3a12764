"""`llmos batch`: many independent prompts, several at a time, with a record that survives being killed.

How prompts are worked on is `fronts.batch`'s business.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from llmos.commands.opening import open_place, open_settings, parser
from llmos.commands.options import seconds
from llmos.errors import Exit, UsageError
from llmos.fronts.batch.crew import Crew
from llmos.fronts.batch.prompts import Prompt, read
from llmos.fronts.batch.results import DONE, Result, Results, unknown
from llmos.fronts.batch.work import Job
from llmos.fronts.here import is_terminal
from llmos.models import names
from llmos.translation import _

EPILOG = """\
A prompt is a plain line, or a JSON object with "prompt" and, where wanted, "id" (else the number of the line),
"folder" (it works there), "files" (copied into its own folder), "input" (as if piped in).

A result is a JSON object: id, prompt, status (done, failed, denied, approval-needed, no-sandbox, limit,
not-understood, interrupted, unknown), exit_code, answer, errors, calls, changes, folder, began, seconds.

Interrupted or killed, the same command goes on where it was: what has a result is not done again. A prompt that was
cut off after it had begun to change things is reported as unknown and not repeated, unless --retry says so. Nobody is
asked: what needs approval is not done without --yes or --mode auto. Exit code 0: all are done; 1: some are not."""


class Engine(Protocol):
    def work(self, prompts: Sequence[Prompt], done: Callable[[Result], None]) -> bool: ...


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    prompts = read(options.prompts)
    results = Results(_output(options))
    results.take(lambda: _note(_("another batch is still at work on these results; waiting for it")))
    results.check(prompts)
    if options.retry:
        results.forget({id for id, result in results.all().items() if result.get("status") != DONE} | _cut_off(results))
    _report_cut_off(prompts, results)
    return _work(prompts, results, options)


def _parser() -> argparse.ArgumentParser:
    made = parser("batch", EPILOG)
    add = made.add_argument
    add("prompts", metavar="PROMPTS", help=_("a file with one prompt a line; - is standard input"))
    add("-o", "--output", metavar="FILE", help=_("results, one line each (PROMPTS.results.jsonl)"))
    add("-j", "--jobs", type=_count, default=os.cpu_count() or 1, metavar="N", help=_("at a time (one per processor)"))
    add("-C", dest="folder", metavar="DIR", help=_("prompts work in this folder"))
    add("--folders", metavar="DIR", help=_("each prompt works in a folder of its own in this one"))
    add("-y", "--yes", action="store_true", help=_("approve what would be asked"))
    add("--mode", metavar="MODE", help=_("ask (default), auto, read-only, dry-run"))
    add("--model", metavar="MODEL", help=_("embedded (default), a folder with a causal language model, or owner/name"))
    add("--timeout", type=seconds, metavar="SECONDS", help=_("for one prompt"))
    add("--retry", action="store_true", help=_("do again what is not done: failed, denied, unknown"))
    add("--engine", choices=["processes", "ray"], default="processes", help=_("where the work is done"))
    add("--address", metavar="ADDRESS", help=_("of a Ray cluster; without it one is started on this machine"))
    add("-q", "--quiet", action="store_true", help=_("no progress and no summary, only errors"))
    return made


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"not a number of jobs: {text!r}")
    return int(text)


def _output(options: argparse.Namespace) -> Path:
    if options.output:
        return Path(options.output).expanduser()
    if options.prompts == "-":
        raise UsageError(_("prompts from standard input need a file for the results: -o FILE"))
    return Path(options.prompts + ".results.jsonl")


def _cut_off(results: Results) -> set[str]:
    return results.begun() - results.all().keys()


def _report_cut_off(prompts: Sequence[Prompt], results: Results) -> None:
    cut_off = _cut_off(results)
    for prompt in prompts:
        if prompt.id in cut_off:
            results.finish(unknown(prompt, "llmos was ended"))


def _work(prompts: Sequence[Prompt], results: Results, options: argparse.Namespace) -> int:
    there = results.all()
    left = [prompt for prompt in prompts if prompt.id not in there]
    with _progress(len(prompts), len(prompts) - len(left), options.quiet) as advance:
        finished = not left or _engine(results, options).work(left, advance)
    ended = [results.all()[p.id] for p in prompts if p.id in results.all()]
    results.close(complete=len(ended) == len(prompts))
    if not options.quiet:
        _note(_summary(ended, len(prompts), already=len(prompts) - len(left), file=results.file))
    if not finished:
        return Exit.INTERRUPTED
    return Exit.DONE if all(result["status"] == DONE for result in ended) else Exit.FAILED


def _engine(results: Results, options: argparse.Namespace) -> Engine:
    place = open_place(options.folder)
    settings = open_settings(place, {"model": options.model, "mode": options.mode})
    names.load(settings.model)  # what is wrong with it is said once
    own = os.path.abspath(os.path.expanduser(options.folders)) if options.folders else ""
    job = Job(place.cwd, own, options.model, options.mode, options.yes, options.timeout)
    if options.engine == "ray":
        from llmos.fronts.batch.cluster import Cluster  # noqa: PLC0415

        return Cluster(job, results, options.jobs, options.address)
    return Crew(job, results, options.jobs)


@contextmanager
def _progress(total: int, already: int, quiet: bool) -> Iterator[Callable[[Result], None]]:
    """A bar with rate and time left, on a terminal only."""
    if quiet or not is_terminal(2) or already == total:
        yield lambda _result: None
        return
    from tqdm import tqdm  # noqa: PLC0415

    counts: Counter[str] = Counter()
    with tqdm(total=total, initial=already, unit="prompt", file=sys.stderr, dynamic_ncols=True) as bar:

        def advance(result: Result) -> None:
            counts[str(result["status"])] += 1
            bar.set_postfix_str(_counted(counts), refresh=False)
            bar.update()

        yield advance


def _summary(ended: Sequence[Result], total: int, already: int, file: Path) -> str:
    counts = Counter(str(result["status"]) for result in ended)
    left = f", {total - len(ended)} left" if len(ended) < total else ""
    before = f" ({already} of them before)" if already else ""
    return _("{what}{left} of {total}{before}; results are in {file}").format(
        what=_counted(counts) or "nothing done", left=left, total=total, before=before, file=file
    )


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {status}" for status, count in counts.most_common())


def _note(text: str) -> None:
    print(_("llmos: {text}").format(text=text), file=sys.stderr, flush=True)
