"""A home with a working folder in it, and file tools carried out there: for tests of single tools.

Nothing asks and nothing decides here; see small_tools.py for whole turns.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from llmos.tools.registry import Registry
from llmos.values.events import Progress
from llmos.values.messages import JSON, Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Plan


class Work:
    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.cwd = self.home / "work"
        self.state = folder / "state"
        self.cwd.mkdir(parents=True)
        self.progress: list[Progress] = []
        self.tools = Registry()

    @property
    def place(self) -> Place:
        return Place(str(self.cwd), str(self.home), now=time.time(), state=str(self.state))

    def plan(self, name: str, /, **arguments: JSON) -> Plan:
        tool = self.tools[name]
        call = ToolCall("1", name, arguments)
        return tool.plan(call, tool.arguments.model_validate(arguments), self.place)

    def run(self, plan: Plan) -> Outcome:
        running = self.tools[plan.call.name].run(plan, self.place)
        if isinstance(running, Outcome):
            return running
        while True:
            try:
                self.progress.append(next(running))
            except StopIteration as end:
                assert isinstance(end.value, Outcome)
                return end.value

    def do(self, name: str, /, **arguments: JSON) -> Outcome:
        return self.run(self.plan(name, **arguments))

    def files(self, **texts: str) -> None:
        """a_txt="x" writes "x" to a.txt."""
        for name, text in texts.items():
            self.write(name.replace("_", "."), text)

    def write(self, name: str, text: str = "") -> Path:
        path = self.cwd / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def names(self, folder: str = ".") -> list[str]:
        """All files and links beneath a folder, as relative paths."""
        root = self.cwd / folder
        found = [os.path.join(where, name) for where, folders, names in os.walk(root) for name in names]
        links = [os.path.join(where, name) for where, folders, _ in os.walk(root) for name in folders]
        return sorted(os.path.relpath(path, root) for path in [*found, *filter(os.path.islink, links)])

    def trashed(self) -> list[str]:
        folder = self.home / ".local/share/Trash/files"
        return sorted(os.listdir(folder)) if folder.exists() else []

    def kept(self) -> list[str]:
        """The texts of the kept old versions."""
        return sorted(path.read_text() for path in self.state.glob("kept/*/*"))
