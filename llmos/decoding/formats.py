"""How models write a call in their text: a table of wrappers, found by what stands in a chat template.

All of them hold JSON. Wrappers with a syntax of their own (`<function=…>`, `call:f{…}`) are not written here; such a
model gets the plain form and is held to it by the grammar.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A call is begin, before_name, the name, before_arguments, the arguments as JSON, after, end."""

    name: str
    marker: str
    """Stands in the chat template of models that write this way."""

    begin: str
    """Tells a call from text; where it is empty the call is the whole reply, and no text begins with "{"."""

    before_name: str
    before_arguments: str
    after: str
    end: str
    between: str | None = None
    """Between two calls of one reply; None where there is only one."""

    @property
    def several(self) -> bool:
        return self.between is not None


HERMES = Format(
    "hermes", "<tool_call>", "<tool_call>", '\n{"name": "', '", "arguments": ', "}\n", "</tool_call>", between="\n"
)
PHI = Format(
    "phi", "<|/tool_call|>", "<|tool_call|>", '{"name": "', '", "arguments": ', "}", "<|/tool_call|>", between=""
)
MISTRAL = Format("mistral", "[TOOL_CALLS]", "[TOOL_CALLS]", '[{"name": "', '", "arguments": ', "}]", "")
LLAMA3_JSON = Format(
    "llama3_json", '{"name": function name, "parameters"', "", '{"name": "', '", "parameters": ', "}", ""
)
JSON = Format("json", "", "", '{"name": "', '", "arguments": ', "}", "")

FORMATS = (MISTRAL, PHI, HERMES, LLAMA3_JSON, JSON)
"""The first whose marker is found counts; the marker of the last is found in everything."""


def format_of(chat_template: str) -> Format:
    return next(form for form in FORMATS if form.marker in chat_template)
