"""Archives read and written: tar in all its compressions, zip, and single files in gz, bz2, xz, zst.

What is safe to unpack is decided in unpack.py; 7z and rar are only recognised.
"""

from __future__ import annotations

import io
import os
import stat
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, Literal, cast

from llmos.adapters.failures import explain
from llmos.adapters.files.change import told
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both

if TYPE_CHECKING:
    import tarfile
    import zipfile

    from typing_extensions import Buffer

ENDINGS = {
    ".tar": "tar", ".tar.gz": "tar.gz", ".tgz": "tar.gz", ".tar.bz2": "tar.bz2", ".tbz2": "tar.bz2", ".tbz": "tar.bz2",
    ".tar.xz": "tar.xz", ".txz": "tar.xz", ".tar.zst": "tar.zst", ".tzst": "tar.zst", ".tar.z": "tar.Z",
    ".zip": "zip", ".jar": "zip", ".gz": "gz", ".bz2": "bz2", ".xz": "xz", ".lzma": "xz", ".zst": "zst", ".z": "Z",
}  # fmt: skip
"""Format by the end of the name in small letters."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x5d\x00\x00", "xz"),  # the older .lzma
    (b"\x28\xb5\x2f\xfd", "zst"),
    (b"\x1f\x9d", "Z"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
)
_PROGRAMS = {"7z": "7z", "rar": "unrar"}
_BLOCK = 1 << 20
_ZIP_TIMES = ((1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58))
"""The first and last moment that a zip can write down."""


@dataclass(frozen=True)
class Member:
    """One entry of an archive, with the name as it stands there."""

    name: str
    kind: Literal["file", "folder", "link", "hard link", "device"]
    size: int | None = 0
    """None where only unpacking can tell."""

    mode: int | None = None
    modified: float | None = None
    target: str = ""
    """Where a link points to."""


@dataclass(frozen=True)
class Packed:
    """A file to put into an archive, under which name."""

    path: str
    name: str


Content = Callable[[], IO[bytes]]
"""Opens a member's content; only until the next member is asked for."""


def named_format(path: str) -> str:
    """What the name says: "tar.gz", "zip", "gz"; "" when it says nothing."""
    return ENDINGS.get(ending(path).lower(), "")


def ending(path: str) -> str:
    """The known ending of a name as written, "" if it has none."""
    name = os.path.basename(path)
    for known in sorted(ENDINGS, key=len, reverse=True):
        if name.lower().endswith(known) and len(name) > len(known):
            return name[-len(known) :]
    return ""


def format_of(path: str) -> str:
    """What the file is by its first bytes, whatever its name. Raises ToolError when it is no archive."""
    with told("read", path), open(path, "rb") as file:
        head = file.read(512)
    found = next((name for magic, name in _MAGIC if head.startswith(magic)), "")
    if found in _PROGRAMS:
        raise ToolError(
            both("{path} is a {found} archive: install {programs} and run it to unpack.").format(
                path=clean_name(path), found=found, programs=_PROGRAMS[found]
            )
        )
    if found == "zip" or _is_tar(head):
        return found or "tar"
    if found:
        return f"tar.{found}" if _is_tar(_first_block(path, found)) else found
    if _is_zip(path):
        return "zip"
    raise ToolError(both("{path} is no archive.").format(path=clean_name(path)))


def _first_block(path: str, compression: str) -> bytes:
    try:
        with reading(path), _decompressed(path, compression) as file:
            return file.read(512)
    except ToolError:
        return b""  # damaged: unpacking will tell


def _is_tar(block: bytes) -> bool:
    """By the checksum in its first header, as old tar files have nothing else."""
    import tarfile  # noqa: PLC0415 - slow to import

    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _is_zip(path: str) -> bool:
    """Also one with something before it: programs that unpack themselves."""
    import zipfile  # noqa: PLC0415 - slow to import

    return zipfile.is_zipfile(path)


@contextmanager
def reading(path: str) -> Iterator[None]:
    """What the libraries raise about a damaged archive becomes a ToolError."""
    import lzma  # noqa: PLC0415 - slow to import
    import tarfile  # noqa: PLC0415 - slow to import
    import zipfile  # noqa: PLC0415 - slow to import
    import zlib  # noqa: PLC0415 - slow to import

    import zstandard  # noqa: PLC0415 - slow to import

    damaged = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, zstandard.ZstdError, EOFError)
    try:
        yield
    except damaged as error:
        raise ToolError(both("{path} is damaged or incomplete.").format(path=clean_name(path))) from error
    except NotImplementedError as error:
        raise ToolError(
            both("{path} is packed in a way that is not known here.").format(path=clean_name(path))
        ) from error
    except RuntimeError as error:  # how zipfile says it
        if "password" not in str(error):
            raise
        raise ToolError(
            both("{path} needs a password, which is not supported.").format(path=clean_name(path))
        ) from error
    except OSError as error:
        if error.errno is None:  # how gzip and bz2 say it
            raise ToolError(both("{path} is damaged or incomplete.").format(path=clean_name(path))) from error
        raise explain(error, "read", path) from error


