"""Applications on Linux: freedesktop desktop entries, their command lines, and which one opens which file.

Follows the desktop entry and MIME applications specifications; D-Bus activation and startup notification are left out.
"""

from __future__ import annotations

import mimetypes
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from llmos.adapters.apps.app import App
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both

_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)')
_TERMINALS = (("x-terminal-emulator", "-e"), ("gnome-terminal", "--"), ("konsole", "-e"), ("xterm", "-e"))
_LAUNCHERS = {"env", "sh", "bash", "flatpak", "snap", "python3", "python", "java", "gtk-launch", "run"}


# Where they are


def installed(env: Mapping[str, str], home: str) -> list[App]:
    """Every application a menu would show, by name; an entry of the user's hides the system's of the same name."""
    found: dict[str, App | None] = {}
    for folder in _data_folders(env, home):
        for identity, path in _entries(os.path.join(folder, "applications")):
            if identity not in found:
                found[identity] = _read(identity, path, env)
    return sorted((app for app in found.values() if app is not None), key=lambda app: app.name.casefold())


def _data_folders(env: Mapping[str, str], home: str) -> list[str]:
    own = env.get("XDG_DATA_HOME") or os.path.join(home, ".local/share")
    shared = (env.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    extra = [os.path.join(own, "flatpak/exports/share"), "/var/lib/flatpak/exports/share", "/var/lib/snapd/desktop"]
    return list(
        dict.fromkeys(folder for folder in (own, *shared, *(extra if "XDG_DATA_DIRS" not in env else ())) if folder)
    )


def _entries(folder: str) -> Iterator[tuple[str, str]]:
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for file in sorted(files):
            if file.endswith(".desktop"):
                path = os.path.join(parent, file)
                # The id of applications/kde/okular.desktop is kde-okular.
                yield os.path.relpath(path, folder).replace(os.sep, "-").removesuffix(".desktop"), path


def _read(identity: str, path: str, env: Mapping[str, str]) -> App | None:
    from xdg.DesktopEntry import DesktopEntry  # noqa: PLC0415 - only where applications are asked for
    from xdg.Exceptions import Error  # noqa: PLC0415

    try:
        content: dict[str, str] = DesktopEntry(path).content.get("Desktop Entry", {})
    except (Error, OSError):
        return None  # a broken entry is no application
    keys = {key: clean_name(_unescaped(value)) for key, value in content.items()}
    hidden = "true" in (keys.get("Hidden"), keys.get("NoDisplay"))
    if hidden or keys.get("Type") != "Application" or not keys.get("Exec") or not _is_there(keys.get("TryExec"), env):
        return None
    return _app(identity, path, keys, env)


def _app(identity: str, path: str, keys: Mapping[str, str], env: Mapping[str, str]) -> App:
    names = [value for key, value in keys.items() if re.fullmatch(r"(Generic)?Name(\[.+\])?", key)]
    names += [word for key, value in keys.items() if key.startswith("Keywords") for word in value.split(";")]
    program = program_of(keys["Exec"])
    return App(
        id=identity,
        name=_localised(keys, "Name", env) or identity,
        names=tuple(dict.fromkeys(name for name in (*names, program) if name)),
        comment=_localised(keys, "Comment", env) or _localised(keys, "GenericName", env),
        exec=keys["Exec"],
        terminal=keys.get("Terminal") == "true",
        folder=keys.get("Path", ""),
        path=path,
        types=tuple(kind for kind in keys.get("MimeType", "").split(";") if kind),
    )


def _unescaped(value: str) -> str:
    codes = {"s": " ", "n": "\n", "t": "\t", "r": "\r"}
    return re.sub(r"\\(.)", lambda m: codes.get(m[1], m[1] if m[1] == "\\" else m[0]), value)


def _is_there(program: str | None, env: Mapping[str, str]) -> bool:
    return not program or _which(program, env) is not None


def _which(program: str, env: Mapping[str, str]) -> str | None:
    return shutil.which(program, path=env.get("PATH", os.defpath))


def _localised(keys: Mapping[str, str], key: str, env: Mapping[str, str]) -> str:
    """Name[zh_CN], then Name[zh], then Name, for a locale like zh_CN.UTF-8@pinyin."""
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    locale = re.sub(r"\..*?(?=@|$)", "", locale)
    plain = locale.partition("@")[0]
    for written in (locale, plain, plain.partition("_")[0]):
        if written and f"{key}[{written}]" in keys:
            return keys[f"{key}[{written}]"]
    return keys.get(key, "")


# Starting one


def app_command(app: App, paths: Sequence[str], env: Mapping[str, str]) -> list[str]:
    """The argument list that opens these files, or just starts it."""
    need_display(env)
    argv = _expanded(app, paths)
    program = _which(argv[0], env) if argv else None
    if program is None:
        raise ToolError(
            both("{name} is listed, but its program {what} is not installed.").format(
                name=app.name, what=argv[0] if argv else ""
            )
        )
    return [*(_terminal(env) if app.terminal else ()), program, *argv[1:]]


def need_display(env: Mapping[str, str]) -> None:
    if not env.get("DISPLAY") and not env.get("WAYLAND_DISPLAY"):
        raise ToolError(
            both("There is no display here to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set).")
        )


def split_exec(line: str) -> list[str]:
    """Its words; inside quotes a backslash keeps the next character as it is."""
    words = _WORD.finditer(line)
    return [re.sub(r"\\(.)", r"\1", m[1]) if m[1] is not None else m[2] for m in words]


def program_of(line: str) -> str:
    """The name of the program a command line starts, behind launchers like env and their settings."""
    words = [w for w in split_exec(line) if not re.match(r"\w+=|-|%", w)]
    names = [os.path.basename(word) for word in words]
    own = [name for name in names if name not in _LAUNCHERS]
    return (own if names and names[0] in _LAUNCHERS and own else names or [""])[0]


def _expanded(app: App, paths: Sequence[str]) -> list[str]:
    argv: list[str] = []
    for word in split_exec(app.exec):
        argv += _field(word, app, paths)
    # An entry without a field for files may still take them.
    return argv if not paths or re.search(r"%[fFuU]", app.exec) else [*argv, *paths]


def _field(word: str, app: App, paths: Sequence[str]) -> list[str]:
    """One word of Exec, its field code replaced; %d, %D, %n, %N, %v and %m are deprecated and stand for nothing."""
    match word:
        case "%F":
            return list(paths)
        case "%U":
            return [_url(path) for path in paths]
        case "%f":
            return list(paths[:1])
        case "%u":
            return [_url(path) for path in paths[:1]]
        case "%i":
            return []
    values = {"c": app.name, "k": app.path, "%": "%", "f": "".join(paths[:1]), "u": "".join(map(_url, paths[:1]))}
    replaced = re.sub(r"%(.)", lambda m: values.get(m[1], ""), word)
    return [replaced] if replaced or "%" not in word else []


def _url(path: str) -> str:
    return path if not path.startswith("/") else "file://" + quote(os.fsencode(path))


def _terminal(env: Mapping[str, str]) -> list[str]:
    for name, option in _TERMINALS:
        program = _which(name, env)
        if program:
            return [program, option]
    raise ToolError(both("It runs in a terminal, and no terminal emulator is installed."))


# Which one opens what


def file_command(path: str, env: Mapping[str, str], home: str) -> list[str]:
    """The argument list that opens a file or folder with its default application."""
    need_display(env)
    opener = _which("xdg-open", env)
    if opener:
        return [opener, path]
    kind = type_of(path)
    app = default_app(kind, env, home)
    if app is None:
        raise ToolError(
            both("No application here opens {basename} ({kind}).").format(
                basename=clean_name(os.path.basename(path)), kind=kind
            )
        )
    return app_command(app, [path], env)


def type_of(path: str) -> str:
    return "inode/directory" if os.path.isdir(path) else mimetypes.guess_type(path)[0] or "text/plain"


def default_app(kind: str, env: Mapping[str, str], home: str) -> App | None:
    """What the user or the system chose for this type, else the first application that opens it."""
    apps = {app.id: app for app in installed(env, home)}
    for path in _choices(env, home):
        for identity in _chosen(path, kind):
            if identity in apps:
                return apps[identity]
    return next((app for app in apps.values() if kind in app.types), None)


def _choices(env: Mapping[str, str], home: str) -> Iterator[str]:
    config = env.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    for folder in (config, *(env.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")):
        yield os.path.join(folder, "mimeapps.list")
    for folder in _data_folders(env, home):
        yield os.path.join(folder, "applications", "mimeapps.list")


def _chosen(path: str, kind: str) -> list[str]:
    """The desktop entries that one mimeapps.list names for a type, without their ending."""
    from xdg.Exceptions import Error  # noqa: PLC0415 - only where applications are asked for
    from xdg.IniFile import IniFile  # noqa: PLC0415

    try:
        named = IniFile(path).content.get("Default Applications", {}).get(kind, "")
    except (Error, OSError):
        return []
    return [name.removesuffix(".desktop") for name in named.split(";") if name]


def url_command(url: str, env: Mapping[str, str], home: str) -> list[str]:
    need_display(env)
    opener = _which("xdg-open", env)
    if opener:
        return [opener, url]
    app = default_app(f"x-scheme-handler/{url.partition(':')[0]}", env, home)
    if app is None:
        raise ToolError(
            both("No application here opens {partition} addresses.").format(partition=url.partition(":")[0])
        )
    return app_command(app, [url], env)


def program(app: App) -> str:
    """The name its processes have."""
    return program_of(app.exec)
