"""Whether a sentence says something that the call leaves out, or the call does something that the sentence does not say.

Purely lexical, and strict: a label that is wrong costs more than a line that is not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from llmos.train.shell.pointing import Said

_SALIENT = re.compile(r"[\d/*$~\\@=%^_<>|&#]|\w\.\w|\.\w|[a-z][A-Z]")
_ALLOWED = re.compile(
    r"(?i)(?:files?|dirs?|director(?:y|ies)|folders?|sub-?\w+|regular|normal|and|or|links?|paths?|names?)(?:/(?:files?|dirs?|director(?:y|ies)|folders?|sub-?\w+|or|normal|regular|paths?|names?))+"
    r"|\./?|e\.g|i\.e|md5|sha1|sha256|sha512|gzip|bzip2|s|etc"
)
_QUOTED = re.compile(r"""(?<!\w)(['"`“])([^'"`”]+)(['"`”])(?!\w)""")
_FOLDER_NAME = re.compile(
    r"(?i)\b(?:the|an?|your|our|my|this|user's|users|system|temp|tmp|home|root|parent|sub|main|project|log|source|web\w*|download\w*|target|destination|certain|given|specific|particular|specified|named?|[a-z]+) (?:director(?:y|ies)|folders?|dir)\b"
)
_PLAIN_FOLDER = re.compile(
    r"(?i)(?:c\w*r\w*nt|current|this|the|present|working|and|or|all|files?|any|every|each|hidden|empty|of|in|under|from|its|their|single|a|their|non-empty|regular|find|search|list|delete|remove|show|print|display|count|sub|symbolic|top|level|local|whole|entire|same|for|to|only|all|both|normal|unique|non|other|respective|named?|change|make|create|your|my|these|those|existing|new|specified|recursively|permissions?|own\w*|world-writable|writable|executable|is|not|excluding|pwd|containing|within|inside) \w+"
)

_SAYS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (pattern, frozenset(names.split()))
    for pattern, names in (
        (r"\bsizes?\b|\bbytes?\b|\b[kmg]b\b|larg|\bsmall|\bbig|\bempty\b|\bzero\b|空(?!格)|大小|最大", "larger_than smaller_than sort empty details each tool:disk_usage what"),
        (r"\bnewer|\bolder|\brecent|\bago\b|\bhours?\b|\bminutes?\b|\bdays?\b|\bweeks?\b|\bmonths?\b|\btoday\b|\byesterday\b|\byears?\b|\bmodified\b|\baccess(?:ed|ing)|\bchanged\b|\bcreated\b|\btime\b|\bdates?\b|\blatest\b|\boldest\b|\bnewest|时间", "newer_than older_than accessed_within accessed_before sort details show=details tool:show_date tool:system_info seconds tool:calendar tool:create_file"),
        (r"\bpermissions?\b|\bexecutable\b|\bwrit(?:e?able|ten)\b|\breadable\b|\bsuid|\bset-?[ug]id|\bsgid|\bmode\b|\brwx|\bsticky|权限", "permission mode details show=details"),
        (r"\bown(?:s|ed|er|ers|ership|ing)?\b|\bgroups?\b|\bbelong|\busers?\b", "owner user group details show=details tool:system_info tool:list_processes permission mode"),
        (r"\bnot\b|n't\b|\bexcept|\bexclud|\bother than|\bignor|\bwithout\b|\bbut\b|\bunless|\bnon\b|\bomit|\bskip|\bavoid|\bneither|\bother\b|\bno\b", "exclude invert depth ignore_case show=files_without show=names show=same unique older_than accessed_before larger_than smaller_than mode"),
        (r"\blevels?\b|\bdepth|\bdeep|non-?recurs|\bdirectly\b|\bimmediate|不递归", "depth"),
        (r"\bcase\b|大小写", "ignore_case fold"),
        (r"\bsort|\border\b|\balphabet|排序|\branked|\bdescend(?!ing into)|\bascend", "sort tool:sort_lines reverse count"),
        (r"\bcount(?:s|ing)?\b|\bnumbers? of\b|\bhow many|数量|多少", "tool:count show=count count show=occurrences limit line_numbers"),
        (r"\bsav(?:e|es|ing)\b|\bredirect|\bstor(?:e|es|ing)\b|\boutput to\b|\bappend|\blog(?:s|ging)? (?:to|into)|\bwrit(?:e|es|ing) (?:to|the|out|it|them|all)|\binto (?:a )?(?:file|variable)|\bvariable|\bassign(?!\w* permission)|保存", "tool:append_file tool:write_file to tool:show_environment"),
        (r"\bsym(?:bolic)?[- ]?links?\b|\blinks?\b|链接", "type=link tool:link_file"),
        (r"\bhidden\b|\bdot ?files|隐藏", "hidden"),
        (r"\bfirst\b|\btop\b|\btail\b|\bhead\b", "limit first last depth end sort"),
        (r"\buniq(?:ue)?\b|\bduplicat|\bdistinct|\brepeat", "unique tool:unique_lines tool:find_duplicates"),
        (r"\bnull\b|\bnul\b|\bseparat|\bdelimit|\btabs?\b|\bcommas?\b|\bcolons?\b|\bnewlines?\b|\bspaces?\b|\bprefix|\bsuffix|\bformat", "delimiter name format tool:disk_usage tool:system_info exclude"),
        (r"\bregexp?\b|\bregular expression|正则", "regex"),
        (r"\bline numbers?|行号", "line_numbers"),
        (r"\beach\b|\bfor every\b|\bper\b", "each tool:find_files tool:change_mode tool:change_owner tool:checksum tool:search_text tool:delete_files tool:archive_files tool:read_file tool:replace_text tool:copy_files tool:move_files count tool:list_folder tool:create_file"),
        (r"\bfull path|\babsolute|\brelative\b|\bbase ?names?|\bbackup copy|\bbackground|\bparallel|\bremote|\bhost\b|\bssh\b|\bsession|\bscreen\b", "show=names tool:find_files name"),
        (r"\bbroken\b|\bdangling\b|\bpage ?wise|\bone by one|\bline by line|\brandom|\bfollow", "tool:read_file follow"),
        (r"\bpreserv|\bhard[- ]link|\binode|\bdevice|\bmount|\bfile system\b|\bfilesystem|\bnfs\b|\bstderr|\berrors?\b|\bscript\b|\bclipboard", "path hard tool:system_info pattern name extension"),
        (r"\bconsecutive|\bodd\b|\beven\b|\bevery (?:other|second|third)|\bbetween\b|\bexact(?:ly)?\b|\bif\b|\bunderscore|\bcapital|\bupper|\blower", "whole_word ignore_case newer_than larger_than older_than exclude letter_case"),
    )
)  # fmt: skip

_VERBS = {
    "delete_files": r"delet|remov|\brm\b|clean|purge|unlink|eras|\bwipe|get rid|删|移除|discard|clear",
    "copy_files": r"cop(?:y|ies)|\bcp\b|duplicate|复制|拷贝",
    "move_files": r"mov|\bmv\b|renam|移动|重命名|relocat|put ",
    "change_mode": r"permission|chmod|\bmode\b|executable|writable|readable|授予|权限|\bset\b|writ|grant|access|execut|read",
    "change_owner": r"own|group|chown|chgrp|所有者|属组|用户组",
    "search_text": r"search|grep|contain|look|match|find|lines?|occur|\bin\b|查找|搜索|匹配|包含|mention|print|display|show",
    "count": r"count|number|how many|total|amount|计|统计|数|size|\blines\b",
    "archive_files": r"archiv|tar\b|tarball|compress|zip|pack|存档|压缩|打包",
    "replace_text": r"replac|substitut|chang|替换|convert|renam|sed\b",
    "checksum": r"md5|sha|checksum|hash|校验|digest",
    "make_folder": r"mak|creat|mkdir|创建|new",
    "create_file": r"creat|touch|make|updat|set|chang|empty|创建",
    "link_file": r"link|链接",
    "rename_files": r"renam|mv|mov|重命名",
    "kill": r"kill|terminat|stop|end|signal|终止|杀",
}
_OTHERS = {
    "delete_files": r"\bdelet|\bremov(?:e|es|ing)\b|\brm\b|删除",
    "copy_files": r"\bcop(?:y|ies|ying)\b|复制",
    "move_files": r"\bmov(?:e|es|ing)\b",
    "archive_files": r"\bcompress(?:es|ing)?\b|\barchiv(?:e|es|ing)\b|\bzips?\b|\btar\b|压缩",
    "replace_text": r"\breplac(?:e|es|ing)\b|\bsubstitut",
    "change_mode": r"\bchmod|\bchang\w* (?:the )?permission|\bset\w* (?:the )?permission",
    "change_owner": r"\bchown|\bchang\w* (?:the )?(?:owner|group)",
    "search_text": r"\bgrep\b|\bcontaining (?:the )?(?:string|word|text|line)",
    "checksum": r"\bmd5|\bchecksum",
    "rename": r"\brenam",
    "execute": r"\bexecut(?:e|es|ing)\b|\brun(?:s|ning)? (?!process)|\bopen |\bedit\b|\bvim?\b|\bprocess(?:es|ing)? (?:each|all|every|the)|\becho",
    "download": r"\bdownload(?!s\b)|\bupload|\brsync|\bscp\b|\bsynchroni|\bmerge|\bconvert|\bextract|\bsplit|\bjoin",
}


_IDLE = (
    r"(?i),? ?\(?\s*print0 is used.*",
    r"(?i),? ?(?:with|using|separated by|delimited by|terminated (?:with|by)) (?:an? |the )?(?:ascii )?(?:null|nul|zero)(?: characters?| bytes?)?(?: as (?:the |a )?delimiter| delimiters?)?(?: for output)?",
    r"(?i)human[- ]readable(?: (?:format|form|sizes?))?",
    r"\((?:\d{3}|[-rwx]{9}|read[^)]*)\)",
    r"(?i)(?:while |and )?suppress\w* (?:the )?error messages|suppress\w* errors|\bin one batch\b|one at a time",
    r"(?i)\(not (?:the )?paths\)|\(recursively\)",
)
_CONFIRMED = r"(?i),? ?(?:without|with|after|by) (?:any )?(?:prompt|confirm|ask|user)\w*(?: the)?(?: users?)?(?:'?s)?(?: for)?(?: (?:confirmation|permission|approval))?(?: (?:before|on|for) (?:each|every) (?:deletion|file|removal|one))?|,? ?(?:and )?(?:prompt|ask)\w* (?:the )?(?:user )?(?:for (?:confirmation|permission) )?(?:before|on|for) (?:each|every|delet|remov)\w*(?: \w+)?"
_NEEDED = {
    "larger_than": r"larg|big|great|more|over\b|exceed|above|at least|>|超过|大于",
    "smaller_than": r"small|less|under|below|fewer|<|at most|小于|up to",
    "accessed_within": r"access|\bread\b|open|used|访问", "accessed_before": r"access|\bread\b|open|used|访问",
    "newer_than": r"(?<!access)(?<!open)ed\b(?<!accessed)|creat|chang|new|recent|written|修改", "older_than": r"(?<!accessed) (?!.*\baccess)",
    "invert": r"\bnot\b|n't|exclud|except|without|invert|other|omit|filter|remov|ignor|不",
}  # fmt: skip
_FILES_WITH = r"file ?names?|names? of|path|\bfiles?\b.{0,80}(?:contain|match|hav|with|includ|that|which|mention)|which|\blist|matched|文件"
_CHANGING = {"delete_files", "copy_files", "move_files", "change_mode", "change_owner"}


def wants_files(text: str) -> bool:
    """ "Find the files that contain": their names, not their lines."""
    asked = re.search(
        r"(?i)^(?:recursively )?(?:find|finds|list|locate|search for)\b(?! (?:the |all )?(?:lines|occurrences|string|text|word|pattern)).{0,60}\bfiles?\b.{0,90}\b(?:contain|having|mention|that have|with the (?:text|string|word))",
        text,
    )
    return bool(asked) and not re.search(
        r"(?i)\blines?\b|\band (?:print|display|show|search|grep)|occurrence|each match", text
    )


def _done_as_said(text: str, arguments: Mapping[str, object]) -> bool:
    """Larger is not smaller, accessed not modified, with not without."""
    shows = {"files": _FILES_WITH, "files_without": r"\bnot\b|n't|without|unmatch|lack"}
    needed = [pattern for name, pattern in _NEEDED.items() if name in arguments]
    return all(re.search(pattern, text) for pattern in [*needed, shows.get(str(arguments.get("show")), "")])


def complete(said: Said, tool: str, arguments: Mapping[str, object], extra: Iterable[str] = ()) -> bool:
    """True when call and sentence say the same, as far as can be seen."""
    has = {*arguments, *extra, f"tool:{tool}", *(f"{k}={v}" for k, v in arguments.items() if isinstance(v, str))}
    if arguments.get("show") == "details" or "details" in arguments:
        has.add("details")
    if not _done_as_said(said.text.lower(), arguments):
        return False
    for pattern in (*_IDLE, *([_CONFIRMED] if tool in _CHANGING else [])):
        said.ignores(pattern)
    if "empty" in arguments:
        said.ignores(r"(?i)\b0[- ]?(?:bytes?|byte-sized)?\b")
    text = _without_used(said)
    lowered = text.lower()
    if tool in _VERBS and not re.search(_VERBS[tool], said.text.lower()):
        return False
    if any(re.search(pattern, lowered) for other, pattern in _OTHERS.items() if not _same(other, tool)):
        return False
    if any(re.search(pattern, lowered) and not (has & names) for pattern, names in _SAYS):
        return False
    return not _salient(text) and not _other_folder(text, arguments)


def _same(other: str, tool: str) -> bool:
    return (
        other == tool
        or (other == "rename" and tool in ("move_files", "rename_files"))
        or (other == "search_text" and tool in ("count",))
        or (other == "download" and tool in ("extract_archive",))
        or (other == "archive_files" and tool in ("extract_archive", "list_archive"))
    )


def _without_used(said: Said) -> str:
    """The sentence with what was pointed at or explained blotted out."""
    letters = list(said.text)
    for start, end, _ in said.spans:
        letters[start:end] = "\u2423" * (end - start)
    for start, end in said.ignored:
        letters[start:end] = " " * (end - start)
    for start, end in said.explained:
        letters[start:end] = [c if c.isalpha() else " " for c in letters[start:end]]
    return "".join(letters)


def _salient(text: str) -> bool:
    """A number, path, glob or quotation that no argument took."""
    if any("\u2423" not in match.group(2) for match in _QUOTED.finditer(text)):
        return True
    words = re.findall(r"[^\s,;:()\"'`“”!?]+", text)
    return any(
        _SALIENT.search(w.rstrip(".")) and not _ALLOWED.fullmatch(w.rstrip(".")) for w in words if "\u2423" not in w
    )


def _other_folder(text: str, arguments: Mapping[str, object]) -> bool:
    """ "in the foo directory" while the call has no path."""
    if "path" in arguments or "to" in arguments:
        return False
    return any(not _PLAIN_FOLDER.fullmatch(match.group()) for match in _FOLDER_NAME.finditer(text))
