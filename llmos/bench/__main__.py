"""`python -m llmos.bench [NAME …] [--rounds N] [--json]`: what llmos costs, as ratios, on this machine.

What is measured is in the modules named like the arguments.
"""

from __future__ import annotations

import argparse
import json
from importlib import import_module

from llmos.bench.report import Report, as_json, as_text, machine

MEASUREMENTS = ("latency", "decode", "adapters", "sandbox", "retrieval", "habits", "compare")
"""Modules here; each has a `measure(rounds)` that gives a `Report`."""


def main() -> None:
    options = _parser().parse_args()
    names = options.name or MEASUREMENTS
    reports = [_measured(name, options) for name in names]
    if options.json:
        print(json.dumps(as_json(reports), ensure_ascii=False, indent=1))
        return
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    for report in reports:
        print(f"\n{as_text(report)}")


def _measured(name: str, options: argparse.Namespace) -> Report:
    measure = import_module(f"llmos.bench.{name}").measure
    sizes = {"entries": options.entries, "megabytes": options.megabytes} if name == "adapters" else {}
    report: Report = measure(options.rounds, **sizes)
    return report


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m llmos.bench", description="What llmos costs on this machine.")
    parser.add_argument("name", nargs="*", choices=MEASUREMENTS, help="what to measure; all of it by default")
    parser.add_argument("--rounds", type=int, default=7, help="how often; ratios are taken within a round")
    parser.add_argument("--entries", type=int, default=200_000, help="of the tree for adapters; TMPDIR says where")
    parser.add_argument("--megabytes", type=int, default=256, help="of the texts for adapters")
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser


if __name__ == "__main__":
    main()
