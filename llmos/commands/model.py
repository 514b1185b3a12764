"""`llmos model`: which models there are, which one reads the requests, how quick and how well each works here.

Trying one out is `model_trial`; how models work is `models`' business.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from llmos import paths
from llmos.commands.opening import open_place, open_settings, parser
from llmos.config import Settings
from llmos.errors import Exit, ModelError, UsageError
from llmos.fronts import layout
from llmos.models import hub, room
from llmos.models.base import Reach
from llmos.models.ladder import ON_CARD, Rung, ladder
from llmos.models.names import SERVERS
from llmos.translation import _
from llmos.values.display import format_size
from llmos.values.messages import Outcome
from llmos.values.place import Place
from llmos.values.plain import plain_text
from llmos.values.table import Cell, Column, Table, Unit

if TYPE_CHECKING:
    from llmos.models.openai.server import Server

ROLES = {"fast": "model", "strong": "strong", "vision": "vision"}
"""The role → the setting that names its model."""

DEFAULTS = {"model": "embedded", "strong": "", "vision": ""}

EPILOG = """\
  llmos model list                            those in use, those on this machine, those that are recommended
  llmos model list --base-url URL             those that a server has
  llmos model use NAME                        who reads the requests; fetched when it is not here
  llmos model use openai:NAME --base-url URL  a model behind a server: Ollama, vLLM, llama.cpp, OpenAI and others
  llmos model use NAME --role strong          who is asked when the first is not sure, and to write and to talk
  llmos model show [NAME]                     what is known of one
  llmos model bench [NAME]                    how long it takes
  llmos model doctor                          whether those in use work: reached, key accepted, calls understood
  llmos model remove NAME                     take it off this machine, and out of use

Servers, and what each needs to call tools:
  Ollama      OLLAMA_CONTEXT_LENGTH=16384 ollama serve         --base-url http://127.0.0.1:11434/v1
  vLLM        vllm serve MODEL --enable-auto-tool-choice --tool-call-parser hermes        http://127.0.0.1:8000/v1
  SGLang      python -m sglang.launch_server --model MODEL --tool-call-parser qwen25      http://127.0.0.1:30000/v1
  llama.cpp   llama-server --jinja -m FILE.gguf                http://127.0.0.1:8080/v1
  OpenAI      OPENAI_API_KEY, or the setting api_key_command   (no --base-url)
`responses:NAME` in place of `openai:NAME` speaks the newer of OpenAI's two interfaces."""


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    place = open_place()
    return ACTIONS[options.action](options, place, open_settings(place))


def _parser() -> argparse.ArgumentParser:
    made = parser("model", EPILOG)
    add = made.add_argument
    add("action", choices=[*ACTIONS], metavar="ACTION", help=_("one of {names}").format(names=", ".join(ACTIONS)))
    add("name", nargs="?", metavar="NAME", help=_("embedded, openai:NAME, a folder with a model, or owner/name"))
    add("--base-url", metavar="URL", help=_("of the server, usually ending in /v1"))
    add("--role", choices=ROLES, default="fast", help=_("fast (default): reads the requests; strong; vision"))
    add("--no-check", action="store_true", help=_("use it although it cannot be reached now"))
    add("-y", "--yes", action="store_true", help=_("remove without asking"))
    return made


def _list(options: argparse.Namespace, place: Place, settings: Settings) -> int:
    if options.base_url:
        names = _server(options.name or "openai:any", options.base_url, place, settings).models()
        _print(Table((Column("name"),), tuple((name,) for name in sorted(names))))
        return Exit.DONE
    columns = (Column("role"), Column("name"), Column("where"), Column("memory", Unit.BYTES), Column("fits"))
    _print(Table((*columns, Column("licence"), Column("calls tools")), tuple(_rows(settings))))
    return Exit.DONE


def _rows(settings: Settings) -> Iterator[tuple[Cell, ...]]:
    roles = {role: getattr(settings, name) for role, name in ROLES.items()}
    here = {kept.name: kept for kept in hub.kept()}
    free = room.free_memory()
    for role, name in roles.items():
        if name:
            yield role, name, _where(name, here), None, "", "Apache-2.0" if name == "embedded" else "", ""
    for kept in here.values():
        if kept.name not in roles.values():
            yield "", kept.name, "here", kept.size, _yes(kept.size < free), "", ""
    known = {*roles.values(), *here}
    for rung in ladder():
        if rung.name not in known:
            known.add(rung.name)
            fits = _yes(rung.needs < free) if rung.memory != ON_CARD else ""
            yield "", rung.name, f"for {rung.memory}", rung.needs, fits, rung.licence, rung.score


