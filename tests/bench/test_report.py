import json

from llmos.bench.report import Report, Row, as_json, as_text

REPORT = Report("Speed", [Row("first", {"ms": 12.345, "times": 1.0}), Row("second", {"ms": 1234.5})], "a note")


def test_a_table_has_a_column_for_every_value_and_gaps_where_there_is_none():
    assert as_text(REPORT).split("\n") == [
        "Speed",
        "          ms  times",
        "first   12.3   1.00",
        "second  1234",
        "a note",
    ]


def test_json_names_the_machine_and_keeps_the_numbers():
    read = json.loads(json.dumps(as_json([REPORT])))
    assert read["reports"][0]["rows"][1] == {"name": "second", "values": {"ms": 1234.5}}
    assert {"processor", "cores", "load"} <= set(read["machine"])
