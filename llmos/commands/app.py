"""`llmos app`: small programs from a description, or from calls just made: made, shown, run, edited, tested, shared.

What an app is: apps/app.py. How it runs: apps/runner.py.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from llmos.commands.opening import open_place, open_session, open_settings, parser
from llmos.commands.options import add_turn_options
from llmos.errors import Exit, LlmosError, UsageError
from llmos.translation import _

if TYPE_CHECKING:
    from llmos.apps.app import App
    from llmos.apps.runner import AppModel
    from llmos.apps.shelf import Shelf

EPILOG = """\
  llmos app new cleanup "delete the tmp files in Downloads, then show its disk usage"
  llmos app new cleanup --last 2           of the last two requests; --parameter folder=Downloads makes one a parameter
  llmos app list                           all of them, with what they may do
  llmos app show NAME [--version N]        its text: the steps, the effects, how it is asked for
  llmos app run NAME [folder=~/Music ...]  or simply say its name: llmos "cleanup"
  llmos app test NAME                      run it on a copy of its folder and show what it changed there
  llmos app edit NAME                      in $EDITOR; every version is kept
  llmos app back NAME N                    make version N the newest
  llmos app review NAME                    show an app that waits, and accept it
  llmos app export NAME FILE               one file to give to somebody
  llmos app import FILE                    it runs once you have reviewed it
  llmos app remove NAME

