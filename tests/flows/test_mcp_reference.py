"""Public reference servers of MCP from the npm registry, used as anybody would."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.flows.conftest import Llmos
from tests.flows.test_mcp_server import configure
from tests.flows.test_once import reply

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed"),
]
SERVERS = ("server-everything", "server-filesystem")


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("npm")
    names = [f"@modelcontextprotocol/{name}" for name in SERVERS]
    done = subprocess.run(
        ["npm", "install", "--no-fund", "--no-audit", *names],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"the packages cannot be had: {done.stderr.strip()[-200:]}")
    return folder / "node_modules" / "@modelcontextprotocol"


@pytest.fixture
def with_servers(llmos: Llmos, packages: Path) -> Llmos:
    everything, files = (packages / name / "dist" / "index.js" for name in SERVERS)
    configure(
        llmos,
        f'[mcp.servers.everything]\ncommand = "node"\nargs = ["{everything}"]\n'
        f'[mcp.servers.files]\ncommand = "node"\nargs = ["{files}", "{llmos.folder}"]\n',
    )
    return llmos


def test_a_tool_of_a_server_answers(with_servers: Llmos) -> None:
    done = with_servers.run(
        "--yes", "add them", script=[reply(("everything.get-sum", {"a": 2, "b": 40})), reply(text="ok")]
    )
    assert "The sum of 2 and 40 is 42." in done.stderr + done.stdout


def test_a_file_is_read_through_a_server(with_servers: Llmos) -> None:
    (with_servers.folder / "a.txt").write_text("from a server\n")
    call = ("files.read_text_file", {"path": str(with_servers.folder / "a.txt")})
    done = with_servers.run("--yes", f"read {with_servers.folder}/a.txt", script=[reply(call), reply(text="ok")])
    assert "from a server" in done.stderr + done.stdout


def test_the_list_says_what_a_server_has(with_servers: Llmos) -> None:
    assert "everything works; it has" in with_servers.run("mcp", "check", "everything").stdout


def test_the_list_of_tools_names_the_servers(with_servers: Llmos) -> None:
    assert "MCP servers have more (everything, files)" in with_servers.run("tools", "list").stderr
