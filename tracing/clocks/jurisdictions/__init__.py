"""The clocks of a jurisdiction, read from a TOML file: its time zone, its calendar, its rules."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tracing.clocks.reckoning import LONGEST
from tracing.domain import ActionKind, ActionOutcome, AgeBand, CaseKind, ClockRule, Escalation, Role, Start, Unit
from tracing.errors import Misconfigured

SHIPPED: Final = "china.toml"
LONGEST_ID: Final = 40
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OfficialYear:
    """What a government has published of a year's calendar: days off, and weekend days that are worked to make up for them."""

    year: int
    off: frozenset[date]
    working: frozenset[date]


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """``country`` is an ISO 3166-1 code. ``published_yearly``: each year's calendar is provisional until it is published."""

    name: str
    zone: ZoneInfo
    country: str
    published_yearly: bool
    official_years: tuple[OfficialYear, ...]
    rules: tuple[ClockRule, ...]

    def rule(self, rule_id: str) -> ClockRule | None:
        return next((rule for rule in self.rules if rule.rule_id == rule_id), None)


def shipped() -> str:
    """The text of the rules that come with the service: those of China."""
    return (files(__name__) / SHIPPED).read_text("utf-8")


def parse(text: str) -> Jurisdiction:
    """``Misconfigured``, naming the rule and the key, where the text makes no sense."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"The rules of the clocks are no TOML: {error}") from error
    _only(told, ("name", "zone", "country", "published_yearly", "year", "rule"), "the file")
    rules = tuple(_in(f"rule {each.get('id', '?')}", _rule, each) for each in told.get("rule", ()))
    names = [rule.rule_id for rule in rules]
    if len(set(names)) < len(names):
        raise Misconfigured("The rules of the clocks: two rules have the same id.")
    return Jurisdiction(
        name=_in("the file", lambda: str(told["name"])),
        zone=_in("the file", lambda: ZoneInfo(told["zone"])),
        country=_in("the file", lambda: str(told["country"])),
        published_yearly=bool(told.get("published_yearly", False)),
        official_years=tuple(_in(f"year {each.get('year', '?')}", _year, each) for each in told.get("year", ())),
        rules=rules,
    )


def _rule(told: Mapping[str, Any]) -> ClockRule:
    _only(told, RULE_KEYS, "it")
    rule = ClockRule(
        rule_id=str(told["id"]),
        start=Start(told["start"]),
        amount=int(told["after"]),
        unit=Unit(told["unit"]),
        titles={str(locale): str(title) for locale, title in told["title"].items()},
        done_by=_actions(told.get("done_by", ())),
        after_actions=_actions(told.get("after_actions", ())),
        kinds=tuple(CaseKind(each) for each in told.get("kinds", CaseKind)),
        ages=tuple(AgeBand(each) for each in told.get("ages", ())),
        unidentified=bool(told.get("unidentified", False)),
        threshold=bool(told.get("threshold", False)),
        remind_hours=int(told.get("remind_hours", 0)),
        escalations=tuple(Escalation(int(each["hours"]), Role(each["to"])) for each in told.get("escalate", ())),
        source=str(told.get("source", "")),
    )
    _sensible(rule)
    return rule


RULE_KEYS: Final = (
    *("id", "start", "after", "unit", "title", "done_by", "after_actions", "kinds", "ages"),
    *("unidentified", "threshold", "remind_hours", "escalate", "source"),
)


def _sensible(rule: ClockRule) -> None:
    if not (0 < len(rule.rule_id) <= LONGEST_ID and rule.rule_id.replace("_", "").isalnum() and rule.rule_id.isascii()):
        raise ValueError(f"id is made of at most {LONGEST_ID} letters, digits and _")
    if not 0 < rule.amount <= LONGEST:
        raise ValueError(f"after lies between 1 and {LONGEST}")
    if not rule.titles:
        raise ValueError("title needs at least one language")
    if rule.threshold == bool(rule.done_by):
        raise ValueError("a rule either names in done_by what is to be done, or is a threshold")
    if (rule.start is Start.ACTION) != bool(rule.after_actions):
        raise ValueError("after_actions belongs to rules with start = 'action'")
    if list(rule.escalations) != sorted(rule.escalations, key=lambda step: step.hours):
        raise ValueError("the steps of escalate stand in the order of their hours")


def _actions(named: Iterable[str]) -> tuple[str, ...]:
    found = tuple(map(str, named))
    for each in found:
        kind, _, outcome = each.partition(".")
        ActionKind(kind)
        if outcome:
            ActionOutcome(outcome)
    return found


def _year(told: Mapping[str, Any]) -> OfficialYear:
    _only(told, ("year", "off", "working"), "it")
    year = OfficialYear(int(told["year"]), frozenset(told["off"]), frozenset(told.get("working", ())))
    if not all(type(day) is date and day.year == year.year for day in year.off | year.working):
        raise ValueError("off and working hold dates of that year, without quotes")
    return year


def _only(told: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    if unknown := sorted(set(told) - set(known)):
        raise Misconfigured(f"The rules of the clocks: {where} has unknown keys: {', '.join(unknown)}.")


def _in(where: str, make: Callable[..., T], *of: Any) -> T:
    try:
        return make(*of)
    except Misconfigured as error:
        raise Misconfigured(f"{error} ({where})") from error
    except KeyError as error:
        raise Misconfigured(f"The rules of the clocks, {where}: {error} is missing.") from error
    except (ValueError, TypeError, AttributeError, ZoneInfoNotFoundError) as error:
        raise Misconfigured(f"The rules of the clocks, {where}: {error}.") from error
