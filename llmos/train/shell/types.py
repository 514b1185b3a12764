"""Whether "files", "directories" or "links" in a sentence make the selection's `type`, as the phrase bank labels it."""

from __future__ import annotations

import re

from llmos.models.embedded.codec import Literal
from llmos.train.shell.sentence import Said, Unsaid

_FILES = re.compile(
    r"(?i)\bfiles?\b(?!\s*(?:system|names?\b|/|and (?:director|folder)|or (?:director|folder)|ext))|文件(?!夹|系统|名)"
)
_REGULAR = re.compile(r"(?i)\b(?:regular|normal|ordinary|plain|simple)(?:/\w+)?,? (?:\S+ )?files?\b|普通文件")
_BOTH = re.compile(
    r"(?i)files?(?:\s*/\s*|,? (?:and|or|as well as|and/or) )(?:sub-?)?(?:director|folder|dir)|(?:director\w+|folders?|dirs?)(?:\s*/\s*| (?:and|or|and/or) )(?:\w+ )?files?|文件和目录|文件或目录"
)
_FOLDER_NOUN = re.compile(
    r"(?i)\b(?:all|any|every|each|the|find|list|show|print|display|count|delete|remove|search|hidden|empty|of|for|only|\d+) (?:(?:the|all|of|hidden|empty|non-hidden|world-writable|sub) )*(?:sub-?)?(?:directories|folders|dirs)\b|(?<!current )(?<!this )\bdirectories (?:named|called|whose|with|that|which|matching|containing|owned|in|under|older|newer|and sub)|directory (?:named|called|whose|matching)"
)
_IN_FOLDERS = re.compile(r"(?i)\b(?:in|under|from|of|within|across|through|its|all) (?:the |all |its |any |their |current )*(?:sub-?)?(?:directories|folders|dirs)\b|and (?:its |all |any |the )*(?:sub-?)(?:directories|folders)|directory tree|recursively|(?:its|all|and|in|any) sub")  # fmt: skip


_OBJECT = re.compile(
    r"(?i)^(?:recursively )?(?:find|search|search for|list|show|display|print|locate|get)(?: out)?(?: for)?(?: all| the| any| every)* (?:sub-?)?(?:directories|folders|dirs)\b(?! tree)"
)


_FOLDERS_MEANT = re.compile(
    r"(?i)\b(?:sub-?)?(?:directories|folders|dirs|direcotries|direcories)\b|\b(?:every|each|any) (?:sub-?)?(?:directory|folder)\b"
    r"|(?<!\bin )(?<!under )(?<!from )(?<!of )(?<!to )\b(?:the|for|find|locate|an?) (?:a |the |any )?(?:empty )?(?:directory|folder|dir) (?!tree|and\b|or\b|list\b)\S|目录|文件夹"
)
_FILES_MEANT = re.compile(r"(?i)\b(?:all|find|list|display|show|any)(?: the| of the| all)* (?:regular |empty )?files\b")


def says_only_files(text: str) -> bool:
    """ "files", and not "files and directories"."""
    return bool(_FILES.search(text)) and not _BOTH.search(text)


_UNFILTERED = {"path", "type", "mode", "user", "group", "to", "depth"}
_BENEATH = re.compile(
    r"(?i)\bfind|\bsearch|\btree|recurs|\bunder|\bbelow|\bbeneath|\bsub-?(?:dir|fold)|\blocat|file ?system|entire|whole"
)


def typed(said: Said, tool: str, arguments: dict[str, object]) -> dict[str, object]:
    """The arguments with `type` as the sentence has it. Raises Unsaid where command and sentence do not fit."""
    everything = set(arguments) <= _UNFILTERED - {"type"}
    if everything and tool in ("delete_files", "copy_files", "move_files"):
        return _whole(said, arguments)
    if everything and tool in ("change_mode", "change_owner"):
        return {**arguments, "recursive": True}
    typed_ = _typed(said, arguments)
    if tool in ("search_text", "count") and typed_.get("type") == "file" and arguments.get("what") != "counted":
        del typed_["type"]
    if tool == "find_files" and set(typed_) <= _UNFILTERED - {"depth"} and not _BENEATH.search(said.text):
        raise Unsaid("whether folders are looked into")
    return typed_


def _whole(said: Said, arguments: dict[str, object]) -> dict[str, object]:
    """All that is in a folder, as the phrase bank labels it."""
    if said.explains(r"(?i)\bfiles?(?: ?/ ?| and | or )(?:director|folder|dir)|\beverything\b"):
        return {**arguments, "name": [[Literal("*")]]}
    return _typed(said, arguments)


def _typed(said: Said, arguments: dict[str, object]) -> dict[str, object]:
    given = arguments.pop("type", None)
    text = said.text
    if given == "folder":
        if not _FOLDERS_MEANT.search(text) or _BOTH.search(text) or _FILES_MEANT.search(text):
            raise Unsaid("folders")
        return {**arguments, "type": "folder"}
    if given == "link":
        if not said.explains(r"(?i)\b(?:sym|soft)?(?:bolic)?[- ]?links?\b|链接"):
            raise Unsaid("links")
        return {**arguments, "type": "link"}
    return _of_files(text, given, arguments)


def _of_files(text: str, given: object, arguments: dict[str, object]) -> dict[str, object]:
    if _BOTH.search(text):
        if given == "file":
            raise Unsaid("files and folders")
        return arguments
    if given is None and _FOLDER_NOUN.search(text) and not _IN_FOLDERS.search(text):
        raise Unsaid("folders")
    if given is None and _OBJECT.search(text):
        raise Unsaid("folders")
    if given is None and "empty" in arguments and not _FILES.search(text):
        return arguments
    files = bool(_FILES.search(text))
    if _REGULAR.search(text):
        if given != "file":
            raise Unsaid("regular files")
        return {**arguments, "type": "file"}
    if {"extension", "kind"} & set(arguments) or not files:
        if given == "file" and not files and not {"extension", "kind", "name"} & set(arguments):
            raise Unsaid("files")
        return arguments
    return {**arguments, "type": "file"}
