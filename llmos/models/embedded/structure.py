"""Whether one more token fits the grammar of the embedded model's replies, told without building that grammar.

Says yes, or that it does not know; what else could stand there is `grammar`'s business. A test holds the two together.
A trained model almost always wants what the grammar allows, and loading and compiling the grammar takes a cold start
50 ms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llmos.models.embedded.codec import Codec, Parameter, Prompt
from llmos.models.embedded.grammar import kind_of, wholes

_LITERAL = {
    "number": re.compile(r"[0-9A-Za-z +-]+"),
    "path": re.compile(r"[A-Za-z0-9_.*~/?\[\]+:=,-]+"),
    "free": re.compile(r"[^\n\ufffd]+"),  # no part of a character: what follows it would depend on it
}
"""What whole tokens of text may hold; the grammar's limits on length start anew where they are reached."""

_WORD = re.compile(r"<([wr])(\d+)>")


class Structure:
    """The state of one reply."""

    def __init__(self, codec: Codec, prompt: Prompt) -> None:
        self._codec = codec
        self._words = {"number": frozenset(prompt.quantities()), "path": frozenset(prompt.names())}
        self._counts = {"w": len(prompt.words), "r": len(prompt.items)}
        self._wholes = frozenset(wholes(prompt))
        self._tool: str | None = None
        self._ahead: tuple[Parameter, ...] = ()
        """Parameters of the call that may still come."""

        self._value: Parameter | None = None
        self._kind = ""
        """What may stand in the value: number, path, free; "enum" before the one token that it is."""

        self._empty = False
        """Something must still come before the value can end."""

        self._closed = False
        """Nothing can be appended to the element."""

        self._over = False
        """After the end, or <more>, nothing comes."""

    def starts(self) -> Iterator[int]:
        """All ids that a reply may begin with."""
        yield self._codec.id("<say>")
        yield self._codec.id("<ask>")
        yield from (self._codec.id(f"<t:{tool}>") for tool in self._codec.schema)

    def accept(self, token: int) -> bool:
        """True when the token may come next; it is taken then. False: it may not, or only the grammar knows."""
        name = self._codec.name(token)
        if self._over or name is None:
            return not self._over and self._literal(token)
        if name in ("<say>", "<ask>"):
            return self._talk()
        if match := _WORD.fullmatch(name):
            return self._refers(match[1], int(match[2])) and self._append()
        if name.startswith("<v:"):
            return self._enum(name[3:-1])
        if name in self._wholes:
            return self._whole()
        return self._next(name)

    def _refers(self, to: str, index: int) -> bool:
        if to == "w" and self._kind in self._words:
            return index in self._words[self._kind]
        return index < self._counts[to]

    def _talk(self) -> bool:
        if self._tool is not None:
            return False
        self._tool, self._kind, self._empty = "", "free", True
        self._wholes = frozenset()
        return True

    def _literal(self, token: int) -> bool:
        pattern = _LITERAL.get(self._kind)
        text = self._codec.tokenizer.decode([token], skip_special_tokens=False) if pattern else ""
        return bool(pattern and pattern.fullmatch(text)) and self._append()

    def _append(self) -> bool:
        if self._kind not in _LITERAL or self._closed:
            return False
        self._empty = False
        return True

    def _enum(self, value: str) -> bool:
        if self._kind != "enum" or self._value is None or value not in self._value.values:
            return False
        self._kind, self._empty = "", False
        return True

    def _whole(self) -> bool:
        if self._kind == "path" and self._empty:
            self._empty, self._closed = False, True
            return True
        return self._kind == "free" and self._append()

    def _next(self, name: str) -> bool:
        """A token that ends what was before it."""
        if self._empty:
            return False
        if name == "<,>":
            return self._comma()
        if name.startswith("<a:") and self._tool:
            return self._argument(name[3:-1])
        if any(parameter.required for parameter in self._ahead):
            return False
        if name.startswith("<t:") and self._tool != "":
            self._tool, self._ahead, self._value, self._kind = name[3:-1], self._codec.schema[name[3:-1]], None, ""
            return True
        self._over = name == "</s>" or (name == "<more>" and self._tool != "")
        return self._over and self._tool is not None

    def _comma(self) -> bool:
        if self._value is None or not self._value.many or self._kind not in _LITERAL:
            return False
        self._empty, self._closed = True, False
        return True

    def _argument(self, name: str) -> bool:
        for i, parameter in enumerate(self._ahead):
            if parameter.name == name:
                self._ahead, self._value = self._ahead[i + 1 :], parameter
                self._kind = kind_of(parameter)
                self._empty, self._closed = self._kind != "flag", False
                return True
            if parameter.required:
                return False
        return False
