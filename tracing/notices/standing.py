"""Whether a notice may stand: asked before it is published, and whenever somebody reads it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from tracing.domain import (
    Analysis,
    Case,
    CaseForm,
    CaseKind,
    CaseState,
    LegalBasis,
    Notice,
    NoticeEnd,
    NoticeField,
    Outcome,
)
from tracing.errors import Refused, Safeguarded, WrongState
from tracing.notices.place import is_hidden
from tracing.notices.wording import Source, kept_back, only
from tracing.records import Records
from tracing.stations.reach import needs_a_guardian

CONSENT: Final = "consent_scope"
AGREED: Final = "publish_notice"
STANDS: Final = frozenset({CaseState.OPEN, CaseState.MATCHED})
"""A match is not proved yet: what is published stays until the reunion, and nothing new is published meanwhile."""
NOT_LOOKED_AT: Final = frozenset({Analysis.WITHDRAWN, Analysis.HELD})


@dataclass(frozen=True, slots=True)
class Situation:
    """What of the case decides. ``consent``: None where nobody has written down whether the family agrees to a notice; a family
    that has withdrawn does not, from that moment on.

    ``photos`` are those that may be shown.
    """

    case: Case
    form: CaseForm
    face_withdrawn: bool
    consent: bool | None
    place_hidden: bool
    photos: frozenset[str] = frozenset()


def situation(records: Records, case: Case) -> Situation:
    return situations(records, [case])[case.case_id]


def situations(records: Records, cases: Collection[Case]) -> dict[str, Situation]:
    """case_id -> its own, of many in a few statements."""
    ids = [case.case_id for case in cases]
    forms, withdrawn, photos = records.forms.of_cases(ids), records.rights.withdrawn(ids), records.photos.of_cases(ids)
    taken_back = records.reports.taken_back(ids)
    found = {}
    for case in cases:
        form = forms.get(case.case_id) or CaseForm(case.case_id)
        shown = frozenset(each.photo_id for each in photos.get(case.case_id, ()) if each.analysis not in NOT_LOOKED_AT)
        found[case.case_id] = Situation(
            case=case,
            form=form,
            face_withdrawn=case.case_id in withdrawn,
            consent=False if case.case_id in taken_back else _consent(case, form),
            place_hidden=is_hidden(form.answers),
            photos=shown,
        )
    return found


def why_gone(notice: Notice, found: Situation, now: datetime) -> NoticeEnd | None:
    """Why a published notice may not be shown at this moment; None where it may."""
    case = found.case
    if notice.expires_at is not None and notice.expires_at <= now:
        return NoticeEnd.EXPIRED
    if case.state not in STANDS:
        return _end_by(case)
    if case.guarded:
        return NoticeEnd.SAFEGUARDED
    if case.legal_basis is LegalBasis.NONE:
        return NoticeEnd.NO_BASIS
    if needs_a_guardian(case, now.date()):
        return NoticeEnd.MINOR
    if found.consent is False:
        return NoticeEnd.NO_CONSENT
    return NoticeEnd.FACE_WITHDRAWN if _without_face(notice, found) else None


def obstacles(notice: Notice, source: Source, found: Situation, today: date) -> list[Refused]:
    """Everything that keeps the notice from being approved and published now, in words for those who want it."""
    return list(_obstacles(notice, source, found, today))


def _obstacles(notice: Notice, source: Source, found: Situation, today: date) -> Iterator[Refused]:
    yield from about_case(found, today)
    if source.marks and not kept_back(source, notice.shown, notice.words):
        yield WrongState("Every mark of the person is told. Keep at least one back, by which a caller can be tried.")
    if source.reserved & set(notice.words.marks):
        yield WrongState("The form of the case says by now that a mark in this notice is never told. Write it anew without it.")
    if _without_face(notice, found):
        yield WrongState("The face of this person is withdrawn, or the photo is held back: the notice cannot show it.")


def about_case(found: Situation, today: date) -> Iterator[Refused]:
    """What keeps a case from having any notice at all."""
    case = found.case
    if case.state is not CaseState.OPEN:
        yield WrongState("Only an open case has notices.")
    if case.guarded:
        yield Safeguarded("Relatives of this person may be the danger: nothing of them is published before a check is cleared.")
    if case.legal_basis is LegalBasis.NONE:
        yield WrongState("This case has no legal basis, so nothing of it is published. Settle that first.")
    if needs_a_guardian(case, today):
        yield WrongState(
            "The person may be under 14: without a guardian's consent nothing is published. "
            "If they are surely older, write that down first, wherever the file says otherwise."
        )
    if found.consent is False:
        yield WrongState("The family has not agreed to a notice, as the form of the case says.")


def as_shown(notice: Notice, found: Situation) -> Notice:
    """The notice as the public reads it: without the places where nobody outside may learn of them."""
    if not found.place_hidden:
        return notice
    shown = notice.shown - {NoticeField.SEEN_PLACE}
    return replace(notice, shown=shown, words=only(notice.words, shown), station="")


def outdated(notice: Notice, source: Source) -> frozenset[NoticeField]:
    """Fields of which the case says something else by now."""
    return frozenset(name for name, text in notice.taken.items() if source.facts.get(name, "") != text)


def _consent(case: Case, form: CaseForm) -> bool | None:
    """Of a family that seeks somebody. Who the shelter cares for is sought by the shelter itself."""
    answered = form.answers.get(CONSENT, ())
    if case.kind is not CaseKind.MISSING or not answered:
        return None
    return AGREED in answered


def _without_face(notice: Notice, found: Situation) -> bool:
    return notice.photo is not None and (found.face_withdrawn or notice.photo.photo_id not in found.photos)


def _end_by(case: Case) -> NoticeEnd:
    if case.state is not CaseState.CLOSED:
        return NoticeEnd.CASE_SUSPENDED
    return NoticeEnd.REUNITED if case.outcome is Outcome.REUNITED else NoticeEnd.CASE_CLOSED
