"""Models of the Hugging Face hub: how large one is, fetching it (resumed where it broke off), which are here.

Loading is `network`'s business. What is fetched goes into the hub's own cache, which other programs share.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmos.errors import ModelError
from llmos.models import room
from llmos.translation import both

_WANTED = ("*.json", "*.safetensors", "*.jinja", "*.model", "*.txt", "LICENSE*", "README.md")
_UNWANTED = ("original/*", "metal/*", "onnx/*", "gguf/*", "consolidated*")


@dataclass(frozen=True)
class Kept:
    """A model in the cache."""

    name: str
    size: int
    folder: Path


def kept() -> list[Kept]:
    """What is on this machine and can talk or at least go on with a text; other kinds are not llmos's business."""
    from huggingface_hub import scan_cache_dir  # noqa: PLC0415
    from huggingface_hub.errors import CacheNotFound  # noqa: PLC0415

    try:
        repos = scan_cache_dir().repos
    except CacheNotFound:
        return []
    found = []
    for repo in repos:
        newest = max(repo.revisions, key=lambda revision: revision.last_modified, default=None)
        if repo.repo_type == "model" and newest and _is_causal(newest.snapshot_path):
            found.append(Kept(repo.repo_id, repo.size_on_disk, newest.snapshot_path))
    return sorted(found, key=lambda model: model.name.lower())


def folder_of(name: str) -> Path | None:
    """Where a model is, a folder or one from the hub; None when it is not on this machine."""
    if Path(name).expanduser().is_dir():
        return Path(name).expanduser()
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415

    found = try_to_load_from_cache(name, "config.json")
    return Path(found).parent if isinstance(found, str) else None


def is_whole(folder: Path) -> bool:
    """All files of the weights are there."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return any(folder.glob("*.safetensors")) or any(folder.glob("*.bin"))
    try:
        files = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError):
        return False
    return all((folder / file).is_file() for file in files)


def size_of(name: str) -> room.Weights:
    """Asks the hub. Raises ModelError."""
    from huggingface_hub import HfApi, hf_hub_download  # noqa: PLC0415

    _quiet()
    try:
        info = HfApi().model_info(name, timeout=10, files_metadata=True)
        config = json.loads(Path(hf_hub_download(name, "config.json")).read_text("utf-8"))
    except Exception as error:  # no network, no such name, not allowed, no configuration: each has several kinds
        raise ModelError(
            both("the hub does not give {name}: {reason}").format(name=name, reason=reason(error))
        ) from None
    files = [file for file in info.siblings or () if file.rfilename.endswith(".safetensors")]
    wanted = [file for file in files if "/" not in file.rfilename and not file.rfilename.startswith("consolidated")]
    if not wanted:
        raise ModelError(
            both("{name} has no weights in safetensors; take a model of the transformers kind, not GGUF").format(
                name=name
            )
        )
    return room.described(config, sum(file.size or 0 for file in wanted))


def fetch(name: str) -> Path:
    """With progress on standard error; what was fetched before it broke off is not fetched again. Raises ModelError."""
    from huggingface_hub import snapshot_download  # noqa: PLC0415

    _quiet()
    try:
        return Path(snapshot_download(name, allow_patterns=list(_WANTED), ignore_patterns=list(_UNWANTED)))
    except Exception as error:
        again = f"llmos model use {name} goes on where it broke off"
        raise ModelError(
            both("{name} was not fetched: {reason}; {again}").format(name=name, reason=reason(error), again=again)
        ) from None


def forget(name: str) -> int:
    """Removes it from the cache; how many bytes that frees. Raises ModelError when it is not there."""
    from huggingface_hub import scan_cache_dir  # noqa: PLC0415

    cache = scan_cache_dir()
    revisions = [r.commit_hash for repo in cache.repos if repo.repo_id == name for r in repo.revisions]
    if not revisions:
        raise ModelError(both("{name} is not on this machine; llmos model list shows what is").format(name=name))
    strategy = cache.delete_revisions(*revisions)
    strategy.execute()
    return int(strategy.expected_freed_size)


def reason(error: Exception) -> str:
    """What went wrong, in a few words."""
    first = " ".join(str(error).strip().partition("\n")[0].split())[:160]
    kinds = {
        "GatedRepoError": "its licence has to be accepted on its page first, and HF_TOKEN set",
        "RepositoryNotFoundError": "there is no such model, or it is private and HF_TOKEN is not set",
        "LocalEntryNotFoundError": "the hub cannot be reached",
        "ConnectError": "the hub cannot be reached",
        "ConnectTimeout": "the hub cannot be reached",
        "OfflineModeIsEnabled": "HF_HUB_OFFLINE is set",
    }
    return kinds.get(type(error).__name__, first or type(error).__name__)


def _is_causal(folder: Path) -> bool:
    try:
        config: Any = json.loads((folder / "config.json").read_text("utf-8"))
        architectures = config.get("architectures") or []
    except (OSError, ValueError, AttributeError):
        return False
    return any(str(name).endswith(("ForCausalLM", "ForConditionalGeneration", "LMHeadModel")) for name in architectures)


def _quiet() -> None:
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)


def architectures(folder: Path) -> Iterator[str]:
    try:
        yield from json.loads((folder / "config.json").read_text("utf-8")).get("architectures") or ()
    except (OSError, ValueError, AttributeError):
        return
