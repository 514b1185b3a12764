"""The machine in facts: processor, memory, disks, network, users, limits; each a table or one line of text.

Dates, environment and services are system tools of their own; containers may lack any part of /proc and /sys.
"""

from __future__ import annotations

import grp
import ipaddress
import os
import platform
import pwd
import re
import resource
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

import psutil

from llmos.adapters.processes import connections, is_listener, readable
from llmos.adapters.terminal import clean, clean_name
from llmos.errors import ToolError
from llmos.translation import both
from llmos.values.display import format_duration, format_time
from llmos.values.plain import exact
from llmos.values.table import Cell, Column, Table, Unit

Fact = Table | str

_PSEUDO = {
    "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devfs", "devpts", "devtmpfs",
    "efivarfs", "fusectl", "hugetlbfs", "mqueue", "nsfs", "proc", "pstore", "ramfs", "securityfs",
    "squashfs", "sysfs", "tracefs",
}  # fmt: skip
"""File systems that hold nothing of the user's."""

BYTES, PERCENT, TIME = Unit.BYTES, Unit.PERCENT, Unit.TIME


Row = tuple[Cell, ...]


def _table(*columns: str | tuple[str, Unit], rows: Iterator[Row] | list[Row], key: int | None = None) -> Table:
    """In a pipe there are no heads: numbers are named there, but for the first `key` columns; None names nothing."""
    heads = tuple(Column(column) if isinstance(column, str) else Column(*column) for column in columns)
    return Table(heads, tuple(rows), None if key is None else _named(heads, key))


def _named(heads: Sequence[Column], key: int) -> Callable[[Row], str]:
    """One fact a line, or with a key all facts about it in one line."""
    between, after_name = ("\t", " ") if key else ("\n", "\t")

    def row(cells: Row) -> str:
        told = [(head, cell) for head, cell in zip(heads, cells, strict=True) if cell not in (None, "")]
        named = (f"{head.name}{after_name}{exact(cell, head.unit)}" for head, cell in told if head not in heads[:key])
        return between.join([*(exact(cell) for cell in cells[:key]), *named])

    return row


