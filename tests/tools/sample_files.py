"""A folder with every file that the examples of the shipped manifests name, as far as this machine can make them.

What is done with them is in test_manifests_shipped.py.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

PAGE = "4 0 obj<</Length 44>>stream\nBT /F1 24 Tf 72 700 Td (All is well.) Tj ET\nendstream endobj\n"


def pdf(pages: int) -> bytes:
    """As small as a PDF can be, with the same line of text on every page."""
    kids = " ".join(f"{10 + i} 0 R" for i in range(pages))
    objects = ["1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"]
    objects += [f"2 0 obj<</Type/Pages/Kids[{kids}]/Count {pages}>>endobj\n"]
    objects += ["3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n", PAGE]
    resources = "/Resources<</Font<</F1 3 0 R>>>>/MediaBox[0 0 612 792]/Contents 4 0 R"
    objects += [f"{10 + i} 0 obj<</Type/Page/Parent 2 0 R{resources}>>endobj\n" for i in range(pages)]
    body, spots = "%PDF-1.4\n", {}
    for one in objects:
        spots[int(one.split()[0])] = len(body)
        body += one
    rows = (f"{number} 1\n{spot:010} 00000 n \n" for number, spot in sorted(spots.items()))
    table = "xref\n0 1\n0000000000 65535 f \n" + "".join(rows)
    size = max(spots) + 1
    return f"{body}{table}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF\n".encode()


TEXTS = {
    "notes.txt": "one\r\ntwo\r\n",
    "a.txt": "a\n",
    "b.txt": "b\n",
    "list.txt": "name,size\napple,12\n",
    "letter.txt": "A good leter.\n",
    "notes.md": "# Notes\n\nAll is well.\n",
    "people.csv": "name,city\nAda,London\nBo,Oslo\nCy,Oslo\n",
    "sales.csv": "item,price\npen,2\nink,5\n",
    "feed.xml": "<feed><entry>1</entry></feed>",
    "main.py": "print(1)\n",
    "data.json": '{"b": 1, "a": [2, 3]}',
    "package.json": '{"version": "1.2.3"}',
    "people.json": "",
}


def make(folder: Path) -> None:
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text)
    (folder / "people.json").write_text(json.dumps({"users": [{"name": "Ada"}]}))
    (folder / "old.txt").write_bytes("你好\n".encode("gbk"))
    (folder / "big.bin").write_bytes(bytes(11 << 20))
    (folder / "photos").mkdir()
    (folder / "photos" / "x").write_text("x")
    for name in ("report.pdf", "scan.pdf", "a.pdf", "b.pdf", "c.pdf"):
        (folder / name).write_bytes(pdf(6))
    with closing(sqlite3.connect(folder / "shop.db")) as shop:
        shop.execute("create table orders(id)")
    _by_programs(folder)


def _by_programs(folder: Path) -> None:
    """What a program is missing for stays away, and so do the tests that need it: they need the same program."""

    def run(*argv: str) -> None:
        if shutil.which(argv[0]):
            subprocess.run(argv, cwd=folder, check=True, capture_output=True)

    for name in ("photo.jpg", "big.jpg", "logo.png", "a.png", "b.png", "page1.jpg", "page2.jpg", "scan.png"):
        run("convert", "-size", "500x400", "xc:red", name)
    run("7zz", "a", "photos.7z", "a.txt")
    run("7zz", "a", "backup.zip", "a.txt")
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "server_key")
    key = ("-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.crt")
    run("openssl", "req", "-x509", *key, "-subj", "/CN=example.org", "-addext", "subjectAltName=DNS:example.org")
    _repository(folder)


def _repository(folder: Path) -> None:
    for words in (
        ["init", "-q", "-b", "main"],
        ["config", "user.name", "Ada"],
        ["config", "user.email", "ada@example.org"],
        ["add", "main.py"],
        ["commit", "-qm", "First"],
        ["tag", "v1"],
    ):
        subprocess.run(["git", *words], cwd=folder, check=True)
    (folder / "main.py").write_text("print(2)\n")
    subprocess.run(["git", "add", "main.py"], cwd=folder, check=True)
