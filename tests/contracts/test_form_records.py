"""What every record store promises about the forms of cases, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import NOON, a_case, an_id
from tracing.domain import CaseForm
from tracing.errors import Conflict, Invalid, Stale
from tracing.ports import RecordStore


@pytest.fixture
def form(store: RecordStore) -> CaseForm:
    case = a_case()
    with store.transaction() as records:
        records.cases.add(case)
    answers = {"hair": "grey", "categories": ("lost", "child"), "body_marks": ({"mark": "scar"}, {"note": "new"})}
    return CaseForm(case.case_id, answers, saved_at=NOON, saved_by="lin")


def test_every_kind_of_answer_comes_back_as_it_was(store: RecordStore, form: CaseForm) -> None:
    with store.transaction() as records:
        assert records.forms.of_case(form.case_id) == CaseForm(form.case_id)
        saved = records.forms.save(form)
        assert saved == replace(form, version=1)
    with store.reading() as records:
        assert records.forms.of_case(form.case_id) == saved


def test_an_earlier_version_is_not_written_over_a_later_one(store: RecordStore, form: CaseForm) -> None:
    with store.transaction() as records:
        later = records.forms.save(replace(records.forms.save(form), answers={"hair": "white"}))
    for earlier in (0, 1, 3):
        with store.transaction() as records, pytest.raises(Stale):
            records.forms.save(replace(form, version=earlier))
    with store.reading() as records:
        assert records.forms.of_case(form.case_id) == later


def test_a_form_needs_its_case_and_text_that_can_be_kept(store: RecordStore, form: CaseForm) -> None:
    with pytest.raises(Conflict), store.transaction() as records:
        records.forms.save(replace(form, case_id=an_id()))
    with pytest.raises(Invalid), store.transaction() as records:
        records.forms.save(replace(form, answers={"hair": "grey\x00"}))


def test_l3_whom_the_form_calls_a_child_stands_with_the_case_whatever_is_saved_beside_it(
    store: RecordStore, form: CaseForm
) -> None:
    with store.transaction() as records:
        before = records.cases.get(form.case_id)
        saved = records.forms.save(form)
        assert records.cases.get(form.case_id).child_said is True
        assert records.cases.save(before).child_said is True, "a case that was read before does not take it back"
        records.forms.save(replace(saved, answers={"age_claimed": "14"}))
        assert records.cases.get(form.case_id).child_said is False
        assert list(records.forms.unlike_their_cases()) == []
