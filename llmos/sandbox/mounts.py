"""The files a command in bubblewrap sees, arranged in a mount namespace before bubblewrap starts.

Masks over secrets and sockets, pins on what runs by itself, overlays that hold changes back. Done here and not by
bubblewrap: before its version 0.12 it follows links that a command before may have left where it makes mount points.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from llmos.sandbox import kernel
from llmos.sandbox.base import PINNED, Confinement, is_within

_SCRATCH = "/run"
"""Where the layer that takes changes is mounted to make the overlays; bubblewrap puts a folder of its own over it."""

_OCTAL = re.compile(rb"\\([0-7]{3})")
"""How a space stands in the list of mounts."""

_HIDDEN_ANYWAY = ("/tmp", "/run", "/var/run", "/dev")


def arrange(confinement: Confinement, overlay: bool) -> tuple[int, ...]:
    """In a namespace of its own, which this process enters. The upper layers, one descriptor for each root.

    Raises OSError where the machine does not let it.
    """
    _enter_namespace()
    kernel.mount("", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    uppers: tuple[int, ...] = ()
    if overlay and not confinement.reads:
        uppers = _overlay(confinement.roots, confinement.limits.disk)
        if confinement.network and uppers:
            kernel.unmount(_SCRATCH)  # takes 4 ms; the overlays and the descriptors keep it
    elif not confinement.reads:
        for root in confinement.roots:
            _pin(root)
    for path in [*confinement.hidden, *_sockets()]:
        _mask(path)
    return uppers


def _enter_namespace() -> None:
    if os.geteuid() == 0:
        with suppress(PermissionError):
            kernel.unshare(kernel.CLONE_NEWNS)
            return
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
    for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)


def _overlay(roots: Sequence[str], size: int) -> tuple[int, ...]:
    if not roots:
        return ()
    below = [(path, _held(path)) for root in roots for path in _mounts_within(root)]
    lower = [_held(root) for root in roots]
    kernel.mount("tmpfs", _SCRATCH, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, f"size={size},mode=700")
    uppers = tuple(_layer(number, descriptor) for number, descriptor in enumerate(lower))
    for path, descriptor in below:
        kernel.mount(_name(descriptor), path, flags=kernel.MS_BIND | kernel.MS_REC)
        kernel.make_read_only(path)
    return uppers


def _layer(number: int, lower: int) -> int:
    """By descriptor, so that no name has to be quoted and none can be swapped."""
    folder = os.path.join(_SCRATCH, str(number))
    for name in ("", "upper", "work"):
        os.mkdir(os.path.join(folder, name))
    shape = os.stat(lower)
    upper = os.open(os.path.join(folder, "upper"), os.O_RDONLY | os.O_DIRECTORY)
    with suppress(PermissionError):
        os.chown(upper, shape.st_uid, shape.st_gid)
    os.chmod(upper, stat.S_IMODE(shape.st_mode))
    options = f"lowerdir={_name(lower)},upperdir={folder}/upper,workdir={folder}/work,userxattr"
    kernel.mount("overlay", _name(lower), "overlay", kernel.MS_NOSUID | kernel.MS_NODEV, options)
    return upper


def _held(path: str) -> int:
    return os.open(path, os.O_PATH | os.O_NOFOLLOW)


def _name(descriptor: int) -> str:
    return f"/proc/self/fd/{descriptor}"


def _mounts_within(root: str) -> Iterator[str]:
    """What is mounted beneath the folder, which an overlay of it would not show (proc_pid_mountinfo(5))."""
    with open("/proc/self/mountinfo", "rb") as lines:
        points = [line.split(b" ", 5)[4] for line in lines]
    for point in points:
        path = os.fsdecode(_OCTAL.sub(lambda found: bytes([int(found[1], 8)]), point))
        if path != root and is_within(path, root):
            yield path


def _pin(root: str) -> None:
    """Read-only what runs by itself. The folders above it are mounted on themselves: they cannot be renamed away."""
    for place in [root, *_repositories(root)]:
        for name in PINNED:
            path = os.path.join(place, name)
            if os.path.realpath(path) == path and os.path.exists(path):
                for folder in _between(root, path):
                    _bind_on_itself(folder)
                _bind_on_itself(path)
                kernel.make_read_only(path)


def _repositories(root: str) -> Iterator[str]:
    """Folders one below with a .git of their own."""
    with suppress(OSError), os.scandir(root) as entries:
        yield from (entry.path for entry in entries if os.path.isdir(os.path.join(entry.path, ".git")))


def _between(root: str, path: str) -> Iterable[str]:
    parent = os.path.dirname(path)
    return [] if parent == root else [*_between(root, parent), parent]


def _bind_on_itself(path: str) -> None:
    if not os.path.ismount(path):
        kernel.mount(path, path, flags=kernel.MS_BIND | kernel.MS_REC)


def _sockets() -> Iterator[str]:
    """Those of services with a name in the file system; a read-only mount does not keep anybody from connecting."""
    with suppress(OSError), open("/proc/net/unix", encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            _, slash, rest = line.rstrip("\n").partition(" /")
            path = f"/{rest}"
            if slash and not any(is_within(path, folder) for folder in _HIDDEN_ANYWAY):
                yield path


def _mask(path: str) -> None:
    """An empty read-only folder over a folder, nothing over anything else."""
    try:
        descriptor = _held(path)
    except OSError:
        return  # gone, or in a folder this user cannot enter
    with _closing(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            kernel.mount("tmpfs", _name(descriptor), "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=4k,mode=555")
        else:
            kernel.mount("/dev/null", _name(descriptor), flags=kernel.MS_BIND)


@contextmanager
def _closing(descriptor: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(descriptor)
