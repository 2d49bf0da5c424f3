"""Whether partners may be told of a case, and of how much of it, as it stands at this moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from tracing.domain import Answer, Case, CaseKind, CaseState, Description, LegalBasis, Notice
from tracing.notices.place import is_hidden
from tracing.notices.standing import CONSENT, situation, why_gone
from tracing.notices.wording import mark_words, marks_of
from tracing.records import Records
from tracing.stations.reach import may_be_a_child

AGREED: Final = "share_partners"
"""Of a family that seeks somebody: that partners are told, as the form of the case says."""
OPEN: Final = frozenset({CaseState.OPEN, CaseState.MATCHED})


@dataclass(frozen=True, slots=True)
class Permitted:
    """``said`` is what may be told of, in ages of ``since``; ``place_hidden``: nobody outside may learn where the person is.

    ``notice`` is what everybody may read of the person at this moment, None where that is nothing. ``marks``, the words for the
    person's marks, stand in nothing that is told.
    """

    said: Description
    since: date
    place_hidden: bool
    notice: Notice | None = None
    marks: frozenset[str] = frozenset()


def permitted(records: Records, cases: Mapping[str, Case], now: datetime) -> dict[str, Permitted]:
    """case_id -> what partners may be told of it, whoever agreed to it; cases of which they may not are left out.

    Nobody is told of whose case is a draft, on hold, closed or without a legal basis, nor of anybody whose relatives may be the
    danger, agreed to something else, or have withdrawn.
    Of somebody who is, or may be, under 14 a published notice opens as much as it tells itself, and no more.
    """
    forms, published = records.forms.of_cases(cases), records.notices.published_of(cases, now)
    taken_back = records.reports.taken_back(cases)
    found: dict[str, Permitted] = {}
    for case_id, case in cases.items():
        if case_id in taken_back:
            continue
        answers = forms[case_id].answers if case_id in forms else {}
        notice = _standing(records, case, published.get(case_id), now)
        if may_be_told(case, answers) and (told := _as_much_as_may_be(case, answers, notice, now)) is not None:
            found[case_id] = told
    return found


def _as_much_as_may_be(case: Case, form: Mapping[str, Answer], notice: Notice | None, now: datetime) -> Permitted | None:
    if not may_be_a_child(case, now.date()):
        return Permitted(case.description, case.opened_at.date(), is_hidden(form), notice, mark_words(marks_of(case, form)))
    if notice is None:
        return None
    marks = mark_words(mark for mark in marks_of(case, form) if mark not in notice.words.marks)
    return Permitted(_told(notice), (notice.published_at or now).date(), is_hidden(form), notice, marks)


def may_be_told(case: Case, form: Mapping[str, Answer]) -> bool:
    """Whatever the person's age."""
    agreed = form.get(CONSENT, ())
    refused = case.kind is CaseKind.MISSING and bool(agreed) and AGREED not in agreed
    return case.state in OPEN and case.legal_basis is not LegalBasis.NONE and not case.guarded and not refused


def _standing(records: Records, case: Case, published: Notice | None, now: datetime) -> Notice | None:
    """The notice, where everybody may read it at this moment."""
    if published is None or why_gone(published, situation(records, case), now) is not None:
        return None
    return published


def _told(notice: Notice) -> Description:
    words = notice.words
    return Description(
        names=(words.name,) if words.name else (),
        sex=words.sex,
        age_min=words.age_min,
        age_max=words.age_max,
        height_cm=words.height_cm,
        clothing=words.clothing,
        seen_place=words.seen_place,
    )
