"""How far the context can be trusted, and whether a call follows from the user's own words.

T0 is what the user typed, T1 names and numbers from the machine, T2 content: text of files, output, the web. What that
means for a decision is policy's business. Words are compared, not understood: a doubt costs a question.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

from llmos.values.messages import JSON, ItemKind, Message, ToolCall, ToolMessage, ToolResult, UserMessage
from llmos.values.place import Place


class Taint(IntEnum):
    WORDS = 0
    NAMES = 1
    CONTENT = 2


NAMING = frozenset(
    ("list_folder", "show_tree", "find_files", "file_info", "disk_usage", "find_duplicates", "current_folder",
     "change_folder", "count", "checksum", "process_tree", "find_port", "who_uses", "list_jobs", "system_info",
     "show_date", "which_program", "show_services", "list_apps", "create_file", "make_folder", "write_file",
     "append_file", "link_file", "copy_files", "move_files", "rename_files", "delete_files", "change_mode",
     "change_owner", "archive_files", "extract_archive", "replace_text", "signal_process", "set_priority",
     "wait_process", "start_job", "stop_job", "open_app", "open_file", "open_url", "close_app", "undo", "redo",
     "show_history")
)  # fmt: skip
"""Tools whose results are names and numbers. What any other tool says is content."""

POINTED_AT = (ItemKind.PATH, ItemKind.PROCESS, ItemKind.JOB, ItemKind.APP)
"""Items that are on the machine, whoever names them."""


@dataclass(frozen=True)
class Heard:
    """What a conversation gives authority to, and what it has been exposed to."""

    requests: tuple[str, ...] = ()
    """The user's own words, latest last."""

    listed: frozenset[str] = frozenset()
    """What results have listed: absolute paths, pids, jobs, applications."""

    taint: Taint = Taint.WORDS

    @cached_property
    def words(self) -> str:
        return "\n".join(self.requests).casefold()

    @cached_property
    def tokens(self) -> frozenset[str]:
        return frozenset(re.findall(_TOKEN, self.words))

    @cached_property
    def places(self) -> tuple[str, ...]:
        """What in the words may be a path."""
        found = (
            word.rstrip(".:") if word.strip(".:") else word for word in re.findall(_PLACES, "\n".join(self.requests))
        )
        return tuple(dict.fromkeys(filter(None, found)))

    @cached_property
    def prose(self) -> str:
        """The words without the paths: "/home/ada/x" does not speak of the home folder."""
        return " ".join(word for word in re.split(r"\s+", self.words) if "/" not in word)


def hear(messages: Iterable[Message]) -> Heard:
    requests: list[str] = []
    listed: set[str] = set()
    taint = Taint.WORDS
    for message in messages:
        match message:
            case UserMessage(text=text):
                requests.append(text)
            case ToolMessage(result=result):
                listed.update(_listed(result))
                taint = max(taint, taint_of(result))
    return Heard(tuple(requests), frozenset(listed), taint)


def taint_of(result: ToolResult) -> Taint:
    """What a result brings into the context. What llmos itself says about a call that never ran is nothing foreign."""
    if result.refused:
        return Taint.WORDS
    return Taint.NAMES if result.call.name in NAMING else Taint.CONTENT


def _listed(result: ToolResult) -> tuple[str, ...]:
    """An archive's members are what its maker calls them; nothing of that name need be here."""
    outcome = result.outcome
    trusted = outcome.kind in POINTED_AT and result.call.name != "list_archive"
    return outcome.items if trusted else ()


# Whether a call follows from the user's words


SETTINGS = frozenset(
    ("type", "kind", "sort", "show", "format", "algorithm", "by", "unit", "about", "letter_case", "what", "signal",
     "exclude", "contains", "larger_than", "smaller_than", "newer_than", "older_than", "accessed_within",
     "accessed_before", "timeout", "seconds", "follow")
)  # fmt: skip
"""Arguments that choose among what a tool can do, or make what it acts on less."""

DATA = frozenset(("text", "new", "old", "pattern", "prefix", "suffix"))
"""Arguments that are put into things. Where they go has to be the user's word; then what they are may come from it."""

# Texts, not compiled: a start that needs none of them does not pay for them.
_ALL = (
    r"(?<![a-z])(all|everything|every|each|any|whole|them|these|those|contents?|rest|empty|clear)(?![a-z])"
    r"|所有|全部|都|清空|一切|整个|每|它们|这些|那些|里面"
)
_HOME = r"(?<![a-z])home(?![a-z])|家目录|主目录|主文件夹|用户目录|个人文件夹"
_ABOVE = (
    r"(?<![a-z])(parent|(folder|directory|level|one) (above|up)|(go|move|up) (up|one)|back)(?![a-z])|上一?[级层]|父目录"
)
_MACHINE = (
    r"(?<![a-z])(everywhere|root (folder|directory)|file ?system"
    r"|(whole|entire|this|my) (disk|drive|computer|machine|system))(?![a-z])"
    r"|根目录|全盘|整个(系统|硬盘|磁盘)|电脑[上里]|整台"
)
_DISK = r"(?<![a-z])(disk|drive|root|system|machine|computer)(?![a-z])|硬盘|磁盘|系统|电脑|根目录"
_FOLDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "desktop": ("桌面",), "downloads": ("download", "下载"), "documents": ("document", "文档"),
        "pictures": ("picture", "photo", "图片", "照片"), "music": ("song", "音乐", "歌"),
        "videos": ("video", "movie", "视频", "电影"), "trash": ("bin", "回收站", "废纸篓"),
        "tmp": ("temp", "临时"), "log": ("日志",),
    }
)  # fmt: skip
"""What a folder is called besides its own name."""

