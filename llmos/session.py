"""The composition root: puts model, dispatcher, conversation and log together. The only place that knows them all.

What is shown and asked is the front's business.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from llmos.agent.by_example import by_example
from llmos.agent.context import Conversation
from llmos.agent.limits import Limits
from llmos.agent.mentions import without_marks
from llmos.agent.redacted import for_sending
from llmos.agent.stronger import with_stronger
from llmos.agent.turn import exit_code, run_turn
from llmos.config import Settings, has_servers
from llmos.dispatch.dispatcher import Dispatcher, Record
from llmos.dispatch.tiers import Policy
from llmos.errors import Exit
from llmos.models import names
from llmos.models.base import Model, Reach
from llmos.paths import apps_folder, config_file, user_policy
from llmos.translation import _
from llmos.values.events import Turn
from llmos.values.messages import Message, UserMessage
from llmos.values.place import Place

if TYPE_CHECKING:
    from llmos.memory.log import Decided, Log
    from llmos.tools.mcp import WithServers
    from llmos.tools.tool import Tool

T = TypeVar("T")


@dataclass(frozen=True)
class Choices:
    """What the user chose for one session, besides the settings."""

    session: str | None = None
    """Go on with the conversation of this name."""

    approve: bool = False
    """Yes to everything the mode would ask."""

    keep_folder: bool = False
    """Stay in the place's folder even when the session of that name was in another one."""


