"""How a tool declares its arguments: like a pydantic model and checked by one, but pydantic is loaded when needed.

Most calls carry plain strings, flags and words of an enum, which can be seen to be right without the 100 ms that
loading pydantic takes. What is not surely right goes to pydantic; so do schemas. No tool is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from inspect import get_annotations
from operator import or_
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    NoReturn,
    TypeVar,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

if TYPE_CHECKING:
    from pydantic import BaseModel

A = TypeVar("A", bound="Arguments")

_HINTS: dict[type[Any], Mapping[str, Any]] = {}
_TWINS: dict[type[Any], type[BaseModel]] = {}


@dataclass(frozen=True, eq=False)  # types with it have to be hashable
class FieldSpec:
    """What was declared about one argument, or about one type in `Annotated`."""

    default: Any
    """... where it is required."""

    rules: Mapping[str, Any]
    """Everything else, as pydantic's `Field` takes it."""


def Field(default: Any = ..., **rules: Any) -> Any:
    """Stands where pydantic's stands."""
    return FieldSpec(default, rules)


@dataclass(frozen=True)
class BeforeValidator:
    """In `Annotated`: makes a value what the type wants it to be. Raises ValueError."""

    convert: Callable[[Any], Any]


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Field,))
class Arguments:
    """Base of all arguments: unknown names are refused, values are frozen."""

    model_fields: ClassVar[Mapping[str, FieldSpec]] = {}
    """In the order in which they were declared, those of the base first."""

    def __init_subclass__(cls) -> None:
        own = {name: _declared(cls.__dict__.get(name, ...)) for name in get_annotations(cls)}
        cls.model_fields = {**cls.model_fields, **own}

    def __init__(self, /, **values: Any) -> None:
        """Raises pydantic's ValidationError, which is a ValueError."""
        checked = _plainly_right(type(self), values)
        if checked is None:
            model = twin(type(self)).model_validate(values)
            checked = {name: getattr(model, name) for name in self.model_fields}
        self.__dict__.update(checked)

    @classmethod
    def model_validate(cls: type[A], values: Mapping[str, Any]) -> A:
        return cls(**values)

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        return twin(cls).model_json_schema()

    def model_dump(self, include: Collection[str] | None = None) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if include is None or name in include}

    def model_copy(self: A, update: Mapping[str, Any]) -> A:
        """The same with other values, which are not checked."""
        other = object.__new__(type(self))
        other.__dict__.update({**self.__dict__, **update})
        return other

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"arguments are frozen, {name} too")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{n}={v!r}' for n, v in self.__dict__.items())})"


def _declared(value: Any) -> FieldSpec:
    return value if isinstance(value, FieldSpec) else FieldSpec(value, {})


def _hints(cls: type[Arguments]) -> Mapping[str, Any]:
    if cls not in _HINTS:
        hints = get_type_hints(cls, include_extras=True)
        _HINTS[cls] = {name: hints[name] for name in cls.model_fields}
    return _HINTS[cls]


# ---- the short way: says yes, or nothing


class _Unsure(Exception):
    """Pydantic has to look at it."""


def _plainly_right(cls: type[Arguments], values: Mapping[str, Any]) -> dict[str, Any] | None:
    if not values.keys() <= cls.model_fields.keys():
        return None
    hints = _hints(cls) if values else {}
    try:
        return {
            name: _fitting(values[name], hints[name], spec.rules) if name in values else _default(spec)
            for name, spec in cls.model_fields.items()
        }
    except (_Unsure, ValueError):
        return None


def _default(spec: FieldSpec) -> Any:
    if spec.default is ...:
        raise _Unsure
    return list(spec.default) if isinstance(spec.default, list) else spec.default


def _fitting(value: Any, hint: Any, rules: Mapping[str, Any]) -> Any:
    """The value as the type wants it. Raises _Unsure."""
    return _within(_of_type(value, hint), rules)


def _within(value: Any, rules: Mapping[str, Any]) -> Any:
    if not rules.keys() <= {"description", "json_schema_extra", "ge", "le"}:
        raise _Unsure
    if value is not None and not rules.get("ge", value) <= value <= rules.get("le", value):
        raise _Unsure
    return value


def _of_type(value: Any, hint: Any) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _annotated(value, *inner)
    if origin in (Union, UnionType):
        return _optional(value, inner)
    if origin is list and type(value) is list:
        return [_of_type(each, inner[0]) for each in value]
    if hint is float and type(value) in (int, float):
        return float(value)
    plain = (origin is Literal and value in inner and type(value) is str) or (
        hint in (str, int, bool) and type(value) is hint
    )
    if not plain or (type(value) is str and not _is_text(value)):
        raise _Unsure
    return value


def _is_text(value: str) -> bool:
    """Pydantic takes no halves of surrogate pairs."""
    return value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value)


def _annotated(value: Any, hint: Any, *marks: Any) -> Any:
    for mark in marks:
        if isinstance(mark, BeforeValidator):
            value = mark.convert(value)
    value = _of_type(value, hint)
    for mark in marks:
        if isinstance(mark, FieldSpec):
            value = _within(value, mark.rules)
    return value


def _optional(value: Any, options: tuple[Any, ...]) -> Any:
    real = [option for option in options if option is not NoneType]
    if len(real) != 1:
        raise _Unsure
    return None if value is None and len(real) < len(options) else _of_type(value, real[0])


# ---- the whole way


def twin(cls: type[Arguments]) -> type[BaseModel]:
    """The pydantic model with the same fields."""
    if cls not in _TWINS:
        _TWINS[cls] = _made(cls)
    return _TWINS[cls]


def _made(cls: type[Arguments]) -> type[BaseModel]:
    from pydantic import ConfigDict, create_model  # noqa: PLC0415

    hints = _hints(cls)
    fields = {name: (_translated(hints[name]), _field(spec)) for name, spec in cls.model_fields.items()}
    config = ConfigDict(extra="forbid", frozen=True)
    return create_model(cls.__name__, __config__=config, __doc__=cls.__doc__, **cast(Any, fields))


def _field(spec: FieldSpec) -> Any:
    import pydantic  # noqa: PLC0415

    return pydantic.Field(spec.default, **spec.rules)


def _translated(hint: Any) -> Any:
    """The type with pydantic's own marks in place of ours."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return Annotated[(_translated(inner[0]), *_marks(inner[1:]))]
    if origin in (Union, UnionType):
        return reduce(or_, map(_translated, inner))
    if origin is list:
        return list[_translated(inner[0])]  # type: ignore[misc]  # made while running
    return hint


def _marks(marks: tuple[Any, ...]) -> Iterator[Any]:
    import pydantic  # noqa: PLC0415

    for mark in marks:
        match mark:
            case BeforeValidator(convert):
                yield pydantic.BeforeValidator(convert)
            case FieldSpec(rules=rules):
                yield pydantic.Field(**rules)
            case _:
                yield mark
