"""An answer as the JSON that a schema asks for: lists, tables, numbers and yes or no become values of its shape.

Nothing is made up: what is not in the answer stays missing, and the schema then says no. `$ref` within a schema is
followed. Whether a value fits is jsonschema's to say.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmos.errors import LlmosError, UsageError
from llmos.translation import _
from llmos.values.messages import JSON, ItemKind, Outcome
from llmos.values.plain import exact, plain_text
from llmos.values.table import Cell, Table, Unit

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

TRIED = 200
"""Ways to read one answer; no schema people write has so many."""

TRUE = {"yes", "true", "是", "是的", "对", "有", "identical", "the same", "same", "相同"}
FALSE = {"no", "false", "否", "不", "不是", "没有", "different", "not the same", "不同"}

ALIKE = (
    {"path", "file", "filename", "name", "folder"},
    {"size", "bytes", "length"},
    {"time", "modified", "date", "mtime", "changed"},
    {"pid", "process", "id"},
    {"memory", "mem", "rss"},
    {"command", "program", "name", "process"},
    {"count", "lines", "number", "total", "words"},
    {"text", "line", "content", "match"},
)
"""Names that schemas and columns give to the same thing."""

TALLIES = {"count", "total", "number", "length"}
"""Beside a list, a whole number of this name is how long the list is."""


class Unfit(LlmosError):
    """The answer is there and does not fit the schema."""


@dataclass(frozen=True)
class Told:
    """All that a turn answered."""

    said: str = ""
    outcomes: tuple[Outcome, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(filter(None, [*map(plain_text, self.outcomes), self.said])).strip()

    @property
    def table(self) -> Table | None:
        tables = [outcome.table for outcome in self.outcomes if outcome.table]
        return tables[0] if len(tables) == 1 else None

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(item for outcome in self.outcomes for item in outcome.items)

    @property
    def paths(self) -> bool:
        return bool(self.outcomes) and all(outcome.kind is ItemKind.PATH for outcome in self.outcomes)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


class Shape:
    """A schema read from a file. Raises UsageError when there is none in it."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.schema = _read(file)
        self._validator = _validator(self.schema, file)

    def fitted(self, told: Told) -> JSON:
        """Raises Unfit."""
        tried = list(islice(self._values(told, self.schema), TRIED))
        for value in tried:
            if self._validator.is_valid(value):
                return value
        raise Unfit(f"the answer does not fit {self._file}: {self._why(tried)}")

    def _why(self, tried: Sequence[JSON]) -> str:
        from jsonschema.exceptions import best_match  # noqa: PLC0415

        if not tried:
            return f"it cannot be made into {self.schema.get('type', 'that')}; see it without --schema"
        error = best_match(self._validator.iter_errors(tried[0]))
        return " ".join(str(error.message).split())[:200] if error else "no reading of it does"

    def _values(self, told: Told, schema: Any) -> Iterator[JSON]:
        """Every way to read the answer as the schema's type, the likeliest first."""
        schema = self._resolved(schema)
        yield from _written(told.said or told.text)
        for option in [*schema.get("anyOf", ()), *schema.get("oneOf", ())]:
            yield from self._values(told, option)
        for kind in _types(schema):
            match kind:
                case "array":
                    yield from self._arrays(told, self._resolved(schema.get("items", {})))
                case "object":
                    yield from self._objects(told, schema)
                case "number" | "integer":
                    yield from _numbers(told.text)
                case "boolean":
                    yield from _truths(told.text)
                case "string":
                    yield from _strings(told.text, schema)

    def _arrays(self, told: Told, item: Mapping[str, Any]) -> Iterator[JSON]:
        kinds = _types(item)
        if "object" in kinds:
            yield [self._row(row, item) for row in _rows(told)]
        if "array" in kinds and told.table:
            yield [list(row) for row in told.table.rows]
        if {"number", "integer"} & set(kinds):
            yield [number for line in told.lines for number in _numbers(line)]
        if "string" in kinds or not kinds:
            several = told.table is not None and len(told.table.columns) > 1
            yield list(told.items if told.items and (several or _wants_paths(item)) else told.lines)
            yield list(told.items)

    def _objects(self, told: Told, schema: Mapping[str, Any]) -> Iterator[JSON]:
        rows = _rows(told)
        pairs = [_pairs(told.table)] if told.table and len(told.table.columns) == 2 else []
        made = [self._row(row, schema) for row in (*pairs, *(rows if len(rows) == 1 else ()))]
        made.append(self._filled(told, schema))
        yield from sorted(filter(None, made), key=len, reverse=True)

    def _filled(self, told: Told, schema: Mapping[str, Any]) -> dict[str, JSON]:
        """Each property on its own from the whole answer: {"files": [...], "count": 3}."""
        made: dict[str, JSON] = {}
        properties = {name: self._resolved(part) for name, part in schema.get("properties", {}).items()}
        for name, part in properties.items():
            tally = name.lower() in TALLIES and bool({"integer", "number"} & set(_types(part)))
            if tally and told.table:
                made[name] = len(told.table.rows)
            elif "array" in _types(part) and not (told.table or told.items):
                continue  # one number is no list
            elif tally or _is_only_one(part, properties.values()):
                made.update((name, value) for value in islice(self._valid(told, part), 1))
        return made

    def _valid(self, told: Told, part: Any) -> Iterator[JSON]:
        checker = self._validator.evolve(schema=part)
        return (value for value in islice(self._values(told, part), TRIED) if checker.is_valid(value))

    def _row(self, row: Mapping[str, tuple[Cell, Unit]], schema: Mapping[str, Any]) -> dict[str, JSON]:
        """The columns under the names the schema has for them; under their own where it names none."""
        properties = schema.get("properties")
        if not properties:
            return {name: cell for name, (cell, _) in row.items()}
        found: dict[str, JSON] = {}
        for name, part in properties.items():
            if (column := _column(name, row)) is not None:
                found[name] = _as(row[column], _types(self._resolved(part)))
        return found

    def _resolved(self, schema: Any) -> Mapping[str, Any]:
        if not isinstance(schema, Mapping):
            return {}
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return schema
        found: Any = self.schema
        for step in reference[2:].split("/"):
            found = found.get(step, {}) if isinstance(found, Mapping) else {}
        return found if isinstance(found, Mapping) and found is not schema else {}


