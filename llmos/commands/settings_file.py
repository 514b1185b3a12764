"""Changes single settings in the user's configuration; comments and everything else in it stay as they are."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from llmos.errors import LlmosError, UsageError
from llmos.translation import _


def change(file: Path, values: Mapping[str, str]) -> None:
    """Whole or not at all; the file is made when there is none. Raises UsageError and LlmosError."""
    import tomlkit  # noqa: PLC0415  # 40 ms
    from tomlkit.exceptions import ParseError  # noqa: PLC0415

    target = file.resolve() if file.is_symlink() else file  # a link into a folder of dotfiles stays one
    try:
        document = tomlkit.parse(target.read_text("utf-8") if target.exists() else "")
        for name, value in values.items():
            document[name] = value
        _write(target, tomlkit.dumps(document))
    except ParseError as error:
        raise UsageError(f"{file}: {error}") from None
    except OSError as error:
        raise LlmosError(_("cannot write {file}: {strerror}").format(file=file, strerror=error.strerror)) from None


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(draft, mode)
        os.replace(draft, file)
    except BaseException:
        os.unlink(draft)
        raise
