"""Measures the embedded model on labelled sentences: tool, whole call, calibration, coverage, confusion, harm.

    python -m llmos.train.evaluate [--model FOLDER] [--held-back 500] [--set FILE.jsonl ...] [--data FOLDER] [--errors]

A set is JSON lines {"nl": sentence, "gold": [[tool, arguments], ...]}, any of which is right. `--held-back` makes
sentences from phrasings of the bank that are never trained on.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from llmos.models.embedded.codec import Codec, NotWritable, View
from llmos.models.embedded.model import WEIGHTS, EmbeddedModel
from llmos.tools.registry import Registry
from llmos.train.bank import read_bank
from llmos.train.generate import Example, Generator, Target
from llmos.train.known import with_known
from llmos.train.lab_names import acceptable
from llmos.train.shell_lines import read_lines

DESTRUCTIVE = {
    "delete_files",
    "signal_process",
    "write_file",
    "move_files",
    "run_command",
    "replace_text",
    "rename_files",
}
Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Case:
    view: View
    golds: tuple[tuple[Call, ...], ...]
    """Acceptable replies; an empty one stands for words instead of calls."""

    @property
    def language(self) -> str:
        return "zh" if re.search(r"[\u4e00-\u9fff]", self.view.request) else "en"


@dataclass(frozen=True)
class Verdict:
    case: Case
    calls: tuple[Call, ...]
    said: str
    probability: float
    tool: bool
    full: bool


@cache
def _arguments(tool: str) -> Any:
    return Registry()[tool].arguments


def normal(call: Call) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Two ways of writing the same call compare equal: *.txt and txt, 10MB and 10 MB, . and nothing."""
    tool, arguments = call
    given = {k: v for k, v in arguments.items() if v is not None}
    try:
        model = _arguments(tool)(**given)
    except (ValueError, KeyError):
        return tool, tuple(sorted((k, str(v)) for k, v in given.items()))
    values = {k: v for k, v in model.model_dump().items() if v not in (None, [], False)}
    defaults = _arguments(tool).model_fields
    values = {k: v for k, v in values.items() if v != defaults[k].default}
    _merge_globs(values)
    return tool, tuple(sorted((k, _text(k, v)) for k, v in values.items()))


def _merge_globs(values: dict[str, Any]) -> None:
    names = values.get("name")
    if isinstance(names, list):
        extensions = [n[2:].lower() for n in names if re.fullmatch(r"\*\.\w+", n)]
        if len(extensions) == len(names):
            values["extension"] = sorted(values.get("extension", []) + extensions)
            del values["name"]
    if values.get("type") == "file":
        del values["type"]


def _text(name: str, value: Any) -> str:
    def one(v: Any) -> str:
        text = str(v)
        if name in ("path", "to", "target", "link", "first", "second") and len(text) > 1:
            text = text.rstrip("/").removeprefix("./").replace("$HOME", "~")
        return text

    return ",".join(sorted(one(v) for v in value)) if isinstance(value, list) else one(value)


def judge(model: EmbeddedModel, case: Case) -> Verdict:
    prompt = model.codec.prompt(case.view)
    best = model.readings(prompt)[0]
    decoded = model.codec.decode(best.ids, prompt)
    calls = tuple((c.tool, dict(c.arguments)) for c in decoded.calls)
    tool = any([c[0] for c in calls] == [g[0] for g in gold] for gold in case.golds)
    full = tool and any([normal(c) for c in calls] == [normal(g) for g in gold] for gold in case.golds)
    return Verdict(case, calls, decoded.said, math.exp(best.log_probability), tool, full)


# ---- sets


def read_set(file: Path) -> Iterator[Case]:
    for line in file.read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        golds = tuple(
            () if tool == "say" else (call,)
            for tool, arguments in raw["gold"]
            for call in (acceptable(tool, arguments) if tool != "say" else [("say", {})])
        )
        yield Case(View(raw["nl"]), golds)


def held_back(codec: Codec, count: int, seed: int) -> Iterator[Case]:
    generator = Generator(read_bank(codec.schema), codec.schema, seed, held_back=True)
    random_ = random.Random(seed)
    while count:
        example = with_known(generator.example(), random_)
        try:
            yield case_of(codec, example)
        except NotWritable:
            continue
        count -= 1


