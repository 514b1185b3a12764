"""What was meant, where the model is not sure of it: the likeliest readings are shown, and the user picks one.

Whether that may run is dispatch's business.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from llmos.values.events import Choose, Event, Pick, Response
from llmos.values.messages import Reply
from llmos.values.wording import in_words

READING = frozenset((
    "list_folder", "show_tree", "find_files", "file_info", "disk_usage", "find_duplicates", "current_folder",
    "change_folder", "read_file", "search_text", "count", "checksum", "compare_files", "sort_lines", "unique_lines",
    "cut_columns", "list_archive", "list_processes", "process_tree", "process_info", "find_port", "who_uses",
    "wait_process", "list_jobs", "read_job", "system_info", "show_date", "show_environment", "which_program",
    "show_services", "list_apps", "show_history",
))  # fmt: skip
"""Tools that change nothing. A wrong one of them costs a look."""

NOBODY = "say it in other words"


def settle(reply: Reply, *, sure: float, interactive: bool) -> Generator[Event, Response | None, tuple[Reply, bool]]:
    """The reply that was meant, and whether the user said so. `sure` is how probable a reading has to be before it
    changes something; before it only looks or speaks, half of that will do. An empty reply: nothing was understood.
    """
    if not is_doubtful(reply, sure):
        return reply, False
    if not reply.calls:
        return Reply(), False
    others = [other for other in (reply.others() if reply.others else ()) if other.calls]
    readings = [reply, *others[:1]]
    if not interactive:
        return _question(readings), False
    picked = yield Choose(tuple(reading.calls for reading in readings), reply.confidence or 0.0)
    if isinstance(picked, Pick) and picked.reading < len(readings):
        return readings[picked.reading], True
    return Reply(f"Nothing was done; {NOBODY}.", asks_back=True), False


def is_doubtful(reply: Reply, sure: float) -> bool:
    if reply.confidence is None or reply.asks_back:
        return False
    only_looks = all(call.name in READING for call in reply.calls)
    return reply.confidence < (sure / 2 if only_looks else sure)


def _question(readings: list[Reply]) -> Reply:
    meant = "; or ".join(in_words(reading.calls) for reading in readings)
    return replace(readings[0], text=f"Did you mean: {meant}? I am not sure; {NOBODY}.", calls=(), asks_back=True)