_DEEDS = (
    (("delete_files",),
     "delet remov eras trash rid rm clean clear wipe discard drop purg empty throw bin unlink destroy "
     "删 移除 清 去掉 扔 丢 抹"),
    (("move_files", "rename_files"),
     "mov mv put renam transfer relocat call nam shift organi sort tidy chang switch 移 搬 改 命名 放 挪 整理 换"),
    (("copy_files",), "cop cp duplicat back clon put 复制 拷 备份 放"),
    (("write_file", "append_file", "create_file", "make_folder", "replace_text"),
     "writ sav creat mak put add append not stor replac chang new touch edit fix set updat insert mkdir "
     "写 存 建 加 添 替 改 编辑 换 放 记"),
    (("link_file",), "link symlink shortcut alias ln 链接 快捷"),
    (("change_mode", "change_owner"),
     "chmod mode permission execut read writ chown own group privat allow mak giv 权限 执行 改 所有 属"),
    (("archive_files",), "zip archiv compress pack tar gz bundl back 压缩 打包 归档 备份"),
    (("extract_archive",), "extract unzip unpack untar decompress uncompress open expand 解压 解包 提取 打开"),
    (("signal_process", "stop_job", "close_app"),
     "kill stop end quit terminat clos paus resum forc hang interrupt shut restart reload exit "
     "杀 停 结束 关 终止 继续 恢复 退出"),
    (("set_priority",), "priorit nic renic 优先"),
    (("undo", "redo"), "undo redo revert restor back again 撤 恢复 重做 还原"),
)  # fmt: skip
DEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {tool: tuple(words.split()) for tools, words in _DEEDS for tool in tools}
)
"""How people ask for what a tool does, as beginnings of words."""

DEEDS_HEARD = 3
"""Requests back in which a deed may have been asked for: "delete the logs", "which ones?", "the old ones"."""

NAMED = 200
"""Values looked at for places that were named; nobody types more."""

_TOKEN = r"[a-z0-9]+|[\u3400-\u9fff\uf900-\ufaff]+|[^\W_a-z0-9]+"
_PLACES = r"[^\s\"'`“”‘’,;()<>!?，。；：！？、（）《》「」\u3400-\u9fff\uf900-\ufaff]+"


class Standing(NamedTuple):
    """How one call stands to the user's words, as `policy.decide` takes it."""

    taint: Taint = Taint.WORDS
    named: frozenset[str] = frozenset()
    """Real paths that the user named: outside the folder the call may look at those."""

    listed: frozenset[str] = frozenset()
    """And at these, which results have listed."""

    unfounded: str = ""
    """The first value of the call that the user's words do not hold; "" when there is none."""

    undone: bool = False
    """The user has not asked for what the tool does."""


NOTHING_HEARD = Standing()


def stand(call: ToolCall, messages: Sequence[Message], place: Place, *, look: bool = True) -> Standing:
    """`look`: also find out which places outside the folder were named; that looks at the disk."""
    heard = hear(messages)
    named = frozenset(_named(call, heard, place)) if look else frozenset[str]()
    return Standing(heard.taint, named, heard.listed, unfounded(call, heard, place), not asked_for(call.name, heard))


def asked_for(tool: str, heard: Heard) -> bool:
    deeds = DEEDS.get(tool)
    recent = "\n".join(heard.requests[-DEEDS_HEARD:]).casefold()
    return deeds is None or _holds_any(recent, deeds, beginnings=True)


def unfounded(call: ToolCall, heard: Heard, place: Place) -> str:
    """The first value that stands neither in the user's words nor, for what exists already, in what was listed."""
    found = [(name, value) for name, value in _values(call.arguments) if name not in SETTINGS]
    where = [value for name, value in found if name not in DATA]
    for value in where:
        if not _is_listed(value, heard, place) and not _in_words(value, heard, place):
            return value
    data = [value for name, value in found if name in DATA]
    if not data or (where and all(_in_words(value, heard, place) for value in where)):
        return ""
    return next((value for value in data if not _in_words(value, heard, place)), "")


def _values(arguments: Mapping[str, JSON]) -> Iterator[tuple[str, str]]:
    for name, value in arguments.items():
        for text in strings(value):
            yield name, text


