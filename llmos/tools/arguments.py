"""Argument types that several tools share: quantities, lists written as one string, the selection of files."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from llmos.tools.fields import Arguments, BeforeValidator, Field
from llmos.values.quantities import parse_duration, parse_number, parse_size


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _extensions(value: Any) -> Any:
    values = _as_list(value)
    if not isinstance(values, list):
        return values
    return [v.strip().lower().removeprefix("*.").removeprefix(".") if isinstance(v, str) else v for v in values]


def _new_extension(value: Any) -> Any:
    """As it is to be written, so that capitals stay."""
    return value.strip().removeprefix("*").removeprefix(".") if isinstance(value, str) else value


def _whole(value: Any) -> Any:
    return int(parse_number(value)) if isinstance(value, str) else value


def _size(value: Any) -> Any:
    return parse_size(value) if isinstance(value, str | int | float) else value


def _duration(value: Any) -> Any:
    return parse_duration(value) if isinstance(value, str | int | float) else value


Size = Annotated[int, BeforeValidator(_size), Field(ge=0, json_schema_extra={"unit": "bytes"})]
Duration = Annotated[float, BeforeValidator(_duration), Field(ge=0, json_schema_extra={"unit": "seconds"})]
Count = Annotated[int, BeforeValidator(_whole), Field(ge=0)]
Number = Annotated[int, BeforeValidator(_whole)]
Paths = Annotated[list[str], BeforeValidator(_as_list)]
Names = Annotated[list[str], BeforeValidator(_as_list)]
NewExtension = Annotated[str, BeforeValidator(_new_extension)]
Extensions = Annotated[list[str], BeforeValidator(_extensions)]

Kind = Literal["image", "video", "audio", "document", "archive", "code", "text"]


class Selection(Arguments):
    """Which files and folders. Without any filter the paths themselves are meant; with one, what is beneath them."""

    path: Paths = Field(default=["."], description="files, or folders to look in")
    name: Names = Field(default=[], description="globs on the name; any may match")
    extension: Extensions = Field(default=[], description="extensions without the dot; any may match")
    exclude: Names = Field(default=[], description="globs on the name to leave out")
    type: Literal["file", "folder", "link"] | None = Field(default=None, description="only this type of entry")
    kind: Kind | None = Field(default=None, description="only this kind of content")
    contains: str | None = Field(default=None, description="only files whose text contains this")
    larger_than: Size | None = Field(default=None, description="size in bytes, or like 10 MB")
    smaller_than: Size | None = Field(default=None, description="size in bytes, or like 10 MB")
    newer_than: Duration | None = Field(default=None, description="modified within this time: seconds, or like 3 days")
    older_than: Duration | None = Field(
        default=None, description="not modified within this time: seconds, or like 3 days"
    )
    accessed_within: Duration | None = Field(default=None, description="accessed within this time")
    accessed_before: Duration | None = Field(default=None, description="not accessed within this time")
    owner: str | None = Field(default=None, description="owned by this user")
    permission: str | None = Field(
        default=None, description="octal (exactly, like 644) or symbolic (at least, like u+x)"
    )
    empty: bool = Field(default=False, description="only empty files or folders")
    hidden: bool = Field(default=False, description="only hidden entries, whose names begin with a dot")
    depth: Count | None = Field(default=None, description="levels beneath the path at most; 1 is not in subfolders")

    @property
    def has_filter(self) -> bool:
        """True when entries beneath the paths are meant rather than the paths themselves."""
        return any(getattr(self, name) not in (None, [], False) for name in Selection.model_fields if name != "path")
