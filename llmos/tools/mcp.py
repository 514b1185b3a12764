"""Tools of MCP servers as llmos's own: `NAME.tool`, planned, decided on and asked for like any other.

The user's configuration says which servers there are; none is started before one of its tools is wanted. What a server
says of its tools is foreign text. How servers are talked to is adapters/mcp.py.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

from llmos import paths
from llmos.adapters import commands, mcp
from llmos.adapters.mcp import Connection, Offer, Server
from llmos.adapters.terminal import clean, clean_name
from llmos.errors import ArgumentError, ToolError, UsageError
from llmos.tools.fields import Arguments
from llmos.tools.tool import Tool
from llmos.translation import both
from llmos.values.messages import JSON, Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target

FORM = (
    '[mcp.servers.files]\ncommand = "npx"\nargs = ["-y", "@modelcontextprotocol/server-filesystem", "/home/me/notes"]'
)
"""What a server looks like in the configuration, for messages."""

MOST_TOOLS = 200
"""Of one server."""

DESCRIBED = 600
"""Characters of a tool's description that models get to see; half of it for an argument."""

SCHEMA = 12_000
"""Characters of a schema as JSON; what is longer takes too much of any prompt."""

_SUMMARY = 400
_ERROR = 2000
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_FRAME = re.compile(r"<(?=[|｜/!\w])|\[(?=/?[A-Z])")
"""Where a tokenizer might read the end of a turn, or the data its end."""


# ---- which servers there are


def servers(env: Mapping[str, str]) -> dict[str, Server]:
    """Those of the user's configuration, by name. Raises UsageError. A project's file has no say in it."""
    import tomllib  # noqa: PLC0415

    file = paths.config_file(env)
    try:
        found = tomllib.loads(file.read_text("utf-8")).get("mcp", {}) if file.is_file() else {}
    except (OSError, ValueError) as error:
        raise UsageError(
            both("cannot read {file}: {what}").format(file=file, what=getattr(error, "strerror", None) or error)
        ) from None
    if not isinstance(found, dict) or found.keys() - {"servers"} or not isinstance(found.get("servers", {}), dict):
        raise UsageError(
            both("{file}: a server begins with [mcp.servers.NAME], as in\n{form}").format(file=file, form=FORM)
        )
    return {name: _server(name, value, file, env) for name, value in found.get("servers", {}).items()}


def _server(name: str, value: object, file: Path, env: Mapping[str, str]) -> Server:
    where = f"{file}: mcp.servers.{name}"
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,30}", name):
        raise UsageError(both("{where}: a name is of small letters, digits, - and _").format(where=where))
    written = value if isinstance(value, dict) else {}
    for key, one in written.items():
        _check(key, one, where)
    if ("command" in written) == ("url" in written):
        raise UsageError(both("{where}: it needs a command, or a url, and not both").format(where=where))
    command = (os.path.expanduser(written["command"]), *written.get("args", ())) if "command" in written else ()
    url = written.get("url", "")
    if "token_env" in written and not re.match(r"https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/]", url):
        raise UsageError(both("{where}: a token is sent only to https://, or to this machine").format(where=where))
    headers = _token(written["token_env"], where, env) if "token_env" in written else {}
    given = {key: _filled(one, where, env) for key, one in written.get("env", {}).items()}
    timeout = float(written.get("timeout", Server.timeout))
    return Server(name, command, given, url, headers, timeout)


_KEYS: Mapping[str, Any] = {
    "command": str, "args": list, "env": dict, "url": str, "token_env": str, "timeout": (int, float)
}  # fmt: skip


def _check(key: str, value: object, where: str) -> None:
    if key not in _KEYS:
        raise UsageError(
            both("{where}: there is no {key!r}; there are {names}").format(where=where, key=key, names=", ".join(_KEYS))
        )
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if not isinstance(value, _KEYS[key]) or not all(isinstance(each, str) for each in inner):
        raise UsageError(
            both("{where}: {key} is {value!r}, which does not fit").format(where=where, key=key, value=value)
        )


