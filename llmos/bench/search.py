"""Searching documents: size and speed at many small files, words against ripgrep, labelled questions.

`python -m llmos.bench.search [FILES]`. Made-up text compresses and ranks unlike people's own; no embeddings.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import TypeVar

from llmos.memory.index import Index

T = TypeVar("T")

DOCUMENTS = {
    "rent": "Dear landlord, my monthly rent was raised by eight percent and the heating in the flat is broken.",
    "cake": "Lemon cake: flour, sugar, four eggs, butter. Bake it for fifty minutes and let it cool.",
    "trip": "Flight to Lisbon on Friday, hotel near the river, tram to the airport on Monday.",
    "tax": "Income tax return: salary statement, insurance paid, donations, deductible travel costs.",
    "dentist": "The dentist moved the appointment for my tooth to Tuesday at nine.",
    "backup": "Every night rsync copies the server's database to the second disk; restore was tested in May.",
    "garden": "Plant tomatoes and beans in April, water the roses, prune the apple trees in winter.",
    "wedding": "Guests for the wedding, seating plan, flowers, the band plays until midnight.",
    "房租": "房东您好，今年的房租涨了百分之八，暖气也坏了，请尽快修理。",
    "会议": "周一会议纪要：讨论了下季度的预算和招聘计划，张经理负责跟进。",
    "菜谱": "西红柿炒鸡蛋：鸡蛋三个，西红柿两个，盐少许，大火翻炒。",
    "旅行": "国庆去云南旅行，先坐火车到昆明，再去大理和丽江。",
}
QUESTIONS = (
    ("the document where I wrote about the rent", "rent"),
    ("complaint to the owner of my apartment", "rent"),
    ("recipe with lemons", "cake"),
    ("something sweet for baking", "cake"),
    ("when am I flying to Portugal", "trip"),
    ("hotels for the holiday", "trip"),
    ("what I can deduct from taxes", "tax"),
    ("my teeth", "dentist"),
    ("when is the appointment", "dentist"),
    ("how do we copy databases at night", "backup"),
    ("restoring data after a crash", "backup"),
    ("pruning fruit trees", "garden"),
    ("vegetables to grow", "garden"),
    ("who is invited to the marriage", "wedding"),
    ("where do the guests sit", "wedding"),
    ("我写过关于房租的那份文档", "房租"),
    ("公寓太贵了，跟房东投诉", "房租"),
    ("开会说了什么预算", "会议"),
    ("鸡蛋怎么做", "菜谱"),
    ("坐火车去昆明", "旅行"),
    ("假期去南方玩的计划", "旅行"),
)
"""Written before the ranking was tried on them; about half share no word with their document, or another form."""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as base:
        print("labelled questions:", labelled(Path(base, "labelled")))
        many(Path(base, "many"), count)


def labelled(base: Path) -> str:
    (base / "notes").mkdir(parents=True)
    names = {f"{number:02}.txt": name for number, name in enumerate(DOCUMENTS)}
    for file, name in names.items():
        (base / "notes" / file).write_text(DOCUMENTS[name])
    index = indexed(base)
    ranks = [[names[Path(hit.path).name] for hit in index.search(asked, 3)] for asked, _ in QUESTIONS]
    for (asked, wanted), rank in zip(QUESTIONS, ranks, strict=True):
        if wanted not in rank[:1]:
            print(f"  not first: {asked!r}: {rank}")
    at = [sum(q[1] in rank[:k] for q, rank in zip(QUESTIONS, ranks, strict=True)) for k in (1, 3)]
    return f"first {at[0]}, among three {at[1]}, of {len(QUESTIONS)}"


def indexed(base: Path) -> Index:
    index = Index(base / "state" / "index.sqlite")
    index.add(str((base / "notes").resolve()), ())
    for folder in index.folders():
        for _ in index.update(folder, lambda _path: False):
            pass
    return index


def many(base: Path, count: int) -> None:
    words = make(base / "notes", count)
    index = timed("index", lambda: indexed(base))
    size = os.path.getsize(base / "state" / "index.sqlite")
    print(f"{count} files of about 1 KB, {size / 1e6:.0f} MB of index")
    (folder,) = index.folders()
    timed("look for changes", lambda: list(index.update(folder, lambda _path: False)))
    rng = random.Random(1)
    asked = rng.sample(words[1000:], 20)
    began = time.perf_counter()
    found = [{hit.path for hit in index.search(word, count)} for word in asked]
    print(f"search, every hit: {(time.perf_counter() - began) / len(asked) * 1e3:.0f} ms")
    began = time.perf_counter()
    for word in asked:
        index.search(word, 10)
    print(f"search, ten hits: {(time.perf_counter() - began) / len(asked) * 1e3:.0f} ms")
    compare(asked, found, str((base / "notes").resolve()))


def make(folder: Path, count: int) -> list[str]:
    """Files of words as frequent as their rank says (Zipf); the words."""
    rng = random.Random(0)
    words = list({"".join(rng.choices("bdfgklmnprstvz", k=3) + rng.choices("aeiou", k=3)) for _ in range(20_000)})
    words.sort()
    rng.shuffle(words)
    weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    for number in range(count):
        if number % 1000 == 0:
            (folder / f"{number // 1000}").mkdir(parents=True)
        text = " ".join(rng.choices(words, cum_weights=weights, k=145))
        (folder / f"{number // 1000}" / f"{number}.txt").write_text(text)
    return words


def compare(asked: list[str], found: list[set[str]], folder: str) -> None:
    """What ripgrep finds as a whole word, and how much of it the index finds."""
    hits = total = 0
    for word, paths in zip(asked, found, strict=True):
        done = subprocess.run(["rg", "-liw", word, folder], capture_output=True, text=True, check=False)
        exact = set(done.stdout.splitlines())
        hits, total = hits + len(exact & paths), total + len(exact)
    print(f"recall against ripgrep: {hits}/{total}")


def timed(what: str, do: Callable[[], T]) -> T:
    began = time.perf_counter()
    done = do()
    print(f"{what}: {time.perf_counter() - began:.1f} s")
    return done


if __name__ == "__main__":
    main()
