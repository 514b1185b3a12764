"""Everyday commands go on working in the sandbox, with nothing asked where they change nothing."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from llmos.sandbox.base import Level
from tests.sandbox.running import LEVELS, run

PYTHON = sys.executable

COMMANDS = {
    "git": "git init -q r && cd r && echo x>f && git add f && git -c user.name=a -c user.email=a@b commit -qm m",
    "venv": f"{PYTHON} -m venv --without-pip ve && ve/bin/python -c 'print(1)'",
    "multiprocessing": f"{PYTHON} -c 'import multiprocessing as m; m.get_context(\"fork\").Pool(2).map(abs, [1])'",
    "shared memory": f"{PYTHON} -c 'import multiprocessing.shared_memory as m; m.SharedMemory(None, True, 9).unlink()'",
    "semaphores": f"{PYTHON} -c 'import multiprocessing as m; m.Lock().acquire()'",
    "asyncio": f"{PYTHON} -c 'import asyncio; asyncio.run(asyncio.create_subprocess_exec(\"true\"))'",
    "compiler": "printf 'int main(){return 0;}' > a.c && gcc a.c -o a.out && ./a.out",
    "make": "printf 'all:\\n\\techo made > out\\n' > Makefile && make -s && cat out",
    "archive": "echo x > f && tar czf t.tgz f && tar tzf t.tgz | grep -q f",
    "zip": f"echo x > f && {PYTHON} -m zipfile -c z.zip f && {PYTHON} -m zipfile -l z.zip",
    "copies and modes": "cp -p /etc/hostname h && chmod 600 h && touch -d 2020-01-01 h && ls -l h",
    "temporary file": "f=$(mktemp) && echo x > $f && cat $f",
    "pipe": "mkfifo ff; (echo hi > ff &) ; cat ff",
    "processes": "ps aux | head -2",
    "pipeline": "seq 1000 | awk '{s+=$1}END{print s}' | grep -q 500500",
    "database": f'{PYTHON} -c \'import sqlite3; sqlite3.connect("d.db").execute("create table t(a)")\'',
    "removal": "mkdir -p q/w/e && rm -rf q",
    "jobs": "bash -c 'sleep 0.1 & wait; trap : TERM'",
    "perl": "perl -e 'print 1'",
    "who am i": "id && id -u",
    "search": "grep -r root /etc/passwd && find . -name '*.x' | xargs -r wc",
    "here document": "cat <<END > h\nline\nEND\ncat h",
    "background": "sleep 0.1 & wait",
    "date": "date && TZ=Asia/Shanghai date",
    "sizes": "du -sh . && df -h . && free -m",
    "sort of a lot": "seq 100000 | sort -rn | head -1",
    "devices": "head -c 10 /dev/urandom | wc -c && echo x > /dev/null",
    "descriptors": "cat /proc/self/status > /dev/null && ls /proc/self/fd",
    "edit in place": "echo a > f && sed -i s/a/b/ f && cat f",
    "links": "echo x > f && ln -s f l && ln f g && readlink l",
    "locks": "flock lock true",
    "time out": "timeout 5 true",
    "a server and its client": (
        f"{PYTHON} -c 'import socket as s; a=s.create_server((\"127.0.0.1\",0)); s.create_connection(a.getsockname())'"
    ),
}
FAILS = {Level.L1: {"a server and its client", "multiprocessing", "shared memory", "semaphores"}}
"""At L1 sockets of the network and shared memory would be the machine's."""


# At L2 they run as at L3, but for the overlay.
@pytest.mark.parametrize("level", [pytest.param(lv, marks=pytest.mark.slow) if lv == "L2" else lv for lv in LEVELS])
@pytest.mark.parametrize("name", COMMANDS)
def test_an_everyday_command(name: str, level: Level, tmp_path: Path) -> None:
    line = COMMANDS[name]
    missing = [
        word for word in ("git", "gcc", "make", "perl", "flock", "free") if word in line and not shutil.which(word)
    ]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    done = run(level, line, tmp_path)
    if done.held:
        done.held.discard()
    works = done.ended.code == 0 and not done.ended.stopped
    assert works is (name not in FAILS.get(level, ())), done.output
