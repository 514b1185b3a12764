import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmos.tools.arguments import Count, Duration, Paths
from llmos.tools.fields import Arguments, Field, _plainly_right, twin
from llmos.tools.registry import Registry

REGISTRY = Registry()
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-30, 30), st.floats(), st.text(max_size=4),
    st.sampled_from(["10 MB", "3 days", "five", "a.txt", "*.PDF", "largest", "file", "\udcff", "-1", "０"]),
    st.lists(st.one_of(st.text(max_size=3), st.none(), st.integers()), max_size=2),
)  # fmt: skip


class Made(Arguments):
    path: Paths = Field(description="what")
    limit: Count | None = Field(default=None)
    wait: Duration = 1.0


@settings(max_examples=15, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("tool", list(REGISTRY))
def test_the_short_way_says_only_what_pydantic_says(tool, data):
    cls = REGISTRY[tool].arguments
    names = sorted(cls.model_fields)
    values = data.draw(st.dictionaries(st.sampled_from(names), VALUES, max_size=3)) if names else {}
    short = _plainly_right(cls, values)
    if short is not None:
        assert repr(short) == repr({name: getattr(twin(cls)(**values), name) for name in cls.model_fields})


def test_a_plain_call_loads_no_pydantic():
    code = (
        "import sys; from llmos.tools.registry import Registry; r = Registry(); [r[name] for name in r];"
        "r['find_files'].arguments.model_validate({'extension': '*.PDF', 'larger_than': '10 MB', 'empty': True});"
        "sys.exit('pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "values", [{}, {"path": 3}, {"path": "a", "other": 1}, {"path": "a", "limit": -1}, {"path": "a", "self": 1}]
)
def test_what_does_not_fit_is_refused(values):
    with pytest.raises(ValueError, match="validation error"):
        Made.model_validate(values)


def test_values_are_converted():
    made = Made.model_validate({"path": "a", "limit": "five", "wait": "2 minutes"})
    assert made.model_dump() == {"path": ["a"], "limit": 5, "wait": 120.0}


def test_a_list_that_is_a_default_is_not_shared():
    Registry()["list_folder"].arguments().path.append("x")
    assert Registry()["list_folder"].arguments().path == ["."]


def test_values_cannot_be_changed():
    with pytest.raises(AttributeError, match="frozen"):
        Made(path=["a"]).limit = 3


def test_a_copy_has_other_values():
    made = Made(path=["a"])
    assert (made.model_copy(update={"limit": 2}).limit, made.limit) == (2, None)
