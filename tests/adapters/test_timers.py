"""What wakes a program at set times: units that systemd accepts, a crontab that keeps every other line."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from llmos.adapters.timers import Cron, Systemd, Timer, scheduler
from llmos.errors import LlmosError

TIMER = Timer("dark", "Mon *-*-* 21:00:00", "0 21 * * 1", ("/usr/bin/env", "A=50% of $X", "/bin/true", 'a "b"'))
OWN = "MAILTO=me\n# mine\n5 4 * * * /bin/true"
KEPT_IN_A_FILE = """#!/bin/sh
case $1 in
-l) cat "$KEPT" 2>/dev/null || { echo no crontab for you >&2; exit 1; } ;;
-r) rm "$KEPT" ;;
-) cat > "$KEPT" ;;
esac
"""


@pytest.fixture
def env(tmp_path: Path) -> Mapping[str, str]:
    """A crontab of our own: the real one belongs to who runs the tests."""
    program = tmp_path / "crontab"
    program.write_text(KEPT_IN_A_FILE)
    program.chmod(0o755)
    return {"PATH": f"{tmp_path}:/bin:/usr/bin", "KEPT": str(tmp_path / "kept")}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    for path, text in Systemd({}, str(tmp_path)).changes(TIMER).items():
        file = tmp_path / os.path.basename(path)
        file.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)], capture_output=True, text=True, check=False
    )
    assert "llmos-routine" not in done.stderr


def test_systemd_units_hold_words_as_they_are(tmp_path: Path) -> None:
    service = next(iter(Systemd({}, str(tmp_path)).changes(TIMER).values()))
    assert 'ExecStart="/usr/bin/env" "A=50%% of $$X" "/bin/true" "a \\"b\\""\n' in service


def test_the_other_lines_of_a_crontab_stay(env: Mapping[str, str]) -> None:
    kept = Path(env["KEPT"])
    kept.write_text(OWN + "\n")
    Cron(env).add(TIMER)
    assert kept.read_text().startswith(OWN) and "0 21 * * 1 /usr/bin/env 'A=50\\% of $X'" in kept.read_text()
    Cron(env).remove("dark")
    assert kept.read_text() == OWN + "\n"


def test_added_twice_it_is_there_once(env: Mapping[str, str]) -> None:
    Cron(env).add(TIMER)
    Cron(env).add(TIMER)
    assert Path(env["KEPT"]).read_text().count("\n") == 1


def test_where_there_was_no_crontab_there_is_none_after(env: Mapping[str, str]) -> None:
    Cron(env).add(TIMER)
    Cron(env).remove("dark")
    assert not Path(env["KEPT"]).exists()


def test_a_crontab_that_cannot_be_read_is_not_replaced(env: Mapping[str, str], tmp_path: Path) -> None:
    (tmp_path / "crontab").write_text("#!/bin/sh\necho you may not use this program >&2; exit 1\n")
    with pytest.raises(LlmosError, match="may not"):
        Cron(env).add(TIMER)


def test_where_nothing_keeps_time_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(LlmosError, match="set times"):
        scheduler({"PATH": str(tmp_path)}, str(tmp_path))
