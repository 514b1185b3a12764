"""What df, free, uname, date, env … mean: things about the machine."""

from __future__ import annotations

import re
from collections.abc import Mapping

from llmos.train.shell.operands import Program
from llmos.train.shell.wishes import Beyond, Meant, Wish


def _about(table: Mapping[str, tuple[str, str]]) -> Program:
    """Programs that show one part of the system: command line → (about, what the sentence has to mention)."""

    def read(arguments: list[str]) -> Meant:
        about, said = table.get(" ".join(arguments), ("", ""))
        if not about:
            raise Beyond("other options")
        return Meant("system_info", {"about": about}, (said,))

    return read


def _date(arguments: list[str]) -> Meant:
    if arguments:
        raise Beyond("a format of its own")
    return Meant("show_date", {}, (r"(?i)\bdate\b|日期",))


def _cal(arguments: list[str]) -> Meant:
    if arguments:
        raise Beyond("cal")
    return Meant("show_date", {"show": "calendar"}, (r"(?i)calendar|日历",))


def _which(arguments: list[str]) -> Meant:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        raise Beyond("which")
    return Meant("which_program", {"name": Wish("program", arguments[0])})


def _environment(arguments: list[str]) -> Meant:
    if len(arguments) == 1 and re.fullmatch(r"\w+", arguments[0]):
        return Meant("show_environment", {"name": Wish("variable", arguments[0])})
    if arguments:
        raise Beyond("env")
    return Meant("show_environment", {}, (r"(?i)environment|环境变量",))


def _echo(arguments: list[str]) -> Meant:
    if len(arguments) != 1 or not (match := re.fullmatch(r"\$\{?([A-Z_]+)\}?", arguments[0])):
        raise Beyond("echo")
    return Meant("show_environment", {"name": Wish("variable", match[1])}, (r"(?i)variable|变量|value|\$",))


def nothing(tool: str, said: str, **arguments: str) -> Program:
    def read(words: list[str]) -> Meant:
        if words:
            raise Beyond(tool)
        return Meant(tool, dict(arguments), (said,))

    return read


def _systemctl(arguments: list[str]) -> Meant:
    states = {"status": ("running", r"(?i)running|正在运行"), "--failed": ("failed", r"(?i)failed|失败")}
    if len(arguments) != 1 or arguments[0] not in states:
        raise Beyond("systemctl")
    state, said = states[arguments[0]]
    return Meant("show_services", {"state": state}, (said, r"(?i)services?|units?|服务|单元"))


_SIZE_SAID = r"(?i)disk|file ?system|space|磁盘|文件系统"


PROGRAMS: dict[str, Program] = {
    "jobs": nothing("list_jobs", r"(?i)\bjobs?\b|作业"),
    "duf": nothing("system_info", _SIZE_SAID, about="disks"),
    "users": nothing("system_info", r"(?i)logged|已登录", about="users"),
    "systemctl": _systemctl,
    "date": _date,
    "cal": _cal,
    "which": _which,
    "printenv": _environment,
    "env": _environment,
    "echo": _echo,
    "whoami": nothing("system_info", r"(?i)\buser|用户", about="user"),
    "hostname": nothing("system_info", r"(?i)\bhost|\bname|主机名", about="host"),
    "uptime": _about({"": ("uptime", r"(?i)uptime|how long|running|up\b|运行"), "-p": ("uptime", r"(?i)up\b|启动的时间长度"), "-s": ("boot_time", r"(?i)booted|启动")}),
    "who": nothing("system_info", r"(?i)logged|用户", about="users"),
    "w": nothing("system_info", r"(?i)logged|用户", about="users"),
    "lscpu": nothing("system_info", r"(?i)cpu", about="cpu"),
    "lsblk": nothing("system_info", r"(?i)device|设备", about="devices"),
    "groups": nothing("system_info", r"(?i)groups?", about="groups"),
    "mount": nothing("system_info", r"(?i)mount|挂载", about="mounts"),
    "df": _about({"": ("disks", _SIZE_SAID), "-h": ("disks", _SIZE_SAID), "-k": ("disks", _SIZE_SAID), "-H": ("disks", _SIZE_SAID)}),
    "free": _about(dict.fromkeys(("", "-h", "-m", "-g", "-k"), ("memory", r"(?i)memory|内存"))),
    "uname": _about({"-r": ("kernel", "(?i)kernel|内核"), "": ("kernel", "(?i)kernel|内核"), "-n": ("host", "(?i)host|node ?name|主机名"), "-o": ("os", "(?i)operating|操作系统")}),
    "ip": _about({"a": ("network", r"(?i)interface|接口"), "addr": ("address", "(?i)address"), "address": ("address", "(?i)address"), "r": ("routes", r"(?i)rout|路由"), "route": ("routes", r"(?i)rout|路由")}),
    "ifconfig": _about({"": ("network", r"(?i)interface|network"), "-a": ("network", r"(?i)interface|network")}),
    "route": _about({"-n": ("routes", "(?i)rout"), "": ("routes", "(?i)rout")}),
    "ulimit": _about({"-a": ("limits", "(?i)limit")}),
    "ss": _about(dict.fromkeys(("-l", "-lt", "-tl", "-tlnp", "-tuln"), ("ports", "(?i)listen"))),
    "netstat": _about({**dict.fromkeys(("-l", "-lt", "-tulpn", "-tulpne"), ("ports", "(?i)listen|监听")), "-rn": ("routes", "(?i)rout|路由"), "-nr": ("routes", "(?i)rout|路由"), "-r": ("routes", "(?i)rout|路由")}),
}  # fmt: skip