def _lines(path: str) -> list[str]:
    """The lines of a file of the system's, none where it is missing."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return clean(file.read()).splitlines()
    except OSError:
        return []


# Processor and memory


def cpu() -> Fact:
    frequency = readable(psutil.cpu_freq)
    row = (
        _cpu_model(),
        psutil.cpu_count(logical=False),
        psutil.cpu_count() or os.cpu_count(),
        readable(lambda: psutil.cpu_percent(0.2)),
        round(frequency.current) if frequency else None,
    )
    return _table("model", "cores", "threads", ("usage", PERCENT), "MHz", rows=[row], key=0)


def _cpu_model() -> str:
    """Not all machines name it: ARM leaves it out of /proc/cpuinfo."""
    for line in _lines("/proc/cpuinfo"):
        name, _, value = line.partition(":")
        if name.strip().lower() in ("model name", "model", "cpu model") and not value.strip().isdigit():
            return value.strip()
    return platform.processor() or platform.machine()


def load() -> Fact:
    try:
        averages = tuple(round(value, 2) for value in os.getloadavg())
    except OSError:
        raise ToolError(both("This machine does not tell its load.")) from None
    return _table("1 min", "5 min", "15 min", "processors", rows=[(*averages, os.cpu_count())], key=0)


def memory() -> Fact:
    m = psutil.virtual_memory()
    return _table(
        ("total", BYTES), ("used", BYTES), ("free", BYTES), ("available", BYTES), ("use", PERCENT),
        rows=[(m.total, m.used, m.free, m.available, m.percent)], key=0,
    )  # fmt: skip


def swap() -> Fact:
    s = readable(psutil.swap_memory)
    if s is None or s.total == 0:
        return "There is no swap space here."
    return _table(
        ("total", BYTES),
        ("used", BYTES),
        ("free", BYTES),
        ("use", PERCENT),
        rows=[(s.total, s.used, s.free, s.percent)],
        key=0,
    )


# Disks


def disks() -> Fact:
    columns = ("device", "mount", ("size", BYTES), ("used", BYTES), ("free", BYTES), ("use", PERCENT))
    return _table(*columns, rows=list(_disk_rows()), key=2)


def _disk_rows() -> Iterator[tuple[Cell, ...]]:
    seen: set[object] = set()
    for part in psutil.disk_partitions(all=True):
        usage = None if part.fstype in _PSEUDO else readable(partial(psutil.disk_usage, part.mountpoint))
        # The same disk may be mounted at many places (bind mounts), but every tmpfs is another.
        same = part.device if part.device.startswith("/dev/") else part.mountpoint
        if usage is None or usage.total == 0 or same in seen:
            continue
        seen.add(same)
        yield clean_name(part.device), clean_name(part.mountpoint), usage.total, usage.used, usage.free, usage.percent


def mounts() -> Fact:
    rows = (
        tuple(map(clean_name, (p.device, p.mountpoint, p.fstype, p.opts))) for p in psutil.disk_partitions(all=True)
    )
    return _table("device", "mount", "type", "options", rows=[*rows])


def devices() -> Fact:
    if not os.path.isdir("/sys/class/block"):
        raise ToolError(both("Block devices cannot be listed on this machine; ask for disks or mounts."))
    mounted = {os.path.basename(p.device): clean_name(p.mountpoint) for p in psutil.disk_partitions(all=True)}
    rows = [_device(name, mounted) for name in sorted(os.listdir("/sys/class/block"))]
    return _table("name", "type", ("size", BYTES), "model", "mount", rows=[row for row in rows if row[2]], key=2)


def _device(name: str, mounted: Mapping[str, str]) -> tuple[Cell, ...]:
    folder = f"/sys/class/block/{name}"
    sectors = int("".join(_lines(f"{folder}/size")) or 0)
    kind = "partition" if os.path.exists(f"{folder}/partition") else re.sub(r"\d+$", "", name)
    known = {"loop": "loop", "sr": "optical", "dm-": "mapped", "md": "raid", "zram": "memory", "ram": "memory"}
    kind = kind if kind == "partition" else known.get(kind, "disk")
    return name, kind, sectors * 512, " ".join(_lines(f"{folder}/device/model")).strip(), mounted.get(name, "")


# Sensors


def temperature() -> Fact:
    sensors = readable(psutil.sensors_temperatures) if hasattr(psutil, "sensors_temperatures") else None
    rows = [
        (clean_name(chip), clean_name(s.label), s.current, s.high, s.critical)
        for chip, found in (sensors or {}).items()
        for s in found
    ]
    return (
        _table("sensor", "label", "°C", "high", "critical", rows=[*rows], key=2)
        if rows
        else "This machine has no temperature sensors to read."
    )


def battery() -> Fact:
    state = readable(psutil.sensors_battery) if hasattr(psutil, "sensors_battery") else None
    if state is None:
        return "There is no battery here."
    if state.power_plugged:
        return f"{state.percent:.0f} %, plugged in"
    left = f", {format_duration(state.secsleft)} left" if state.secsleft and state.secsleft > 0 else ""
    return f"{state.percent:.0f} %, on battery{left}"


# Network

_FAMILIES = {socket.AF_INET: "IPv4", socket.AF_INET6: "IPv6"}


def network() -> Fact:
    addresses = psutil.net_if_addrs()
    rows: list[tuple[Cell, ...]] = []
    for name, stats in psutil.net_if_stats().items():
        ips = ", ".join(a.address.partition("%")[0] for a in addresses.get(name, ()) if a.family in _FAMILIES)
        link = next((a.address for a in addresses.get(name, ()) if a.family == psutil.AF_LINK), "")
        rows.append((clean_name(name), "up" if stats.isup else "down", ips, link, stats.mtu, stats.speed or None))
    return _table("interface", "state", "addresses", "hardware", "mtu", "Mbit/s", rows=rows, key=2)


def address() -> Fact:
    """Addresses others may reach this machine at; those of the machine itself only when there is nothing else."""
    rows: list[tuple[Cell, ...]] = [
        (clean_name(name), a.address.partition("%")[0], _FAMILIES[socket.AddressFamily(a.family)])
        for name, found in psutil.net_if_addrs().items()
        for a in found
        if a.family in _FAMILIES
    ]
    outside = [row for row in rows if not ipaddress.ip_address(str(row[1])).is_loopback]
    return _table("interface", "address", "family", rows=outside or rows)


def traffic() -> Fact:
    counters = readable(lambda: psutil.net_io_counters(pernic=True)) or {}
    rows = [(clean_name(name), c.bytes_recv, c.bytes_sent, c.errin + c.errout) for name, c in counters.items()]
    return _table("interface", ("received", BYTES), ("sent", BYTES), "errors", rows=[*rows], key=1)


def ports() -> Fact:
    found = {(c.protocol, c.local, c.port, c.pid, c.name or None) for c in connections() if is_listener(c)}
    rows = sorted(found, key=lambda row: (row[2], row[0], row[1], row[3] or 0))
    return _table("protocol", "address", "port", "pid", "name", rows=[*rows], key=2)


def routes() -> Fact:
    if not os.path.exists("/proc/net/route"):
        raise ToolError(both("Routes cannot be read on this machine; run netstat -rn instead."))
    return _table("destination", "gateway", "interface", "metric", rows=[*_routes4(), *_routes6()], key=1)


def _routes4() -> Iterator[tuple[Cell, ...]]:
    for line in _lines("/proc/net/route")[1:]:
        interface, destination, gateway, _, _, _, metric, mask = line.split()[:8]
        network = ipaddress.IPv4Network((_little(destination), str(_little(mask))))
        yield _route(str(network), str(_little(gateway)), interface, int(metric))


def _little(word: str) -> ipaddress.IPv4Address:
    """The kernel prints addresses as a number in the byte order of the machine."""
    return ipaddress.IPv4Address(int(word, 16).to_bytes(4, sys.byteorder))


def _routes6() -> Iterator[tuple[Cell, ...]]:
    for line in _lines("/proc/net/ipv6_route"):
        destination, length, _, _, gateway, metric, _, _, _, interface = line.split()
        if interface != "lo":
            network = f"{ipaddress.IPv6Address(bytes.fromhex(destination))}/{int(length, 16)}"
            yield _route(network, str(ipaddress.IPv6Address(bytes.fromhex(gateway))), interface, int(metric, 16))


def _route(network: str, gateway: str, interface: str, metric: int) -> tuple[Cell, ...]:
    network = "default" if network in ("0.0.0.0/0", "::/0") else network
    return network, "" if gateway in ("0.0.0.0", "::") else gateway, interface, metric


def dns() -> Fact:
    """In a pipe as in resolv.conf."""
    settings = [line.split() for line in _lines("/etc/resolv.conf")]
    rows = [(words[0], " ".join(words[1:])) for words in settings if words and words[0] in ("nameserver", "search")]
    if not rows:
        return "No name servers are set."
    return Table((Column("setting"), Column("value")), tuple(rows), lambda row: " ".join(map(exact, row)))


# The system, its users and its limits


def uptime() -> Fact:
    return f"up {format_duration(time.time() - psutil.boot_time())}"


def boot_time() -> Fact:
    return format_time(psutil.boot_time())


def users() -> Fact:
    rows = [
        (clean_name(u.name), clean_name(u.terminal or ""), clean_name(u.host or ""), u.started) for u in psutil.users()
    ]
    return _table("user", "terminal", "from", ("since", TIME), rows=[*rows]) if rows else "Nobody is logged in."


def user() -> Fact:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())  # a container may run as a number without a name


def groups() -> Fact:
    return " ".join(_group_name(number) for number in dict.fromkeys([os.getegid(), *os.getgroups()]))


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def host() -> Fact:
    return clean_name(socket.gethostname())


def system() -> Fact:
    parts = (_release_name(), f"kernel {platform.release()}", platform.machine())
    return ", ".join(part for part in parts if part)


def _release_name() -> str:
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return platform.system()
    return clean_name(release.get("PRETTY_NAME") or release.get("NAME") or platform.system())


def kernel() -> Fact:
    return platform.release()


def timezone() -> Fact:
    offset = datetime.now().astimezone()
    hours = re.sub(r"(\d\d)(\d\d)$", r"\1:\2", offset.strftime("%z"))
    return f"{timezone_name() or offset.tzname()} (UTC{hours})"


def timezone_name() -> str | None:
    """The machine's zone as tz calls it, when it can be told."""
    for name in (*_lines("/etc/timezone")[:1], os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]):
        if name:
            return name
    return None


