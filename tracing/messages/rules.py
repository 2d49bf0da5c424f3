"""Which channel is told of what, read from a TOML file: its channels, and the rules that name them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from tracing.access import ROLE_PERMISSIONS, Permission
from tracing.domain import Role
from tracing.errors import Misconfigured

T = TypeVar("T")
LANGUAGES: Final = ("zh_CN", "en")
LONGEST_NAME: Final = 40
LONGEST_HOURS: Final = 168
CHANNEL_KEYS: Final = ("name", "url")
RULE_KEYS: Final = ("event", "channels", "roles", "stations", "language", "every_hours", "quiet")


class Happening(StrEnum):
    """What staff is told of, and nobody else: there is none for families, who are told by people."""

    NEW_CANDIDATE = "new_candidate"
    REVIEW_WAITING = "review_waiting"
    CLOCK_RUNNING_OUT = "clock_running_out"
    BREAK_GLASS = "break_glass"
    FROM_FAMILIES = "from_families"


def _people_who(*needed: Permission, but: Permission | None = None) -> frozenset[Role]:
    """Roles of people; programs read no messages."""
    people = (Role.INTAKE, Role.REVIEWER, Role.MANAGER, Role.AUDITOR)
    return frozenset(role for role in people if ROLE_PERMISSIONS[role].issuperset(needed) and but not in ROLE_PERMISSIONS[role])


READERS: Final[Mapping[Happening, frozenset[Role]]] = {
    # Who judges and does nothing else would tell known-answer pairs from new ones by what these two count.
    Happening.NEW_CANDIDATE: _people_who(Permission.EDIT_CASES),
    Happening.CLOCK_RUNNING_OUT: _people_who(Permission.READ_CASES) - {Role.REVIEWER},
    Happening.REVIEW_WAITING: _people_who(Permission.REVIEW),
    Happening.BREAK_GLASS: _people_who(Permission.SEE_EMERGENCIES),
    Happening.FROM_FAMILIES: _people_who(Permission.READ_REPORTS),
}
"""Who may read a channel that is told of it: those who see the page that it leads to, as they see it."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A place where messages go. ``url`` is written as apprise writes it, and may hold a password."""

    name: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """``roles``: who reads the channels. ``stations``: whose work is counted; empty for all of them together.

    At most one message in ``every``; none from the first to the second time of ``quiet``, whatever waits is told afterwards.
    """

    happening: Happening
    channels: tuple[str, ...]
    roles: frozenset[Role]
    stations: tuple[str, ...] = ()
    language: str = "zh_CN"
    every: timedelta = timedelta(hours=4)
    quiet: tuple[time, time] | None = None

    def is_quiet(self, at: time) -> bool:
        if self.quiet is None:
            return False
        begins, ends = self.quiet
        return begins <= at < ends if begins < ends else at >= begins or at < ends


@dataclass(frozen=True, slots=True)
class Line:
    """A rule for one of its channels; no channel has two of the same happening."""

    rule: Rule
    channel: Channel

    @property
    def key(self) -> str:
        return f"{self.rule.happening} {self.channel.name}"


@dataclass(frozen=True, slots=True)
class Rules:
    channels: tuple[Channel, ...]
    rules: tuple[Rule, ...]

    def lines(self) -> list[Line]:
        named = {channel.name: channel for channel in self.channels}
        return [Line(rule, named[name]) for rule in self.rules for name in rule.channels]


def parse(text: str, language: str = "zh_CN") -> Rules:
    """``Misconfigured``, naming the rule and the key, where the text makes no sense. No address stands in what it says."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        # Its words may quote a line, and a line may hold a password.
        raise Misconfigured("The rules of the messages are no TOML.") from None
    _only(told, ("channel", "rule"), "the file")
    channels = tuple(_in(f"channel {n}", _channel, each) for n, each in enumerate(told.get("channel", ()), 1))
    rules = tuple(_in(f"rule {n}", lambda each: _rule(each, language), each) for n, each in enumerate(told.get("rule", ()), 1))
    names = [channel.name for channel in channels]
    if len(set(names)) < len(names):
        raise Misconfigured("The rules of the messages: two channels have the same name.")
    if unknown := sorted({name for rule in rules for name in rule.channels} - set(names)):
        raise Misconfigured(f"The rules of the messages: there is no channel {', '.join(unknown)}.")
    found = Rules(channels, rules)
    keys = [line.key for line in found.lines()]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise Misconfigured(f"The rules of the messages: two rules tell a channel of the same thing: {', '.join(twice)}.")
    return found


def _channel(told: Mapping[str, Any]) -> Channel:
    _only(told, CHANNEL_KEYS, "it")
    name = told["name"]
    if not (isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and name.replace("-", "").isalnum() and name.isascii()):
        raise ValueError(f"name is made of at most {LONGEST_NAME} letters, digits and -")
    if not isinstance(told["url"], str):
        raise ValueError("url is a text")
    return Channel(name, told["url"])


def _rule(told: Mapping[str, Any], language: str) -> Rule:
    _only(told, RULE_KEYS, "it")
    happening, roles = Happening(told["event"]), frozenset(Role(each) for each in _texts(told, "roles"))
    if not roles or not roles <= READERS[happening]:
        raise ValueError(f"roles names whoever reads the channels; of {happening} {', '.join(sorted(READERS[happening]))}")
    channels = _texts(told, "channels")
    if not channels:
        raise ValueError("channels names at least one")
    hours, spoken = told.get("every_hours", 4), told.get("language", language)
    if not isinstance(hours, int) or isinstance(hours, bool) or not 1 <= hours <= LONGEST_HOURS:
        raise ValueError(f"every_hours lies between 1 and {LONGEST_HOURS}")
    if spoken not in LANGUAGES:
        raise ValueError(f"language is one of {', '.join(LANGUAGES)}")
    stations, every = _texts(told, "stations"), timedelta(hours=hours)
    if "stations" in told and not stations:
        raise ValueError("stations names at least one, or is left out for all of them")
    return Rule(happening, channels, roles, stations, spoken, every, _quiet(told.get("quiet")))


def _texts(told: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = told.get(key, [])
    if not isinstance(found, list) or not all(isinstance(each, str) and each for each in found):
        raise ValueError(f"{key} is a list of texts")
    return tuple(dict.fromkeys(found))


def _quiet(told: object) -> tuple[time, time] | None:
    if told is None:
        return None
    begins, _, ends = str(told).partition("-")
    try:
        found = time.fromisoformat(begins), time.fromisoformat(ends)
    except ValueError:
        found = time(), time()
    if found[0] == found[1] or any(each.tzinfo for each in found):
        raise ValueError("quiet is written as 21:00-07:00")
    return found


def _only(told: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    if unknown := sorted(set(told) - set(known)):
        raise Misconfigured(f"The rules of the messages: {where} has unknown keys: {', '.join(unknown)}.")


def _in(where: str, make: Callable[[Mapping[str, Any]], T], told: Mapping[str, Any]) -> T:
    try:
        return make(told)
    except Misconfigured as error:
        raise Misconfigured(f"{error} ({where})") from None
    except KeyError as error:
        raise Misconfigured(f"The rules of the messages, {where}: {error} is missing.") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise Misconfigured(f"The rules of the messages, {where}: {error}.") from None