def _where(name: str, here: Mapping[str, hub.Kept]) -> str:
    if name.partition(":")[0] in SERVERS:
        return "a server"
    return "here" if name == "embedded" or name in here or Path(name).is_dir() else "not here"


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _use(options: argparse.Namespace, place: Place, settings: Settings) -> int:
    name = _full_name(_named(options), options.base_url)
    if options.role == "vision" and name.partition(":")[0] not in SERVERS:
        raise UsageError(_("only models behind a server are shown images: openai:NAME --base-url URL"))
    if not options.no_check:
        _make_ready(name, place, settings)
    setting = ROLES[options.role]
    from llmos.commands import settings_file  # noqa: PLC0415

    file = paths.config_file(os.environ)
    settings_file.change(file, {setting: name})
    print(f"{setting} = {name} ({file})")
    variable = {"model": "LLMOS_MODEL", "strong": "LLMOS_STRONG"}.get(setting, "")
    if variable in place.env:
        print(
            _("llmos: {variable} in the environment still says something else").format(variable=variable),
            file=sys.stderr,
        )
    return Exit.DONE


def _full_name(name: str, base_url: str | None) -> str:
    """With the address of its server, or the whole path of its folder."""
    if name.partition(":")[0] in SERVERS:
        return f"{name}@{base_url.rstrip('/')}" if base_url and "@http" not in name else name
    if base_url:
        raise UsageError(
            _("only models behind a server have a --base-url; did you mean openai:{name}?").format(name=name)
        )
    folder = Path(name).expanduser()
    return str(folder.resolve()) if folder.is_dir() else name


def _make_ready(name: str, place: Place, settings: Settings) -> None:
    """Whatever it needs to answer. Raises UsageError and ModelError."""
    from llmos.models import names  # noqa: PLC0415

    if name.partition(":")[0] in SERVERS:
        _check_served(name, place, settings)
        return
    names.load(name, place.state)  # what is wrong with the name is said first
    if "/" in name and not (folder := hub.folder_of(name)):
        _fetch(name, hub.size_of(name))
    elif "/" in name and folder and not hub.is_whole(folder):
        hub.fetch(name)
    if "/" in name and (folder := hub.folder_of(name)):
        room.seat(name, room.weights(folder), room.this_machine())


def _check_served(name: str, place: Place, settings: Settings) -> None:
    server = _server(name, None, place, settings)
    listed = server.models()
    wanted = server.address.model
    if listed and wanted not in listed and f"{wanted}:latest" not in listed:
        from difflib import get_close_matches  # noqa: PLC0415

        near = get_close_matches(wanted, listed, n=3) or sorted(listed)[:5]
        raise UsageError(
            _("{host} has no model {wanted}; it has {names}").format(
                host=server.address.host, wanted=wanted, names=", ".join(near)
            )
        )


def _fetch(name: str, size: room.Weights) -> None:
    """Only what can be used afterwards is fetched."""
    room.seat(name, size, room.this_machine())
    free = shutil.disk_usage(Path.home()).free
    if size.size > free:
        raise ModelError(
            _("{name} takes {size} on the disk and {size2} are free").format(
                name=name, size=format_size(size.size), size2=format_size(free)
            )
        )
    print(_("llmos: fetching {name}, {size}").format(name=name, size=format_size(size.size)), file=sys.stderr)
    hub.fetch(name)


def _server(name: str, base_url: str | None, place: Place, settings: Settings) -> Server:
    from llmos.models.openai.model import OpenAIModel  # noqa: PLC0415  # loads httpx2

    reach = Reach(base_url or settings.base_url, settings.api_key_command, place.env)
    return OpenAIModel(_full_name(name, base_url), reach).server


def _show(options: argparse.Namespace, _place: Place, settings: Settings) -> int:
    name = _full_name(options.name or settings.model, options.base_url)
    for label, value in _facts(name, settings):
        print(f"{label:12}  {value}")
    return Exit.DONE


