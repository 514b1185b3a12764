"""Sizes, durations and moments as people write them, in English and Chinese. Pure; raises ValueError.

Sizes count in powers of 1024, as `ls -h`, `du -h` and `find -size` do.
"""

from __future__ import annotations

import math
import re

_SIZE_UNITS = {
    "": 1, "b": 1, "byte": 1, "bytes": 1, "字节": 1,
    "k": 1 << 10, "kb": 1 << 10, "kib": 1 << 10, "kilobyte": 1 << 10, "kilobytes": 1 << 10, "千字节": 1 << 10,
    "m": 1 << 20, "mb": 1 << 20, "mib": 1 << 20, "meg": 1 << 20, "megs": 1 << 20, "megabyte": 1 << 20,
    "megabytes": 1 << 20, "兆": 1 << 20, "兆字节": 1 << 20,
    "g": 1 << 30, "gb": 1 << 30, "gib": 1 << 30, "gig": 1 << 30, "gigs": 1 << 30, "gigabyte": 1 << 30,
    "gigabytes": 1 << 30, "吉字节": 1 << 30,
    "t": 1 << 40, "tb": 1 << 40, "tib": 1 << 40, "terabyte": 1 << 40, "terabytes": 1 << 40,
}  # fmt: skip

_DURATION_UNITS = {
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1, "秒": 1, "秒钟": 1,
    "min": 60, "mins": 60, "minute": 60, "minutes": 60, "分": 60, "分钟": 60,
    "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600, "小时": 3600, "个小时": 3600, "钟头": 3600,
    "d": 86400, "day": 86400, "days": 86400, "天": 86400, "日": 86400,
    "w": 604800, "wk": 604800, "week": 604800, "weeks": 604800, "周": 604800, "个星期": 604800, "星期": 604800,
    "mo": 2592000, "month": 2592000, "months": 2592000, "月": 2592000, "个月": 2592000,
    "y": 31536000, "yr": 31536000, "year": 31536000, "years": 31536000, "年": 31536000,
}  # fmt: skip

_WORDS = {
    "zero": 0, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000,
    "dozen": 12, "half": 0.5, "couple": 2,
}  # fmt: skip

_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12,
}  # fmt: skip
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")

_CHINESE = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_CHINESE_TENS = {"十": 10, "百": 100, "千": 1000, "万": 10000}


_AROUND = {
    "last", "past", "previous", "this", "the", "today", "yesterday", "few", "of", "and", "or", "-", "+", ".", "%",
    *"最近过去上个本这今昨日天半多几来",
}  # fmt: skip
_QUANTITY_WORDS = (
    {word for word in (*_SIZE_UNITS, *_DURATION_UNITS) if word.isascii()}
    | {c for word in (*_SIZE_UNITS, *_DURATION_UNITS) if not word.isascii() for c in word}
    | _WORDS.keys() | _ORDINALS.keys() | _CHINESE.keys() | _CHINESE_TENS.keys() | _AROUND
)  # fmt: skip


def in_quantity(word: str) -> bool:
    """Whether a word can be part of a number, a size or a length of time: "12th", "ten", "MB", "weeks", "三"."""
    word = word.lower()
    return any(c.isdigit() for c in word) or word in _QUANTITY_WORDS or all(part in _WORDS for part in word.split("-"))


def parse_number(text: str) -> float:
    """A number in digits or words: "1,024", "2.5", "twenty-five", "a hundred", "third", "三十", "第二"."""
    text = text.strip().lower().replace(",", "").removeprefix("第")
    if text in _ORDINALS:
        return float(_ORDINALS[text])
    text = _ORDINAL.sub(r"\1", text)
    if re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        return float(text)
    if text and all(c in _CHINESE or c in _CHINESE_TENS or c == "半" for c in text):
        return _chinese_number(text)
    words = [w for w in re.split(r"[\s-]+", text) if w not in ("and", "of", "")]
    if not words or any(w not in _WORDS for w in words):
        raise ValueError(f"not a number: {text!r}")
    total = current = 0.0
    for word in words:
        value = _WORDS[word]
        if value >= 100:
            current = max(current, 1) * value
            if value == 1000:
                total, current = total + current, 0.0
        elif value in (12, 2) and current == 1 and word in ("dozen", "couple"):
            current = value
        else:
            current += value
    return total + current


def _chinese_number(text: str) -> float:
    if text == "半":
        return 0.5
    total = current = 0.0
    last_unit = 10
    for c in text:
        if c in _CHINESE:
            current = _CHINESE[c]
        elif c in _CHINESE_TENS:
            last_unit = _CHINESE_TENS[c]
            total += (current or 1) * last_unit
            current = 0
    if current and text[-1] in _CHINESE and len(text) > 1 and last_unit > 10 and text[-2] in _CHINESE_TENS:
        current *= last_unit / 10  # 两百五 is 250
    return total + current


def _number_and_unit(text: str, units: dict[str, int]) -> tuple[float, int]:
    text = text.strip().lower()
    for unit in sorted(units, key=len, reverse=True):
        if unit and text.endswith(unit):
            number = text[: -len(unit)].strip().rstrip("-")
            if not number:
                return 1.0, units[unit]
            try:
                return parse_number(number), units[unit]
            except ValueError:
                continue
    if "" in units:
        return parse_number(text), 1
    raise ValueError(f"a unit is missing: {text!r}")


def parse_size(text: str | int | float) -> int:
    """Bytes: 4096, "10 MB", "1.5G", "ten kilobytes", "10兆"."""
    if isinstance(text, int | float):
        if not math.isfinite(text):
            raise ValueError(f"not a size: {text}")
        return int(text)
    try:
        number, unit = _number_and_unit(text, _SIZE_UNITS)
    except ValueError:
        raise ValueError(f"not a size: {text!r} (write it like 10 MB)") from None
    return int(number * unit)


def parse_duration(text: str | int | float) -> float:
    """Seconds: 90, "3 days", "2w", "an hour", "half an hour", "三天", "last week" as one week, "今天" as one day."""
    if isinstance(text, int | float):
        return float(text)
    cleaned = text.strip().lower()
    for word in ("the ", "last ", "past ", "previous ", "this ", "最近", "过去", "上个", "上", "这个", "本", "近"):
        cleaned = cleaned.removeprefix(word)
    if cleaned in ("today", "今天", "今日"):
        return 86400.0
    if cleaned in ("yesterday", "昨天"):
        return 172800.0
    if cleaned in ("half an hour", "半小时", "半个小时"):
        return 1800.0
    if re.fullmatch(r"\d+(\.\d+)?", cleaned):
        return float(cleaned)
    try:
        number, unit = _number_and_unit(cleaned, _DURATION_UNITS)
    except ValueError:
        raise ValueError(f"not a length of time: {text!r} (write it like 3 days)") from None
    return number * unit