def members(path: str, format_: str) -> Generator[tuple[Member, Content], None, None]:
    """All members in the order they stand; the content of each can be read until the next is asked for."""
    if format_ == "zip":
        yield from _zip_members(path)
    elif format_.startswith("tar"):
        yield from _tar_members(path, format_[4:])
    else:
        yield _single_member(path, format_), lambda: _decompressed(path, format_)


def _tar_members(path: str, compression: str) -> Generator[tuple[Member, Content], None, None]:
    import tarfile  # noqa: PLC0415 - slow to import

    with ExitStack() as stack:
        stack.enter_context(reading(path))
        source = stack.enter_context(_decompressed(path, compression))
        # only a plain tar can be jumped about in; the others are read from front to end
        mode: Literal["r:", "r|"] = "r|" if compression else "r:"
        tar = stack.enter_context(tarfile.open(fileobj=source, mode=mode))
        while (info := tar.next()) is not None:
            yield _tar_member(info), _tar_content(tar, info)
            tar.members.clear()  # type: ignore[attr-defined]  # else a million members stay in memory


def _tar_member(info: tarfile.TarInfo) -> Member:
    kind: Literal["file", "folder", "link", "hard link", "device"] = "device"
    if info.isreg():
        kind = "file"
    elif info.isdir():
        kind = "folder"
    elif info.issym():
        kind = "link"
    elif info.islnk():
        kind = "hard link"
    size = info.size if kind == "file" else 0
    return Member(info.name, kind, size, info.mode, float(info.mtime), info.linkname)


def _tar_content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Content:
    def content() -> IO[bytes]:
        file = tar.extractfile(info)
        assert file is not None, "only files have content"
        return file

    return content


def _zip_members(path: str) -> Generator[tuple[Member, Content], None, None]:
    import zipfile  # noqa: PLC0415 - slow to import

    with reading(path), zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            yield _zip_member(archive, info), _zip_content(archive, info)


def _zip_content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Content:
    return lambda: archive.open(info)


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    mode = info.external_attr >> 16
    name = _zip_name(info)
    modified = time.mktime((*info.date_time, 0, 0, -1))
    if stat.S_ISLNK(mode) and info.file_size < 4096:
        target = os.fsdecode(archive.read(info))
        return Member(name, "link", 0, mode, modified, target)
    if name.endswith("/"):
        return Member(name, "folder", 0, mode or None, modified)
    return Member(name, "file", info.file_size, mode or None, modified)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Names without the mark for UTF-8 are UTF-8 all the same, or Chinese, or else what old DOS had."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        raw = name.encode("cp437")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/") if "/" not in name else name


def _single_member(path: str, format_: str) -> Member:
    name = os.path.basename(path)
    known = ending(path)
    bare = name[: -len(known)] if known and named_format(path) == format_ else f"{name}.unpacked"
    status = os.stat(path)
    return Member(bare, "file", None, status.st_mode, status.st_mtime)


def _decompressed(path: str, compression: str) -> IO[bytes]:
    if compression == "gz":
        import gzip  # noqa: PLC0415 - slow to import

        return cast(IO[bytes], gzip.open(path, "rb"))
    if compression == "bz2":
        import bz2  # noqa: PLC0415 - slow to import

        return bz2.open(path, "rb")
    if compression == "xz":
        import lzma  # noqa: PLC0415 - slow to import

        return lzma.open(path, "rb")
    if compression == "zst":
        return io.BufferedReader(_ZstdReader(path), _BLOCK)
    if compression == "Z":
        return _uncompressed_by_gzip(path)
    return open(path, "rb")


