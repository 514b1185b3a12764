"""`llmos mcp` as other agents meet it: the official SDK's client on one side, the command as a process on the other."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the optional package mcp is not installed")

from jsonschema import Draft202012Validator
from mcp import Client, StdioServerParameters, stdio_client
from mcp_types import CallToolResult, ElicitRequestFormParams, ElicitResult, InputRequiredResult

from llmos.adapters import mcp
from llmos.dispatch.taint import DEEDS
from llmos.tools.registry import BUILT_IN
from tests.flows.conftest import Llmos

SERVERS = Path(__file__).parents[1] / "tools" / "mcp_servers.py"


class Agent:
    """Another agent, and its user, who answers what is put to them."""

    def __init__(self, llmos: Llmos) -> None:
        self.llmos = llmos
        self.answer = ElicitResult(action="decline")
        self.asked: list[ElicitRequestFormParams] = []
        self.client: Any = None
        self.portal: Any = None

    async def elicited(self, _context: object, params: Any) -> ElicitResult:
        self.asked.append(params)
        return self.answer

    def call(self, tool: str, /, **arguments: Any) -> tuple[bool, str]:
        """Whether it went well, and the text."""
        result: CallToolResult = self.portal.call(self.client.call_tool, tool, arguments)
        return not result.is_error, getattr(result.content[0], "text", "")

    def says(self, answer: str) -> None:
        self.answer = ElicitResult(action="accept", content={"answer": answer})


@contextmanager
def connected(llmos: Llmos, *options: str, mode: str = "auto", asks: bool = True) -> Iterator[Agent]:
    agent = Agent(llmos)
    command, *arguments = llmos.command("mcp", *options)
    server = StdioServerParameters(command=command, args=arguments, env=llmos.env, cwd=llmos.folder)
    client = Client(stdio_client(server), mode=mode, elicitation_callback=agent.elicited if asks else None)
    with mcp.portal() as agent.portal, agent.portal.wrap_async_context_manager(client) as agent.client:
        yield agent


def new(base: Path) -> Llmos:
    base.mkdir(exist_ok=True)
    return Llmos(base)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """One that speaks the protocol of 2026."""
    with connected(new(tmp_path_factory.mktemp("agent"))) as agent:
        yield agent


@pytest.fixture
def agent(shared: Agent) -> Agent:
    shared.asked.clear()
    shared.answer = ElicitResult(action="decline")
    return shared


def test_every_built_in_tool_is_offered_with_what_it_may_do(agent: Agent) -> None:
    tools = {tool.name: tool for tool in agent.portal.call(agent.client.list_tools).tools}
    assert set(tools) == set(BUILT_IN) - {"change_folder"}
    assert tools["read_file"].annotations.read_only_hint and not tools["run_command"].annotations.read_only_hint
    assert tools["write_file"].annotations.destructive_hint and not tools["copy_files"].annotations.destructive_hint
    assert not any(tools[name].annotations.read_only_hint for name in DEEDS)


def test_what_they_take_is_said_in_json_schema(agent: Agent) -> None:
    for tool in agent.portal.call(agent.client.list_tools).tools:
        Draft202012Validator.check_schema(tool.input_schema)
        assert tool.input_schema["type"] == "object" and tool.input_schema["additionalProperties"] is False


def test_what_is_read_in_the_folder_is_answered_unasked(agent: Agent) -> None:
    (agent.llmos.folder / "list.txt").write_text("milk\n")
    assert agent.call("read_file", path="list.txt") == (True, "milk") and not agent.asked


def test_a_change_is_shown_to_the_user_and_made_when_they_say_yes(agent: Agent) -> None:
    agent.says("yes")
    done, _ = agent.call("make_folder", path=["new"])
    assert done and (agent.llmos.folder / "new").is_dir()
    assert len(agent.asked) == 1 and f"create 1 folder: {agent.llmos.folder}/new" in agent.asked[0].message


@pytest.mark.parametrize("action", ["decline", "cancel", "accept"])
def test_anything_but_yes_is_no(agent: Agent, action: Any) -> None:
    agent.answer = ElicitResult(action=action, content={"answer": "no"} if action == "accept" else None)
    assert agent.call("create_file", path=["no.txt"]) == (False, "not allowed (you said no)")
    assert agent.asked and not (agent.llmos.folder / "no.txt").exists()


def test_what_is_protected_takes_a_typed_yes(agent: Agent) -> None:
    agent.says("always")
    refused, _ = agent.call("write_file", path="~/.bashrc", text="x")
    assert not refused and "enum" not in agent.asked[0].requested_schema["properties"]["answer"]
    agent.says("yes")
    assert agent.call("write_file", path="~/.bashrc", text="x")[0]


def test_a_command_runs_in_the_sandbox_and_its_changes_are_asked_for(agent: Agent) -> None:
    if not Path("/usr/bin/bwrap").exists():
        pytest.skip("needs bubblewrap")
    assert not agent.call("run_command", command="echo x > made.txt")[0]
    assert "made.txt" in agent.asked[0].message and not (agent.llmos.folder / "made.txt").exists()


def test_an_answer_counts_once_and_only_for_the_call_it_was_about(agent: Agent) -> None:
    def call(path: str, **more: Any) -> Any:
        async def do() -> Any:
            return await agent.client.session.call_tool(
                "create_file", {"path": [path]}, allow_input_required=True, **more
            )

        return agent.portal.call(do)

    asked = call("a.txt")
    assert isinstance(asked, InputRequiredResult)
    said = {"approval": ElicitResult(action="accept", content={"answer": "yes"})}
    other = call("b.txt", input_responses=said, request_state=asked.request_state)
    again = call("a.txt", input_responses=said, request_state=asked.request_state)
    assert other.is_error and again.is_error
    assert not any((agent.llmos.folder / name).exists() for name in ("a.txt", "b.txt"))


def test_the_folder_is_the_users_to_choose(agent: Agent) -> None:
    assert not agent.call("change_folder", path="/opt")[0] and not agent.asked
    assert not agent.call("read_file", path=str(agent.llmos.base / "other.txt"))[0]


def test_what_does_not_fit_is_an_error_that_says_so(agent: Agent) -> None:
    assert agent.call("delete_everything") == (False, "no tool is called 'delete_everything'")
    assert "there is no argument 'paht'" in agent.call("read_file", paht="x")[1]


def test_it_is_in_the_log_and_can_be_undone(agent: Agent) -> None:
    agent.says("yes")
    agent.call("create_file", path=["undo-me.txt"])
    assert "undo-me.txt" in agent.llmos.run("log").stdout
    agent.llmos.run("undo", "--yes")
    assert not (agent.llmos.folder / "undo-me.txt").exists()


def test_clients_of_before_2026_are_asked_too_and_always_is_always(llmos: Llmos) -> None:
    with connected(llmos, mode="legacy") as agent:
        agent.says("always")
        assert agent.call("create_file", path=["a.txt"])[0] and (llmos.folder / "a.txt").exists()
        assert agent.call("create_file", path=["b.txt"])[0] and len(agent.asked) == 1


def test_where_nobody_can_be_asked_it_is_denied_and_said_why(llmos: Llmos) -> None:
    with connected(llmos, asks=False) as agent:
        done, text = agent.call("create_file", path=["a.txt"])
        assert not done and "cannot put questions to its user" in text and not (llmos.folder / "a.txt").exists()


def test_read_only_offers_nothing_that_acts_and_does_nothing(llmos: Llmos) -> None:
    with connected(llmos, "--read-only") as agent:
        names = {tool.name for tool in agent.portal.call(agent.client.list_tools).tools}
        assert "read_file" in names and not names & {*DEEDS, "run_command"}
        agent.says("yes")
        assert not agent.call("create_file", path=["a.txt"])[0] and not agent.asked
    assert not (llmos.folder / "a.txt").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_also_while_it_waits_for_input(llmos: Llmos, number: signal.Signals) -> None:
    process = llmos.start("mcp")
    assert process.stdin and process.stdout
    process.stdin.write('{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(number)
    assert process.wait(10) == 128 + number


# ---- over HTTP, with our own client on the other side; and the client's command line


def configure(llmos: Llmos, text: str) -> None:
    file = llmos.home / ".config" / "llmos" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@contextmanager
def serving(llmos: Llmos) -> Iterator[str]:
    llmos.env["LLMOS_MCP_TOKEN"] = "secret-token"
    process = llmos.start("mcp", "--http", "0", stdin=subprocess.DEVNULL)
    try:
        assert process.stderr is not None
        yield process.stderr.readline().split()[2].rstrip(";")
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_over_http_only_who_knows_the_token_is_served(llmos: Llmos) -> None:
    (llmos.folder / "b.txt").touch()
    with serving(llmos) as url:
        configure(llmos, f'[mcp.servers.peer]\nurl = "{url}"\n')
        refused = llmos.run("mcp", "check", "peer")
        configure(llmos, f'[mcp.servers.peer]\nurl = "{url}"\ntoken_env = "LLMOS_MCP_TOKEN"\n')
        call = {"calls": [{"name": "peer.list_folder", "arguments": {}}], "final": True}
        done = llmos.run("--yes", "list it", script=[call])
    assert refused.returncode == 1 and len(refused.stderr.splitlines()) == 1
    assert done.returncode == 0 and done.stdout == "b.txt\n"


def with_bad_server(llmos: Llmos) -> None:
    configure(
        llmos,
        f"[mcp.servers.bad]\ncommand = {json.dumps(sys.executable)}\nargs = {json.dumps([str(SERVERS), 'bad'])}\n",
    )


def test_a_call_is_asked_for_and_nobody_there_is_exit_code_4(llmos: Llmos) -> None:
    with_bad_server(llmos)
    call = {"calls": [{"name": "bad.well", "arguments": {}}], "final": True}
    assert llmos.run("do it", script=[call]).returncode == 4
    done = llmos.run("--yes", "do it", script=[call])
    assert done.returncode == 0 and done.stdout == "well done\n"


def test_the_embedded_model_starts_no_server_and_loads_nothing_for_one(llmos: Llmos) -> None:
    with_bad_server(llmos)
    done = llmos.run("show the current folder", env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.returncode == 0 and not Path(llmos.env["LLMOS_STATE"], "mcp").exists()
    assert not {"pydantic", "asyncio", "mcp"} & {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_list_and_check_say_what_there_is(llmos: Llmos) -> None:
    with_bad_server(llmos)
    assert "\t4 tools" in llmos.run("mcp", "list").stdout
    checked = llmos.run("mcp", "check", "bad")
    assert "bad.well  (may change things; asked)\n    does it" in checked.stdout


def test_a_project_names_no_servers(llmos: Llmos) -> None:
    (llmos.folder / ".llmos.toml").write_text('[mcp.servers.x]\ncommand = "x"\n')
    done = llmos.run("show the current folder")
    assert done.returncode == 2 and "MCP servers are named in your own configuration only" in done.stderr


def test_without_the_sdk_one_line_says_how_to_install_it(llmos: Llmos) -> None:
    (llmos.base / "hidden").mkdir()
    for name in ("mcp", "mcp_types"):
        (llmos.base / "hidden" / f"{name}.py").write_text(f"raise ModuleNotFoundError('no {name}', name='{name}')")
    hidden = {"PYTHONPATH": f"{llmos.base / 'hidden'}:{llmos.env['PYTHONPATH']}"}
    with_bad_server(llmos)
    for command in (("mcp",), ("mcp", "check", "bad")):
        done = llmos.run(*command, env=hidden)
        assert done.returncode in (1, 2) and done.stderr.count("\n") == 1 and "pip install 'llmos[mcp]'" in done.stderr
