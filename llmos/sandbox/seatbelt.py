"""macOS: a profile for sandbox-exec(1). It is written and compared as text; nobody has run it yet, and llmos says so.

Changes are made at once, other processes are visible, and no limit holds but the time.
"""

from __future__ import annotations

from collections.abc import Iterator

from llmos.sandbox.base import PINNED, Command, Confinement, Entered, Level

PROGRAM = "/usr/bin/sandbox-exec"
UNTRIED = "nobody has run llmos's seatbelt profile on a Mac yet"


class Seatbelt:
    """Asks each time, as level L1."""

    level = Level.L1

    def enter(self, command: Command, confinement: Confinement, report: int) -> Entered:
        return Entered((PROGRAM, "-p", profile(confinement, command.env.get("TMPDIR", "/private/tmp")), *command.argv))


def profile(confinement: Confinement, scratch: str) -> str:
    """In the language of sandbox profiles: of the rules that match, the last one holds."""
    return "\n".join(_rules(confinement, scratch))


def _rules(confinement: Confinement, scratch: str) -> Iterator[str]:
    yield "(version 1)"
    yield "(deny default)"
    yield '(import "system.sb")'
    yield "(allow process-fork process-exec)"
    yield "(allow signal process-info* (target same-sandbox))"
    yield "(allow sysctl-read)"
    yield "(allow file-read*)"
    yield '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/dtracehelper"))'
    for folder in (*confinement.roots, scratch):
        yield f"(allow file-write* (subpath {quoted(folder)}))"
    for root in confinement.roots:
        yield from (f"(deny file-write* (subpath {quoted(f'{root}/{name}')}))" for name in PINNED)
        yield f"(deny file-write-unlink (literal {quoted(f'{root}/.git')}))"
    yield from (f"(deny file-read* file-write* (subpath {quoted(path)}))" for path in confinement.hidden)
    if confinement.network:
        yield "(allow network-outbound) (allow system-socket)"
        yield '(deny network-outbound (subpath "/private/var/run"))'
        yield '(allow network-outbound (literal "/private/var/run/mDNSResponder"))'


def quoted(text: str) -> str:
    """As a string of the profile language, a Scheme."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
