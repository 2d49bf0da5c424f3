"""What is erased is gone: rows, files, templates, places in galleries, and lines on other people's lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import House
from tests.stories import a_neighbour, latest_run, pairs_of, rows_naming
from tracing.domain import CaseKind, CaseState, Channel, Description, LegalBasis, Outcome, PairState
from tracing.errors import NotAllowed, NotFound
from tracing.opening import ContactDraft
from tracing.verdict import Proof


def erase(house: House, case) -> int:  # type: ignore[no-untyped-def]
    return house.services.retention.erase_case(house.manager, case.case_id)


def test_no_table_but_the_audit_names_an_erased_case(house: House) -> None:
    contact = ContactDraft("reporter", "李秀英", "000-1234")
    missing = house.services.intake.open_case(
        house.intake, CaseKind.MISSING, Description(names=("小英",)), LegalBasis.SEPARATE_CONSENT, contact
    )
    house.photograph(missing, 1)
    house.photograph(missing, 1, faces=2, shot=3)
    sheltered, again = house.sheltered(1), house.missing(1)
    house.judge(house.reviewer, house.pair(missing, sheltered))
    house.confirm(house.pair(missing, again))
    other = house.missing(3)
    house.services.casework.close(
        house.intake, other.case_id, Outcome.DUPLICATE, "reported twice", Channel.INTERVIEW, missing.reference
    )
    gone = [missing.case_id, missing.reference, "小英"]
    with house.services.store.reading() as records:
        gone += [photo.photo_id for photo in records.photos.of_case(missing.case_id)]
        gone += [face.face_id for face in records.faces.of_case(missing.case_id)]
        gone += [pair.pair_id for pair in pairs_of(house, missing)]
        files = {photo.photo_key for photo in records.photos.of_case(missing.case_id)}
    assert len(rows_naming(house, missing.case_id)) > 5
    assert erase(house, missing) == 2
    for name in gone:
        assert rows_naming(house, name).keys() <= {"events"}, name
    assert files.isdisjoint(house.services.photos.keys())
    with pytest.raises(NotFound):
        house.case(missing)
    assert house.faults() == []


def test_the_audit_keeps_who_erased_and_no_person(house: House) -> None:
    case = house.missing(1, names=("小英",), circumstances="left home after a quarrel")
    erase(house, case)
    with house.services.store.reading() as records:
        last = records.audit.of_subject(case.case_id)[-1]
    assert (last.action, last.actor, last.detail) == ("erase_case", house.manager.account_id, {"photos": 1})
    assert rows_naming(house, "小英") == rows_naming(house, "quarrel") == {}


def test_no_search_in_another_process_finds_an_erased_person(house: House) -> None:
    with a_neighbour(house) as other:
        erased, kept, asking = house.sheltered(1), house.sheltered(1, names=("again",)), house.missing(1)
        run = other.matching.search(asking.case_id)
        assert run is not None
        assert {line.case_id for line in run.list} == {erased.case_id, kept.case_id}
        erase(house, erased)
        run = other.matching.search(asking.case_id)
        assert run is not None
        assert [line.case_id for line in run.list] == [kept.case_id]
        assert run.gallery_size == 1
        assert other.consistency.check(read_photos=True) == []


def test_lists_that_were_shown_lose_the_line_and_keep_the_others(house: House) -> None:
    one, other, asking = house.sheltered(1), house.sheltered(1, names=("again",)), house.missing(1)
    before = latest_run(house, asking)
    erase(house, one)
    after = latest_run(house, asking)
    assert after.run_id == before.run_id
    assert [line.case_id for line in after.list] == [other.case_id]


@pytest.mark.parametrize("verified", [False, True])
def test_whoever_was_matched_with_an_erased_person_is_open_found_and_searched_again(house: House, verified: bool) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    pair = house.confirm(house.pair(missing, sheltered))
    if verified:
        house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "file 7")
    erase(house, missing)
    assert house.case(sheltered).state is CaseState.OPEN
    assert house.services.matching.due(9) == [sheltered.case_id]
    real = house.missing(1, names=("the real family",))
    assert house.paired(real, sheltered)
    assert house.confirm(house.pair(real, sheltered)).state is PairState.CONFIRMED
    house.services.worker.work_off()
    assert house.faults() == []


def test_a_reunited_person_stays_reunited_when_the_other_file_is_erased(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    pair = house.confirm(house.pair(missing, sheltered))
    house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "file 7")
    house.services.review.reunite(house.manager, pair.pair_id, "to the brother")
    erase(house, missing)
    assert house.case(sheltered).state is CaseState.CLOSED
    assert house.faults() == []


def test_pairs_that_an_erased_match_had_set_aside_come_back(house: House) -> None:
    missing, rival, sheltered = house.missing(1), house.missing(1, names=("alike",)), house.sheltered(1)
    begun = house.pair(rival, sheltered)
    house.judge(house.reviewer, begun)
    house.confirm(house.pair(missing, sheltered))
    assert house.pair(rival, sheltered).state is PairState.SUPERSEDED
    erase(house, missing)
    back = house.pair(rival, sheltered)
    assert (back.state, back.superseded_by, back.state_before) == (PairState.FIRST_POSITIVE, None, None)
    assert house.judge(house.second, back).state is PairState.CONFIRMED
    assert house.faults() == []


def test_what_the_pairs_of_others_were_judged_stays(house: House) -> None:
    missing, sheltered, erased = house.missing(1), house.sheltered(1), house.sheltered(1, names=("again",))
    house.judge(house.reviewer, house.pair(missing, sheltered))
    house.judge(house.reviewer, house.pair(missing, erased))
    erase(house, erased)
    assert house.pair(missing, sheltered).state is PairState.FIRST_POSITIVE
    with house.services.store.reading() as records:
        assert len(records.pairs.decisions(house.pair(missing, sheltered).pair_id)) == 1


def test_erasing_during_an_analysis_leaves_nothing_behind(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    examine = house.examiner.examine

    def overtaken(data: bytes, encoder_ids: object) -> object:
        house.examiner.examine = examine  # type: ignore[method-assign]
        erase(house, case)
        return examine(data, encoder_ids)  # type: ignore[arg-type]

    house.examiner.examine = overtaken  # type: ignore[assignment, method-assign]
    with pytest.raises(NotFound):
        house.photograph(case, 1)
    assert rows_naming(house, case.case_id).keys() == {"events"}
    assert house.faults() == []


def test_erasing_needs_the_permission_and_a_case(house: House) -> None:
    case = house.missing(1)
    for actor in (house.intake, house.reviewer, house.auditor, house.partner):
        with pytest.raises(NotAllowed):
            house.services.retention.erase_case(actor, case.case_id)
    erase(house, case)
    with pytest.raises(NotFound):
        erase(house, case)


def test_the_number_of_an_erased_template_is_never_given_to_another_face(house: House) -> None:
    erased = house.sheltered(1)
    with house.services.store.reading() as records:
        (before,) = records.faces.templates(erased.case_id, "dlib-resnet-v1")
    erase(house, erased)
    other = house.sheltered(2)
    with house.services.store.reading() as records:
        (after,) = records.faces.templates(other.case_id, "dlib-resnet-v1")
    assert after.template_id > before.template_id


def test_an_erased_photo_is_no_longer_on_the_disk(house: House) -> None:
    case = house.missing(1)
    folder: Path = house.services.settings.photo_dir
    files = lambda: [path for path in folder.glob("*/*/*") if path.is_file()]  # noqa: E731
    assert files()
    erase(house, case)
    assert files() == []


def test_what_a_reader_kept_from_being_wiped_is_wiped_within_the_hour(house: House) -> None:
    """The log of writes holds what was written before, as long as somebody reads what stood in it."""
    case = house.missing(1, names=("王建国",))
    house.services.purging.tend()
    with house.services.store.reading() as records:
        assert records.cases.get(case.case_id)
        house.services.retention.erase_case(house.manager, case.case_id)
    assert _on_disk(house, "王建国"), "where it was wiped at once this proves nothing"
    house.clock.advance(minutes=61)
    house.services.purging.tend()
    assert not _on_disk(house, "王建国")


def _on_disk(house: House, word: str) -> list[str]:
    files = [path for path in house.services.settings.data_dir.rglob("*") if path.is_file()]
    return [path.name for path in files if word.encode() in path.read_bytes()]