def case_of(codec: Codec, example: Example) -> Case:
    ids, start = example.tokens(codec)
    decoded = codec.decode(ids[start:], codec.prompt(example.view))
    return Case(example.view, (tuple((c.tool, dict(c.arguments)) for c in decoded.calls),))


def described(codec: Codec, folder: Path) -> Iterator[Case]:
    """People's descriptions of command lines that are never trained on, as they wrote them."""
    for line in read_lines(folder):
        if line.phrase.held_back:
            example = Example(View(line.text), Target(tuple((c.tool, c.arguments) for c in line.calls)), line.phrase)
            yield case_of(codec, example)


# ---- figures


def auroc(verdicts: Iterable[Verdict]) -> float:
    """How well probability separates right from wrong calls: 1 perfectly, 0.5 not at all."""
    right = [v.probability for v in verdicts if v.full]
    wrong = [v.probability for v in verdicts if not v.full]
    if not right or not wrong:
        return math.nan
    wins = sum((r > w) + 0.5 * (r == w) for r in right for w in wrong)
    return wins / len(right) / len(wrong)


def share(verdicts: list[Verdict], what: str) -> float:
    return 100 * sum(getattr(v, what) for v in verdicts) / len(verdicts) if verdicts else math.nan


def covered(verdicts: list[Verdict], coverage: float) -> float:
    """Percent right among the surest part."""
    surest = sorted(verdicts, key=lambda v: -v.probability)[: max(1, round(coverage * len(verdicts)))]
    return share(surest, "full")


def destructive_errors(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Calls that change things where no acceptable reply does so with that tool."""
    return [
        v
        for v in verdicts
        if any(c[0] in DESTRUCTIVE and all(c[0] != g[0] for gold in v.case.golds for g in gold) for c in v.calls)
    ]


def figures(name: str, verdicts: list[Verdict]) -> Mapping[str, object]:
    by = {lang: [v for v in verdicts if v.case.language == lang] for lang in ("en", "zh")}
    return {
        "set": name,
        "n": len(verdicts),
        "tool": round(share(verdicts, "tool"), 1),
        "full": round(share(verdicts, "full"), 1),
        "full en": round(share(by["en"], "full"), 1),
        "full zh": round(share(by["zh"], "full"), 1),
        "auroc": round(auroc(verdicts), 3),
        "right at 80%": round(covered(verdicts, 0.8), 1),
        "right at 50%": round(covered(verdicts, 0.5), 1),
        "wrong destructive": len(destructive_errors(verdicts)),
        "of them sure": sum(v.probability > 0.5 for v in destructive_errors(verdicts)),
    }


def confusion(verdicts: Iterable[Verdict]) -> Counter[tuple[str, str]]:
    """(gold tool, written tool) of the wrong ones."""
    return Counter(
        (v.case.golds[0][0][0] if v.case.golds and v.case.golds[0] else "words", v.calls[0][0] if v.calls else "words")
        for v in verdicts
        if not v.tool
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", type=Path, default=WEIGHTS)
    options.add_argument("--held-back", type=int, default=500)
    options.add_argument("--set", type=Path, action="append", default=[])
    options.add_argument("--data", type=Path, help="a folder with nl2bash.jsonl and tldr.*.jsonl")
    options.add_argument("--errors", action="store_true", help="print what went wrong")
    given = options.parse_args()
    model = EmbeddedModel(given.model)
    sets = [(file.stem, list(read_set(file))) for file in given.set]
    if given.held_back:
        sets.append(("held-back phrasings", list(held_back(model.codec, given.held_back, seed=99))))
    if given.data:
        sets.append(("described command lines", list(described(model.codec, given.data))))
    for name, cases in sets:
        verdicts = [judge(model, case) for case in cases]
        print(json.dumps(figures(name, verdicts)))
        if given.errors:
            _print_errors(verdicts)


def _print_errors(verdicts: list[Verdict]) -> None:
    for v in verdicts:
        if not v.full:
            gold = v.case.golds[0] if v.case.golds else ()
            print(f"  {v.probability:.2f} {v.case.view.request}\n      wrote {v.calls or v.said}\n      gold  {gold}")
    print("  confused:", confusion(verdicts).most_common(12))


if __name__ == "__main__":
    main()