def _read(file: str) -> dict[str, Any]:
    try:
        schema = json.loads(Path(file).expanduser().read_text("utf-8"))
    except OSError as error:
        raise UsageError(
            _("cannot read the schema {file}: {strerror}").format(file=file, strerror=error.strerror)
        ) from None
    except ValueError as error:
        raise UsageError(_("the schema {file} is not JSON: {error}").format(file=file, error=error)) from None
    if not isinstance(schema, dict):
        raise UsageError(_("the schema {file} is not an object").format(file=file))
    return schema


def _validator(schema: dict[str, Any], file: str) -> Validator:
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415
    from jsonschema.validators import validator_for  # noqa: PLC0415

    kind = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise UsageError(
            _("{file} is not a JSON schema: {names}").format(file=file, names=" ".join(error.message.split())[:200])
        ) from None
    return kind(schema)


def _types(schema: Mapping[str, Any]) -> list[str]:
    kind = schema.get("type")
    if isinstance(kind, list):
        return [str(each) for each in kind]
    if kind is not None:
        return [str(kind)]
    if "properties" in schema:
        return ["object"]
    return ["array"] if "items" in schema else ["string"] if {"enum", "const", "pattern"} & schema.keys() else []


def _is_only_one(part: Mapping[str, Any], parts: Iterable[Mapping[str, Any]]) -> bool:
    """Of several numbers in a schema none is known to be the one that was answered."""
    kinds = set(_types(part))
    return sum(bool(kinds & set(_types(other))) for other in parts) == 1


def _written(text: str) -> Iterator[JSON]:
    """What larger models were asked for: the text is the JSON, bare or in a fence."""
    fenced = re.fullmatch(r"\s*```(?:json)?\s*\n(.*?)\n\s*```\s*", text, re.DOTALL)
    try:
        yield json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError):
        return


def _numbers(text: str) -> Iterator[JSON]:
    """When there is exactly one in the text: of several none is known to be meant."""
    found = re.findall(r"(?<![\w.])-?\d+(?:,\d{3})*(?:\.\d+)?(?![\w.]*\d)", text)
    if len(found) == 1:
        number = float(found[0].replace(",", ""))
        yield int(number) if number.is_integer() else number


def _truths(text: str) -> Iterator[JSON]:
    word = re.split(r"[.,;:!\n。，！]", text.lower(), maxsplit=1)[0].strip()
    if word in TRUE | FALSE:
        yield word in TRUE


def _strings(text: str, schema: Mapping[str, Any]) -> Iterator[JSON]:
    yield text
    named = [value for value in schema.get("enum", ()) if isinstance(value, str) and _has_word(text, value)]
    if len(named) == 1:
        yield named[0]


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def _rows(told: Told) -> list[dict[str, tuple[Cell, Unit]]]:
    """One mapping a row; where the rows are files, with their absolute paths."""
    paths = [_of_path(path) for path in told.items] if told.paths else []
    if told.table is None:
        return paths or [{"text": (line, Unit.NONE)} for line in told.lines]
    columns = told.table.columns
    rows = [{c.name: (cell, c.unit) for c, cell in zip(columns, row, strict=True)} for row in told.table.rows]
    if len(paths) == len(rows):
        return [{**row, **path} for row, path in zip(rows, paths, strict=True)]
    return rows


def _of_path(path: str) -> dict[str, tuple[Cell, Unit]]:
    return {"path": (path, Unit.NONE), "name": (os.path.basename(path), Unit.NONE)}


def _pairs(table: Table) -> dict[str, tuple[Cell, Unit]]:
    """A table of names and values."""
    return {str(name): (value, table.columns[1].unit) for name, value in table.rows}


def _column(name: str, row: Mapping[str, object]) -> str | None:
    """The column a property means: of the same name, else the only one of a like name."""
    plain = {re.sub(r"[^a-z0-9]", "", column.lower()): column for column in row}
    wanted = re.sub(r"[^a-z0-9]", "", name.lower())
    if wanted in plain:
        return plain[wanted]
    alike = {column for group in ALIKE if wanted in group for column in group & plain.keys()}
    return plain[alike.pop()] if len(alike) == 1 else None


def _as(value: tuple[Cell, Unit], kinds: Sequence[str]) -> JSON:
    cell, unit = value
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, str):
        return next(_numbers(cell), cell) if {"number", "integer"} & set(kinds) and "string" not in kinds else cell
    if "string" in kinds and not {"number", "integer"} & set(kinds):
        return exact(cell, unit)
    return round(cell) if "integer" in kinds and "number" not in kinds else cell


def _wants_paths(item: Mapping[str, Any]) -> bool:
    """Names are what a pipe gets; a schema that says so gets whole paths."""
    said = f"{item.get('format', '')} {item.get('pattern', '')} {item.get('description', '')}".lower()
    return "absolute" in said or said.split()[:1] == ["^/"]
