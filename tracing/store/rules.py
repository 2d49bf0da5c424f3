"""The rule of a clock as JSON, and back: a clock keeps the rule that it was started by."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tracing.domain import AgeBand, CaseKind, ClockRule, Escalation, Role, Start, Unit


def clock_rule_as_json(rule: ClockRule) -> dict[str, Any]:
    return asdict(rule)


def clock_rule(stored: dict[str, Any]) -> ClockRule:
    """Keys that a later version has added are there only in later rows."""
    return ClockRule(
        **stored
        | {
            "start": Start(stored["start"]),
            "unit": Unit(stored["unit"]),
            "kinds": tuple(CaseKind(each) for each in stored["kinds"]),
            "ages": tuple(AgeBand(each) for each in stored["ages"]),
            "done_by": tuple(stored["done_by"]),
            "after_actions": tuple(stored["after_actions"]),
            "escalations": tuple(Escalation(each["hours"], Role(each["to"])) for each in stored["escalations"]),
        }
    )
