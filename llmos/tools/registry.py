"""Which tools there are: name → dotted path of the class, or a manifest. Nothing is loaded until it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from llmos.errors import UsageError
from llmos.tools.tool import Tool

BUILT_IN: Mapping[str, str] = {
    "list_folder": "llmos.tools.files.look:ListFolder",
    "show_tree": "llmos.tools.files.look:ShowTree",
    "find_files": "llmos.tools.files.look:FindFiles",
    "file_info": "llmos.tools.files.look:FileInfo",
    "disk_usage": "llmos.tools.files.room:DiskUsage",
    "find_duplicates": "llmos.tools.files.room:FindDuplicates",
    "current_folder": "llmos.tools.files.look:CurrentFolder",
    "change_folder": "llmos.tools.files.look:ChangeFolder",
    "read_file": "llmos.tools.files.read:ReadFile",
    "search_text": "llmos.tools.files.search:SearchText",
    "count": "llmos.tools.files.measure:CountEntries",
    "checksum": "llmos.tools.files.measure:Checksum",
    "compare_files": "llmos.tools.files.measure:CompareFiles",
    "sort_lines": "llmos.tools.files.columns:SortLines",
    "unique_lines": "llmos.tools.files.columns:UniqueLines",
    "cut_columns": "llmos.tools.files.columns:CutColumns",
    "replace_text": "llmos.tools.files.edit:ReplaceText",
    "create_file": "llmos.tools.files.make:CreateFile",
    "make_folder": "llmos.tools.files.make:MakeFolder",
    "write_file": "llmos.tools.files.make:WriteFile",
    "append_file": "llmos.tools.files.make:AppendFile",
    "link_file": "llmos.tools.files.make:LinkFile",
    "copy_files": "llmos.tools.files.move:CopyFiles",
    "move_files": "llmos.tools.files.move:MoveFiles",
    "rename_files": "llmos.tools.files.rename:RenameFiles",
    "delete_files": "llmos.tools.files.delete:DeleteFiles",
    "change_mode": "llmos.tools.files.rights:ChangeMode",
    "change_owner": "llmos.tools.files.rights:ChangeOwner",
    "archive_files": "llmos.tools.files.archives:ArchiveFiles",
    "extract_archive": "llmos.tools.files.archives:ExtractArchive",
    "list_archive": "llmos.tools.files.archives:ListArchive",
    "list_processes": "llmos.tools.processes:ListProcesses",
    "process_tree": "llmos.tools.processes:ProcessTree",
    "process_info": "llmos.tools.processes:ProcessInfo",
    "find_port": "llmos.tools.processes:FindPort",
    "who_uses": "llmos.tools.processes:WhoUses",
    "signal_process": "llmos.tools.processes:SignalProcess",
    "set_priority": "llmos.tools.processes:SetPriority",
    "wait_process": "llmos.tools.processes:WaitProcess",
    "start_job": "llmos.tools.jobs:StartJob",
    "list_jobs": "llmos.tools.jobs:ListJobs",
    "stop_job": "llmos.tools.jobs:StopJob",
    "read_job": "llmos.tools.jobs:ReadJob",
    "system_info": "llmos.tools.system:SystemInfo",
    "show_date": "llmos.tools.system:ShowDate",
    "show_environment": "llmos.tools.system:ShowEnvironment",
    "which_program": "llmos.tools.system:WhichProgram",
    "show_services": "llmos.tools.system:ShowServices",
    "list_apps": "llmos.tools.apps:ListApps",
    "open_app": "llmos.tools.apps:OpenApp",
    "open_file": "llmos.tools.apps:OpenFile",
    "open_url": "llmos.tools.apps:OpenUrl",
    "close_app": "llmos.tools.apps:CloseApp",
    "undo": "llmos.tools.undo:Undo",
    "redo": "llmos.tools.undo:Redo",
    "show_history": "llmos.tools.undo:ShowHistory",
    "run_command": "llmos.tools.shell:RunCommand",
}


class Registry(Mapping[str, Tool[Any]]):
    """The tools by name; each is loaded when it is first looked up.

    A manifest is no way to replace a built-in tool. Of one that cannot be read, `note` is told where all are wanted;
    where it is wanted itself, UsageError is raised.
    """

    def __init__(
        self,
        paths: Mapping[str, str] = BUILT_IN,
        manifests: Sequence[Path] = (),
        note: Callable[[str], None] = lambda _text: None,
    ) -> None:
        """`manifests` are folders."""
        self._paths = dict(paths)
        self.manifests = manifests
        self._note = note
        self._tools: dict[str, Tool[Any]] = {}

    def __getitem__(self, name: str) -> Tool[Any]:
        if name not in self._tools:
            self._tools[name] = _built_in(self._paths[name]) if name in self._paths else _made(self._files[name])
        return self._tools[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._paths
        yield from (name for name in self._readable)

    def __len__(self) -> int:
        return len(self._paths) + len(self._readable)

    @cached_property
    def _files(self) -> Mapping[str, Path]:
        from llmos.tools.catalogue import by_name  # noqa: PLC0415  # few calls are of such a tool

        return {name: file for name, file in by_name(self.manifests).items() if name not in self._paths}

    @cached_property
    def _readable(self) -> Sequence[str]:
        return [name for name in self._files if self._can_be_read(name)]

    def _can_be_read(self, name: str) -> bool:
        try:
            return bool(self[name])
        except UsageError as error:
            self._note(f"left out: {error}")
            return False


def _built_in(path: str) -> Tool[Any]:
    module, _, cls = path.partition(":")
    tool: Tool[Any] = getattr(import_module(module), cls)()
    return tool


def _made(file: Path) -> Tool[Any]:
    from llmos.tools.manifest import manifest_tool, read_manifest  # noqa: PLC0415  # pydantic

    return manifest_tool(read_manifest(file))
