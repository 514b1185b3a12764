"""Models behind a server: a real one on 127.0.0.1 that answers well, and in thirty ways badly."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from llmos.errors import ModelError
from llmos.models.base import Context, Reach
from llmos.models.openai.address import address
from llmos.models.openai.keys import key
from llmos.models.openai.model import OpenAIModel
from llmos.models.openai.server import Server
from llmos.tools.registry import Registry
from llmos.values.events import Note
from llmos.values.messages import AssistantMessage, Outcome, Reply, ToolCall, ToolMessage, ToolResult, UserMessage
from llmos.values.place import Place
from tests.models import odd_server as odd
from tests.models.odd_server import DONE, USAGE, Answer, call, calling, delta, event, running

REGISTRY = Registry()
SCHEMAS = tuple(REGISTRY[name].schema() for name in ("list_folder", "find_files", "set_priority", "delete_files"))
LOOK = ToolCall("1", "list_folder", {"path": ["a"]})


@dataclass
class Heard:
    """All that came of one request."""

    pieces: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reply: Reply = field(default_factory=Reply)

    @property
    def calls(self):
        return [(call.name, dict(call.arguments)) for call in self.reply.calls]


def context(*messages, request="list the files", **more) -> Context:
    place = Place("/tmp/work", "/home/me", now=1.7e9)
    return Context((*messages, UserMessage(request)), place, lambda: SCHEMAS, **more)


def hear(model: OpenAIModel, asked: Context) -> Heard:
    heard = Heard()
    for piece in model.reply(asked):
        match piece:
            case Note(text):
                heard.notes.append(text)
            case Reply():
                heard.reply = piece
            case _:
                heard.pieces.append(piece)
    return heard


@contextmanager
def served(*answers: Answer, kind: str = "openai", waits: list[float] | None = None) -> Iterator[tuple]:
    with running(*answers) as server:
        name = f"{kind}:tiny@{server.url}"
        waited = [] if waits is None else waits
        connection = Server(address(name, Reach()), lambda: "", patience=0.4, pause=waited.append)
        yield OpenAIModel(name, server=connection), server


def ask(*answers: Answer, asked: Context | None = None, kind: str = "openai") -> Heard:
    with served(*answers, kind=kind) as (model, _server):
        return hear(model, asked or context())


def fails(*answers: Answer, kind: str = "openai") -> str:
    with pytest.raises(ModelError) as caught:
        ask(*answers, kind=kind)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500
    return str(caught.value)


def test_text_comes_in_pieces_and_once_more_in_the_reply():
    heard = ask(odd.text("你好", ", ", "world"))
    assert heard.pieces == ["你好", ", ", "world"] or "".join(heard.pieces) == "你好, world"
    assert heard.reply == Reply("你好, world")


def test_which_model_answered_and_what_it_used_is_noted():
    assert ask(odd.text("hi")).notes[-1].endswith(": 900 tokens read, 7 written")


def test_a_call():
    assert ask(calling("list_folder", {"path": ["a"]})).calls == [("list_folder", {"path": ["a"]})]


def test_calls_side_by_side_keep_their_order():
    pieces = [
        call("list_folder", '{"path"', index=0, id="a"), call("find_files", '{"na', index=1, id="b"),
        call(None, ': ["x"]}', index=0), call(None, 'me": ["*.py"]}', index=1),
    ]  # fmt: skip
    heard = ask(odd.streams(*(delta(**piece) for piece in pieces), delta("tool_calls"), DONE))
    assert heard.calls == [("list_folder", {"path": ["x"]}), ("find_files", {"name": ["*.py"]})]


def test_the_request_holds_the_conversation_the_tools_and_arguments_as_text():
    result = ToolMessage(ToolResult(LOOK, ok=True, outcome=Outcome("x.txt")))
    with served(odd.text("ok")) as (model, server):
        hear(model, context(UserMessage("first"), AssistantMessage("", (LOOK,)), result))
    roles = [message["role"] for message in server.asked[0]["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user"]
    assert server.asked[0]["messages"][2]["tool_calls"][0]["function"]["arguments"] == '{"path": ["a"]}'
    assert {tool["function"]["name"] for tool in server.asked[0]["tools"]} == {s.name for s in SCHEMAS}


def test_an_answer_in_json_is_asked_for_with_its_schema():
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    with served(odd.text('{"n": 3}')) as (model, server):
        heard = hear(model, context(answer=schema))
    assert json.loads(heard.reply.text) == {"n": 3}
    assert server.asked[0]["response_format"]["json_schema"]["schema"] == schema


ODD_CALLS = {
    "the name in every piece": [
        call("list_folder", "", index=0, id="a"), call("list_folder", '{"path": ["a"]}', index=0, id="a")
    ],
    "the name in two pieces": [call("list_", "", index=0), call("folder", '{"path": ["a"]}', index=0)],
    "one character at a time": [call("list_folder", "", index=0), *(call(None, c, index=0) for c in '{"path": ["a"]}')],
    "no index": [call("list_folder", "", id="a"), call(None, '{"path": '), call(None, '["a"]}')],
    "an index that is text": [call("list_folder", '{"path": ["a"]}', index="0", id="a")],
    "no id": [call("list_folder", '{"path": ["a"]}', index=0)],
    "an id that is a number": [call("list_folder", '{"path": ["a"]}', index=0, id=7)],
    "arguments as an object": [call("list_folder", {"path": ["a"]}, index=0)],
    "arguments as text in text": [call("list_folder", json.dumps('{"path": ["a"]}'), index=0)],
    "a missing bracket": [call("list_folder", '{"path": ["a"]', index=0)],
    "a spare comma": [call("list_folder", '{"path": ["a",],}', index=0)],
    "quotes as in Python": [call("list_folder", "{'path': ['a']}", index=0)],
    "one text for a list": [call("list_folder", '{"path": "a"}', index=0)],
    "nulls for what is left out": [call("list_folder", '{"path": ["a"], "sort": null}', index=0)],
    "as functions of a namespace": [call("functions.list_folder", '{"path": ["a"]}', index=0)],
}  # fmt: skip


@pytest.mark.parametrize("pieces", ODD_CALLS.values(), ids=ODD_CALLS)
def test_a_call_in_odd_pieces_is_put_together(pieces):
    heard = ask(odd.streams(*(delta(**piece) for piece in pieces), delta("tool_calls"), USAGE, DONE))
    assert heard.calls == [("list_folder", {"path": ["a"]})]


def test_two_calls_under_one_number_are_told_apart_by_their_ids():
    pieces = [call("list_folder", "{}", index=0, id="a"), call("find_files", "{}", index=0, id="b")]
    heard = ask(odd.streams(*(delta(**piece) for piece in pieces), delta("tool_calls"), DONE))
    assert [name for name, _ in heard.calls] == ["list_folder", "find_files"]


def test_two_calls_with_the_same_id_stay_two():
    pieces = [call("list_folder", "{}", index=0, id="x"), call("find_files", "{}", index=1, id="x")]
    heard = ask(odd.streams(*(delta(**piece) for piece in pieces), delta("tool_calls"), DONE))
    assert len(heard.calls) == 2 and len({call.id for call in heard.reply.calls}) == 2


@pytest.mark.parametrize(
    "written",
    [
        '<tool_call>\n{"name": "list_folder", "arguments": {"path": ["a"]}}\n</tool_call>',
        '[TOOL_CALLS]list_folder[ARGS]{"path": ["a"]}',
        '<function=list_folder>\n<parameter=path>\n["a"]\n</parameter>\n</function>',
        '```json\n{"name": "list_folder", "arguments": {"path": ["a"]}}\n```',
        '<|channel|>commentary to=functions.list_folder <|constrain|>json<|message|>{"path": ["a"]}<|call|>',
    ],
)
def test_a_call_printed_as_text_is_a_call_and_is_not_shown(written):
    heard = ask(odd.text(*written))
    assert heard.calls == [("list_folder", {"path": ["a"]})] and "".join(heard.pieces) == ""


def test_reasoning_is_kept_apart_wherever_a_server_puts_it():
    beside = odd.streams(delta(reasoning_content="hmm"), delta(content="yes"), delta("stop"), DONE)
    assert ask(beside).reply.text == "yes"
    heard = ask(odd.text("<think>", "hm", "m</th", "ink>\n\n", "yes"))
    assert heard.reply.text == "yes" and "".join(heard.pieces) == "yes"


def test_characters_and_lines_cut_anywhere_are_whole_again():
    whole = delta(content="naïve 文件\u2028 🎉").replace(b"\\u", b"\\u") + delta("stop") + DONE
    raw = b'data: {"choices":[{"delta":{"content":"' + "文件\u2028🎉".encode() + b'"}}]}\n\n'
    pieces = [bytes([byte]) for byte in raw + whole]
    assert ask(odd.streams(*pieces)).reply.text == "文件\u2028🎉naïve 文件\u2028 🎉"


def test_comments_names_of_events_and_carriage_returns_are_passed_over():
    lines = b": keep-alive\r\n\r\nevent: message\r\nid: 3\r\n" + delta(content="hi").replace(b"\n", b"\r\n")
    assert ask(odd.streams(lines, b": ping\n\n", delta("stop"), DONE)).reply.text == "hi"


def test_empty_choices_and_fields_that_are_null_say_nothing():
    odd_ones = [event({"choices": []}), event({"choices": None}), event({"choices": [{"delta": None}]}), event([1])]
    assert ask(odd.streams(*odd_ones, delta(content=None), delta(content="hi"), delta("stop"))).reply.text == "hi"


def test_without_done_at_the_end_all_is_well():
    heard = ask(odd.streams(delta(content="hi"), delta("stop")))
    assert heard.reply.text == "hi" and len(heard.notes) == 1


def test_a_server_that_does_not_stream_is_understood():
    whole = {"choices": [{"message": {"content": None, **call("list_folder", "{}")}, "finish_reason": "tool_calls"}]}
    assert ask(odd.says(whole)).calls == [("list_folder", {})]


def test_a_stream_that_calls_itself_json_is_understood():
    assert ask(odd.streams(delta(content="hi"), delta("stop"), DONE, kind="application/json")).reply.text == "hi"


def test_content_in_parts_is_text():
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert ask(odd.streams(delta(content=parts), delta("stop"), DONE)).reply.text == "ab"


def test_a_server_that_says_nothing_is_left():
    began = time.monotonic()
    assert "nothing came from" in fails(lambda _to: time.sleep(1))
    assert time.monotonic() - began < 3


def test_a_stream_cut_in_the_middle_is_an_error_and_not_an_answer():
    assert "broke off" in fails(odd.streams(delta(content="half an ans"), end=False))


def test_cut_before_the_first_word_it_is_tried_again():
    heard = ask(odd.streams(end=False), odd.text("hi"))
    assert heard.reply.text == "hi" and "trying again" in heard.notes[0]


def test_a_piece_that_is_no_json_is_an_error():
    assert "broken" in fails(odd.streams(delta(content="a"), b'data: {"choices": [{"de\n\n', DONE))


def test_an_error_within_the_stream_is_said():
    said = event({"error": {"message": "CUDA out of memory", "code": 500}})
    assert "CUDA out of memory" in fails(odd.streams(delta(content="a"), said))


def test_an_answer_without_end_is_left():
    def endless(to):
        to.stream(*([delta(content="x" * 1_000_000)] * 40))

    assert "longer than 16 MB" in fails(endless)


def test_an_empty_answer_is_an_error():
    assert "empty" in fails(odd.streams(delta("stop"), DONE))


def test_only_thoughts_are_no_answer():
    assert "did not answer" in fails(odd.streams(delta(reasoning_content="hmm"), delta("length"), DONE))


def test_a_call_cut_at_the_limit_is_refused():
    broken = odd.streams(delta(**call("delete_files", '{"path": ["a"', index=0)), delta("length"), DONE)
    assert "in the middle of a call" in fails(broken)


def test_a_broken_call_is_asked_for_once_more():
    broken = odd.streams(delta(**call("list_folder", '{"path": ["a', index=0)), delta("tool_calls"), DONE)
    with served(broken, calling("list_folder", {"path": ["a"]})) as (model, server):
        heard = hear(model, context())
    assert heard.calls == [("list_folder", {"path": ["a"]})]
    assert "could not be read" in server.asked[1]["messages"][-1]["content"]


def test_a_call_that_stays_broken_is_one_line():
    broken = odd.streams(delta(**call("list_folder", '{"path": ["a', index=0)), delta("tool_calls"), DONE)
    assert "cannot be read" in fails(broken)


def test_a_busy_server_is_asked_again_when_it_says():
    waits: list[float] = []
    busy = odd.says({"error": {"message": "slow down"}}, 429, Retry_After="3")
    with served(busy, busy, odd.text("hi"), waits=waits) as (model, _):
        assert hear(model, context()).reply.text == "hi"
    assert waits == [3.0, 3.0]


def test_a_failing_server_is_asked_again_later_and_later_and_then_left():
    waits: list[float] = []
    with served(odd.says({"error": "oops"}, 500), waits=waits) as (model, server), pytest.raises(ModelError) as caught:
        hear(model, context())
    assert len(server.asked) == 4 and waits[0] < waits[1] < waits[2]
    assert "failed with 500: oops" in str(caught.value)


def test_a_wait_that_is_too_long_is_not_waited():
    assert "too many requests" in fails(odd.says({}, 429, Retry_After="3600"))


def test_an_account_without_money_is_not_asked_again():
    with (
        served(odd.says({"error": {"message": "exceeded your current quota"}}, 429)) as (model, server),
        pytest.raises(ModelError, match="nothing left"),
    ):
        hear(model, context())
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (odd.says({"error": {"message": "Incorrect API key"}}, 401), "set OPENAI_API_KEY or api_key_command"),
        (odd.says({"error": {"message": "The model `tiny` does not exist"}}, 404), "llmos model list --base-url"),
        (odd.page(404), "usually ends in /v1"),
        (odd.page(), "answers with a web page"),
        (odd.says({"error": {"message": "no"}}, 400), r"refuses the request \(400\): no"),
        (odd.says({}, 307, Location="http://elsewhere/"), "sends elsewhere, to http://elsewhere/"),
    ],
)
def test_each_refusal_is_one_line_with_what_to_do_next(answer, line):
    import re

    assert re.search(line, fails(answer))


def test_nobody_listening_is_one_line():
    with pytest.raises(ModelError, match=r"nothing listens at 127\.0\.0\.1:9"):
        hear(OpenAIModel("openai:x@http://127.0.0.1:9/v1"), context())


def test_https_where_only_http_is_spoken_is_one_line():
    with running(odd.text("hi")) as server, pytest.raises(ModelError, match="does not speak https"):
        hear(OpenAIModel(f"openai:x@{server.url.replace('http:', 'https:')}"), context())


def test_a_certificate_nobody_vouches_for_is_one_line(tmp_path):
    import shutil
    import ssl
    import subprocess

    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate")
    new = "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout key.pem -out cert.pem"
    subprocess.run(["openssl", *new.split()], cwd=tmp_path, check=True, capture_output=True)
    trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trusted.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with running(odd.text("hi")) as server:
        server.socket = trusted.wrap_socket(server.socket, server_side=True)
        with pytest.raises(ModelError, match="is not trusted"):
            hear(OpenAIModel(f"openai:x@{server.url.replace('http:', 'https:')}"), context())


def test_an_unknown_host_is_one_line():
    with pytest.raises(ModelError, match=r"there is no host nowhere\.invalid"):
        hear(OpenAIModel("openai:x@https://nowhere.invalid/v1"), context())


def test_what_a_server_does_not_know_is_left_out_and_stays_so():
    picky = odd.says({"error": {"message": "Unrecognized request argument: stream_options"}}, 400)
    with served(picky, odd.text("hi")) as (model, server):
        assert hear(model, context()).reply.text == hear(model, context()).reply.text == "hi"
    assert ["stream_options" in body for body in server.asked] == [True, False, False]


def test_a_server_without_tools_is_told_about_them_in_words():
    without = odd.says({"error": {"message": "tiny does not support tools"}}, 400)
    with served(without, odd.text('{"name": "list_folder", "arguments": {}}')) as (model, server):
        assert hear(model, context()).calls == [("list_folder", {})]
    assert "tools" not in server.asked[1] and "list_folder" in server.asked[1]["messages"][0]["content"]


def test_what_is_too_long_is_cut_from_the_oldest_and_the_system_part_stays():
    long = odd.says({"error": {"message": "This model's maximum context length is 10 tokens"}}, 400)
    with served(long, odd.text("hi")) as (model, server):
        heard = hear(model, context(UserMessage("the oldest"), AssistantMessage("yes")))
    assert "the oldest" not in str(server.asked[1]) and server.asked[1]["messages"][0]["role"] == "system"
    assert "no room for the oldest 1 request" in heard.notes[0]


def test_a_server_that_silently_cut_the_front_is_found_out():
    few = event({"choices": [], "usage": {"prompt_tokens": 40, "completion_tokens": 1}})
    heard = ask(odd.streams(delta(content="hi"), delta("stop"), few, DONE))
    assert "read only 40 tokens" in heard.notes[0]


@pytest.mark.parametrize("text", ["Which one?", "哪一个？"])
def test_a_question_back_is_marked(text):
    assert ask(odd.text(text)).reply.asks_back


def test_responses_text_calls_and_usage():
    item = {"type": "function_call", "call_id": "c", "name": "list_folder", "arguments": '{"path": "a"}'}
    usage = {"input_tokens": 800, "output_tokens": 9, "input_tokens_details": {"cached_tokens": 700}}
    done = {"type": "response.completed", "response": {"status": "completed", "output": [item], "usage": usage}}
    said = {"type": "response.output_text.delta", "delta": "Looking."}
    heard = ask(odd.streams(event({"type": "response.created"}), event(said), event(done)), kind="responses")
    assert (heard.reply.text, heard.calls) == ("Looking.", [("list_folder", {"path": ["a"]})])
    assert "800 tokens read, 700 of them from its cache, 9 written" in heard.notes[-1]


def test_responses_are_sent_whole_and_kept_nowhere():
    done = event({"type": "response.output_text.delta", "delta": "ok"})
    result = ToolMessage(ToolResult(LOOK, ok=True, outcome=Outcome("x.txt")))
    with served(odd.streams(done), kind="responses") as (model, server):
        hear(model, context(UserMessage("first"), AssistantMessage("", (LOOK,)), result))
    kinds = [item.get("type", item.get("role")) for item in server.asked[0]["input"]]
    assert kinds[:4] == ["system", "user", "function_call", "function_call_output"]
    assert server.asked[0]["store"] is False


def test_responses_that_fail_are_one_line():
    failed = {"type": "response.failed", "response": {"error": {"message": "no luck"}}}
    assert "no luck" in fails(odd.streams(event(failed)), kind="responses")


HOME = address("openai:x@http://127.0.0.1:1/v1", Reach())


def test_the_key_is_printed_by_the_users_command():
    assert key(HOME, Reach(key_command="echo k-$((40+2))", env={"PATH": "/usr/bin:/bin"})) == "k-42"


def test_a_command_that_prints_no_key_is_one_line():
    with pytest.raises(ModelError, match="locked"):
        key(HOME, Reach(key_command="echo locked >&2; false"))


def test_the_key_from_the_environment_goes_into_the_header_and_nowhere_else():
    with running(odd.text("hi")) as server:
        reach = Reach(server.url, env={"OPENAI_API_KEY": "sk-secret"})
        hear(OpenAIModel("openai:tiny", reach), context())
    assert server.headers[0]["Authorization"] == "Bearer sk-secret" and "sk-secret" not in str(server.asked)


def test_a_key_is_not_sent_over_the_open_network_in_the_clear():
    with pytest.raises(ModelError, match="unencrypted"):
        key(address("openai:x@http://example.com/v1", Reach()), Reach(env={"OPENAI_API_KEY": "sk"}))


def test_a_server_that_repeats_the_key_does_not_get_it_shown():
    with running(odd.says({"error": {"message": "bad key sk-secret"}}, 401)) as server:
        model = OpenAIModel("openai:tiny", Reach(server.url, env={"OPENAI_API_KEY": "sk-secret"}))
        with pytest.raises(ModelError) as caught:
            hear(model, context())
    assert "sk-secret" not in str(caught.value)


def test_a_proxy_is_used_for_others_and_not_for_this_machine(monkeypatch):
    with running(odd.text("hi")) as server:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        assert hear(OpenAIModel(f"openai:tiny@{server.url}"), context()).reply.text == "hi"


def test_ctrl_c_in_the_middle_hangs_up():
    def endless(to):
        to.send_response(200)
        to.send_header("Content-Type", "text/event-stream")
        to.end_headers()
        try:
            while True:
                to.wfile.write(delta(content="x "))
                time.sleep(0.01)
        except OSError:
            hung_up.append(True)

    hung_up: list[bool] = []
    with served(endless) as (model, _server):
        pieces = model.reply(context())
        next(pieces)
        pieces.close()
        model.server._client.close()
        end = time.monotonic() + 3
        while not hung_up and time.monotonic() < end:
            time.sleep(0.02)
    assert hung_up


@pytest.mark.parametrize(
    "name", ["openai:", "openai:x@http://", "openai:x@http://me:pass@host/v1", "openai:x@http://h:99999"]
)
def test_a_name_or_address_that_is_none_is_a_usage_error(name):
    from llmos.errors import UsageError

    with pytest.raises(UsageError):
        OpenAIModel(name)


def test_names_with_colons_and_ats_keep_them():
    found = address("openai:qwen3:8b@http://127.0.0.1:11434/v1/chat/completions", Reach())
    assert (found.model, found.url) == ("qwen3:8b", "http://127.0.0.1:11434/v1")
    assert address("openai:@cf/meta/llama", Reach()).model == "@cf/meta/llama"
    assert replace(found, responses=True).responses
