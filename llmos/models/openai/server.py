"""Talks to one server: sends a request, reads its answer while it is written, tries again where that can help.

What is in requests and answers is not its business, except for errors, each of which becomes one line.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import Any

import httpx2

from llmos.errors import ModelError
from llmos.models.openai.address import Address
from llmos.translation import both
from llmos.values.events import Note

Event = dict[str, Any]

TRIES = 4
LONGEST_WAIT = 30.0
"""Seconds between two tries. A server that wants more is said to be busy at once."""

CONNECTING, SILENCE = 10.0, 300.0
"""Seconds. A large model on a small machine reads its prompt for minutes before the first word."""

MOST_BYTES = 16 * 2**20
"""Of one answer. No reply to a shell is longer; a server that does not stop is left."""

_AGAIN = {408, 409, 425, 429, 500, 502, 503, 504, 529}


class Refused(ModelError):
    """The server does not want this request as it is; another one may do."""

    def __init__(self, status: int, said: str, line: str) -> None:
        super().__init__(line)
        self.status = status
        self.said = said
        """In the server's own words."""


class Server:
    def __init__(
        self,
        address: Address,
        key: Callable[[], str],
        patience: float = SILENCE,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`patience`: seconds of silence. `pause` waits between two tries."""
        self.address = address
        self._key = lru_cache(key)
        self._patience = patience
        self._pause = pause

    def models(self) -> list[str]:
        """What the server says it has. Raises ModelError."""
        with self._translated():
            answer = self._client.get(f"{self.address.url}/models", headers=self._headers)
            if answer.status_code >= 400:
                raise self._refused(answer)
            listed = _json(answer.content, self.address).get("data")
            return [str(each.get("id")) for each in listed or [] if isinstance(each, dict)]

    def ask(self, path: str, body: Mapping[str, Any]) -> Iterator[Event | Note]:
        """Events of the answer as they come, or all of it as one. Raises Refused and ModelError."""
        for attempt in range(1, TRIES + 1):
            came = False
            try:
                for event in self._once(path, body):
                    came = True
                    yield event
                return
            except _Busy as busy:
                if came or attempt == TRIES or busy.wait > LONGEST_WAIT:
                    raise busy.error from None
                wait = busy.wait or min(LONGEST_WAIT, 0.5 * 2**attempt) * random.uniform(0.7, 1.3)
                yield Note(
                    both("{why}; trying again in {wait:.0f} s").format(why=busy.why, wait=wait)
                    if wait >= 1
                    else both("{why}; trying again").format(why=busy.why)
                )
                self._pause(wait)

    @cached_property
    def _client(self) -> httpx2.Client:
        limits = httpx2.Timeout(self._patience, connect=CONNECTING)
        try:
            # no proxy leads back to this machine
            direct = {f"all://{self.address.name}": None} if self.address.here else None
            return httpx2.Client(timeout=limits, follow_redirects=False, mounts=direct)
        except (ValueError, httpx2.HTTPError, ImportError, OSError) as error:
            raise ModelError(
                both("the proxy or certificates in the environment cannot be used: {line}").format(line=_line(error))
            ) from None

    @cached_property
    def _headers(self) -> dict[str, str]:
        key = self._key()
        return {"Authorization": f"Bearer {key}"} if key else {}

    def _once(self, path: str, body: Mapping[str, Any]) -> Iterator[Event]:
        with (
            self._translated(),
            self._client.stream("POST", f"{self.address.url}/{path}", json=dict(body), headers=self._headers) as answer,
        ):
            if answer.status_code >= 300:
                answer.read()
                raise self._refused(answer)
            yield from self._events(answer)

    def _events(self, answer: httpx2.Response) -> Iterator[Event]:
        if "text/event-stream" in answer.headers.get("content-type", ""):
            yield from _streamed(_bounded(answer.iter_bytes()))
            return
        whole = b"".join(_bounded(answer.iter_bytes()))
        if whole.lstrip().startswith((b"data:", b"event:", b":")):  # a stream that does not say so
            yield from _streamed(iter([whole]))
        else:
            yield _json(whole, self.address)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """What goes wrong on the way, as one line with what to try."""
        host = self.address.host
        try:
            yield
        except httpx2.ConnectTimeout:
            raise _Busy(
                f"{host} does not answer",
                ModelError(both("{host} does not answer; is the address right?").format(host=host)),
            ) from None
        except httpx2.ProxyError as error:
            raise ModelError(
                both("the proxy refuses {host}: {line}; see HTTPS_PROXY and NO_PROXY").format(
                    host=host, line=_line(error)
                )
            ) from None
        except httpx2.ConnectError as error:
            raise self._unreached(error) from None
        except httpx2.ReadTimeout:
            raise ModelError(
                both("nothing came from {host} for {patience:g} s; try again, or a smaller model").format(
                    host=host, patience=self._patience
                )
            ) from None
        except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError) as error:
            secure = "" if self.address.url.startswith("https") else " (does it want https?)"
            line = f"{host} broke off in the middle of its answer; try again{secure}"
            raise _Busy(f"{host} broke off", ModelError(line)) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            raise ModelError(both("{host} cannot be asked: {line}").format(host=host, line=_line(error))) from None

    def _unreached(self, error: Exception) -> ModelError:
        host, said = self.address.host, str(error)
        if "WRONG_VERSION_NUMBER" in said:
            return ModelError(both("{host} does not speak https; write http:// in its address").format(host=host))
        if "CERTIFICATE" in said.upper() or "SSL" in said.upper():
            return ModelError(
                both("the certificate of {host} is not trusted: {line}; SSL_CERT_FILE names your own").format(
                    host=host, line=_line(error)
                )
            )
        if "refused" in said.lower():
            return ModelError(
                both("nothing listens at {host}; start the server, or try --model embedded").format(host=host)
            )
        if "name" in said.lower() or "address" in said.lower():
            return ModelError(
                both("there is no host {host}, or no network; check the address, or try --model embedded").format(
                    host=host
                )
            )
        return ModelError(both("{host} cannot be reached: {line}").format(host=host, line=_line(error)))

    def _refused(self, answer: httpx2.Response) -> ModelError:
        said, status = _said(answer), answer.status_code
        if key := self._key():
            said = said.replace(key, "[hidden]")
        line = self._advice(status, said, answer)
        if status not in _AGAIN or "quota" in said.lower():
            return Refused(status, said, line)
        return _Busy(f"{self.address.host} is busy ({status})", Refused(status, said, line), _asked_wait(answer))

    def _advice(self, status: int, said: str, answer: httpx2.Response) -> str:
        host, model = self.address.host, self.address.model
        told = f": {said}" if said else ""
        advice = {
            401: f"{host} does not accept the key{told}; set OPENAI_API_KEY or api_key_command",
            404: f"{host} has nothing at {answer.url.path}; the address usually ends in /v1",
            429: f"{host} has too many requests{told}; wait a little, or use another model",
        }
        advice |= {403: advice[401], 405: advice[404]}
        if 300 <= status < 400:
            return f"{host} sends elsewhere, to {answer.headers.get('location', '?')[:120]}; give that as --base-url"
        if status == 404 and "model" in said.lower():
            return f"{host} has no model {model}; llmos model list --base-url {self.address.url} shows which it has"
        if status == 429 and "quota" in said.lower():
            return f"the account at {host} has nothing left{told}"
        if status >= 500:
            return f"{host} failed with {status}{told}; try again later"
        return advice.get(status, f"{host} refuses the request ({status}){told}")


class _Busy(ModelError):
    """Another try may help."""

    def __init__(self, why: str, error: ModelError, wait: float = 0.0) -> None:
        super().__init__(str(error))
        self.why = why
        self.error = error
        self.wait = wait


def _bounded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MOST_BYTES:
            raise ModelError(
                both("the server's answer is longer than {number} MB; stopped reading").format(number=MOST_BYTES >> 20)
            )
        yield piece


def _streamed(pieces: Iterator[bytes]) -> Iterator[Event]:
    """Server-sent events (WHATWG HTML, 9.2): lines end in LF or CRLF, not in what Unicode calls a line end."""
    data: list[bytes] = []
    for line in _lines(pieces):
        if line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
        elif not line and data:
            yield from _event(b"\n".join(data))
            data = []
    if data:
        yield from _event(b"\n".join(data))


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n") if b"\n" in piece else [rest + piece]
        yield from (line.removesuffix(b"\r") for line in whole)
    yield rest.removesuffix(b"\r")


def _event(data: bytes) -> Iterator[Event]:
    if data.strip() in (b"", b"[DONE]"):
        return
    lines = data.split(b"\n")  # some servers leave out the empty line between two events
    for text in [data] if _is_json(data) else lines:
        try:
            value = json.loads(text.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            if text.strip() == b"[DONE]":
                continue
            raise ModelError(both("the server's answer is broken: a piece of it is no JSON; try again")) from None
        if isinstance(value, dict):
            yield value


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def _json(data: bytes, address: Address) -> Event:
    try:
        value = json.loads(data.decode("utf-8", "replace"), strict=False)
        if isinstance(value, dict):
            return value
    except (ValueError, RecursionError):
        pass
    what = "a web page" if data.lstrip()[:1] == b"<" else "no JSON"
    raise ModelError(
        both("{host} answers with {what}: is {url} the address of the model, up to /v1?").format(
            host=address.host, what=what, url=address.url
        )
    )


def _said(answer: httpx2.Response) -> str:
    """The server's own words: `error.message`, `error`, `message` or `detail`, or text that is no page."""
    try:
        value: Any = json.loads(answer.content)
    except (ValueError, RecursionError):
        value = "" if b"<" in answer.content[:200] else answer.content.decode("utf-8", "replace")
    for name in ("error", "message", "detail"):
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict):
            value = value.get(name, value)
    words = value if isinstance(value, str) else json.dumps(value)
    return " ".join(words.split())[:300].rstrip(".")


def _asked_wait(answer: httpx2.Response) -> float:
    """Seconds the server wants; 0 when it does not say. Dates are rare there and not read."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        if re.fullmatch(r"\d+(\.\d+)?", given := answer.headers.get(name, "").strip()):
            return float(given) * scale
    return 0.0


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
