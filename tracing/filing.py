"""Filling in the form of a case, a few answers at a time, as they are typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tracing.access import Permission, allows, require
from tracing.domain import Actor, Answer, Case, CaseForm, Part
from tracing.errors import Invalid, NotAllowed, Stale
from tracing.ports import Clock, RecordStore
from tracing.questions import FORMS, FormPart, Question, answer, asked, names_relatives
from tracing.records import Records
from tracing.safety import relatives_closed
from tracing.stations.scope import own_case, reach_of


@dataclass(frozen=True, slots=True)
class FormView:
    """A case's form as this person may see it: ``parts`` and ``form`` without the questions that are not theirs."""

    case: Case
    form: CaseForm
    parts: tuple[FormPart, ...]

    def answered(self, part: FormPart) -> int:
        return sum(question.name in self.form.answers for question in part.questions)


class Filing:
    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def view(self, actor: Actor, case_id: str) -> FormView:
        """The form as far as it is filled in, for a page whose reading the audit knows already."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            return _view(records, actor, records.cases.get(case_id), records.forms.of_case(case_id))

    def read(self, actor: Actor, case_id: str, purpose: str = "read_form") -> FormView:
        """As ``view``; the audit keeps who read the form, or printed it, as its ``purpose`` says."""
        require(actor, Permission.READ_CASES)
        with self._store.transaction() as records:
            view = _view(records, actor, records.cases.get(case_id), records.forms.of_case(case_id))
            records.audit.append(actor, purpose, case_id)
        return view

    def write(self, actor: Actor, case_id: str, answers: Mapping[str, object], version: int | None = None) -> FormView:
        """Keep these answers beside the others; an empty one takes back what was answered before.

        With a ``version``, only if nobody else has changed one of the same answers since (``Stale``).
        ``Invalid`` names the question whose answer does not fit; nothing is kept then.
        """
        require(actor, Permission.EDIT_CASES)
        with self._store.transaction() as records:
            case = own_case(records, actor, case_id)
            before = records.forms.of_case(case_id)
            if version is not None and version != before.version:
                raise Stale("Somebody else has changed this form since you opened it; look at it again.")
            kept = dict(before.answers) | _checked(actor, asked(case.kind), answers)
            after = {name: value for name, value in kept.items() if value}
            changed = sorted(name for name in answers if after.get(name) != before.answers.get(name))
            if not changed:
                return _view(records, actor, case, before)
            form = replace(before, answers=after, saved_at=self._clock(), saved_by=actor.account_id)
            saved = records.forms.save(form)
            records.audit.append(actor, "write_form", case_id, {"fields": changed})
            return _view(records, actor, case, saved)


def _view(records: Records, actor: Actor, case: Case, form: CaseForm) -> FormView:
    """Without what is not for the person: of another station's case, what that has let theirs read; relatives who may be the
    danger, for those who would call them."""
    reach = reach_of(records, actor)
    shown, granted = reach.shown(case), reach.parts(case)
    everything = allows(actor, Permission.READ_CONTACTS) and Part.CONTACTS in granted
    closed = relatives_closed(records, case) and not allows(actor, Permission.CHECK_SAFETY)

    def may_see(question: Question) -> bool:
        return (everything or not question.restricted) and not (closed and names_relatives(question))

    parts = [
        replace(part, questions=tuple(each for each in part.questions if may_see(each)))
        for part in (FORMS[case.kind] if Part.DESCRIPTION in granted else ())
    ]
    names = {question.name for part in parts for question in part.questions}
    own = {name: value for name, value in form.answers.items() if name in names}
    return FormView(shown, replace(form, answers=own), tuple(part for part in parts if part.questions))


def _checked(actor: Actor, questions: Mapping[str, Question], answers: Mapping[str, object]) -> dict[str, Answer]:
    for name in answers:
        if name not in questions:
            raise Invalid("The form has no such question.", name)
        if questions[name].restricted and not allows(actor, Permission.READ_CONTACTS):
            raise NotAllowed("This part of the form is for those who may read contacts.")
    return {name: answer(questions[name], given) for name, given in answers.items()}
