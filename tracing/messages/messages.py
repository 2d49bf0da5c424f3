"""Telling channels what waits: looked after by the worker, sent beside it, and kept once it was delivered."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Final, Protocol

from tracing.access import SYSTEM, Permission, require
from tracing.domain import Actor
from tracing.errors import NotFound, Unavailable
from tracing.messages.counting import number
from tracing.messages.rules import Happening, Line, Rule, Rules
from tracing.messages.wording import SUBJECT, TEST, sentence
from tracing.ports import Clock, RecordStore
from tracing.seldom import Seldom

log = logging.getLogger(__name__)

LOOK: Final = timedelta(minutes=1)
SETTLED: Final = timedelta(minutes=2)
"""Longer than a transaction lasts: what was suggested before is in the records by now, and none comes later."""
PATIENCE: Final = timedelta(seconds=30)
"""A delivery that takes longer has failed, as far as anybody can tell."""
LEASE: Final = timedelta(minutes=5)
"""So long a message is left to the process that sends it; where that dies, another one sends it after that."""
SHORTEST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
"""Or the rule's own time, where that is longer: a receiver that takes a message and then breaks is not told it more often."""
SENT: Final = "send_message"


class Post(Protocol):
    """Brings texts to channels. May take as long as it likes: it is called in a thread of its own."""

    def deliver(self, channel: str, subject: str, text: str) -> str:
        """Empty where it was taken, else what went wrong in one word, without an address. Raises nothing."""
        ...

    def shown(self) -> Mapping[str, str]:
        """channel -> its address without its secrets."""
        ...


@dataclass(frozen=True, slots=True)
class Due:
    """What a line would say now. ``held``: why it does not, empty where it does."""

    line: Line
    number: int
    held: str


@dataclass(slots=True)
class _Delivery:
    line: Line
    number: int
    until: datetime
    started: datetime
    given_up: bool = False
    failure: str = ""
    done: threading.Event = field(default_factory=threading.Event)


