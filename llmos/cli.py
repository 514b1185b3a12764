"""The command line: reads the arguments, picks one front, turns errors into exit codes. Standard library only.

What a front does is in `fronts`; nothing of it is imported for `--help` and `--version`.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Sequence

import llmos
from llmos.commands import COMMANDS
from llmos.errors import Exit, LlmosError, UsageError
from llmos.translation import N_, _, here, translate_argparse

TYPE_CHECKING = False
"""As type checkers know it; `typing` takes longer to load than all the rest that `llmos init` needs."""

if TYPE_CHECKING:
    import argparse

BROKEN_PIPE = 141
"""What a shell reports for a program that wrote into a closed pipe."""

UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EAGAIN)
"""Standard output leads to a full disk, or does not wait; what tools meet on the disk is translated by them."""

EPILOG = N_(
    """\
exit codes: 0 done, 1 failed, 2 usage, 3 denied, 4 nobody there to approve, 5 no sandbox, 6 a limit was hit,
7 not understood, 130 interrupted"""
)


def _epilog() -> str:
    width = max(map(len, COMMANDS), default=0)
    lines = [f"  {name:{width}}  {_(line)}" for name, (_module, line) in COMMANDS.items()]
    return "\n".join(([_("commands (llmos COMMAND --help says more):"), *lines, ""] if lines else []) + [_(EPILOG)])


OBJECTS = 50_000
"""Made before garbage is collected. Modules are no garbage: with Python's 700, a sixth of a start goes into that."""


def main(argv: Sequence[str] | None = None) -> int:
    """What the console script runs."""
    gc.set_threshold(OBJECTS, 20, 20)
    code = _answer(argv)
    gc.freeze()  # all of it goes with the process; a last collection takes 30 ms to find that out
    return code


def _answer(argv: Sequence[str] | None) -> int:
    """The only place where errors become exit codes."""
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except LlmosError as error:
        return _complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return BROKEN_PIPE
    except Exception as bug:
        if isinstance(bug, OSError) and bug.errno in UNWRITABLE:
            _drop_output()
            return _complain(_("cannot write the answer: {strerror}").format(strerror=bug.strerror), Exit.FAILED)
        from llmos.fronts.bugs import one_line  # noqa: PLC0415

        return _complain(one_line(bug, os.environ), Exit.FAILED)
    return code


def _drop_output() -> None:
    """Python flushes once more at exit, and would complain then."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _complain(text: str, code: int) -> int:
    print(f"llmos: {here(text)}", file=sys.stderr)
    return code


def _run(argv: Sequence[str]) -> int:
    _open_missing_streams()
    if argv and argv[0] in COMMANDS:
        return _command(argv[0], argv[1:])
    options = parser().parse_intermixed_args(argv)
    if options.version:
        print(f"llmos {llmos.__version__}")
        return Exit.DONE
    request = _request(options)
    seen = sys.stdout.isatty() or sys.stderr.isatty()
    to_programs = options.json or options.schema or options.output
    if request is None and sys.stdin.isatty() and seen and not to_programs:
        return _interactive(options)
    return _once(options, request)


def _command(name: str, arguments: Sequence[str]) -> int:
    from importlib import import_module  # noqa: PLC0415

    if name != "init":  # which prints ASCII, and every start of a shell waits for it
        from llmos.fronts.screen import prepare_streams  # noqa: PLC0415

        prepare_streams()
    code = import_module(COMMANDS[name][0]).main(arguments)
    assert isinstance(code, int)
    return code


def parser() -> argparse.ArgumentParser:
    import argparse  # noqa: PLC0415  # 10 ms, for which no start of a shell has to wait

    from llmos.commands.options import add_turn_options  # noqa: PLC0415

    translate_argparse()
    made = argparse.ArgumentParser(
        prog="llmos",
        description=_("A shell for plain language. Without a request: interactive, or one request a line from a pipe."),
        epilog=_epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = made.add_argument
    add("request", nargs="*", help=_("what you want done, in English or Chinese; - reads it from standard input"))
    add("-c", dest="command", metavar="REQUEST", help=_("the request, as one argument"))
    add_turn_options(made)
    add("-o", "--output", metavar="FILE", help=_("write the answer to this file, whole or not at all"))
    add("--schema", metavar="FILE", help=_("answer with JSON that fits this JSON schema, or fail"))
    add("--stdin", action=argparse.BooleanOptionalAction, help=_("wait for what is piped in, or do not read it"))
    add("--version", action="store_true", help=_("print the version"))
    made.usage = made.format_usage()[len(_("usage: ")) :].strip()  # parse_intermixed_args would cut 7 characters off
    return made


def _request(options: argparse.Namespace) -> str | None:
    if options.command is not None and options.request:
        raise UsageError(_("give the request either with -c or as arguments, not both"))
    words = [options.command] if options.command is not None else options.request
    request = " ".join(words).encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
    if words and not request:
        raise UsageError(_("the request is empty"))
    return request or None


def _once(options: argparse.Namespace, request: str | None) -> int:
    from llmos.fronts.once import Manner, once  # noqa: PLC0415
    from llmos.fronts.screen import prepare_streams  # noqa: PLC0415

    prepare_streams()
    if options.json and options.schema:
        raise UsageError(_("give either --json, which shows all that happens, or --schema, which shapes the answer"))
    manner = Manner(
        options.json, options.quiet, options.stdin, options.timeout, output=options.output, schema=options.schema
    )
    if request is None and options.stdin is False:
        raise UsageError(_("there is no request"))
    from llmos.commands.opening import open_session  # noqa: PLC0415

    with open_session(options) as session:
        return once(session, request, manner)


def _interactive(options: argparse.Namespace) -> int:
    from llmos.commands.opening import open_session  # noqa: PLC0415
    from llmos.fronts.repl import Repl  # noqa: PLC0415
    from llmos.fronts.screen import prepare_streams  # noqa: PLC0415

    prepare_streams()
    with open_session(options) as session:
        session.keep_as_it_goes()
        return Repl(session, quiet=options.quiet).run()


def _open_missing_streams() -> None:
    """A program started with closed streams has None in their place."""
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115  # as long as the process lives
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
