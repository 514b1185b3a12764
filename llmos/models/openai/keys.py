"""The key for a server: printed by a command of the user's, from the environment, or from the keyring.

A key is never written anywhere by llmos, and never sent where it could be read on its way.
"""

from __future__ import annotations

import subprocess

from llmos.errors import ModelError
from llmos.models.base import Reach
from llmos.models.openai.address import Address
from llmos.translation import both

VARIABLE = "OPENAI_API_KEY"
PATIENCE = 60.0
"""Seconds for the command: it may ask for a fingerprint."""


def key(address: Address, reach: Reach) -> str:
    """ "" when there is none: servers on this machine want none. Raises ModelError."""
    found = _printed(reach) if reach.key_command else reach.env.get(VARIABLE, "").strip() or _kept(address.host)
    if found and address.exposed:
        raise ModelError(
            both(
                "the key would cross the network unencrypted on its way to {host}; use https, or unset {variable}"
            ).format(host=address.host, variable=VARIABLE)
        )
    if not found.isascii() or not found.isprintable():
        raise ModelError(
            both("the key for {host} holds characters that no key has; set it again").format(host=address.host)
        )
    return found


def _printed(reach: Reach) -> str:
    try:
        done = subprocess.run(
            reach.key_command, shell=True, env=dict(reach.env) or None, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelError(
            both("api_key_command did not print a key: {name}").format(name=type(error).__name__)
        ) from None
    printed = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode or not printed:
        why = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0][:120] or f"exit code {done.returncode}"
        raise ModelError(both("api_key_command did not print a key ({why}); try it in a shell").format(why=why))
    return printed.splitlines()[0]


def _kept(host: str) -> str:
    """In the keyring, under "llmos" and the host: `keyring set llmos api.openai.com`."""
    try:
        import keyring  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415  # installed or not

        return keyring.get_password("llmos", host) or ""
    except Exception:  # no such package, no keyring, locked: each backend has errors of its own
        return ""
