"""How models write a call in their text: a table of wrappers, found by what stands in a chat template.

What stands between the wrappers is `syntax`; reading is `parse`, which knows all of them at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from llmos.decoding import syntax
from llmos.decoding.syntax import Syntax
from llmos.values import messages


@dataclass(frozen=True)
class Format:
    """A call is begin, before_name, the name, before_arguments, the arguments, after, end."""

    name: str
    markers: tuple[str, ...]
    """All of them stand in the chat template of models that write this way."""

    begin: str
    """Tells a call from text; where it is empty the call is the whole reply, and no text begins with "{" or "["."""

    before_name: str
    before_arguments: str
    after: str
    end: str
    between: str | None = None
    """Between two calls of one reply; None where there is only one."""

    arguments: Syntax = syntax.JSON

    thought: tuple[str, str] | None = None
    """What stands around reasoning that the template does not suppress."""

    before_text: str = ""
    """What stands before an answer that is no call."""

    @property
    def several(self) -> bool:
        return self.between is not None

    def written(self, name: str, arguments: Mapping[str, messages.JSON]) -> str:
        """A whole call, as the model itself would write it."""
        inside = self.arguments.write(arguments)
        return "".join((self.begin, self.before_name, name, self.before_arguments, inside, self.after, self.end))


HERMES = Format(
    "hermes", ("<tool_call>",), "<tool_call>", '\n{"name": "', '", "arguments": ', "}\n", "</tool_call>", between="\n"
)
QWEN3_CODER = Format(
    "qwen3_coder", ("<tool_call>", "<function="), "<tool_call>", "\n<function=", ">\n", "</function>\n", "</tool_call>",
    between="\n", arguments=syntax.XML,
)  # fmt: skip
GLM = Format(
    "glm", ("<tool_call>", "<arg_key>"), "<tool_call>", "", "\n", "", "</tool_call>", between="\n",
    arguments=syntax.PAIRS,
)  # fmt: skip
PHI = Format(
    "phi", ("<|/tool_call|>",), "<|tool_call|>", '{"name": "', '", "arguments": ', "}", "<|/tool_call|>", between=""
)
GRANITE = Format("granite", ("<|tool_call|>",), "<|tool_call|>", '[{"name": "', '", "arguments": ', "}]", "")
MISTRAL = Format("mistral", ("[TOOL_CALLS]",), "[TOOL_CALLS]", '[{"name": "', '", "arguments": ', "}]", "")
MISTRAL_ARGS = Format("mistral_args", ("[TOOL_CALLS]", "[ARGS]"), "[TOOL_CALLS]", "", "[ARGS]", "", "", between="")
LFM2 = Format(
    "lfm2", ("<|tool_call_start|>",), "<|tool_call_start|>", "[", "(", ")]", "<|tool_call_end|>",
    arguments=syntax.PYTHON,
)  # fmt: skip
FUNCTIONGEMMA = Format(
    "functiongemma", ("<start_function_call>",), "<start_function_call>", "call:", "", "", "<end_function_call>",
    between="", arguments=syntax.Escaped("<escape>"),
)  # fmt: skip
GEMMA4 = Format(
    "gemma4", ("<|tool_call>",), "<|tool_call>", "call:", "", "", "<tool_call|>", between="",
    arguments=syntax.Escaped('<|"|>'),
)  # fmt: skip
HARMONY = Format(
    "harmony",
    ("<|channel|>", "<|message|>"),
    "<|channel|>commentary to=functions.",
    "",
    " <|constrain|>json<|message|>",
    "",
    "<|call|>",
    thought=("<|channel|>analysis<|message|>", "<|end|><|start|>assistant"),
    before_text="<|channel|>final<|message|>",
)
DEEPSEEK = Format(
    "deepseek", ("<｜tool▁calls▁begin｜>",), "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>",
    "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>",
)  # fmt: skip
LLAMA3_JSON = Format(
    "llama3_json", ('{"name": function name, "parameters"',), "", '{"name": "', '", "parameters": ', "}", ""
)
PYTHONIC = Format("pythonic", ("[func_name1(params_name1=",), "", "[", "(", ")]", "", arguments=syntax.PYTHON)
JSON = Format("json", (), "", '{"name": "', '", "arguments": ', "}", "")

FORMATS = (
    HARMONY, DEEPSEEK, MISTRAL_ARGS, MISTRAL, PHI, GRANITE, LFM2, FUNCTIONGEMMA, GEMMA4, QWEN3_CODER, GLM, HERMES,
    LLAMA3_JSON, PYTHONIC, JSON,
)  # fmt: skip
"""The first whose markers are all found counts; the last has none."""


def format_of(chat_template: str) -> Format:
    return next(form for form in FORMATS if all(marker in chat_template for marker in form.markers))