class Session:
    """One conversation. Nothing heavy is loaded before the first turn."""

    def __init__(
        self,
        settings: Settings,
        place: Place,
        choices: Choices = Choices(),
        *,
        model: Model | None = None,
        tools: Mapping[str, Tool[Any]] | None = None,
        note: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.settings = settings
        self._note = note
        self._name = choices.session or _new_name()
        self._model = model
        self._stronger: Model | None = None
        self._tools = tools
        self._servers: WithServers | None = None
        self._approve = choices.approve
        self._records: list[Record] = []
        self._complained = False
        self._as_it_goes = choices.session is not None
        self._open = False
        """The log says that a turn was begun, and not yet that it was ended."""

        self.conversation = Conversation(replace(place, keep=settings.keep))
        if choices.session is not None:
            self._recall(choices.keep_folder)
        self._stored = self._turn_began = len(self.conversation.messages)

    @cached_property
    def dispatcher(self) -> Dispatcher:
        policy = Policy(user_policy(self.conversation.place.env), self.conversation.place.home)
        return Dispatcher(
            self.tools,
            self.settings.mode,
            approve=self._approve,
            record=self._decided_on,
            rules=policy.rules,
            save=policy.save,
        )

    @cached_property
    def tools(self) -> Mapping[str, Tool[Any]]:
        if self._tools is not None:
            return self._tools
        from llmos.tools.registry import Registry  # noqa: PLC0415

        registry = Registry(manifests=self._manifests, note=self._note)
        if not self._has_servers:
            return registry
        from llmos.tools.mcp import WithServers, servers  # noqa: PLC0415  # few people have one

        place = self.conversation.place
        self._servers = WithServers(registry, servers(place.env), place, self._note)
        return self._servers

    @cached_property
    def _has_servers(self) -> bool:
        return self._tools is None and has_servers(config_file(self.conversation.place.env))

    @cached_property
    def _manifests(self) -> tuple[Path, ...]:
        from llmos.tools.catalogue import folders  # noqa: PLC0415

        return folders(self.conversation.place.env) if self._tools is None else getattr(self._tools, "manifests", ())

    @property
    def name(self) -> str:
        """As the log knows it."""
        return self._name

    @property
    def model(self) -> Model:
        self._model = self._model or self._found()
        return self._model

    @model.setter
    def model(self, model: Model) -> None:
        self._model = model

    @property
    def reader(self) -> Model:
        """The model as a turn asks it, for who only wants to know what a request means."""
        return by_example(self._prepared(self.model), self._manifests)

    def load(self, name: str) -> Model:
        """Another model by its name. Raises UsageError and ModelError."""
        place, settings = self.conversation.place, self.settings
        return names.load(name, place.state, Reach(settings.base_url, settings.api_key_command, place.env))

    def _stronger_for(self, request: str) -> Callable[[], Model] | None:
        """Who is asked when the model is not sure: the one that sees, where the request names an image."""
        vision = self.settings.vision
        if not vision:
            return self._strong if self.settings.strong else None
        from llmos.agent.pictures import Seeing, pictures  # noqa: PLC0415

        if shown := pictures(request, self.conversation.place):
            return lambda: Seeing(self._prepared(self.load(vision)), shown)
        return self._strong if self.settings.strong else None

    def _strong(self) -> Model:
        """The one of the settings, loaded once."""
        self._stronger = self._stronger or self._prepared(self.load(self.settings.strong))
        return self._stronger

    def _prepared(self, model: Model) -> Model:
        model = for_sending(model)
        if model.name == "embedded" or not self._has_servers:
            return model
        from llmos.agent.plain_names import PlainNames  # noqa: PLC0415  # only tools of servers have other names

        return PlainNames(model)

    def _found(self) -> Model:
        """The one in the daemon, where there is one, else it is loaded here."""
        place, name = self.conversation.place, self.settings.model
        load = partial(self.load, name)
        if not os.path.exists(f"{place.state}/daemon/socket") or name.partition(":")[0] in names.SERVERS:
            return load()
        from llmos.daemon.client import Served, is_served  # noqa: PLC0415  # most people have no daemon

        return Served(name, place.state, load) if is_served(name, place) else load()

    def turn(self, text: str, *, now: float, input: str | None = None, by: Model | None = None) -> Turn:
        """Answered by the session's model, or by another. Raises UsageError and ModelError when there is none."""
        self.conversation.place = replace(self.conversation.place, now=now, input=input)
        self._turn_began = len(self.conversation.messages)
        settings = self.settings
        by = by or self._app(text)
        self.dispatcher.bounds = getattr(by or self._model, "bounds", None)
        limits = Limits(settings.steps, settings.tokens, settings.seconds, settings.repeats, settings.sure)
        place = self.conversation.place
        request = UserMessage(text if by else without_marks(text, place.cwd, place.home), input)
        if self._as_it_goes:
            self._begin(request)
        model = by_example(self._prepared(by or self.model), self._manifests)
        if not by:
            model = with_stronger(model, self._stronger_for(text), settings.sure)
        return run_turn(request, self.conversation, model, self.dispatcher, limits)

    def _app(self, text: str) -> Model | None:
        """The app that the request names, if there is one. Raises UsageError."""
        place = self.conversation.place
        if self._tools is not None or hasattr(self._model, "bounds") or not os.path.isdir(apps_folder(place.env)):
            return None
        from llmos.apps.runner import meant  # noqa: PLC0415  # most people have none
        from llmos.apps.shelf import open_shelf  # noqa: PLC0415

        return meant(text, open_shelf(place), place)

    def keep_as_it_goes(self) -> None:
        """From now on a turn is in the log when it begins; otherwise from before its first change on."""
        self._as_it_goes = True

    def exit_code(self) -> Exit:
        """What the results of the last turn mean for a script."""
        return exit_code(self.conversation.messages[self._turn_began :])

    def clear(self) -> None:
        """Forget the conversation, here and under its name; the log keeps it."""
        from llmos.memory.log import Entry  # noqa: PLC0415
        from llmos.memory.sessions import CLEARED  # noqa: PLC0415

        self.save()
        self.conversation.messages.clear()
        self._stored = self._turn_began = 0
        place = self.conversation.place
        if log := self._log:
            self._logged(lambda: log.add(self._name, [Entry(place.now, place.cwd, CLEARED)], ()))

    def save(self) -> None:
        """Write to the log what is not written yet. A log that cannot be written does not stop anybody's work."""
        messages = self.conversation.messages[self._stored :]
        if not messages and not self._records and not self._open:
            return
        from llmos.memory.sessions import ended  # noqa: PLC0415

        self._store(messages, ended(self.exit_code()) if self._open else None)
        self._stored = len(self.conversation.messages)
        self._open = False

    def _decided_on(self, record: Record) -> None:
        self._records.append(record)
        if record.ran and not record.plan.only_reads:
            self._begin()

    def _begin(self, *request: UserMessage) -> None:
        """Before anything is changed: who is killed while it runs finds in the log what ran."""
        from llmos.memory.sessions import began  # noqa: PLC0415

        mark = None if self._open else began(os.getpid())
        self._store([*self.conversation.messages[self._stored :], *request], mark)
        self._stored = len(self.conversation.messages) + len(request)
        self._open = True

    def _store(self, messages: Sequence[Message], mark: str | None) -> None:
        from llmos.memory.log import Entry  # noqa: PLC0415
        from llmos.memory.sessions import as_entries  # noqa: PLC0415

        place = self.conversation.place
        entries = as_entries(messages, place.cwd, place.now)
        entries += [Entry(place.now, place.cwd, mark)] if mark else []
        if log := self._log:
            self._logged(lambda: log.add(self._name, entries, self._decided()))
        self._records.clear()

    def close(self) -> None:
        self.save()
        if self._servers is not None:  # its truth is its length, for which all tools are read
            self._servers.close()
        if "_log" in self.__dict__ and self._log:
            self._log.close()

    @cached_property
    def _log(self) -> Log | None:
        from llmos.memory.log import Log  # noqa: PLC0415  # sqlite is opened after the answer was shown

        return self._logged(lambda: Log(Path(self.conversation.place.state) / "log.sqlite"))

    def _logged(self, do: Callable[[], T]) -> T | None:
        import sqlite3  # noqa: PLC0415

        try:
            return do()
        except (OSError, sqlite3.Error) as error:
            if not self._complained:
                reason = getattr(error, "strerror", None) or error
                self._note(
                    _("this is not recorded: {state}: {reason}").format(
                        state=self.conversation.place.state, reason=reason
                    )
                )
            self._complained = True
            return None

    def _recall(self, keep_folder: bool) -> None:
        from llmos.memory.sessions import recall  # noqa: PLC0415

        log = self._log
        remembered = self._logged(lambda: recall(log, self._name)) if log else None
        if remembered is None:
            return
        if remembered.cut_off:
            self._note(
                _("the last request was cut off, part of it may be done: {cut_off}").format(cut_off=remembered.cut_off)
            )
        self.conversation.messages.extend(remembered.messages)
        if not keep_folder and os.path.isdir(remembered.cwd):
            self.conversation.place = replace(self.conversation.place, cwd=remembered.cwd)

    def _decided(self) -> list[Decided]:
        from llmos.memory.log import Decided  # noqa: PLC0415
        from llmos.memory.sessions import call_value  # noqa: PLC0415

        now = self.conversation.place.now
        return [
            Decided(
                now,
                json.dumps(call_value(r.plan.call)),
                r.plan.summary,
                json.dumps([[target.effect, target.what] for target in r.plan.targets[:2000]]),
                r.decision.verdict,
                r.decision.rule,
                r.ran,
                int(r.taint),
                r.answer,
            )
            for r in self._records
        ]


def _new_name() -> str:
    return f"unnamed-{os.urandom(8).hex()}"
