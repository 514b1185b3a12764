import pytest

from llmos.models.embedded.model import EmbeddedModel


@pytest.fixture(scope="session")
def model():
    return EmbeddedModel()


@pytest.fixture(scope="session")
def codec(model):
    return model.codec