class Messages:
    """At least once: what was told is committed after it was delivered, so that a crash between the two tells it again.

    No process waits for a receiver: each message is sent in a thread of its own, and what came of it is kept the next time the
    worker comes by.
    """

    def __init__(
        self, store: RecordStore, clock: Clock, rules: Rules, post: Post, zone: tzinfo | None = None, address: str = ""
    ) -> None:
        self._store = store
        self._clock = clock
        self._post = post
        self._zone = zone
        self._address = address
        self._looked = Seldom(LOOK)
        self._under_way: dict[str, _Delivery] = {}
        self.rules = rules

    def tend(self) -> None:
        """What the worker does now and then: keep what was delivered, and send what is due."""
        self._keep()
        now = self._clock()
        if self._looked.due(now):
            for line in self.rules.lines():
                if line.key not in self._under_way:
                    self._send(line, now)
            self._looked.done(now)

    def close(self, seconds: float = 5.0) -> None:
        """Wait a little for what is under way, all of it together, so that it is not told again after the next start."""
        ends = time.monotonic() + seconds
        for delivery in list(self._under_way.values()):
            delivery.done.wait(max(0.0, ends - time.monotonic()))
        self._keep()

    def due(self) -> list[Due]:
        """What each line would say now. Sends nothing."""
        now = self._clock()
        return [self._due(line, now) for line in self.rules.lines()]

    def text(self, happening: Happening, language: str, counted: int) -> str:
        return sentence(happening, language, counted, self._address)

    def shown(self) -> Mapping[str, str]:
        """channel -> its address without its secrets."""
        return self._post.shown()

    def failing(self) -> int:
        """How many lines wait for a receiver that has not taken their last message."""
        with self._store.reading() as records:
            return sum(records.messages.failures(line.key) > 0 for line in self.rules.lines())

    def test(self, actor: Actor, channel: str, language: str) -> None:
        """Send a test message now; ``Unavailable`` where nobody took it."""
        require(actor, Permission.OPERATE)
        if channel not in {each.name for each in self.rules.channels}:
            raise NotFound(f"There is no channel {channel}.")
        failures: list[str] = []
        thread = threading.Thread(
            target=lambda: failures.append(self._post.deliver(channel, SUBJECT[language], TEST[language])), daemon=True
        )
        thread.start()
        thread.join(PATIENCE.total_seconds())
        failure = failures[0] if failures else "TimedOut"
        if failure:
            raise Unavailable(f"The channel {channel} has not taken the message: {failure}.")
        with self._store.transaction() as records:
            records.audit.append(actor, SENT, channel, {"event": "test", "number": 0})

    def _due(self, line: Line, now: datetime) -> Due:
        rule, until = line.rule, self._until(line, now)
        with self._store.reading() as records:
            told = records.messages.told(line.key)
            counted = number(records, rule, _since(told, until, rule), until)
        if told is not None and abs(now - told) < rule.every:
            held = "told lately"
        elif rule.is_quiet(now.astimezone(self._zone).time()):
            held = "quiet hours"
        else:
            held = "" if counted else "nothing waits"
        return Due(line, counted, held)

    def _send(self, line: Line, now: datetime) -> None:
        due = self._begun(line, now)
        if due is None or due.held:
            return
        with self._store.transaction() as records:
            if not records.messages.claim(line.key, now, now + LEASE, now + max(LEASE, _longest_pause(line.rule))):
                return
        delivery = _Delivery(line, due.number, self._until(line, now), now)
        self._under_way[line.key] = delivery
        threading.Thread(target=self._deliver, args=(delivery,), name="message", daemon=True).start()

    def _begun(self, line: Line, now: datetime) -> Due | None:
        """Nobody is told of a whole house where messages are switched on: of candidates only those of one such time before."""
        if line.rule.happening is Happening.NEW_CANDIDATE:
            with self._store.reading() as records:
                begun = records.messages.told(line.key) is not None
            if not begun:
                with self._store.transaction() as records:
                    records.messages.tell(line.key, self._until(line, now) - line.rule.every)
        return self._due(line, now)

    @staticmethod
    def _until(line: Line, now: datetime) -> datetime:
        return now - SETTLED if line.rule.happening is Happening.NEW_CANDIDATE else now

    def _deliver(self, delivery: _Delivery) -> None:
        rule, channel = delivery.line.rule, delivery.line.channel.name
        text = self.text(rule.happening, rule.language, delivery.number)
        try:
            delivery.failure = self._post.deliver(channel, SUBJECT[rule.language], text)
        except Exception as error:
            delivery.failure = type(error).__name__
        delivery.done.set()

    def _keep(self) -> None:
        """What was not kept, because the records are away, is kept the next time."""
        now = self._clock()
        for key, delivery in list(self._under_way.items()):
            if delivery.done.is_set():
                if not delivery.failure:
                    self._delivered(delivery)
                elif not delivery.given_up:
                    self._failed(delivery, delivery.failure)
                del self._under_way[key]
            elif not delivery.given_up and abs(now - delivery.started) > PATIENCE:
                self._failed(delivery, "TimedOut")
                delivery.given_up = True

    def _delivered(self, delivery: _Delivery) -> None:
        rule, channel = delivery.line.rule, delivery.line.channel.name
        with self._store.transaction() as records:
            records.messages.tell(delivery.line.key, delivery.until)
            records.audit.append(SYSTEM, SENT, channel, {"event": rule.happening, "number": delivery.number})

    def _failed(self, delivery: _Delivery, failure: str) -> None:
        key, longest = delivery.line.key, _longest_pause(delivery.line.rule)
        with self._store.transaction() as records:
            before = records.messages.failures(key)
            records.messages.fail(key, self._clock() + min(SHORTEST_PAUSE * 2 ** min(before, 20), longest))
        log.warning("a message was not delivered and is tried again: %s: %s", key, failure)


def _since(told: datetime | None, until: datetime, rule: Rule) -> datetime:
    """From when on candidates are new. Where the clock was ahead as the channel was told, nothing would be for as long."""
    return until - rule.every if told is None or told > until else told


def _longest_pause(rule: Rule) -> timedelta:
    return max(LONGEST_PAUSE, rule.every)