def _facts(name: str, settings: Settings) -> Iterator[tuple[str, str]]:
    yield "name", name
    roles = [role for role, setting in ROLES.items() if getattr(settings, setting) == name]
    yield "role", ", ".join(roles) or "none"
    rung = next((rung for rung in ladder() if rung.name == name), None)
    if name.partition(":")[0] in SERVERS:
        from llmos.models.openai.address import address  # noqa: PLC0415

        served = address(name, Reach(settings.base_url))
        yield "server", served.url + ("" if served.here else "; requests and what they are about leave this machine")
        yield "interface", "responses" if served.responses else "chat completions"
    elif folder := (None if name == "embedded" else hub.folder_of(name)):
        needed = room.weights(folder)
        yield "where", str(folder)
        yield "kind", ", ".join(hub.architectures(folder)) or "unknown"
        yield "parameters", f"{needed.parameters / 1e9:.2f} billion, stored as {needed.stored}"
        free = format_size(room.free_memory())
        yield "memory", f"about {format_size(needed.needs('bfloat16'))} in 16 bits; {free} are free"
        yield "calls", _format(folder)
    elif name == "embedded":
        yield "where", "in llmos; see MODEL_CARD.md beside its weights"
    else:
        yield "where", f"not on this machine; `llmos model use {name}` fetches it"
    yield from _recommended(rung) if rung else ()


def _recommended(rung: Rung) -> Iterator[tuple[str, str]]:
    yield "licence", rung.licence
    if rung.score:
        yield "calls tools", f"{rung.score} ({rung.source})"
    yield "get it", rung.how


def _format(folder: Path) -> str:
    """How it writes calls, as far as its template shows."""
    from llmos.decoding.formats import format_of  # noqa: PLC0415

    for file in (folder / "chat_template.jinja", folder / "tokenizer_config.json"):
        if file.is_file() and "{" in (text := file.read_text("utf-8", "replace")) and ("messages" in text):
            return format_of(text.replace('\\"', '"')).name
    return "it has no chat template, so it cannot be used"


def _remove(options: argparse.Namespace, place: Place, settings: Settings) -> int:
    name = _full_name(_named(options), options.base_url)
    if name == "embedded":
        raise UsageError(_("the embedded model is part of llmos and stays"))
    used = [setting for setting in ROLES.values() if getattr(settings, setting) == name]
    kept = next((kept for kept in hub.kept() if kept.name == name), None)
    if not used and not kept:
        raise UsageError(
            _("{name} is neither in use nor on this machine; llmos model list shows what is").format(name=name)
        )
    if kept and not _agreed(f"Remove {name}, {format_size(kept.size)}, from this machine?", options, place):
        return Exit.APPROVAL_NEEDED
    if used:
        from llmos.commands import settings_file  # noqa: PLC0415

        settings_file.change(paths.config_file(os.environ), {setting: DEFAULTS[setting] for setting in used})
    freed = hub.forget(name) if kept else 0
    print(
        _("{name} is removed{what}").format(name=name, what=f"; {format_size(freed)} are free again" if freed else "")
    )
    return Exit.DONE


def _agreed(question: str, options: argparse.Namespace, place: Place) -> bool:
    if options.yes:
        return True
    if not (place.interactive and sys.stdin.isatty()):
        print(_("llmos: {question} Say so with --yes").format(question=question), file=sys.stderr)
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes", "是", "好")


def _named(options: argparse.Namespace) -> str:
    if not options.name:
        raise UsageError(
            _("llmos model {action} needs a name; llmos model list shows some").format(action=options.action)
        )
    return str(options.name)


def _bench(options: argparse.Namespace, place: Place, settings: Settings) -> int:
    from llmos.commands import model_trial  # noqa: PLC0415

    return model_trial.bench(_full_name(options.name or settings.model, options.base_url), place, settings)


def _doctor(options: argparse.Namespace, place: Place, settings: Settings) -> int:
    from llmos.commands import model_trial  # noqa: PLC0415

    names = [options.name] if options.name else [settings.model, settings.strong, settings.vision]
    full = [_full_name(name, options.base_url) for name in dict.fromkeys(names) if name]
    return model_trial.doctor(full, place, settings)


def _print(table: Table) -> None:
    outcome = Outcome(table=table)
    width = shutil.get_terminal_size().columns
    print(layout.for_terminal(outcome, width) if sys.stdout.isatty() else plain_text(outcome))


ACTIONS: Mapping[str, Callable[[argparse.Namespace, Place, Settings], int]] = {
    "list": _list,
    "use": _use,
    "show": _show,
    "bench": _bench,
    "doctor": _doctor,
    "remove": _remove,
}
