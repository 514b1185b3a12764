import pytest

from llmos.models.embedded.codec import Ref, Span
from llmos.models.embedded.model import EmbeddedModel
from llmos.train.bank import read_bank, tool_schema
from llmos.train.generate import Generator, NotWritable


@pytest.fixture(scope="module")
def examples():
    schema = tool_schema()
    generator = Generator(read_bank(schema), schema, seed=11)
    return [generator.example() for _ in range(800)]


def spans(example):
    for _, arguments in example.target.calls:
        for value in arguments.values():
            for element in value if isinstance(value, list) else []:
                yield from (piece for piece in element if isinstance(piece, Span))


def test_spans_point_into_the_request_and_at_no_quotation_mark(examples):
    for example in examples:
        for span in spans(example):
            text = example.view.request[span.start : span.end]
            assert text and text == text.strip() and len(text) == span.end - span.start


def test_nearly_all_examples_can_be_written(examples):
    codec = EmbeddedModel().codec
    failed = 0
    for example in examples:
        try:
            example.tokens(codec)
        except NotWritable:
            failed += 1
    assert failed < 0.04 * len(examples)


def test_follow_ups_point_at_earlier_results(examples):
    assert any(
        isinstance(piece, Ref)
        for example in examples
        for _, arguments in example.target.calls
        for value in arguments.values()
        for element in (value if isinstance(value, list) else [])
        for piece in element
    )
