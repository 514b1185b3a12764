"""`llmos teach` as the user meets it."""

from __future__ import annotations

import subprocess

import pytest

from tests.flows.conftest import Llmos

MANIFEST = """
name = "water_level"
description = "Show how high the water stands."
program = "echo"
effect = "read"

[arguments.place]
type = "string"
description = "where"
position = 1

[[examples]]
phrase = "how high is the water at Basel"
arguments = { place = "Basel" }

[[examples]]
phrase = "Basel 的水位"
arguments = { place = "Basel" }
"""


def test_with_nothing_to_learn_it_says_so(llmos: Llmos) -> None:
    done = llmos.run("teach")
    assert done.returncode == 2 and "nothing to learn" in done.stderr


def test_a_manifest_that_is_not_there_is_one_line(llmos: Llmos) -> None:
    done = llmos.run("teach", "nonesuch.toml")
    assert done.returncode == 2 and done.stderr == "llmos: there is no nonesuch.toml\n"


def test_with_nothing_taught_there_is_nothing_to_forget(llmos: Llmos) -> None:
    done = llmos.run("teach", "--undo")
    assert done.returncode == 2 and "nothing was taught" in done.stderr


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_what_is_taught_is_understood_in_other_words_until_it_is_forgotten(llmos: Llmos) -> None:
    tools = llmos.home / ".config/llmos/tools"
    tools.mkdir(parents=True)
    (tools / "water_level.toml").write_text(MANIFEST)
    learn = llmos.command("teach", "--minutes", "2", "--force")
    subprocess.run(learn, cwd=llmos.folder, env=llmos.env, check=True, capture_output=True, timeout=1200)
    other_words = "please tell me how high the water is at Koblenz"
    assert "Koblenz" in llmos.run(other_words).stdout  # shown, or asked about where it is not sure yet
    assert llmos.run("teach", "--undo").returncode == 0
    assert "water level" not in llmos.run(other_words).stdout
