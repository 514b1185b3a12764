"""Where things are: what ships with llmos, the user's configuration, the user's state.

Creates nothing and reads no environment of its own accord, except through platformdirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def share(name: str) -> Path:
    """A folder that ships with llmos, `configs` or `tools`: beside the package in a checkout, inside it in a wheel."""
    inside = PACKAGE / "share" / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def state_folder(env: Mapping[str, str]) -> Path:
    """What llmos writes for this user: the log, histories, kept versions, jobs, stored output."""
    if chosen := env.get("LLMOS_STATE"):
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_state_path  # noqa: PLC0415  # 8 ms that a session with LLMOS_STATE need not spend

    return user_state_path("llmos", appauthor=False)


def config_file(env: Mapping[str, str]) -> Path:
    """The user's own configuration."""
    if chosen := env.get("LLMOS_CONFIG"):
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_config_path  # noqa: PLC0415

    return user_config_path("llmos", appauthor=False) / "config.toml"


def apps_folder(env: Mapping[str, str]) -> Path:
    """Small programs that the user made."""
    return config_file(env).with_name("apps")


def user_policy(env: Mapping[str, str]) -> str:
    """The user's own rules, beside the configuration."""
    return str(config_file(env).with_name("policy.toml"))
