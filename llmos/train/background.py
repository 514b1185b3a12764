"""Sentences and clauses that say nothing about what to do, in which people wrap their requests.

Made from small parts, so that the model learns their shape rather than the sentences. Where they go is `surface`'s business.
"""

from __future__ import annotations

import random
import re


def _either(text: str) -> list[str]:
    return text.split("|")


_PARTS: dict[str, list[str]] = {
    "THING": _either("report|annual report|budget|project|draft|new release|migration|thesis|paperwork|inventory|audit|presentation|customer list|photo collection|old laptop|website|quarterly review|tax return|research|survey|course|contract|newsletter|house move|backup plan|server|data set|experiment|documentation|meeting minutes|archive|proposal"),
    "WHO": _either("my boss|the team|a colleague|our client|the professor|my sister|the new intern|accounting|the auditor|Maria|everyone"),
    "WHEN": _either("today|this morning|since yesterday|all week|before the weekend|by Friday|tonight|at the moment|for months|as soon as possible|after lunch"),
    "DID": _either("going through|working on|tidying up|preparing|reviewing|thinking about|postponing|putting together|catching up on|sorting out"),
    "ADJ": _either("important|messy|overdue|confusing|urgent|long|complicated|confidential|interesting|outdated|incomplete|cluttered"),
    "DO": _either("check|discuss|present|compare|finish|share|understand|look over|sign off|improve|verify|summarise"),
    "ADV": _either("quickly|carefully|finally|properly|really|eventually|thoroughly|simply"),
}  # fmt: skip

_BEFORE = [
    "I've been DID the THING WHEN.", "I have been DID our THING and lost the overview.", "WHO asked me about the THING.",
    "WHO wants to DO the THING WHEN.", "WHO needs the THING WHEN, so I must hurry.", "It's late and I'm DID the THING.",
    "We just started DID the THING.", "The THING is ADJ.", "The THING looks rather ADJ to me.", "There is something about the THING that worries me.",
    "I've noticed that the THING is ADJ.", "Our THING has become ADJ WHEN.", "I want to ADV DO the THING.", "We need to DO the THING WHEN.",
    "Hi, I am DID the THING.", "It has been a long day with the THING.", "I seem to have misplaced part of the THING.",
    "As part of the THING,", "To DO the THING,", "In order to ADV DO the THING,", "Before WHO can DO the THING,", "While DID the THING,",
    "Since the THING is ADJ,", "For the THING,", "Now that the THING is done,", "Once more for the THING:", "Regarding the THING:",
    "While we're at it,", "If it isn't too much trouble,", "Considering that the THING is ADJ,", "Next, for WHO,", "To conclude,", "Subsequently,", "Moving on,",
]  # fmt: skip
_AFTER = [
    ", so that WHO can DO it", ", so we can DO the THING WHEN", ", making sure nothing is overlooked", ", without missing anything",
    ", please, it is ADJ", ", as WHO suggested", ", which will help with the THING", " for the THING", " because WHO wants to DO the THING",
    " before WHO arrives", " so I can ADV DO it", ", ensuring that everything is in order", ", as it is ADJ", " to help WHO DO the THING",
    ". I'd like to ADV DO it afterwards.", ". WHO will DO it WHEN.", ". It is for the THING.", ". That would help WHO a lot.",
    ". The THING is ADJ, so be thorough.", ". I want to DO the THING WHEN.", ". It should be just what WHO needs.", ". Thank you, WHO will be glad.",
]  # fmt: skip
_ADVERBS = ["Directly", "Carefully", "Kindly", "Please", "Promptly", "Simply", "Could you", "I need you to", "I'd like you to", "Might you", "Would you", "Let's", "Go ahead and", "Be so kind as to", "Your task: "]  # fmt: skip

_PARTS_ZH: dict[str, list[str]] = {
    "事": "报告|预算|项目|论文|合同|网站|照片|课程作业|年终总结|数据|会议材料|旧电脑|服务器|实验|方案|客户资料".split(
        "|"
    ),
    "谁": _either("老板|同事|客户|老师|我妹妹|财务|新来的实习生|大家|小王|导师"),
    "时": _either("今天|明天|这周|下周一之前|现在|今晚|开会前|从昨天起"),
    "做": _either("整理|检查|准备|讨论|修改|核对|完成|提交|看一遍|总结"),
    "样": _either("很乱|很急|有点旧了|很重要|不太完整|挺复杂"),
}
_BEFORE_ZH = [
    "我时在做事，",
    "谁让我时做事，",
    "事样，",
    "谁要做事，",
    "为了做事，",
    "因为事样，",
    "最近一直在做事。",
    "事终于弄完了。",
    "谁问起事了。",
    "做事之前，",
    "接下来要做事，",
    "时要用到事，",
    "我想做一下事：",
]
_AFTER_ZH = [
    "，谁时要用",
    "，方便做事",
    "，好让谁做事",
    "，不要漏掉什么",
    "，事样",
    "，做事用的",
    "。谁等着要。",
    "。这样方便做事。",
    "，因为谁要做事",
]


def before(r: random.Random, language: str) -> str:
    """A sentence or clause to stand before a request, with the space after it."""
    if language == "zh":
        return _fill(r, r.choice(_BEFORE_ZH), _PARTS_ZH)
    return _sentence(_fill(r, r.choice(_BEFORE), _PARTS)) + " "


def after(r: random.Random, language: str) -> str:
    """A clause or sentence to stand after a request that has no full stop."""
    if language == "zh":
        return _fill(r, r.choice(_AFTER_ZH), _PARTS_ZH)
    return re.sub(r"(\. )([a-z])", lambda m: m[1] + m[2].upper(), _fill(r, r.choice(_AFTER), _PARTS))


def opening(r: random.Random) -> str:
    """An adverb or a polite opening before an imperative, English only."""
    return r.choice(_ADVERBS) + " "


def _fill(r: random.Random, text: str, parts: dict[str, list[str]]) -> str:
    for name, choices in parts.items():
        while name in text:
            text = text.replace(name, r.choice(choices).strip(), 1)
    return text


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
