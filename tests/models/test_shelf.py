"""Several conversations in turn with one model: nothing is read twice, and nobody's words get into another's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from llmos.models.base import Context
from llmos.models.network import Network
from llmos.models.shelf import Kept, Shelf
from llmos.models.transformers import LocalModel
from llmos.values.messages import Reply, UserMessage
from llmos.values.place import Place
from tests.models import tiny

A, B = [5, 6, 7, 8] * 20, [5, 6, 7, 8] * 5 + [9, 10] * 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def model(folder: Path) -> LocalModel:
    return LocalModel(str(folder), max_new_tokens=24)


def reply(model: LocalModel, request: str) -> Reply:
    *_, last = model.reply(Context((UserMessage(request),), Place("/tmp", "/home/me", now=1.7e9)))
    assert isinstance(last, Reply)
    return last


def test_whoever_comes_back_goes_on_where_they_were(model: LocalModel) -> None:
    network = model.loaded.network
    network.shelf.most, network.shelf.worth = 2, 0
    for ids in (A, B, A, [*B, 11], [*A, 12]):
        np.testing.assert_allclose(network.begin(ids), Network(network.model).begin(ids), atol=1e-3)
    assert network.read == [*A, 12]
    assert len(network.shelf) == 1


def test_what_was_kept_is_not_read_again(model: LocalModel) -> None:
    network = model.loaded.network
    network.shelf.most, network.shelf.worth = 2, 0
    network.begin(A)
    network.begin(B)
    kept = network.shelf.take(A, 0)
    assert kept and kept.ids == A
    assert kept.cache.get_seq_length() == len(A)  # B went on with a part of it


def test_a_shelf_holds_no_more_than_it_may() -> None:
    shelf = Shelf(most=2, positions=10)
    for length in (4, 5, 6):
        shelf.put(Kept(list(range(length)), None))
    assert len(shelf) == 1
    shelf.put(Kept([1] * 11, None))
    assert len(shelf) == 0


def test_another_reply_in_the_middle_of_one_changes_neither(model: LocalModel, folder: Path) -> None:
    alone = reply(model, "list the files"), reply(model, "what time is it")
    shared = LocalModel(str(folder), max_new_tokens=24)
    between: list[Reply] = []
    waiting = [lambda: between.append(reply(shared, "what time is it"))]
    shared.share(lambda: waiting.pop() if waiting else None)
    assert (reply(shared, "list the files"), *between) == alone
