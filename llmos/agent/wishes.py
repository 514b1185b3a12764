"""Requests for words rather than deeds: to write, translate, sum up, explain, chat. The embedded model can do none.

Whether a request can be carried out is the model's to say; this only looks at what has no call.
"""

from __future__ import annotations

import re

_POLITE = r"(?:(?:please|now|ok|okay|hey|can you|could you|would you|will you|i want you to|help me(?: to)?)[, ]+)*"
_WISH = (
    _POLITE + r"(?:"
    r"(?:write|draft|compose|make up|invent|suggest|generate|improve|polish|proofread|edit)\b"
    r"|(?:re)?(?:write|word|phrase)\b|paraphrase\b|summari[sz]e\b|sum up\b|condense\b|translate\b|explain\b|describe\b"
    r"|(?:fix|correct|check) (?:the |my |its )?(?:grammar|spelling|style|wording|english)"
    r"|tell me (?:a|an|about|why|how|what)\b|chat\b|talk\b|let'?s talk|brainstorm\b|what do you think|compare the"
    r"|what (?:does|do) .* (?:mean|do)\b|what(?:'s| is| are) (?!the (?:file|folder|size|time|date|biggest|largest))"
    r"|who (?:was|is|were|wrote|invented)\b|why (?:is|are|do|does|did)\b|how (?:do|does|can|could|should|would) "
    r"|in other words"
    r")"
    r"|(?:请|麻烦|能不能|可以|帮我|给我|你)*(?:写|起草|撰写|翻译|译成|把.*(?:翻译|译成|改写|润色)|总结|概括|摘要|润色|改写|解释"
    r"|讲(?:一?个|讲)|聊|说说|介绍|什么是|为什么|怎么才?能|.*是什么意思|.*什么意思)"
)
_ABOUT_LAST = "(the last command in my shell was:"

HONEST = (
    "I can't do that: the built-in model operates this machine, it does not write, translate or explain. A larger"
    " model can: `llmos model list` shows some, `llmos model use NAME --role strong` adds one."
)
HONEST_CHINESE = (
    "这个我做不到：内置模型只会操作这台电脑，不会写作、翻译或解释。更大的模型可以：`llmos model list` 列出一些，"
    "`llmos model use 名称 --role strong` 添加一个。"
)


def is_wish(request: str) -> bool:
    return re.match(_WISH, request.strip(), re.IGNORECASE) is not None or _ABOUT_LAST in request


def honest(request: str) -> str:
    """What is said to such a request where no model can fulfil it, in its language."""
    return HONEST_CHINESE if re.search("[\u4e00-\u9fff]", request) else HONEST