class _ZstdReader(io.RawIOBase):
    """Reads all frames one after the other. The reader of the library takes a cut-off file for a whole one."""

    def __init__(self, path: str) -> None:
        import zstandard  # noqa: PLC0415 - slow to import

        self._library = zstandard.ZstdDecompressor(max_window_size=1 << 31)
        self._frame = self._library.decompressobj()
        self._begun = False
        self._file = open(path, "rb")  # noqa: SIM115 - closed in close()
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        while not self._ready:
            packed = self._file.read(1 << 17)
            if not packed:
                if self._begun:
                    raise EOFError
                return 0
            self._ready = memoryview(self._unpacked(packed))
        view = memoryview(buffer)
        count = min(len(view), len(self._ready))
        view[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _unpacked(self, packed: bytes) -> bytes:
        parts = []
        while packed:
            parts.append(self._frame.decompress(packed))
            self._begun = not self._frame.eof
            packed = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame = self._library.decompressobj()
        return b"".join(parts)

    def close(self) -> None:
        self._file.close()
        super().close()


def _uncompressed_by_gzip(path: str) -> IO[bytes]:
    """The ancient .Z is read by the gzip program, through a file, for a pipe could be left half read."""
    import shutil  # noqa: PLC0415 - slow to import
    import subprocess  # noqa: PLC0415 - slow to import
    import tempfile  # noqa: PLC0415 - slow to import

    program = shutil.which("gzip")
    if program is None:
        raise ToolError(
            both("{path} can only be unpacked with gzip, which is not installed.").format(path=clean_name(path))
        )
    output = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    with open(path, "rb") as source:
        done = subprocess.run([program, "-dc"], stdin=source, stdout=output, stderr=subprocess.DEVNULL, check=False)
    if done.returncode:
        output.close()
        raise EOFError
    output.seek(0)
    return output


def pack(files: Iterable[Packed], archive: str, format_: str, there: str) -> Generator[str | ToolError, None, None]:
    """Writes the archive, for now to the path `there`; yields each path that is in it, or why it is not.

    Raises ToolError when none is."""
    why: ToolError | None = None
    packed = False
    with told("write", archive):
        for one in _packing(files, there, format_):
            packed = packed or isinstance(one, str)
            why = why or (one if isinstance(one, ToolError) else None)
            yield one
        if why and not packed:
            raise why


def _packing(files: Iterable[Packed], path: str, format_: str) -> Generator[str | ToolError, None, None]:
    if format_ == "zip":
        return _pack_zip(files, path)
    if format_.startswith("tar"):
        return _pack_tar(files, path, format_[4:])
    return _pack_single(files, path, format_)


def _pack_tar(files: Iterable[Packed], path: str, compression: str) -> Generator[str | ToolError, None, None]:
    import tarfile  # noqa: PLC0415 - slow to import

    with _compressed(path, compression) as output, tarfile.open(fileobj=output, mode="w|") as tar:
        for one in files:
            yield _attempt(one, partial(_add_to_tar, tar, one))


def _attempt(one: Packed, add: Callable[[], None]) -> str | ToolError:
    """A file that cannot be opened is left out; an error on the archive itself ends everything."""
    try:
        add()
    except _Unreadable as error:
        return explain(error.why, "read", one.path)
    return one.path


class _Unreadable(Exception):
    def __init__(self, why: OSError) -> None:
        self.why = why


@contextmanager
def _source() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _Unreadable(error) from error


def _add_to_tar(tar: tarfile.TarFile, one: Packed) -> None:
    with _source():
        info = tar.gettarinfo(one.path, one.name)
        if info is None:
            raise OSError("sockets cannot be packed")
        info.mtime = int(info.mtime)  # fractions would cost a second header for every file
        file = open(one.path, "rb") if info.isreg() else None  # noqa: SIM115 - closed below
    try:
        tar.addfile(info, file)
    finally:
        if file is not None:
            file.close()


def _pack_zip(files: Iterable[Packed], path: str) -> Generator[str | ToolError, None, None]:
    import zipfile  # noqa: PLC0415 - slow to import

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for one in files:
            yield _attempt(one, partial(_add_to_zip, archive, one))


def _add_to_zip(archive: zipfile.ZipFile, one: Packed) -> None:
    import shutil  # noqa: PLC0415 - slow to import
    import zipfile  # noqa: PLC0415 - slow to import

    with _source():
        status = os.lstat(one.path)
    folder = stat.S_ISDIR(status.st_mode)
    written = min(max(time.localtime(status.st_mtime)[:6], _ZIP_TIMES[0]), _ZIP_TIMES[1])
    info = zipfile.ZipInfo(one.name + "/" * folder, written)
    info.external_attr = (status.st_mode & 0xFFFF) << 16 | 0x10 * folder
    info.compress_type = zipfile.ZIP_STORED if folder else zipfile.ZIP_DEFLATED
    info.file_size = status.st_size
    if stat.S_ISLNK(status.st_mode):
        archive.writestr(info, os.fsencode(os.readlink(one.path)))
    elif folder:
        archive.writestr(info, b"")
    elif stat.S_ISREG(status.st_mode):
        with _source():
            file = open(one.path, "rb")  # noqa: SIM115 - closed below
        with file, archive.open(info, "w") as output:
            shutil.copyfileobj(file, output, _BLOCK)
    else:
        raise _Unreadable(OSError("devices, pipes and sockets cannot be packed"))


def _pack_single(files: Iterable[Packed], path: str, compression: str) -> Generator[str | ToolError, None, None]:
    import shutil  # noqa: PLC0415 - slow to import

    for one in files:
        with told("read", one.path), open(one.path, "rb") as source, _compressed(path, compression) as output:
            shutil.copyfileobj(source, output, _BLOCK)
        shutil.copystat(one.path, path)
        yield one.path


def _compressed(path: str, compression: str) -> IO[bytes]:
    if compression == "gz":
        import gzip  # noqa: PLC0415 - slow to import

        return cast(IO[bytes], gzip.open(path, "wb"))
    if compression == "bz2":
        import bz2  # noqa: PLC0415 - slow to import

        return bz2.open(path, "wb")
    if compression == "xz":
        import lzma  # noqa: PLC0415 - slow to import

        return lzma.open(path, "wb")
    if compression == "zst":
        import zstandard  # noqa: PLC0415 - slow to import

        return cast(IO[bytes], zstandard.open(path, "wb"))
    return open(path, "wb")
