"""Text from outside in a prompt: a marked block that nothing in it can close, without the frames of a conversation.

How a whole prompt is made is in `chat`. What a model may do after reading it is decided elsewhere.
"""

from __future__ import annotations

import re

BEGIN, END = "<data>", "</data>"

_FRAME = re.compile(
    r"<(?=[|｜])"  # <|im_end|>, <|eot_id|>, <|/tool_call|> and their like
    r"|<(?=/?(?:data|s|bos|eos|tool_calls?|tool_response|tools|think|start_of_turn|end_of_turn|system|user|assistant)>)"
    r"|\[(?=/?(?:INST|TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|SYSTEM_PROMPT|ARGS|CALL_ID)\])",
    re.IGNORECASE,
)
"""Where a tokenizer or a template would read the end of a turn: after that bracket a space is put in."""


def unframed(text: str) -> str:
    """ "<|im_end|>" is "< |im_end|>": still readable, and no token of its own."""
    return _FRAME.sub(lambda match: f"{match[0]} ", text)


def as_data(text: str) -> str:
    return f"{BEGIN}\n{unframed(text)}\n{END}"
