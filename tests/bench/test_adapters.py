import json
import os
import subprocess
import sys
import time

from llmos.bench.adapters import NEEDLE, make_names, make_texts, measure, run_tool
from llmos.values.place import Place


def test_every_job_is_measured_and_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    rows = {row.name: row.values for row in measure(1, entries=600, megabytes=1).rows}
    assert rows["find by name"]["llmos"] > 0 < rows["find by name"]["× best"]
    assert rows["the first of all"]["MiB more"] < 50
    assert not list(tmp_path.iterdir())


def test_what_is_measured_finds_what_is_there(tmp_path):
    make_names(f"{tmp_path}/names", 500)
    make_texts(f"{tmp_path}/texts", 2)
    place = Place(str(tmp_path), str(tmp_path), dict(os.environ), now=time.time())
    found = run_tool("count", {"path": [f"{tmp_path}/names"], "what": "files"}, place).text
    assert int(found) == sum(len(files) for _, _, files in os.walk(f"{tmp_path}/names"))
    assert len(run_tool("search_text", {"path": [f"{tmp_path}/texts"], "pattern": NEEDLE}, place).items) == 4


def test_it_can_be_asked_for_alone_and_for_programs():
    command = [sys.executable, "-m", "llmos.bench", "adapters", "--entries", "100", "--megabytes", "1", "--json"]
    printed = subprocess.run([*command, "--rounds", "1"], capture_output=True, text=True, check=True).stdout
    assert json.loads(printed)["reports"][0]["title"].startswith("Adapters")
