"""What a person may see and do beyond their role: the cases of the own station, and what other stations let it see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from tracing.domain import Answer, Case, Description, LegalBasis, Part, PartialDate
from tracing.domain.id_numbers import born_by
from tracing.errors import OtherStation

OF_AGE: Final = 14
"""Below it a guardian decides (DOMAIN.md section 7, L3)."""
ALL_PARTS: Final = frozenset(Part)
ID_NUMBERS: Final = ("claimed_id", "id_number")
"""Questions of the forms that are answered with one."""
TO_COMPARE: Final = frozenset({Part.DESCRIPTION, Part.PHOTOS})
"""What it takes to judge a pair."""
_TO_THE_END: Final = {4: "-12-31", 7: "-31", 10: ""}


def elsewhere() -> OtherStation:
    return OtherStation("This case belongs to another station, and nobody has let yours see it.")


def may_be_a_child(case: Case, today: date) -> bool:
    """Known or possible to be under 14 by anything that was written down: where date, ages and form contradict each other, the
    youngest counts, and where nothing is known it is possible. An age is taken as it was on entry."""
    said = case.description
    ages = [age for age in (said.age_min, said.age_max) if age is not None]
    late = said.birth_date is not None and _is_late(said.birth_date, today)
    nothing = said.birth_date is None and said.age_min is None
    return nothing or late or any(age < OF_AGE for age in ages) or case.child_said is not False


def says_child(form: Mapping[str, Answer], on: date) -> bool:
    """Whether the answers called the person a child on that day: by the age that the person says, by the category, or by the
    date of birth in the identity number."""
    claimed = form.get("age_claimed", "")
    younger = isinstance(claimed, str) and claimed.isdecimal() and int(claimed) < OF_AGE
    born = [born_by(number) for name in ID_NUMBERS if isinstance(number := form.get(name, ""), str)]
    late = any(each is not None and _is_late(each, on) for each in born)
    return younger or late or "child" in form.get("categories", ())


def _is_late(born: PartialDate, today: date) -> bool:
    """Whether somebody who was born then may be a child today."""
    return _last_day(born) > f"{today.year - OF_AGE:04d}-{today:%m-%d}"


def _last_day(born: PartialDate) -> str:
    """The last day that the date can mean, as text; of a month the 31st, so that the store can reckon alike."""
    return f"{born}{_TO_THE_END[len(str(born))]}"


def needs_a_guardian(case: Case, today: date) -> bool:
    """Known or possible to be under 14, and nobody who may decide for them has agreed (L3)."""
    return case.legal_basis is not LegalBasis.GUARDIAN_CONSENT and may_be_a_child(case, today)


def may_be_shared(case: Case, today: date) -> bool:
    """Whether anything of the case may be shown to another station at all (L3, and L21: it would tell where they are)."""
    return not case.guarded and not needs_a_guardian(case, today)


@dataclass(frozen=True, slots=True)
class Reach:
    """At one moment, for one person. ``everything``: no stations are set up, or the person's own is a central one.

    ``granted`` holds what runs now of assistance to the station, without cases that may not be shared; ``opened`` the cases
    that the person has open in an emergency.
    """

    station_id: str
    today: date
    everything: bool = False
    granted: Mapping[str, frozenset[Part]] = field(default_factory=dict)
    opened: frozenset[str] = frozenset()

    def owns(self, case: Case) -> bool:
        """Whether the person may do with the case whatever their role allows."""
        return self.everything or case.station_id == self.station_id

    def parts(self, case: Case) -> frozenset[Part]:
        """What of the case the person may read; empty for a case of another station that has not let them."""
        if self.owns(case) or case.case_id in self.opened:
            return ALL_PARTS
        return self.granted.get(case.case_id, frozenset())

    def near(self, case: Case) -> bool:
        """Whether pairs of the case are this person's to look at. An emergency is for reading, not for judging."""
        return self.owns(case) or self.granted.get(case.case_id, frozenset()) >= TO_COMPARE

    def compares(self, one: Case, other: Case) -> bool:
        """Whether the person may look at this pair: one case is near, and the other is too or may be shown for comparing."""
        mine, theirs = self.near(one), self.near(other)
        return (mine and (theirs or may_be_shared(other, self.today))) or (theirs and may_be_shared(one, self.today))

    def near_ids(self) -> frozenset[str]:
        """Of other stations' cases those that are ``near``."""
        return frozenset(case_id for case_id, parts in self.granted.items() if parts >= TO_COMPARE)

    def listed_ids(self) -> frozenset[str]:
        """Other stations' cases that stand in the list of cases: those whose description may be read."""
        return self.opened | {case_id for case_id, parts in self.granted.items() if Part.DESCRIPTION in parts}

    def shown(self, case: Case) -> Case:
        """The case as this person may read it; ``OtherStation`` where nothing of it is for them."""
        parts = self.parts(case)
        if not parts:
            raise elsewhere()
        return case if Part.DESCRIPTION in parts else replace(case, description=Description(), state_reason="")

    def compared(self, case: Case) -> Case:
        """The case as one side of a pair: of another station's without what comparing does not need."""
        return case if self.near(case) else replace(case, state_reason="")
