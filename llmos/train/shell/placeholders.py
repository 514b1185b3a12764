"""Puts names where a manual has placeholders: "{{path/to/file}}" in the command, "a file" in the sentence.

Only where the sentence has a noun for each placeholder; what then does not fit together gives no label later on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_OPTION = re.compile(r"\{\{\[?(-[^|\]}\s]*)[|][^}]*?\]?\}\}")
_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")
_SORTS = (
    ("number", r"n|count|number|lines|num|数目|数字|行数|n行|\d+"),
    ("port", r"port|端口"), ("pid", r"process_?id|pid|进程_?id"), ("process", r"process_?name|name|进程名称?|进程或命令的名称"),
    ("user", r"user(?:_?name)?|用户名?|new_user"), ("group", r"group|用户组|group_name"), ("pattern", r"search_?pattern|search_string|pattern|string|模式|字符串|搜索模式|模式字符串|小明|exact_string"),
    ("folders", r"(?:path/to/|路径/到/)?(?:directory|目录)1.*"), ("files", r"(?:path/to/|路径/到/)?(?:\w*file|文件|archive|压缩文件)\w*?1.*"),
    ("archive", r"(?:path/to/|路径/到/)?(?:.*archive.*|.*compressed.*|压缩文件|.*\.(?:zip|tar|gz|tgz|bz2|xz|zst)\b.*|源文件\.tar.*)"),
    ("folder", r"(?:path/to/|路径/到/)(?:\w*director(?:y|ies)|target|destination|目录|输出目录|目标_?目录|文件夹)/?"),
    ("file", r"/?(?:path/to/|路径/到/)?(?:file|文件|新文件|file_or_directory|文件或目录|symlink|source|\w*_?file)(?:\.\w+)?"),
    ("program", r"executable|program|command|可执行文件|程序|命令"), ("variable", r"variable|HOME|变量"),
)  # fmt: skip
_NAMES = {
    "number": ["12"], "port": ["8080"], "pid": ["4312"], "process": ["nginx"], "user": ["carol"], "group": ["staff"],
    "pattern": ["timeout"], "folders": ["photos", "music"], "files": ["notes.txt", "draft.md"], "archive": ["backup.tar.gz"],
    "folder": ["projects"], "file": ["report.txt"], "program": ["python3"], "variable": ["HOME"],
    "link": ["shortcut"],
}  # fmt: skip
_SPARE = {"file": "summary.txt", "folder": "archive2023", "archive": "photos.zip", "number": "30"}

_A = r"(?:\b(?:an?|the|one|this|that|some|any|each)\b )?(?:\b(?:specific|specified|given|single|certain|particular|text|existing|compressed|new|empty|target)\b )*"
_NOUNS = {
    "number": ((r"\bfirst few\b", "first {}"), (r"\blast few\b", "last {}"), (r"前几", "前 {} "), (r"最后几", "最后 {} "), (r"(?<![a-z])[nN](?= ?(?:lines|行|bytes|字节))", "{}"), (r"'(?:count|num|n)'(?= )", "{}")),
    "port": ((r"(?:a |the )?(?:given |specific |local )*(?:internet )?port\b", "port {}"), (r"(?:本地互联网)?端口", "端口 {} ")),
    "pid": ((_A + r"process(?: by its PID)?(?:,? given its PID| using its PID)?\b", "process {}"), (r"(?:特定|指定)?进程", "进程 {} ")),
    "process": ((r"processes (?:which match|that match|matching|with (?:a |the )?(?:given|matching) name).*?(?=$|,| and)", "processes named {}"), (r"process names?\b", "process {}"), (r"(?:匹配的|指定名称的)进程", "名为 {} 的进程")),
    "user": ((r"(?:a |the )?(?:specific|specified|given|certain|particular) user\b", "{}"), (r"(?:给定|特定|指定)?用户(?!组|名)", "用户 {} ")),
    "group": ((r"(?:a |the )?(?:specific|specified|given) group\b", "{}"), (r"所属组|用户组", "用户组 {} ")),
    "pattern": ((_A + r"(?:exact |search )*(?:pattern|string)\b", "{}"), (r"(?:匹配)?模式(?:的内容)?|字符串", "“{}”")),
    "folders": ((_A + r"director(?:ies|y\(ies\)|y/directories)\b", "the directories {} and {}"), (r"(?:特定|指定|多个)?(?:的)?目录", "目录 {} 和 {} ")),
    "files": ((_A + r"(?:one or more )?(?:file\(s\)|files)(?:/directories| or directories)?\b(?! system)", "{} and {}"), (r"(?:一个或多个|指定的?|特定的?|多个|创建指定的)?文件(?!夹|名|系统)", " {} 和 {} ")),
    "archive": ((_A + r"(?:tar |zip |gzip )?(?:archive|compressed file|file)s?\b(?: files?\b)?(?:\(s\))?", "{}"), (r"(?:指定的?|特定的?)?(?:（压缩的）)?(?:存档文件|压缩包|存档|归档文件|压缩文件| ?tar 文件|文件)(?!夹|名)", " {} ")),
    "folder": ((_A + r"(?:directory|folder|location|path)\b(?!/)", "{}"), (r"(?:指定的?|特定的?|给定的?|目标)?(?:目录|文件夹|位置)", " {} ")),
    "file": ((_A + r"(?:file(?: or directory|/directory)?|symbolic link|source)\b(?! system)", "{}"), (r"(?:指定的?|特定的?|给定的?|一个)?文件(?:或目录)?(?!夹|名|系统)", " {} ")),
    "program": ((_A + r"(?:executable|program|command)\b", "{}"), (r"可执行文件|程序|命令", " {} ")),
    "variable": ((_A + r"(?:environment )?variable\b", "{} variable"), (r"特定变量", "变量 {} ")),
}  # fmt: skip


_WITH_NOUN = {"file": ("the file {}", "文件 {} "), "folder": ("the directory {}", "目录 {} ")}
_ODD = re.compile(
    r"(?i)(?:\b(?:multiple|several|nested|specific|output|another|all|every|xz|zip|gzip|bitcode|standard|both|other|an?|stdin|opened by)|\)|一个|所有|gzip|创建|守护进程|新的?|压缩) ?"
    rf"(?:the directory |the file )?(?:{'|'.join(re.escape(name) for names in _NAMES.values() for name in names if len(name) > 3)})"
    r"|a file or|or regex|percentage|百分比|stdin|标准输入"
)


def concrete(description: str, command: str) -> Iterator[tuple[str, str]]:
    """Sentence and command with the same names in both; nothing where a placeholder has no noun."""
    if "{{" not in command:
        yield description, command
        return
    command = _OPTION.sub(r"\1", command)
    text = re.sub(r"\[(\w)\]", r"\1", re.sub(r"［\w］", "", description)).replace("`", "")
    for noun in (False, True):
        made = _filled(text, command, noun)
        if made is not None and not _ODD.search(made[0]) and "summary.txt report.txt" not in made[0]:
            yield made


def _filled(text: str, command: str, noun: bool) -> tuple[str, str] | None:
    used: set[str] = set()
    for match in list(_PLACEHOLDER.finditer(command)):
        sort = next((name for name, pattern in _SORTS if re.fullmatch(f"(?i){pattern}", match[1])), "")
        if not sort or ("archive" in used and sort in ("file", "files") and not text.isascii()):
            return None
        names = [_SPARE.get(sort, "")] if sort in used else _NAMES[sort]
        used.add(sort)
        replaced = _named(text, sort, names, noun)
        if replaced is None or not names[0]:
            return None
        text = replaced
        command = command.replace(match[0], " ".join(names), 1)
    return re.sub(r"  +", " ", text).strip(), command


def _named(text: str, sort: str, names: list[str], noun: bool) -> str | None:
    if names[0] in text:
        return text
    for number, (pattern, shape) in enumerate(_NOUNS[sort]):
        match = re.search(pattern, text)
        if match is not None:
            form = _WITH_NOUN[sort][number] if noun and sort in _WITH_NOUN else shape
            return text[: match.start()] + form.format(*names).replace("\\0", match[0]) + text[match.end() :]
    return _appended(text, sort, names[0])


def _appended(text: str, sort: str, name: str) -> str | None:
    """The owner, whom manuals leave out."""
    if sort == "user" and re.search(r"(?i)change the owner of", text):
        return f"{text} to {name}"
    if sort == "user" and "所有者" in text and "组" not in text:
        return f"{text.replace('修改', '将', 1)}改为 {name}"
    return None
