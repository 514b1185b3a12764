"""The tool that searches the text of files, or of what was piped in. What is sought is made ready in the adapter."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Literal

from llmos.adapters.files import ripgrep, search
from llmos.adapters.files.content import describe_bytes, is_binary
from llmos.adapters.files.text import head_of
from llmos.adapters.files.walk import Entry, Root, Unread
from llmos.adapters.terminal import clean, clean_name
from llmos.errors import ToolError
from llmos.tools.arguments import Count, Selection
from llmos.tools.fields import Field
from llmos.tools.files.reading import PATH, ReadingTool, Row, a_number, listing, one_path, with_note
from llmos.tools.files.selection import beneath
from llmos.translation import both
from llmos.values.messages import ItemKind, Outcome
from llmos.values.place import Place
from llmos.values.table import Column, Table


class SearchTextArguments(Selection):
    pattern: str = Field(description="the text to look for")
    regex: bool = Field(default=False, description="the pattern is a regular expression")
    ignore_case: bool = Field(default=False, description="capitals do not matter")
    whole_word: bool = Field(default=False, description="only whole words")
    invert: bool = Field(default=False, description="lines that do not match")
    context: Count = Field(default=0, description="lines shown around each match")
    show: Literal["lines", "files", "files_without", "count", "occurrences", "matches"] = Field(
        default="lines",
        description="lines, the files with or without a match, the number of lines, the number of occurrences, "
        "or only the matched text",
    )
    line_numbers: bool = Field(default=False, description="the line number before each line")
    limit: Count | None = Field(default=None, description="show this many at most")


class SearchText(ReadingTool[SearchTextArguments]):
    name = "search_text"
    description = "Search for text in files, or in what was piped in."
    arguments = SearchTextArguments
    verb = "search the text of"

    def read(self, arguments: SearchTextArguments, roots: Sequence[Root], place: Place) -> Outcome:
        """As written; where small letters find nothing, capitals do not matter: who asks for error means ERROR too."""
        outcome = _Search(arguments, roots, place).outcome()
        small = not arguments.regex and arguments.pattern == arguments.pattern.lower() != arguments.pattern.upper()
        if small and not arguments.ignore_case and not arguments.invert and _is_empty(outcome):
            again = _Search(arguments.model_copy(update={"ignore_case": True}), roots, place).outcome()
            return outcome if _is_empty(again) else again
        return outcome


def _is_empty(outcome: Outcome) -> bool:
    return outcome.text == "0" or (outcome.table is not None and not outcome.table.rows)


Found = tuple[Entry, search.Line, list[str]]

_PATH_LINE_TEXT = (PATH, Column("line"), Column("text"))


class _Search:
    """One search while it goes on: which files could not be read, and whether there is but one."""

    def __init__(self, arguments: SearchTextArguments, roots: Sequence[Root], place: Place) -> None:
        self.arguments = arguments
        self.roots = roots
        self.unread = Unread()
        self.alone = len(roots) == 1 and not os.path.isdir(roots[0].path)
        self.entries = beneath(arguments, roots, place, self.unread, only_files=True)
        seek = search.expression if arguments.regex else search.literal
        self.needle = seek(arguments.pattern, arguments.ignore_case, arguments.whole_word, arguments.invert)
        self.sorted_out = ripgrep.sorted_out(self.entries, self.needle.rough)

    def outcome(self) -> Outcome:
        match self.arguments.show:
            case "count":
                return a_number(sum(line.matches for _, line, _ in self._found()), self.unread)
            case "occurrences":
                return a_number(sum(len(matches) for _, _, matches in self._found()), self.unread)
            case "files" | "files_without":
                return self._files(with_match=self.arguments.show == "files")
            case "matches":
                return self._matches()
            case "lines":
                return self._in_context() if self.arguments.context else self._lines()

    def _found(self, context: int = 0) -> Iterator[Found]:
        for entry, likely in self.sorted_out:
            if likely:
                yield from ((entry, line, matches) for line, matches in self._in(entry, context))

    def _in(self, entry: Entry, context: int = 0) -> Iterator[tuple[search.Line, list[str]]]:
        """What is found in one file; one among many that cannot be read is only noted."""
        binary = self.arguments.show not in ("lines", "matches")  # it has no lines to show, but matches to count
        try:
            yield from search.found_in(entry.path, self.needle, context=context, binary=binary)
        except ToolError as error:
            if self.alone or not isinstance(error.__cause__, OSError):
                raise
            self.unread.add(entry.path, error.__cause__)

    def _files(self, *, with_match: bool) -> Outcome:
        looked = ((entry, likely and self._has_match(entry)) for entry, likely in self.sorted_out)
        entries = (entry for entry, matches in looked if matches is with_match)
        outcome = listing(islice(entries, self.arguments.limit), (PATH,), one_path, "")
        text = with_note("" if outcome.items else self._nothing(), self.unread)
        return Outcome(text, outcome.table, outcome.items, outcome.kind)

    def _has_match(self, entry: Entry) -> bool | None:
        """None for a file that cannot be read."""
        unread = self.unread.count
        found = next(self._in(entry), None)
        return None if self.unread.count > unread else found is not None

    def _lines(self) -> Outcome:
        found = list(islice(self._found(), self.arguments.limit))
        if not self.alone:
            return self._rows(found, Table(_PATH_LINE_TEXT, tuple(map(_with_path, found)), _grep))
        if self.arguments.line_numbers:
            return self._rows(found, Table(_PATH_LINE_TEXT[1:], tuple(map(_with_number, found)), _grep))
        return self._rows(found, Table((Column("line"),), tuple(map(_line_alone, found))))

    def _rows(self, found: Sequence[Found], table: Table) -> Outcome:
        text = with_note("" if found else self._nothing(), self.unread)
        if self.alone:
            return Outcome(text, table, tuple(line.text for _, line, _ in found), ItemKind.LINE)
        return Outcome(text, table, tuple(entry.path for entry, _, _ in found), ItemKind.PATH)

    def _matches(self) -> Outcome:
        matches = (match for _, _, found in self._found() for match in found if match)
        shown = tuple(islice(matches, self.arguments.limit))
        table = Table((Column("match"),), tuple((clean_name(match),) for match in shown))
        return Outcome(with_note("" if shown else self._nothing(), self.unread), table, shown)

    def _in_context(self) -> Outcome:
        """As `grep -C` prints it: ":" after the number of a line that matches, "-" after others, "--" between."""
        lines: list[str] = []
        last: tuple[str, int] = ("", 0)
        left = self.arguments.limit
        for entry, line, _ in self._found(self.arguments.context):
            if line.matches and left is not None:
                if left == 0:
                    break
                left -= 1
            if lines and (entry.path, line.number) != (last[0], last[1] + 1):
                lines.append("--")
            last = (entry.path, line.number)
            lines.append(self._in_words(entry, line))
        return Outcome("\n".join(lines) if lines else with_note(self._nothing(), self.unread))

    def _in_words(self, entry: Entry, line: search.Line) -> str:
        sign = ":" if line.matches else "-"
        number = f"{line.number}{sign}" if self.arguments.line_numbers or not self.alone else ""
        return ("" if self.alone else f"{clean_name(entry.shown)}{sign}") + number + _tidy(line.text)

    def _nothing(self) -> str:
        if self.alone:
            head = head_of(self.roots[0].path)
            if is_binary(head):
                return both("{path} is not text but binary: {describe_bytes}.").format(
                    path=clean_name(self.roots[0].path), describe_bytes=describe_bytes(head)
                )
        names = ["the input" if root.shown == "-" else clean_name(root.path) for root in self.roots[:3]]
        where = " and ".join(names)
        wanted = f"'{clean_name(self.arguments.pattern)}'"
        if self.arguments.show == "files_without":
            return both("Nothing found: no file in {where} is without {wanted}.").format(where=where, wanted=wanted)
        return both("Nothing found: {wanted} is not in {where}.").format(wanted=wanted, where=where)


def _tidy(line: str) -> str:
    return clean(line).replace("\n", " ")


def _with_path(found: Found) -> Row:
    entry, line, _ = found
    return clean_name(entry.shown), line.number, _tidy(line.text)


def _with_number(found: Found) -> Row:
    return found[1].number, _tidy(found[1].text)


def _line_alone(found: Found) -> Row:
    return (_tidy(found[1].text),)


def _grep(row: Row) -> str:
    return ":".join(str(cell) for cell in row)
