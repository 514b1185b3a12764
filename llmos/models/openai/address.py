"""Which model on which server: `openai:NAME`, `openai:NAME@URL`, and `responses:` for the newer interface.

What is sent there is `requests`' business.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from llmos.errors import UsageError
from llmos.models.base import Reach
from llmos.translation import both

DEFAULT = "https://api.openai.com/v1"


@dataclass(frozen=True)
class Address:
    model: str
    url: str
    """Of the interface as a whole, usually ending in /v1; without a slash at the end."""

    responses: bool = False

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def name(self) -> str:
        """Of the host, without its port."""
        host = urlsplit(self.url).hostname or ""
        return f"[{host}]" if ":" in host else host

    @property
    def here(self) -> bool:
        """The server is on this machine."""
        return is_here(urlsplit(self.url).hostname or "")

    @property
    def exposed(self) -> bool:
        """What is sent could be read on its way."""
        parts = urlsplit(self.url)
        return parts.scheme != "https" and not is_near(parts.hostname or "")


def address(name: str, reach: Reach) -> Address:
    """Raises UsageError."""
    kind, _, rest = name.partition(":")
    model, at, url = rest.rpartition("@") if "@http" in rest else (rest, "", "")
    url = (url if at else reach.base_url) or DEFAULT
    if not model:
        raise UsageError(both("{name} names no model; write openai:NAME").format(name=name))
    try:
        parts = urlsplit(url)
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or bool(parts.username)
        _ = parts.port
    except ValueError:
        wrong = True
    if wrong:
        raise UsageError(
            both("{url} is not the address of a server; write it like http://127.0.0.1:11434/v1").format(url=url)
        )
    return Address(
        model, url.rstrip("/").removesuffix("/chat/completions").removesuffix("/responses"), kind == "responses"
    )


def is_here(host: str) -> bool:
    return host == "localhost" or _is(host, "is_loopback")


def is_near(host: str) -> bool:
    """This machine, or the same private network: names without a dot and addresses that are not routed."""
    return is_here(host) or "." not in host or host.endswith((".local", ".lan", ".internal")) or _is(host, "is_private")


def _is(host: str, what: str) -> bool:
    try:
        return bool(getattr(ipaddress.ip_address(host), what))
    except ValueError:
        return False