An app is a list of calls like those of any request: each is shown, asked for, confined and undone in the same way, and
nothing runs that the app does not declare."""


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_intermixed_args(arguments)
    action, *words = options.words or ["list"]
    if action not in ACTIONS:
        raise UsageError(
            _("llmos app cannot {action!r}; there are {names}").format(action=action, names=", ".join(ACTIONS))
        )
    return ACTIONS[action](words, options)


def _parser() -> argparse.ArgumentParser:
    made = parser("app", EPILOG)
    made.add_argument("words", nargs="*", metavar="ACTION")
    made.add_argument("--last", type=int, metavar="N", help=_("new: of the last N requests instead of a description"))
    made.add_argument(
        "--parameter", action="append", default=[], metavar="NAME=VALUE", help=_("new: a value to ask for")
    )
    made.add_argument("--version", type=int, metavar="N", help=_("show: an earlier version"))
    add_turn_options(made)
    return made


def _shelf() -> Shelf:
    from llmos.apps.shelf import open_shelf  # noqa: PLC0415  # not for --help

    return open_shelf(open_place())


def _one(words: Sequence[str], form: str) -> str:
    if len(words) != 1:
        raise UsageError(_("it is: llmos app {form}").format(form=form))
    return words[0]


# ---- made


def _new(words: Sequence[str], options: argparse.Namespace) -> int:
    name, description = _named(words, options)
    app = _of_last(name, description, options) if options.last else _of_description(name, description, options)
    _show_text(app)
    if not _agreed(f"keep {app.name}?", options):
        return Exit.DENIED
    app = _shelf().keep(app, trusted=True)
    _note(
        _("{name} is kept, version {version}: llmos app run {name}, or say “{phrases}”").format(
            name=app.name, version=app.version, phrases=app.phrases[0]
        )
    )
    if app.schedule:
        _note(
            _('to have it run {schedule}: llmos routines add {name} "{schedule}"').format(
                schedule=app.schedule, name=app.name
            )
        )
    return Exit.DONE


def _named(words: Sequence[str], options: argparse.Namespace) -> tuple[str, str]:
    """A name is one word; without one it is made of the description."""
    if options.last and len(words) == 1:
        return words[0], ""
    if len(words) == 1:
        found = [word for word in words[0].lower().split() if word.isascii() and word.isalpha() and len(word) > 3]
        return "-".join(found[:3])[:40] or "app", words[0]
    if len(words) == 2:
        return words[0], words[1]
    raise UsageError(_('it is: llmos app new NAME "what it does", or llmos app new NAME --last N'))


def _of_description(name: str, description: str, options: argparse.Namespace) -> App:
    from llmos.apps.compile import compiled, made  # noqa: PLC0415

    with open_session(options) as session:
        found = compiled(description, session.reader, session.conversation.place, session.settings.sure)
    for problem in found.problems:
        _note(_("not made into a step: {problem}").format(problem=problem))
    if found.problems or not found.steps:
        raise LlmosError(_("no app was made; say each part as you would ask for it, and leave out what cannot be done"))
    return made(name, description, found.steps, found.schedule, _parameters(options))


def _of_last(name: str, description: str, options: argparse.Namespace) -> App:
    from llmos.apps.compile import made, of_calls  # noqa: PLC0415
    from llmos.memory.turns import back  # noqa: PLC0415

    place = open_place()
    turns = [back(place.state, count) for count in range(options.last, 0, -1)]
    pairs = [(result.call, result, turn.request) for turn in turns for result in turn.results]
    steps = of_calls(pairs, replace(place, cwd=turns[-1].cwd))
    return made(name, description or "; ".join(turn.request for turn in turns), steps, "", _parameters(options))


def _parameters(options: argparse.Namespace) -> dict[str, str]:
    found = {}
    for text in options.parameter:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--parameter is NAME=VALUE, not {text!r}")
        whole = os.path.abspath(os.path.expanduser(value))
        found[name] = whole if os.path.lexists(whole) else value
    return found


# ---- looked at


def _list(words: Sequence[str], options: argparse.Namespace) -> int:
    shelf = _shelf()
    for name in shelf.names():
        try:
            app = shelf.app(name)
        except UsageError as error:
            print(_("{name}\t\tcannot be read: {error}").format(name=name, error=error))
            continue
        waits = "" if shelf.is_trusted(name) else "\twaits: llmos app review " + name
        print(f"{name}\t{', '.join(app.effects)}\t{app.description}{waits}")
    if not shelf.names():
        _note(_('there are no apps yet; llmos app new NAME "what it does" makes one'))
    return Exit.DONE


def _show(words: Sequence[str], options: argparse.Namespace) -> int:
    print(_shelf().text(_one(words, "show NAME"), options.version).rstrip())
    return Exit.DONE


def _review(words: Sequence[str], options: argparse.Namespace) -> int:
    shelf, name = _shelf(), _one(words, "review NAME")
    app = shelf.app(name)
    _show_text(app)
    if not _agreed(f"let {name} run, with these effects: {', '.join(app.effects)}?", options):
        return Exit.DENIED
    shelf.trust(name)
    return Exit.DONE


def _show_text(app: App) -> None:
    from llmos.apps.app import dumps  # noqa: PLC0415

    print(dumps(app).rstrip())


# ---- run


def _run(words: Sequence[str], options: argparse.Namespace) -> int:
    if not words:
        raise UsageError(_("it is: llmos app run NAME [PARAMETER=VALUE ...]"))
    from llmos.apps.runner import AppModel, check_trusted  # noqa: PLC0415
    from llmos.fronts.once import Manner, once  # noqa: PLC0415

    shelf, name = _shelf(), words[0]
    app = shelf.app(name)
    check_trusted(name, shelf)
    model = AppModel(app, _values(words[1:]))
    with open_session(options) as session:
        session.model = model
        return once(session, " ".join(words), Manner(options.json, options.quiet, stdin=False, timeout=options.timeout))


def _values(words: Sequence[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    if any(not equals for _, equals, _ in pairs):
        raise UsageError(_("a value for a parameter is written PARAMETER=VALUE"))
    return {name: os.path.expanduser(value) for name, _, value in pairs}


def _test(words: Sequence[str], options: argparse.Namespace) -> int:
    """On a copy, with a state of its own: what happens there is nowhere else."""
    if not words:
        raise UsageError(_("it is: llmos app test NAME [PARAMETER=VALUE ...]"))
    from llmos.apps.rehearsal import contents, differences, on_copy  # noqa: PLC0415
    from llmos.apps.runner import AppModel, check_trusted  # noqa: PLC0415

    shelf, place = _shelf(), open_place()
    app = shelf.app(words[0])
    check_trusted(words[0], shelf)  # a test runs without asking
    with tempfile.TemporaryDirectory(prefix="llmos-app-") as folder:
        base = Path(os.path.realpath(folder))
        moved, values, copy, cwd = on_copy(app, {**app.parameters, **_values(words[1:])}, place.cwd, base)
        before = contents(copy)
        code = _run_in(cwd, base / "state", AppModel(moved, values, str(copy)), options)
        for line in differences(before, contents(copy)):
            print(line)
    _note(
        _("{name} {what} on a copy; nothing else was touched").format(
            name=app.name, what="went well" if code == Exit.DONE else "did not go well"
        )
    )
    return code


def _run_in(folder: Path, state: Path, model: AppModel, options: argparse.Namespace) -> int:
    from llmos.fronts.once import Manner, once  # noqa: PLC0415
    from llmos.session import Choices, Session  # noqa: PLC0415

    place = replace(open_place(str(folder)), state=str(state))
    session = Session(open_settings(place), place, Choices(approve=True), model=model, note=_note)
    try:
        return once(session, "test", Manner(options.json, options.quiet, stdin=False))
    finally:
        session.close()


# ---- changed and shared


def _edit(words: Sequence[str], options: argparse.Namespace) -> int:
    from llmos.apps.app import loads  # noqa: PLC0415

    shelf, name = _shelf(), _one(words, "edit NAME")
    text = shelf.text(name)
    with tempfile.NamedTemporaryFile("w+", suffix=".toml", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ("vi" if sys.stdin.isatty() else "")
        if not editor:
            raise UsageError(_("set EDITOR to the program to edit with"))
        subprocess.run(["/bin/sh", "-c", f'{editor} "$1"', "sh", file.name], check=False)
        edited = Path(file.name).read_text("utf-8")
    if edited == text:
        _note(_("nothing was changed"))
        return Exit.DONE
    app = shelf.keep(replace(loads(edited, name), name=name), trusted=shelf.is_trusted(name))
    _note(_("{name} is now version {version}").format(name=name, version=app.version))
    return Exit.DONE


def _back(words: Sequence[str], options: argparse.Namespace) -> int:
    if len(words) != 2 or not words[1].isdigit():
        raise UsageError(_("it is: llmos app back NAME N"))
    shelf = _shelf()
    trusted = words[0] in shelf.names() and shelf.is_trusted(words[0])  # what was never reviewed does not become so
    app = shelf.keep(shelf.app(words[0], int(words[1])), trusted=trusted)
    _note(
        _("{words} is as in version {words2} again, as version {version}").format(
            words=words[0], words2=words[1], version=app.version
        )
    )
    return Exit.DONE


def _remove(words: Sequence[str], options: argparse.Namespace) -> int:
    name = _one(words, "remove NAME")
    shelf = _shelf()
    shelf.remove(name)
    _note(
        _("{name} is removed; its versions stay in {number}").format(name=name, number=shelf.folder / "versions" / name)
    )
    return Exit.DONE


def _export(words: Sequence[str], options: argparse.Namespace) -> int:
    if len(words) != 2:
        raise UsageError(_("it is: llmos app export NAME FILE"))
    try:
        with open(words[1], "x", encoding="utf-8") as file:
            file.write(_shelf().text(words[0]))
    except OSError as error:
        raise LlmosError(f"{words[1]}: {error.strerror}") from None
    return Exit.DONE


def _import(words: Sequence[str], options: argparse.Namespace) -> int:
    from llmos.apps.app import loads  # noqa: PLC0415

    file = _one(words, "import FILE")
    try:
        app = loads(Path(file).read_text("utf-8"), file)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {getattr(error, 'strerror', None) or 'it is not text'}") from None
    shelf = _shelf()
    if app.name in shelf.names():
        raise UsageError(
            _("there is an app {name} already; rename the one in the file, or remove yours first").format(name=app.name)
        )
    shelf.keep(app, trusted=False)
    _note(_("{name} is there and does not run yet: llmos app review {name} shows it and asks").format(name=app.name))
    return Exit.DONE


def _agreed(question: str, options: argparse.Namespace) -> bool:
    if options.yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        _note(_("not kept, nobody is here to agree; --yes agrees"))
        return False
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes", "是")


def _note(text: str) -> None:
    print(_("llmos: {text}").format(text=text), file=sys.stderr)


ACTIONS: Mapping[str, Callable[[Sequence[str], argparse.Namespace], int]] = {
    "new": _new, "list": _list, "show": _show, "run": _run, "test": _test, "edit": _edit, "back": _back,
    "review": _review, "remove": _remove, "export": _export, "import": _import,
}  # fmt: skip