_LIMITS = {
    "open files": "RLIMIT_NOFILE",
    "processes": "RLIMIT_NPROC",
    "file size (bytes)": "RLIMIT_FSIZE",
    "memory (bytes)": "RLIMIT_AS",
    "resident memory (bytes)": "RLIMIT_RSS",
    "data (bytes)": "RLIMIT_DATA",
    "stack (bytes)": "RLIMIT_STACK",
    "locked memory (bytes)": "RLIMIT_MEMLOCK",
    "core file (bytes)": "RLIMIT_CORE",
    "processor time (s)": "RLIMIT_CPU",
}


def limits() -> Fact:
    rows: list[tuple[Cell, ...]] = []
    for name, constant in _LIMITS.items():
        if hasattr(resource, constant):
            soft, hard = resource.getrlimit(getattr(resource, constant))
            rows.append((name, *("unlimited" if v == resource.RLIM_INFINITY else v for v in (soft, hard))))
    return _table("limit", "soft", "hard", rows=rows, key=1)


FACTS: Mapping[str, Callable[[], Fact]] = {
    "cpu": cpu,
    "load": load,
    "memory": memory,
    "swap": swap,
    "disks": disks,
    "mounts": mounts,
    "temperature": temperature,
    "battery": battery,
    "network": network,
    "address": address,
    "traffic": traffic,
    "ports": ports,
    "routes": routes,
    "dns": dns,
    "uptime": uptime,
    "boot_time": boot_time,
    "users": users,
    "user": user,
    "groups": groups,
    "host": host,
    "os": system,
    "kernel": kernel,
    "timezone": timezone,
    "limits": limits,
    "devices": devices,
}
