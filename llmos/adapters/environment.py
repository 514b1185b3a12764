"""Environment variables as they may be shown: values that look like secrets are hidden.

Reads no environment itself.
"""

from __future__ import annotations

from collections.abc import Mapping

_SECRET = ("KEY", "TOKEN", "SECRET", "PASS", "CREDENTIAL")
HIDDEN = "…"


def looks_secret(name: str) -> bool:
    return any(word in name.upper() for word in _SECRET)


def without_secrets(env: Mapping[str, str]) -> list[tuple[str, str]]:
    """The variables by name, the values of secrets hidden."""
    return [(name, HIDDEN if looks_secret(name) and value else value) for name, value in sorted(env.items())]
