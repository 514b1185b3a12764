"""Time zones by the names people use: Asia/Shanghai, tokyo, "New York", 东京; and the calendar of a month.

Reads the zone database only; what time it is comes from the caller.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo, available_timezones

from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both

_ALIASES: Mapping[str, str] = {
    "beijing": "Asia/Shanghai", "shenzhen": "Asia/Shanghai", "guangzhou": "Asia/Shanghai", "china": "Asia/Shanghai",
    "san francisco": "America/Los_Angeles", "seattle": "America/Los_Angeles", "california": "America/Los_Angeles",
    "boston": "America/New_York", "washington": "America/New_York", "miami": "America/New_York",
    "montreal": "America/Toronto", "munich": "Europe/Berlin", "hamburg": "Europe/Berlin", "germany": "Europe/Berlin",
    "france": "Europe/Paris", "italy": "Europe/Rome", "spain": "Europe/Madrid", "england": "Europe/London",
    "india": "Asia/Kolkata", "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "bangalore": "Asia/Kolkata",
    "osaka": "Asia/Tokyo", "korea": "Asia/Seoul", "taiwan": "Asia/Taipei", "hanoi": "Asia/Ho_Chi_Minh",
    "gmt": "UTC", "utc": "UTC", "z": "UTC", "est": "America/New_York", "edt": "America/New_York",
    "eastern": "America/New_York", "cst": "America/Chicago", "central": "America/Chicago", "mst": "America/Denver",
    "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pacific": "America/Los_Angeles",
    "cet": "Europe/Berlin", "bst": "Europe/London", "jst": "Asia/Tokyo", "ist": "Asia/Kolkata",
    "中国": "Asia/Shanghai", "北京": "Asia/Shanghai", "上海": "Asia/Shanghai", "深圳": "Asia/Shanghai",
    "广州": "Asia/Shanghai", "香港": "Asia/Hong_Kong", "澳门": "Asia/Macau", "台北": "Asia/Taipei",
    "台湾": "Asia/Taipei",
    "东京": "Asia/Tokyo", "日本": "Asia/Tokyo", "大阪": "Asia/Tokyo", "首尔": "Asia/Seoul", "韩国": "Asia/Seoul",
    "新加坡": "Asia/Singapore", "曼谷": "Asia/Bangkok", "河内": "Asia/Ho_Chi_Minh", "雅加达": "Asia/Jakarta",
    "马尼拉": "Asia/Manila", "吉隆坡": "Asia/Kuala_Lumpur", "新德里": "Asia/Kolkata", "孟买": "Asia/Kolkata",
    "印度": "Asia/Kolkata", "迪拜": "Asia/Dubai", "伊斯坦布尔": "Europe/Istanbul", "莫斯科": "Europe/Moscow",
    "伦敦": "Europe/London", "英国": "Europe/London", "巴黎": "Europe/Paris", "法国": "Europe/Paris",
    "柏林": "Europe/Berlin", "慕尼黑": "Europe/Berlin", "德国": "Europe/Berlin", "马德里": "Europe/Madrid",
    "罗马": "Europe/Rome", "米兰": "Europe/Rome", "阿姆斯特丹": "Europe/Amsterdam", "苏黎世": "Europe/Zurich",
    "维也纳": "Europe/Vienna", "斯德哥尔摩": "Europe/Stockholm", "开罗": "Africa/Cairo", "悉尼": "Australia/Sydney",
    "墨尔本": "Australia/Melbourne", "奥克兰": "Pacific/Auckland", "纽约": "America/New_York",
    "华盛顿": "America/New_York", "波士顿": "America/New_York", "芝加哥": "America/Chicago",
    "洛杉矶": "America/Los_Angeles", "旧金山": "America/Los_Angeles", "西雅图": "America/Los_Angeles",
    "温哥华": "America/Vancouver", "多伦多": "America/Toronto", "圣保罗": "America/Sao_Paulo",
}  # fmt: skip


def find_zone(name: str) -> ZoneInfo:
    """By its full name, the city at the end of it, or a common name; ToolError with near ones otherwise."""
    wanted = _plain(name)
    zones = {zone.lower(): zone for zone in sorted(available_timezones())}
    offset = _fixed_offset(name)
    found = zones.get(wanted.replace(" ", "_")) or _ALIASES.get(wanted) or _by_city(zones, wanted) or offset
    if found is None:
        raise ToolError(
            both("There is no time zone '{name}'{suggestion}.").format(
                name=clean_name(name), suggestion=_suggestion(zones, wanted)
            )
        )
    return ZoneInfo(found)


def _plain(name: str) -> str:
    words = re.sub(r"\s+(time|timezone|time zone)$|(时间|时区|市)$", "", name.strip().lower())
    return words.replace("_", " ").strip()


def _by_city(zones: Mapping[str, str], wanted: str) -> str | None:
    city = wanted.replace(" ", "_")
    return next((zone for lower, zone in zones.items() if lower.rpartition("/")[2] == city), None)


def _fixed_offset(name: str) -> str | None:
    """UTC+8 and GMT-5; the database counts these west of Greenwich, so the sign turns round."""
    match = re.fullmatch(r"(?:utc|gmt)\s*([+-])\s*0?(\d{1,2})(?::?00)?", name.strip().lower())
    if match is None:
        return None
    zone = f"Etc/GMT{'-' if match[1] == '+' else '+'}{match[2]}"
    return zone if zone in available_timezones() else None


def _suggestion(zones: Mapping[str, str], wanted: str) -> str:
    cities = {zone.rpartition("/")[2]: full for zone, full in zones.items()}
    near = [cities[city] for city in difflib.get_close_matches(wanted.replace(" ", "_"), list(cities), n=3, cutoff=0.6)]
    return f"; near it: {', '.join(near)}" if near else "; write it like Asia/Shanghai or Europe/Paris"
