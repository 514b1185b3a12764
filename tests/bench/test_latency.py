import json
import subprocess
import sys

from llmos.bench.latency import COMMANDS, measure


def rows(*names):
    return {row.name: row.values for row in measure(1, {name: COMMANDS[name] for name in names}).rows}


def test_ratios_are_taken_against_a_bare_python():
    values = rows("python -c pass", "llmos --version")
    assert values["python -c pass"]["× pass"] == 1 < values["llmos --version"]["× pass"]


def test_memory_and_time_of_the_program_itself_are_measured():
    values = rows("python -c pass")["python -c pass"]
    assert values["MiB"] > 3 and 0 < values["least CPU ms"] < 5000


def test_version_and_help_cost_little_more_than_python():
    """Ratios on a busy machine vary; the bound is far from what it takes, near to what pydantic would add."""
    values = rows("python -c pass", "python -c 'import numpy'", "llmos --help")
    assert values["llmos --help"]["least CPU ms"] < values["python -c 'import numpy'"]["least CPU ms"]


def test_the_command_prints_json():
    command = [sys.executable, "-m", "llmos.bench", "latency", "--rounds", "1", "--json"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert [row["name"] for row in json.loads(printed)["reports"][0]["rows"]] == list(COMMANDS)