def _token(variable: str, where: str, env: Mapping[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {_filled(f'${variable}', where, env)}"}


def _filled(value: str, where: str, env: Mapping[str, str]) -> str:
    """ "$NAME" is that variable, so that no key has to stand in a file."""
    if not value.startswith("$"):
        return value
    if not env.get(value[1:]):
        raise UsageError(
            both("{where} wants the variable {value}, which is not set").format(where=where, value=value[1:])
        )
    return env[value[1:]]


# ---- their tools beside all others


class WithServers(Mapping[str, Tool[Any]]):
    """The tools there are, and those of servers: of one that was not started only who knows its name can call it."""

    def __init__(
        self,
        tools: Mapping[str, Tool[Any]],
        servers: Mapping[str, Server],
        place: Place,
        note: Callable[[str], None] = lambda _text: None,
    ) -> None:
        """`note` is told what cannot be used."""
        self._tools, self._servers = tools, servers
        self._running = Running(place)
        self._note = note
        self._offered: dict[str, dict[str, McpTool]] = {}

    def open(self) -> None:
        """Start every server that does not run yet, all at once; `note` is told of those that cannot be used."""
        for name in self.start():
            try:
                self.of_server(name)
            except ToolError as error:
                self._note(str(error))

    def start(self) -> list[str]:
        """Begin to start what does not run yet, without waiting. Which ones these are; nothing is tried twice."""
        names = [name for name in self._servers if name not in self._offered]
        for name in names:
            self._offered[name] = {}
            with suppress(ToolError):
                self._running.connection(self._servers[name])
        return names

    def of_server(self, name: str) -> Mapping[str, McpTool]:
        """Of one server, started if need be. Raises ToolError."""
        if not self._offered.get(name):
            server = self._servers[name]
            offers = self._running.offers(server)
            self._offered[name] = dict(usable(server, offers, self._running, self._note))
        return self._offered[name]

    def close(self) -> None:
        """Wait until the servers have ended."""
        self._offered.clear()
        self._running.close()

    def __getitem__(self, name: str) -> Tool[Any]:
        server = name.partition(".")[0]
        return self.of_server(server)[name] if server != name and server in self._servers else self._tools[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._tools
        for offered in self._offered.values():
            yield from offered

    def __len__(self) -> int:
        return len(self._tools) + sum(map(len, self._offered.values()))


class Running:
    """The servers that were started in one session."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._open = ExitStack()
        self._portal: Any = None
        self._connections: dict[str, Connection] = {}
        self.pins = Pins(Path(place.state) / "mcp" / "approved.json")

    def connection(self, server: Server) -> Connection:
        """Raises ToolError where the SDK is not installed."""
        if self._portal is None:
            self._portal = self._open.enter_context(mcp.portal())
        if server.name not in self._connections:
            log = Path(self._place.state) / "mcp" / f"{server.name}.log"
            self._connections[server.name] = Connection(server, self._portal, self._place.cwd, log)
        return self._connections[server.name]

    def offers(self, server: Server) -> list[Offer]:
        """Raises ToolError."""
        with self._in_use(server) as connection:
            return connection.offers()

    def call(self, server: Server, tool: str, arguments: Mapping[str, JSON]) -> mcp.Said:
        """Raises ToolError."""
        with self._in_use(server) as connection:
            return connection.call(tool, arguments)

    @contextmanager
    def _in_use(self, server: Server) -> Iterator[Connection]:
        """One that fell over is started anew the next time."""
        connection = self.connection(server)
        try:
            yield connection
        except ToolError:
            del self._connections[server.name]
            connection.close()
            raise

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()
        self._open.close()
        self._portal = None


class Pins:
    """What tools said of themselves when the user first let them be called."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def changed(self, name: str, digest: str) -> bool:
        return self._read().get(name, digest) != digest

    def keep(self, name: str, digest: str) -> None:
        known = self._read()
        if known.get(name) == digest:
            return
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._file.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps({**known, name: digest}, indent=1), "utf-8")
        os.replace(new, self._file)

    def _read(self) -> dict[str, str]:
        """What cannot be read was never approved."""
        try:
            known = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}


# ---- what they say of themselves


def usable(
    server: Server, offers: Sequence[Offer], running: Running, note: Callable[[str], None]
) -> Iterator[tuple[str, McpTool]]:
    """As tools by their whole names; `note` is told of those that are left out."""
    for offer in offers[:MOST_TOOLS]:
        if wrong := _wrong(offer):
            note(clean_name(f"left out: {server.name}.{offer.name[:80]}: {wrong}"))
        else:
            yield f"{server.name}.{offer.name}", _tool(server, offer, running)
    if len(offers) > MOST_TOOLS:
        note(f"left out: the tools of {server.name} after the first {MOST_TOOLS}")


def _wrong(offer: Offer) -> str:
    if not _NAME.fullmatch(offer.name):
        return "its name has other characters than letters, digits, - and _"
    text = json.dumps(as_shown(offer.schema), ensure_ascii=False)
    if len(text) > SCHEMA:
        return "its arguments take too long to describe"
    if clean_name(text) != text or _FRAME.search(text):
        return "its arguments hold hidden characters or marks of a conversation"
    from jsonschema import SchemaError  # noqa: PLC0415
    from jsonschema.validators import validator_for  # noqa: PLC0415

    try:
        validator_for(offer.schema).check_schema(dict(offer.schema))
    except SchemaError as error:
        return f"its arguments are not described by a JSON schema: {error.message[:100]}"
    return ""


def digest(offer: Offer) -> str:
    return sha256(json.dumps(offer, sort_keys=True).encode()).hexdigest()


_MANY = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_ONE = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
_WORDS = ("title", "examples", "$comment", "$schema", "$id")


def as_shown(schema: JSON | Mapping[str, JSON], *, words: bool = True) -> Any:
    """A schema without what only people read, its descriptions cleaned and short, or gone."""
    if not isinstance(schema, Mapping):
        return schema
    dropped = _WORDS if words else (*_WORDS, "description")
    return {key: _part(key, value, words) for key, value in schema.items() if key not in dropped}


def _part(key: str, value: JSON, words: bool) -> JSON:
    show = partial(as_shown, words=words)
    match value:
        case str() if key == "description":
            return plain(value, DESCRIBED // 2)
        case dict() if key in _MANY:
            return {name: show(each) for name, each in value.items()}
        case list() if key in _LISTS:
            return [show(each) for each in value]
        case dict() if key in _ONE:
            return cast(JSON, show(value))
    return value


def plain(text: str, most: int) -> str:
    """Foreign words on one line, without hidden characters and marks of a conversation."""
    text = _FRAME.sub(lambda found: f"{found[0]} ", clean_name(" ".join(text.split())))
    return text if len(text) <= most else f"{text[:most]}…"


def described(server: Server, offer: Offer, *, changed: bool) -> str:
    """What models read: as data, and nothing new before the user has let it be called again."""
    whose = f"A tool of the MCP server {server.name}"
    if changed:
        return f"{whose}; what it says of itself has changed since it was approved and is not shown."
    return f"{whose}, which says of it: <data>{plain(offer.description, DESCRIBED)}</data>"


# ---- one of them


class McpTool(Tool[Arguments]):
    """Made by `_tool`, which gives it its name, description, arguments and where it comes from."""

    server: ClassVar[Server]
    offer: ClassVar[Offer]
    running: ClassVar[Running]

    def plan(self, call: ToolCall, arguments: Arguments, place: Place) -> Plan:
        new = f"(it says something else of itself than when it was approved: llmos mcp check {self.server.name}) "
        return Plan(
            call, tuple(self._targets(call, place)), summary=(new if self.is_changed() else "") + _summary(call)
        )

    def _targets(self, call: ToolCall, place: Place) -> Iterator[Target]:
        """A server is another program, which nothing confines: also what only reads is asked for."""
        offer, server = self.offer, self.server
        if server.url or offer.goes_out:
            yield Target(Effect.NETWORK, server.url or f"mcp://{server.name}")
        if not server.url or not offer.reads:
            yield Target(Effect.RUN, self.name)
        if offer.destroys:
            yield Target(Effect.DESTROY, self.name)
        if self.is_changed():
            yield Target(Effect.PRIVILEGED, f"{self.name}, which is not what was approved")
        for path in _paths(call.arguments, place):
            yield Target(Effect.READ if offer.reads else Effect.DESTROY, path)

    def is_changed(self) -> bool:
        """It says something else of itself than when it was first approved."""
        return self.running.pins.changed(self.name, digest(self.offer))

    def own_words(self) -> str:
        return plain(self.offer.description, DESCRIBED)

    def run(self, plan: Plan, place: Place) -> Outcome:
        self.running.pins.keep(self.name, digest(self.offer))
        said = self.running.call(self.server, self.offer.name, plan.call.arguments)
        if said.failed:
            raise ToolError(f"{self.name}: {clean(said.text).strip()[:_ERROR] or 'it failed and did not say why'}")
        return (
            _outcome(said.text, place)
            if said.text
            else Outcome(both("{name}: done, it said nothing.").format(name=self.name))
        )


def _tool(server: Server, offer: Offer, running: Running) -> McpTool:
    name = f"{server.name}.{offer.name}"
    changed = running.pins.changed(name, digest(offer))
    attributes = {
        "name": name,
        "description": described(server, offer, changed=changed),
        "arguments": _arguments(name, offer.schema, words=not changed),
        "server": server,
        "offer": offer,
        "running": running,
    }
    return cast(McpTool, type("ToolOfServer", (McpTool,), attributes)())


A = TypeVar("A", bound=Arguments)


def _arguments(tool: str, schema: Mapping[str, JSON], *, words: bool) -> type[Arguments]:
    """Whatever the server's own schema takes."""

    class Given(Arguments):
        @classmethod
        def model_validate(cls: type[A], values: Mapping[str, Any]) -> A:
            if wrong := _misfit(values, schema):
                raise ArgumentError(f"{tool}: {wrong}")
            given = object.__new__(cls)
            given.__dict__.update(values)
            return given

        @classmethod
        def model_json_schema(cls) -> dict[str, Any]:
            return {"type": "object", **as_shown(schema, words=words)}

    return Given


def _misfit(values: Mapping[str, Any], schema: Mapping[str, JSON]) -> str:
    """The first thing that is wrong. Nothing the schema refers to is fetched from anywhere."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from jsonschema.exceptions import best_match  # noqa: PLC0415
    from jsonschema.validators import validator_for  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    validator = validator_for(schema, default=Draft202012Validator)(schema, registry=Registry())
    try:
        error = best_match(validator.iter_errors(dict(values)))
    except Unresolvable as missing:
        return f"its schema refers to {missing.ref}, which is not in it"
    if error is None:
        return ""
    where = ".".join(map(str, error.absolute_path))
    return plain(f"{where}: {error.message}" if where else error.message, DESCRIBED // 2)


def _summary(call: ToolCall) -> str:
    given = ", ".join(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in call.arguments.items())
    rest = f" … and {len(given) - _SUMMARY} more characters" if len(given) > _SUMMARY else ""
    return f"call {call.name}" + (f" with {given[:_SUMMARY]}{rest}" if given else "")


def _paths(value: JSON | Mapping[str, JSON], place: Place) -> Iterator[str]:
    """What in the arguments may be a file of this machine, resolved."""
    match value:
        case str() if value.startswith(("/", "~/")) and "\n" not in value:
            expanded = place.home + value[1:] if value.startswith("~") else value
            yield os.path.realpath(os.path.normpath(expanded))
        case list():
            for part in value:
                yield from _paths(part, place)
        case Mapping():
            for part in value.values():
                yield from _paths(part, place)


def _outcome(text: str, place: Place) -> Outcome:
    """Cleaned; of what is long the end, and the file with the whole."""
    keep = os.path.join(place.state, "output") if place.state else None
    with commands.output_file(keep) as output:
        output.write(text.encode("utf-8", "replace"))
        output.flush()
        done = commands.finished(output, 0, "")
    whole = done.whole and partial(commands.lines, done.whole)
    return Outcome(done.output.rstrip("\n"), more=done.whole, whole=whole or None)
