from llmos.bench.decode import Numpy, _bandwidth
from llmos.models.embedded.model import WEIGHTS


def test_the_engine_writes_as_many_tokens_as_it_is_told():
    engine = Numpy(WEIGHTS)
    engine.write([1, 2, 3], 5)
    assert engine._engine.length == 3 + 4  # the last one is not read again


def test_each_weight_counts_once_in_single_precision():
    stored = (WEIGHTS / "model.safetensors").stat().st_size
    assert 1.9 * stored < Numpy(WEIGHTS).size < 2.0 * stored  # stored in half


def test_bandwidth_is_that_of_a_memory_and_not_of_a_disk():
    assert 1e9 < _bandwidth() < 1e13
