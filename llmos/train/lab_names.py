"""Sets of sentences labelled in an older tool vocabulary, read in ours. Only evaluation uses this."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Call = tuple[str, dict[str, Any]]

_ARGUMENTS = {
    "ext": "extension", "min_size": "larger_than", "max_size": "smaller_than", "perm": "permission", "src": "path", "dst": "to",
    "algo": "algorithm", "nice": "priority", "cmd": "command", "all": "hidden", "long": "details",
}  # fmt: skip
_SORTS = {"size": "largest", "size_asc": "smallest", "time": "newest", "time_asc": "oldest", "name": "name", "cpu": "cpu", "mem": "memory"}  # fmt: skip
_TOOLS = {
    "list_dir": "list_folder", "delete": "delete_files", "archive": "archive_files", "copy": "copy_files", "move": "move_files",
    "extract": "extract_archive", "chmod": "change_mode", "chown": "change_owner", "compare": "compare_files", "link": "link_file",
    "make_dir": "make_folder", "touch": "create_file", "rename_many": "rename_files", "open_path": "open_file", "kill": "signal_process",
    "head": "read_file", "tail": "read_file", "count_lines": "count", "env": "show_environment", "date": "show_date",
}  # fmt: skip
_SYSTEM = {
    "sys_battery": ("battery",), "sys_cpu": ("cpu", "load"), "sys_disk": ("disks", "mounts"), "sys_memory": ("memory",),
    "sys_network": ("network", "address", "host"), "sys_uptime": ("uptime", "boot_time", "load"), "os_info": ("os", "kernel", "host", "cpu"),
    "who": ("users", "user"),
}  # fmt: skip


def acceptable(tool: str, arguments: Mapping[str, Any]) -> Iterator[Call]:
    """The calls of ours that mean the same."""
    if tool in _SYSTEM:
        yield from (("system_info", {"about": about}) for about in _SYSTEM[tool])
        return
    given = {_ARGUMENTS.get(k, k): v for k, v in arguments.items()}
    if given.get("type") == "dir":
        given["type"] = "folder"
    if "sort" in given:
        given["sort"] = _SORTS.get(str(given["sort"]), given["sort"])
    yield from _special(tool, given)


def _special(tool: str, given: dict[str, Any]) -> Iterator[Call]:  # noqa: PLR0912  # one case per tool
    match tool:
        case "find_files" if given.pop("count", False):
            kinds = {"file": ("files",), "folder": ("folders",)}.get(str(given.pop("type", "")), ("files", "entries"))
            yield from (("count", {**given, "what": what}) for what in kinds)
        case "find_files":
            yield ("find_files", given)
            if not set(given) - {"path", "type", "sort", "limit"}:
                yield ("list_folder", given)
        case "list_dir" if given.pop("recursive", False):
            yield from (
                ("show_tree", given),
                ("find_files", {k: v for k, v in given.items() if k not in ("hidden", "details")}),
            )
        case "list_dir":
            yield ("list_folder", given)
        case "count_lines":
            unit = {"words": "words", "chars": "characters"}.get(str(given.pop("unit", "")), "lines")
            yield ("count", {**given, "what": unit})
        case "search_text":
            show = "files" if given.pop("files_only", False) else "count" if given.pop("count", False) else None
            yield ("search_text", given | ({"show": show} if show else {}))
            if show is None:
                yield ("search_text", {**given, "show": "files"})
        case "head":
            yield ("read_file", {"path": given.get("path"), "first": given.get("n", "10")})
        case "tail":
            follow = {"follow": "10"} if given.get("follow") else {}
            yield ("read_file", {"path": given.get("path"), **({"last": given["n"]} if "n" in given else {}), **follow})
            yield ("read_file", {"path": given.get("path"), "last": given.get("n", "10"), **follow})
        case "kill":
            yield (
                "signal_process",
                {k: v for k, v in given.items() if k != "force"} | ({"signal": "kill"} if given.get("force") else {}),
            )
            yield ("close_app", {"name": given.get("target")})
        case "rename_many":
            old, new = str(given.pop("from", "")), str(given.pop("to", ""))
            yield ("rename_files", {**given, "extension": old, "new_extension": new.lstrip(".")})
            yield ("rename_files", {**given, "old": old, "new": new})
        case "link":
            yield ("link_file", {"target": given.get("path"), "link": given.get("to", ".")})
        case "compare":
            yield ("compare_files", {"first": given.get("a"), "second": given.get("b")})
        case "chown":
            owner = str(given.pop("owner", ""))
            user, _, group = owner.partition(":")
            yield ("change_owner", {**given, "user": owner})
            yield ("change_owner", {**given, "user": user, **({"group": group} if group else {})})
        case "disk_usage":
            yield ("disk_usage", given)
            yield ("disk_usage", {**given, "each": True})
            yield ("disk_usage", {**given, "each": True, "sort": "largest"})
        case _:
            yield (_TOOLS.get(tool, tool), given)
