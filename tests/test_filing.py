"""Writing in the form of a case: bit by bit, by several people, and shown to whom it concerns."""

from __future__ import annotations

import pytest

from tests.house import House
from tracing.domain import Case, Role
from tracing.errors import Invalid, NotAllowed, NotFound, Stale


@pytest.fixture
def case(house: House) -> Case:
    return house.case(house.sheltered(1))


def test_a_form_starts_empty_and_is_filled_in_bit_by_bit(house: House, case: Case) -> None:
    filing = house.services.filing
    before = filing.read(house.intake, case.case_id)
    assert (before.form.version, before.form.answers) == (0, {})
    filing.write(house.intake, case.case_id, {"entry_mode": "police", "categories": ["lost"]})
    filing.write(house.intake, case.case_id, {"hair": "grey", "categories": ["lost", "dementia"]})
    found = filing.read(house.intake, case.case_id)
    assert found.form.answers == {"entry_mode": "police", "categories": ("lost", "dementia"), "hair": "grey"}
    assert (found.form.version, found.form.saved_by) == (2, house.intake.account_id)
    assert {part.name: found.answered(part) for part in found.parts if found.answered(part)} == {"arrival": 2, "body": 1}


def test_an_empty_answer_takes_back_what_was_said_and_the_same_again_is_no_change(house: House, case: Case) -> None:
    filing = house.services.filing
    filing.write(house.intake, case.case_id, {"hair": "grey", "build": "thin"})
    assert filing.write(house.intake, case.case_id, {"hair": ""}).form.answers == {"build": "thin"}
    assert filing.write(house.intake, case.case_id, {"build": "thin", "hair": ""}).form.version == 2


def test_what_does_not_fit_keeps_nothing(house: House, case: Case) -> None:
    with pytest.raises(Invalid) as refused:
        house.services.filing.write(house.intake, case.case_id, {"hair": "grey", "build": "huge"})
    assert refused.value.field == "build"
    with pytest.raises(Invalid):
        house.services.filing.write(house.intake, case.case_id, {"residences": ["a question of the other form"]})
    with pytest.raises(NotFound):
        house.services.filing.write(house.intake, "nobody", {"hair": "grey"})
    assert house.services.filing.read(house.intake, case.case_id).form.version == 0


def test_of_two_who_write_at_once_the_second_is_told(house: House, case: Case) -> None:
    filing = house.services.filing
    filing.write(house.intake, case.case_id, {"hair": "grey"}, version=0)
    with pytest.raises(Stale):
        filing.write(house.manager, case.case_id, {"hair": "white"}, version=0)
    assert filing.read(house.manager, case.case_id).form.answers == {"hair": "grey"}


def test_health_and_identity_numbers_are_for_those_who_may_read_contacts(house: House, case: Case) -> None:
    filing = house.services.filing
    filing.write(house.intake, case.case_id, {"claimed_id": "110101", "health_flags": ["confused"], "hair": "grey"})
    for nosy in (house.reviewer, house.auditor):
        seen = filing.read(nosy, case.case_id)
        assert seen.form.answers == {"hair": "grey"}
        assert not any(question.restricted for part in seen.parts for question in part.questions)
        assert "health" not in {part.name for part in seen.parts}
    partner = house.hire("another partner", Role.SERVICE)
    with pytest.raises(NotAllowed):
        filing.write(partner, case.case_id, {"claimed_id": "999"})
    assert filing.write(partner, case.case_id, {"hair": "white"}).form.answers == {"hair": "white"}
    kept = filing.read(house.manager, case.case_id).form.answers
    assert (kept["claimed_id"], kept["hair"]) == ("110101", "white"), "what one does not see one does not wipe out"
    with pytest.raises(NotAllowed):
        filing.write(house.reviewer, case.case_id, {"hair": "red"})


def test_reading_and_writing_leave_the_names_of_fields_in_the_audit_and_no_answers(house: House, case: Case) -> None:
    house.services.filing.write(house.intake, case.case_id, {"hair": "snow-white", "claimed_id": "110101"})
    house.services.filing.read(house.reviewer, case.case_id)
    with house.services.store.reading() as records:
        events = records.audit.of_subject(case.case_id)[-2:]
    assert [(event.action, event.actor) for event in events] == [
        ("write_form", house.intake.account_id),
        ("read_form", house.reviewer.account_id),
    ]
    assert events[0].detail == {"fields": ["claimed_id", "hair"]}


def test_erasure_takes_the_form_along_and_the_file_never_shows_an_answer(house: House, case: Case) -> None:
    house.services.filing.write(house.intake, case.case_id, {"hair": "snow-white-hair"})
    database = house.services.settings.data_dir / "tracing.sqlite"
    kept = b"".join(path.read_bytes() for path in database.parent.glob("tracing.sqlite*"))
    assert b"snow-white-hair" not in kept
    house.services.retention.erase_case(house.manager, case.case_id)
    with house.services.store.reading() as records:
        assert records.forms.of_case(case.case_id).version == 0
