"""Replies as models of each family write them: calls well written, calls that can be mended, and what is none.

Well written ones follow the chat templates and the documentation of each family; the broken ones are ways in which
small models were seen to miss them.
"""

from __future__ import annotations

from dataclasses import dataclass

READ = ("read_file", {"path": ["notes.txt"]})
FIND = ("find_files", {"name": ["*.py"], "limit": 3})


@dataclass(frozen=True)
class Recorded:
    """What one family writes."""

    parsed: tuple[str, ...]
    """Each is READ; those that hold find_files are READ and FIND."""

    repaired: tuple[str, ...]
    """The same, with something wrong that leaves one reading."""

    refused: tuple[str, ...]
    """More than one reading is left, or none: an error, never a call."""


_OBJECT = '{"name": "read_file", "arguments": {"path": ["notes.txt"]}}'
_SECOND = '{"name": "find_files", "arguments": {"name": ["*.py"], "limit": 3}}'

FAMILIES: dict[str, Recorded] = {
    "hermes": Recorded(
        (
            f"<tool_call>\n{_OBJECT}\n</tool_call>",
            f"<think>\nI need the file.\n</think>\n\n<tool_call>\n{_OBJECT}\n</tool_call>",
            f"<tool_call>\n{_OBJECT}\n</tool_call>\n<tool_call>\n{_SECOND}\n</tool_call>",
            f"I will read it.\n<tool_call>\n{_OBJECT}\n</tool_call><|im_end|>",
        ),
        (
            f"<tool_call>\n{_OBJECT}",
            f"<tool_call>\n{_OBJECT[:-1]}\n",
            "<tool_call>{'name': 'read_file', 'arguments': {'path': ['notes.txt']}}</tool_call>",
            '<tool_call>{"name": "read_file", "arguments": "{\\"path\\": [\\"notes.txt\\"]}"}</tool_call>',
            '<tool_call>{"name": "read_file", "parameters": {"path": "notes.txt"}}</tool_call>',
            f"```json\n{_OBJECT}\n```",
            f"<tool_call>\n{_OBJECT}\n</tool_call>\n<tool_response>\nmade up\n</tool_response>",
        ),
        (
            '<tool_call>\n{"name": "read_file", "arguments": {"path": ["not',
            "<tool_call>\nread it\n</tool_call>",
            '<tool_call>{"arguments": {"path": ["notes.txt"]}}</tool_call>',
            '<tool_call>{"name": "read_file", "arguments": ["notes.txt"]}</tool_call>',
        ),
    ),
    "qwen3_coder": Recorded(
        (
            '<tool_call>\n<function=read_file>\n<parameter=path>\n["notes.txt"]\n</parameter>\n</function>\n</tool_call>',
            "<tool_call>\n<function=read_file>\n<parameter=path>\nnotes.txt\n</parameter>\n</function>\n</tool_call>",
            "<tool_call>\n<function=read_file>\n<parameter=path>\nnotes.txt\n</parameter>\n</function>\n</tool_call>\n"
            '<tool_call>\n<function=find_files>\n<parameter=name>\n["*.py"]\n</parameter>\n<parameter=limit>\n3\n'
            "</parameter>\n</function>\n</tool_call>",
        ),
        (
            "<function=read_file>\n<parameter=path>\nnotes.txt\n</parameter>\n</function>",
            "<tool_call>\n<function=read_file>\n<parameter=path>\nnotes.txt\n</parameter>\n</tool_call>",
            '<tool_call><function=read_file>{"path": ["notes.txt"]}</function></tool_call>',
        ),
        (
            "<tool_call>\n<function=read_file>\n<parameter=path>\nnot",
            "<tool_call>\n<parameter=path>\nnotes.txt\n</parameter>\n</tool_call>",
        ),
    ),
    "glm": Recorded(
        ('<tool_call>read_file\n<arg_key>path</arg_key>\n<arg_value>["notes.txt"]</arg_value>\n</tool_call>',),
        ("<tool_call>read_file<arg_key>path</arg_key><arg_value>notes.txt</arg_value>",),
        ("<tool_call>read_file\n<arg_key>path</arg_key>\n<arg_value>not",),
    ),
    "phi": Recorded(
        (f"<|tool_call|>{_OBJECT}<|/tool_call|>", f"<|tool_call|>[{_OBJECT}, {_SECOND}]<|/tool_call|>"),
        (f"<|tool_call|>{_OBJECT[:-2]}", f"<|tool_call|>[{_OBJECT}"),
        ('<|tool_call|>{"name": "read_file", "arguments": {"path": ["n',),
    ),
    "granite": Recorded(
        (f"<|tool_call|>[{_OBJECT}]", f"<|tool_call|>[{_OBJECT}, {_SECOND}]<|end_of_text|>"),
        (f"<|tool_call|>{_OBJECT}", f"<tool_call>[{_OBJECT}]"),
        ('<|tool_call|>[{"name": "read_file", "arguments": {"pa',),
    ),
    "mistral": Recorded(
        (f"[TOOL_CALLS][{_OBJECT}]", f"[TOOL_CALLS] [{_OBJECT}, {_SECOND}]</s>"),
        (f"[TOOL_CALLS]{_OBJECT}", f"[TOOL_CALLS][{_OBJECT}"),
        ('[TOOL_CALLS][{"name": "read_file", "arguments": {"path": ["no',),
    ),
    "mistral_args": Recorded(
        (
            '[TOOL_CALLS]read_file[ARGS]{"path": ["notes.txt"]}',
            '[TOOL_CALLS]read_file[CALL_ID]a1B2c3D4e[ARGS]{"path": ["notes.txt"]}</s>',
            '[THINK]I read it.[/THINK][TOOL_CALLS]read_file[ARGS]{"path": ["notes.txt"]}'
            '[TOOL_CALLS]find_files[ARGS]{"name": ["*.py"], "limit": 3}',
        ),
        ('[TOOL_CALLS]read_file[ARGS]{"path": ["notes.txt"]', '[TOOL_CALLS]read_file{"path": "notes.txt"}'),
        ('[TOOL_CALLS]read_file[ARGS]{"path": ["no', "[TOOL_CALLS]"),
    ),
    "llama3_json": Recorded(
        (
            '{"name": "read_file", "parameters": {"path": ["notes.txt"]}}',
            '<|python_tag|>{"name": "read_file", "parameters": {"path": ["notes.txt"]}}<|eom_id|>',
            '<|python_tag|>{"name": "read_file", "parameters": {"path": ["notes.txt"]}}; '
            '{"name": "find_files", "parameters": {"name": ["*.py"], "limit": 3}}',
        ),
        (
            '{"type": "function", "name": "read_file", "parameters": {"path": "[\\"notes.txt\\"]"}}',
            '<function=read_file>{"path": ["notes.txt"]}</function>',
            '{"name": "read_file", "parameters": {"path": ["notes.txt"]}',
        ),
        ('{"name": "read_file", "parameters": {"path": ["no',),
    ),
    "pythonic": Recorded(
        (
            '[read_file(path=["notes.txt"])]',
            '[read_file(path=["notes.txt"]), find_files(name=["*.py"], limit=3)]',
            '<|python_start|>[read_file(path=["notes.txt"])]<|python_end|><|eot_id|>',
        ),
        (
            "[read_file(path='notes.txt')]",
            'read_file(path=["notes.txt"])',
            '```python\nread_file(path=["notes.txt"])\n```',
        ),
        ('<|python_start|>[read_file(path=["no', '<|python_start|>[read_file("notes.txt")]<|python_end|>'),
    ),
    "lfm2": Recorded(
        (
            '<|tool_call_start|>[read_file(path=["notes.txt"])]<|tool_call_end|>',
            '<|tool_call_start|>[read_file(path=["notes.txt"]), find_files(name=["*.py"], limit=3)]'
            "<|tool_call_end|>Done.",
        ),
        ('<|tool_call_start|>[read_file(path="notes.txt")]', f"<|tool_call_start|>{_OBJECT}<|tool_call_end|>"),
        ('<|tool_call_start|>[read_file(path=["no', "<|tool_call_start|>[read_file(path=here)]<|tool_call_end|>"),
    ),
    "functiongemma": Recorded(
        (
            "<start_function_call>call:read_file{path:[<escape>notes.txt<escape>]}<end_function_call>",
            "<start_function_call>call:read_file{path:[<escape>notes.txt<escape>]}<end_function_call>"
            "<start_function_call>call:find_files{name:[<escape>*.py<escape>],limit:3}<end_function_call>",
        ),
        (
            "<start_function_call>call:read_file{path:<escape>notes.txt<escape>}<end_function_call>",
            "<start_function_call>call:read_file{path:[<escape>notes.txt<escape>]}",
        ),
        ("<start_function_call>call:read_file{path:[<escape>no", "<start_function_call>read it<end_function_call>"),
    ),
    "gemma4": Recorded(
        ('<|tool_call>call:read_file{path:[<|"|>notes.txt<|"|>]}<tool_call|>',),
        ('<|tool_call>call:read_file{path:<|"|>notes.txt<|"|>}',),
        ('<|tool_call>call:read_file{path:[<|"|>no',),
    ),
    "harmony": Recorded(
        (
            '<|channel|>commentary to=functions.read_file <|constrain|>json<|message|>{"path": ["notes.txt"]}<|call|>',
            "<|channel|>analysis<|message|>I need the file.<|end|><|start|>assistant<|channel|>commentary"
            ' to=functions.read_file <|constrain|>json<|message|>{"path": ["notes.txt"]}<|call|>',
            "<|start|>assistant to=functions.read_file<|channel|>commentary json<|message|>"
            '{"path": ["notes.txt"]}<|call|>',
        ),
        (
            '<|channel|>commentary to=functions.read_file<|message|>{"path": "notes.txt"}',
            '<|channel|>commentary to=read_file <|constrain|>json<|message|>{"path": ["notes.txt"]}',
        ),
        ('<|channel|>commentary to=functions.read_file <|constrain|>json<|message|>{"path": ["no',),
    ),
    "deepseek": Recorded(
        (
            '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>read_file<｜tool▁sep｜>{"path": ["notes.txt"]}'
            "<｜tool▁call▁end｜><｜tool▁calls▁end｜><｜end▁of▁sentence｜>",
            "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>read_file\n```json\n"
            '{"path": ["notes.txt"]}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
        ),
        ('<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>read_file<｜tool▁sep｜>{"path": "notes.txt"}',),
        ('<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>read_file<｜tool▁sep｜>{"path": ["no',),
    ),
    "kimi": Recorded(
        (
            "<|tool_calls_section_begin|><|tool_call_begin|>functions.read_file:0<|tool_call_argument_begin|>"
            '{"path": ["notes.txt"]}<|tool_call_end|><|tool_calls_section_end|>',
        ),
        (
            "<|tool_calls_section_begin|><|tool_call_begin|>functions.read_file:0<|tool_call_argument_begin|>"
            '{"path": "notes.txt"}',
        ),
        ("<|tool_calls_section_begin|><|tool_call_begin|>functions.read_file:0<|tool_call_argument_begin|>{",),
    ),
    "json": Recorded(
        (_OBJECT, f"[{_OBJECT}, {_SECOND}]"),
        (_OBJECT[:-1], '{"tool": "read_file", "args": {"path": "notes.txt"}}', f"```\n{_OBJECT}\n```"),
        ('{"name": "read_file", "arguments": {"path": ["no',),
    ),
}

TEXTS = (
    "Use read_file to look at it.",
    'A call looks like {"name": "read_file", "arguments": {"path": ["x"]}} and then the result follows.',
    "In Python that is read_file(path=...), as you know.",
    "Hermes writes <tool_call> before a call.",
    "[1, 2, 3]",
    '{"colour": "red"}',
    "| name | size |\n|---|---|\n| a | 3 |",
    "```python\nprint('hello')\n```",
    "The tag <function=x> begins a call.",
    "a < b and b > c",
    "结果是 [read_file] 这个工具。",
)
"""What looks like a call to somebody in a hurry, and is none."""
