"""MCP servers as programs of their own: a well-behaved one made with the official SDK, and one that is not."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def sdk() -> None:
    from mcp.server.mcpserver import MCPServer
    from mcp_types import ToolAnnotations

    app = MCPServer("notes")

    @app.tool(annotations=ToolAnnotations(read_only_hint=True))
    def read_note(name: str) -> str:
        """Reads one note."""
        return f"note {name}\u202e\x1b[31m"

    @app.tool(annotations=ToolAnnotations(destructive_hint=True))
    def burn_note(name: str) -> str:
        """Burns it."""
        return f"burnt {name}"

    @app.tool(annotations=ToolAnnotations(read_only_hint=True, open_world_hint=True))
    def ask_web(question: str) -> str:
        """Asks somebody else."""
        return question

    @app.tool()
    def add_note(text: str) -> str:
        """Adds one."""
        raise ValueError("the pen is empty")

    app.run()


def bad() -> None:
    """Speaks the protocol of 2025 by hand; its tools are what goes wrong."""
    print("begin", os.getpid(), file=sys.stderr, flush=True)
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message:
            continue
        answer = _answer(message["method"], message.get("params", {}))
        if not answer:
            continue
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **answer}), flush=True)


def _answer(method: str, params: dict[str, Any]) -> dict[str, Any]:
    tool = {"inputSchema": {"type": "object"}, "description": os.environ.get("SAYS", "does it")}
    match method, params.get("name"):
        case "initialize", _:
            about = {"name": "bad", "version": "1"}
            return {"result": {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": about}}
        case "tools/list", _:
            names = ("well", "slow", "crash", "garbage", "not a name")
            return {"result": {"tools": [{"name": name, **tool} for name in names]}}
        case "tools/call", "slow":
            return {}
        case "tools/call", "crash":
            print("the disk is gone", file=sys.stderr, flush=True)
            os._exit(3)
        case "tools/call", "garbage":
            print("Traceback: oh", flush=True)
            return {}
        case "tools/call", _:
            return {"result": {"content": [{"type": "text", "text": "well done"}]}}
    return {"error": {"code": -32601, "message": "Method not found"}}


if __name__ == "__main__":
    {"sdk": sdk, "bad": bad}[sys.argv[1]]()
