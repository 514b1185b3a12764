from llmos.bench.habits import PEOPLE, measure, told


def test_habits_foresee_more_than_the_most_frequent_request_does() -> None:
    rows = {row.name: row.values["@1"] for row in measure(1).rows}
    for person in PEOPLE:
        assert rows[f"{person.name}: habits"] > rows[f"{person.name}: most frequent"]


def test_a_week_tells_what_was_taken() -> None:
    assert all("suggestions taken" in next(told(person)) for person in PEOPLE)
