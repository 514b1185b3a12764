"""Tools that read, search, count, compare and rearrange what is in files."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from llmos.tools.arguments import Count, Duration, Paths, Selection
from llmos.tools.tool import Arguments


class ReadFileArguments(Selection):
    first: Count | None = Field(default=None, description="only the first so many")
    last: Count | None = Field(default=None, description="only the last so many")
    start: Count | None = Field(default=None, description="from this line on, counted from 1")
    end: Count | None = Field(default=None, description="up to and with this line")
    unit: Literal["lines", "bytes"] = Field(default="lines", description="what first and last count")
    line_numbers: bool = Field(default=False, description="a number before each line")
    follow: Duration | None = Field(default=None, description="then show what is added for this time: seconds")
    show: Literal["text", "hex", "characters"] = Field(
        default="text", description="hex: bytes in hexadecimal; characters: unprintable ones as escapes"
    )


class SearchTextArguments(Selection):
    pattern: str = Field(description="the text to look for")
    regex: bool = Field(default=False, description="the pattern is a regular expression")
    ignore_case: bool = Field(default=False, description="capitals do not matter")
    whole_word: bool = Field(default=False, description="only whole words")
    invert: bool = Field(default=False, description="lines that do not match")
    context: Count = Field(default=0, description="lines shown around each match")
    show: Literal["lines", "files", "files_without", "count", "occurrences", "matches"] = Field(
        default="lines",
        description="lines, the files with or without a match, the number of lines, the number of occurrences, or only the matched text",
    )
    line_numbers: bool = Field(default=False, description="the line number before each line")
    limit: Count | None = Field(default=None, description="show this many at most")


class CountArguments(Selection):
    what: Literal["entries", "files", "folders", "lines", "words", "characters", "bytes"] = Field(
        default="entries", description="what is counted"
    )
    each: bool = Field(default=False, description="one number for every file instead of the total alone")
    sort: Literal["name", "largest", "smallest"] | None = Field(default=None, description="order when each is set")
    limit: Count | None = Field(default=None, description="show this many at most")


class ChecksumArguments(Selection):
    algorithm: Literal["md5", "sha1", "sha256", "sha512"] = Field(default="sha256", description="the hash function")


class CompareFilesArguments(Arguments):
    first: str = Field(description="the one file or folder")
    second: str = Field(description="the other file or folder")
    show: Literal["differences", "count", "same"] = Field(
        default="differences", description="the differing lines, how many they are, or only whether they are the same"
    )


class SortLinesArguments(Arguments):
    path: Paths = Field(description="text files")
    reverse: bool = Field(default=False, description="from last to first")
    numeric: bool = Field(default=False, description="by value, not by letter")
    unique: bool = Field(default=False, description="each line once")
    ignore_case: bool = Field(default=False, description="capitals do not matter")
    column: Count | None = Field(default=None, description="sort by this column, counted from 1")
    delimiter: str | None = Field(default=None, description="what stands between columns; white space by default")


class UniqueLinesArguments(Arguments):
    path: Paths = Field(description="text files")
    count: bool = Field(default=False, description="with how often each line occurs, most frequent first")
    show: Literal["all", "repeated", "single"] = Field(default="all", description="every line once, or only some")
    ignore_case: bool = Field(default=False, description="capitals do not matter")


class CutColumnsArguments(Arguments):
    path: Paths = Field(description="text files")
    columns: str = Field(description="columns to keep, counted from 1: 2 or 1,3 or 2-4")
    delimiter: str | None = Field(default=None, description="what stands between columns; found out by default")


class ReplaceTextArguments(Selection):
    old: str = Field(description="the text to replace")
    new: str = Field(default="", description="what to put there")
    regex: bool = Field(default=False, description="old is a regular expression")
    ignore_case: bool = Field(default=False, description="capitals do not matter")
    whole_word: bool = Field(default=False, description="only whole words")