def strings(value: JSON) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for part in value:
                yield from strings(part)
        case dict():
            for part in value.values():
                yield from strings(part)


def _in_words(value: str, heard: Heard, place: Place) -> bool:
    """As a whole, or all its parts: "*.log" for "the log files", "~/Downloads" for "my downloads folder"."""
    wanted, words = value.strip().casefold(), heard.words
    if wanted in ("", ".", "./", "-"):
        return True
    if wanted.rstrip("/") in ("~", place.home.casefold()):
        return place.cwd == place.home or _speaks_of(_HOME, heard, "~", "~/", place.home)
    if wanted == "/":
        return _speaks_of(_DISK, heard, "/") or _speaks_of(_MACHINE, heard)
    if not wanted.strip("./"):
        return _speaks_of(_ABOVE, heard, wanted)
    if not wanted.strip("*?/."):
        return _speaks_of(_ALL, heard, wanted)
    return _stands_in(wanted, words) or _all_parts_in(_without_start(wanted, place), heard)


def _speaks_of(pattern: str, heard: Heard, *written: str) -> bool:
    return re.search(pattern, heard.prose) is not None or any(one in heard.places for one in written)


def _without_start(wanted: str, place: Place) -> str:
    """Without the folder everybody means anyway."""
    for start in (place.cwd, place.home):
        if wanted.startswith(start.casefold().rstrip("/") + "/"):
            return wanted[len(start) :]
    return wanted


def _stands_in(wanted: str, words: str) -> bool:
    if wanted not in words:
        return False
    before = r"(?<![a-z0-9_./~-])" if wanted[0].isascii() and (wanted[0].isalnum() or wanted[0] in "~/.") else ""
    after = r"(?![a-z0-9_/-])" if wanted[-1].isascii() and wanted[-1].isalnum() else ""
    return re.search(before + re.escape(wanted) + after, words) is not None


def _all_parts_in(wanted: str, heard: Heard) -> bool:
    parts = re.findall(_TOKEN, wanted)
    return bool(parts) and all(_spoken(part, heard) for part in parts)


def _spoken(part: str, heard: Heard) -> bool:
    if not part.isascii():
        return part in heard.words
    forms = {part, f"{part}s", part.removesuffix("s"), part.removesuffix("es"), f"{part.removesuffix('y')}ies"}
    return bool(forms & heard.tokens) or any(_holds_any(heard.words, (name,)) for name in _FOLDERS.get(part, ()))


def _holds_any(words: str, wanted: Iterable[str], *, beginnings: bool = False) -> bool:
    end = "" if beginnings else r"(?:s|es)?(?![a-z0-9])"
    return any(
        re.search(rf"(?<![a-z0-9]){re.escape(one)}{end}", words)
        if one[0].isascii() and one[0].isalnum()
        else one in words
        for one in wanted
    )


def _is_listed(value: str, heard: Heard, place: Place) -> bool:
    return value in heard.listed or absolute(value, place) in heard.listed


def absolute(value: str, place: Place) -> str:
    home = place.home + value[1:] if value == "~" or value.startswith("~/") else value
    return os.path.normpath(os.path.join(place.cwd, home))


# Which places were named


def _named(call: ToolCall, heard: Heard, place: Place) -> Iterator[str]:
    """Real paths: what stands in the words as a path or a folder's name, and values of the call that stand in them."""
    for name, value in islice(_values(call.arguments), NAMED):
        if name in SETTINGS or name in DATA or _is_listed(value, heard, place):
            continue
        if _is_named(value, heard, place):
            yield os.path.realpath(absolute(value, place))
    yield from (os.path.realpath(path) for path in _places(heard, place))
    if _speaks_of(_MACHINE, heard, "/"):
        yield "/"
    if _speaks_of(_ABOVE, heard):
        yield os.path.dirname(os.path.realpath(place.cwd))


def _is_named(value: str, heard: Heard, place: Place) -> bool:
    """A file may be named without its folder, "show the syslog", as long as nobody else had a say in which."""
    last = value.rstrip("/").rpartition("/")[2]
    return _in_words(value, heard, place) or (
        heard.taint < Taint.CONTENT and bool(last.strip("*?.~")) and _in_words(last, heard, place)
    )


def _places(heard: Heard, place: Place) -> Iterator[str]:
    for word in heard.places:
        for path in (absolute(word, place), *(os.path.join(place.home, one) for one in _capitals(word))):
            if (word == ".." or word.rstrip("/") == "~" or word.strip("./~*?")) and os.path.lexists(path):
                yield path
    for folder, names in _FOLDERS.items():
        if _holds_any(heard.words, names):
            yield os.path.join(place.home, folder.capitalize())
    if re.search(_HOME, heard.prose):
        yield place.home


def _capitals(word: str) -> tuple[str, ...]:
    return (word, word.capitalize()) if word and not word.startswith(("/", ".", "~")) else ()
