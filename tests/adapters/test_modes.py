"""Modes are read as chmod(1) reads them."""

from __future__ import annotations

import itertools
import os
import stat
import subprocess
from pathlib import Path

import pytest

from llmos.adapters.files.modes import new_mode
from llmos.errors import ToolError

MODES = """755 644 0 7 4755 02755 00755 0755 1777 7777 u+x go-w a=rX +x -x =r u=rwx,go=rx ug+s +t o+t u=g g=u,o=
u+x-w go=u-w a+X u-s g=s =644 +111 -022 ug=rw,o= a= u=rwxs,g+rX-w,o-rwx = u+ 00000 u=rwxXst -rwx uu+x ag-w""".split()  # noqa: SIM905 - readable
NOT = ["", "8", "17777", "u", "u+q", "x", "u+x,", ",u+x", "u+755", "u+ur", "644+x", "rwx"]


@pytest.mark.parametrize("folder", [False, True])
def test_the_result_is_that_of_chmod(tmp_path: Path, folder: bool) -> None:
    path = tmp_path / "it"
    path.mkdir() if folder else path.touch()
    starts = (0o000, 0o644, 0o6751) if folder else (0o000, 0o640, 0o7531)
    for text, start in itertools.product(MODES, starts):
        path.chmod(start)
        old = os.umask(0)
        subprocess.run(["chmod", "--", text, path], check=True, capture_output=True)
        os.umask(old)
        assert oct(new_mode(text, start, folder)) == oct(stat.S_IMODE(path.stat().st_mode)), (text, oct(start))


@pytest.mark.parametrize("text", NOT)
def test_what_chmod_refuses_is_refused(tmp_path: Path, text: str) -> None:
    assert subprocess.run(["chmod", "--", text, tmp_path], capture_output=True, check=False).returncode != 0
    with pytest.raises(ToolError, match="is no mode"):
        new_mode(text, 0o644, False)


def test_a_mode_as_ls_shows_it_is_understood() -> None:
    assert new_mode("rwxr-x--x", 0, False) == 0o751
    assert new_mode("-rwsr-xr-t", 0, False) == 0o5755
