import pytest

from llmos.models.embedded.codec import Literal, NotWritable, Ref, Round, Shown, Span, View


def round_trip(codec, view, tool, **arguments):
    prompt = codec.prompt(view)
    return codec.decode(codec.encode_calls(prompt, [(tool, arguments)]), prompt).calls[0].arguments


def test_a_word_is_copied_exactly(codec):
    view = View("delete Tëst-Ünï.txt now")
    assert round_trip(codec, view, "delete_files", path=[[Span(7, 19)]]) == {"path": ["Tëst-Ünï.txt"]}


def test_a_span_keeps_its_spaces(codec):
    view = View("open 'my  own notes.md'")
    assert round_trip(codec, view, "open_file", path=[[Span(6, 22)]]) == {"path": ["my  own notes.md"]}


def test_pieces_are_joined_without_a_gap(codec):
    view = View("files with draft in the name")
    value = [[Literal("*"), Span(11, 16), Literal("*")]]
    assert round_trip(codec, view, "find_files", name=value) == {"name": ["*draft*"]}


def test_all_items_of_a_result_are_meant(codec):
    many = tuple(f"/tmp/{i}.log" for i in range(50))
    view = View("delete them", (Round("find logs", (("find_files", {"extension": "log"}),), Shown("paths", many)),))
    assert round_trip(codec, view, "delete_files", path=[[Ref(1, "all")]]) == {"path": list(many)}


def test_the_last_item_can_be_pointed_at_even_in_a_long_result(codec):
    many = tuple(f"/tmp/{i}.log" for i in range(50))
    view = View("open the last one", (Round("find logs", (), Shown("paths", many)),))
    assert round_trip(codec, view, "open_file", path=[[Ref(1, 49)]]) == {"path": ["/tmp/49.log"]}


def test_half_a_word_cannot_be_pointed_at(codec):
    with pytest.raises(NotWritable):
        round_trip(codec, View("delete notes.txt"), "delete_files", path=[[Span(7, 10)]])


def test_flags_and_enums_come_back(codec):
    arguments = round_trip(codec, View("ls -la by size"), "list_folder", hidden=True, details=True, sort="largest")
    assert arguments == {"hidden": True, "details": True, "sort": "largest"}


def test_said_words_come_back_with_spaces(codec):
    prompt = codec.prompt(View("hello"))
    assert codec.decode(codec.encode_text(prompt, [Literal("Hello, how are you?")], asked=False), prompt).said == (
        "Hello, how are you?"
    )


def test_the_prompt_fits_its_positions_even_for_a_very_long_request(codec):
    assert len(codec.prompt(View("find the file " * 4000)).ids) < 1536


def test_a_name_that_is_not_utf8_can_be_pointed_at(codec):
    view = View("delete it", (Round("list", (("list_folder", {}),), Shown("paths", ("bad\udcff.txt",))),))
    assert round_trip(codec, view, "delete_files", path=[[Ref(1, 0)]]) == {"path": ["bad\udcff.txt"]}


def test_what_was_done_with_tools_it_does_not_know_is_no_obstacle(codec):
    view = View("list the files", rounds=(Round("take that back", (("reverse_time", {"steps": 2}),)),))
    assert codec.prompt(view).ids


def test_the_sign_of_a_variable_brings_its_name(codec):
    prompt = codec.prompt(View("print $BIGFILE now"))
    ids = [codec.id("<t:read_file>"), codec.id("<a:path>"), codec.id("<w1>"), codec.end]
    assert codec.decode(ids, prompt).calls[0].arguments == {"path": ["$BIGFILE"]}


def test_a_span_across_a_quotation_mark_is_what_stands_in_quotation_marks(codec):
    view = View('search for text "perry sound" here')
    assert round_trip(codec, view, "search_text", pattern=[[Span(11, 28)]]) == {"pattern": "perry sound"}


def test_a_part_of_a_quoted_text_is_all_of_it(codec):
    view = View('append "a word or two" to x')
    assert round_trip(codec, view, "append_file", text=[[Span(8, 9)]])["text"] == "a word or two"


def test_quotation_marks_inside_a_longer_span_stay(codec):
    view = View("run echo 'a b' now")
    assert round_trip(codec, view, "run_command", command=[[Span(4, 14)]]) == {"command": "echo 'a b'"}
