"""Which models there are: a name as the user writes it → the class that serves it. Nothing heavy is imported before.

How each works is in its own module.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

from llmos.errors import ModelError, UsageError
from llmos.models.base import ANYWHERE, Model, Reach
from llmos.translation import both

EMBEDDED = "llmos.models.embedded.model:EmbeddedModel"
TAUGHT = "llmos.models.embedded.taught:weights"
SCRIPTED = "llmos.models.scripted:ScriptedModel"
SERVED = "llmos.models.openai.model:OpenAIModel"
LOCAL = "llmos.models.transformers:LocalModel"


SERVERS = ("openai", "responses")
"""Before the name of a model behind a server: which of its two interfaces is spoken."""


def load(name: str, state: str = "", reach: Reach = ANYWHERE) -> Model:
    """`embedded`, `openai:NAME[@URL]`, `scripted:FILE`, a folder with a model, or the name of one.

    `state` is the folder with what the user taught the embedded model. Raises UsageError and ModelError.
    """
    kind, _, rest = name.partition(":")
    if name == "embedded":
        model: Model = _class(EMBEDDED)(_class(TAUGHT)(state))
    elif kind == "scripted" and rest:
        model = _class(SCRIPTED).from_file(rest)
    elif kind in SERVERS:
        model = _class(SERVED)(name, reach)
    elif Path(name).expanduser().is_dir():
        model = _class(LOCAL)(str(Path(name).expanduser()))
    elif "/" in name:
        model = _class(LOCAL)(name)
    else:
        raise UsageError(
            both(
                "no model is called {name!r}; there are embedded, openai:NAME, a folder with a model, owner/name"
            ).format(name=name)
        )
    return model


def kept_as(name: str) -> str:
    """The same for the same model, whichever folder it is named from."""
    path = os.path.expanduser(name)
    return os.path.realpath(path) if os.path.isdir(path) else name


def _class(dotted: str) -> Any:
    module, _, cls = dotted.partition(":")
    try:
        return getattr(import_module(module), cls)
    except ModuleNotFoundError as error:
        if error.name and module.startswith(error.name):
            raise ModelError(
                both("this version of llmos comes without {rpartition} models").format(
                    rpartition=module.rpartition(".")[2]
                )
            ) from None
        raise ModelError(both("the model needs {name}, which is not installed").format(name=error.name)) from None
