"""Searches: whom they find, what they write down, and that nobody is missed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.factories import CountingIds
from tests.fakes import painted_photo
from tests.house import House, a_house
from tests.stories import (
    SECOND_ENCODER,
    a_house_with_two_encoders,
    a_neighbour,
    at_once,
    by_hand,
    latest_run,
    pairs_of,
    two_encoders,
)
from tracing.access import SYSTEM
from tracing.candidates import CandidateView
from tracing.chosen import DEFAULT_ENCODER, measured
from tracing.domain import (
    Candidate,
    Case,
    CaseKind,
    CaseState,
    LegalBasis,
    Outcome,
    PairState,
    PartialDate,
    Purpose,
    Relation,
    SearchOutcome,
)
from tracing.errors import Conflict, NotAllowed, NotFound, Unavailable, WrongState
from tracing.evidence import Calibration
from tracing.facts import Veto
from tracing.matching import Matching
from tracing.ranking import LISTED

__all__ = ["two_encoders"]


@pytest.fixture
def any_house(store_url: str, tmp_path: Path) -> Iterator[House]:
    """A house on each database."""
    with a_house(tmp_path / "var", database_url=store_url) as found:
        yield found


def matching_with_floor(house: House, floor: float | None) -> Matching:
    """A search of the same galleries that takes another score for worth a look; None: nobody has measured anything."""
    measured = Calibration(10.0, -5.0, floor, 100, 10_000, ((-1.0, 1.0), (1.0, 1e-4))) if floor is not None else None
    services = house.services
    return Matching(services.store, services.galleries, lambda _: measured, house.clock, CountingIds())


# --- whom a search finds -------------------------------------------------------------------------------------------


def test_a_search_looks_for_the_family_for_earlier_intakes_and_for_duplicates(house: House) -> None:
    past = house.sheltered(1)
    house.services.casework.close(house.intake, past.case_id, Outcome.SELF_LEFT, "left in the morning")
    in_care, report, again = house.sheltered(1), house.missing(1), house.missing(1, names=("twice",))
    relations = {
        frozenset((pair.low_case_id, pair.high_case_id)): pair.relation
        for case in (past, in_care, report, again)
        for pair in pairs_of(house, case)
    }
    assert relations == {
        frozenset((past.case_id, in_care.case_id)): Relation.READMISSION,
        frozenset((past.case_id, report.case_id)): Relation.TRACE,
        frozenset((past.case_id, again.case_id)): Relation.TRACE,
        frozenset((in_care.case_id, report.case_id)): Relation.TRACE,
        frozenset((in_care.case_id, again.case_id)): Relation.TRACE,
        frozenset((report.case_id, again.case_id)): Relation.DUPLICATE,
    }
    assert house.faults() == []


def test_different_people_are_not_paired(house: House) -> None:
    assert measured("dlib-resnet-v1") is not None
    for person in range(1, 6):
        house.missing(person)
        house.sheltered(person + 100)
    with house.services.store.reading() as records:
        assert records.pairs.count(PairState.PROPOSED) == 0


def test_a_candidate_at_the_floor_is_listed_and_one_below_is_not(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    score = latest_run(house, sheltered).list[0].score
    for floor, listed in ((score, 1), (np.nextafter(score, 2.0), 0)):
        run = matching_with_floor(house, float(floor)).search(missing.case_id)
        assert run is not None
        assert len(run.list) == listed


def test_without_a_calibration_nobody_is_kept_off_the_list(house: House) -> None:
    missing, stranger = house.missing(1), house.sheltered(2)
    run = matching_with_floor(house, None).search(missing.case_id)
    assert run is not None
    assert [each.case_id for each in run.list] == [stranger.case_id]


def test_a_case_has_one_place_with_its_best_score_however_many_photos_it_has(house: House) -> None:
    sheltered = house.sheltered(1)
    for shot in range(30, 36):
        house.photograph(sheltered, 1, shot=shot)
    missing = house.missing(1)
    house.photograph(missing, 1, shot=33)  # the very same photo as one of the intake's
    (line,) = latest_run(house, missing).list
    assert (line.case_id, line.rank) == (sheltered.case_id, 1)
    assert line.score == pytest.approx(1.0, abs=1e-5)
    assert house.pair(missing, sheltered).score == line.score


def test_the_best_score_is_the_best_whichever_side_searched_last(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    assert latest_run(house, sheltered).list[0].score == house.pair(missing, sheltered).score
    house.services.matching.search(missing.case_id)
    assert latest_run(house, missing).list[0].score == pytest.approx(latest_run(house, sheltered).list[0].score, abs=1e-6)


def test_the_list_is_ordered_by_score_and_cut_for_each_relation(house: House) -> None:
    for number in range(LISTED + 2):
        house.sheltered(500 + number)
    house.missing(600)
    missing = house.missing(1)
    run = matching_with_floor(house, None).search(missing.case_id)
    assert run is not None
    traces = [line for line in run.list if house.services.casework.get(SYSTEM, line.case_id).kind is CaseKind.SHELTERED]
    duplicates = [line for line in run.list if line not in traces]
    assert [line.rank for line in traces] == list(range(1, LISTED + 1))
    assert [line.rank for line in duplicates] == [1]
    assert [line.score for line in run.list] == sorted((line.score for line in run.list), reverse=True)
    assert run.gallery_size == LISTED + 3
    suggested = [pair for pair in pairs_of(house, missing) if pair.list_id == run.run_id]
    assert {pair.other(missing.case_id): (pair.score, pair.rank) for pair in suggested} == {
        line.case_id: (line.score, line.rank) for line in run.list
    }


def test_a_case_never_finds_itself(house: House) -> None:
    missing = house.missing(1)
    house.photograph(missing, 1, shot=5)
    run = matching_with_floor(house, None).search(missing.case_id)
    assert run is not None
    assert (run.list, run.gallery_size) == ((), 0)


@pytest.mark.parametrize("ending", [Outcome.REUNITED, Outcome.DECEASED, Outcome.SELF_LEFT])
def test_who_is_found_is_out_and_who_left_is_a_past_intake(house: House, ending: Outcome) -> None:
    sheltered = house.sheltered(1)
    if ending is Outcome.REUNITED:
        by_hand(house, "UPDATE cases SET state = 'closed', outcome = 'reunited' WHERE kind = 'sheltered'")
        with house.services.store.reading() as records:
            assert records.cases.get(sheltered.case_id).collection is None
    else:
        if ending is Outcome.DECEASED:  # is said by two people
            house.services.casework.close(house.manager, sheltered.case_id, ending, "why")
        house.services.casework.close(house.intake, sheltered.case_id, ending, "why")
    missing = house.missing(1)
    assert house.paired(missing, sheltered) is (ending is Outcome.SELF_LEFT)


def test_suspended_and_baseless_cases_are_neither_searched_nor_found(house: House) -> None:
    suspended, baseless = house.sheltered(1), house.sheltered(1, names=("again",))
    house.services.casework.suspend(house.manager, suspended.case_id, "abuse is suspected")
    house.services.casework.amend(house.manager, baseless.case_id, legal_basis=LegalBasis.NONE)
    missing = house.missing(1)
    assert pairs_of(house, missing) == []
    for case in (suspended, baseless):
        assert house.services.matching.search(case.case_id) is None
    house.services.casework.reopen(house.manager, suspended.case_id, "settled")
    house.services.casework.amend(house.manager, baseless.case_id, legal_basis=LegalBasis.GUARDIAN_CONSENT)
    assert house.paired(missing, suspended)
    assert house.paired(missing, baseless)
    assert house.faults() == []


def test_a_search_for_a_case_that_is_not_there_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        house.services.matching.search("f" * 32)


# --- vetoes --------------------------------------------------------------------------------------------------------


def test_who_is_ruled_out_by_facts_is_written_down_and_not_proposed(house: House) -> None:
    old = house.missing(1, birth_date=PartialDate(1940))
    young = house.sheltered(1, birth_date=PartialDate(1990))
    (line,) = latest_run(house, young).list
    assert (line.case_id, line.rank, line.veto) == (old.case_id, 0, Veto.BIRTH_YEAR)
    assert not house.paired(old, young)
    assert house.faults() == []


def test_those_ruled_out_take_no_place_of_others(house: House) -> None:
    for number in range(LISTED + 1):
        case = house.sheltered(700 + number, birth_date=PartialDate(1940))
        house.photograph(case, 1, shot=100 + number)
    real = house.sheltered(1)
    missing = house.missing(1, birth_date=PartialDate(1990))
    lines = latest_run(house, missing).list
    assert [(line.case_id, line.rank) for line in lines if not line.veto] == [(real.case_id, 1)]
    assert len([line for line in lines if line.veto]) == LISTED + 1


def test_a_list_is_filled_from_further_down_and_ends_with_its_last_place(house: House) -> None:
    """Among three times as many as fit, every other one is ruled out."""
    for number in range(3 * LISTED):
        case = house.sheltered(700 + number, birth_date=PartialDate(1940 if number % 2 else 1990))
        house.photograph(case, 1, shot=100 + number)
    missing = house.missing(1, birth_date=PartialDate(1990))
    lines = latest_run(house, missing).list
    assert [line.rank for line in lines if not line.veto] == list(range(1, LISTED + 1))
    assert lines[-1].rank == LISTED
    assert [line.score for line in lines] == sorted((line.score for line in lines), reverse=True)


def test_a_search_among_one_station_looks_at_nobody_else(house: House) -> None:
    here, elsewhere = house.sheltered(1), house.sheltered(1)
    for case, station in ((here, "north"), (elsewhere, "south")):
        with house.services.store.transaction() as records:
            records.cases.save(replace(records.cases.get(case.case_id), station_id=station))
    missing = house.missing(1)
    with house.services.store.reading() as records:
        vectors = [template.vector for template in records.faces.templates(missing.case_id, DEFAULT_ENCODER)]
    found = {
        station: house.services.matching.line_up(SYSTEM, missing.case_id, vectors, station).run
        for station in ("north", "south", "nowhere", "")
    }
    listed = {station: {line.case_id for line in run.list} for station, run in found.items()}
    assert listed == {
        "north": {here.case_id},
        "south": {elsewhere.case_id},
        "nowhere": set(),
        "": {here.case_id, elsewhere.case_id},
    }
    assert [run.gallery_size for run in found.values()] == [1, 1, 0, 2]
    with house.services.store.reading() as records:
        told = [
            event.detail.get("station_id") for event in records.audit.of_subject(missing.case_id) if event.action == "line_up"
        ]
    assert told == ["north", "south", "nowhere", None]


def test_a_corrected_birth_year_brings_the_pair(house: House) -> None:
    old, young = house.missing(1, birth_date=PartialDate(1940)), house.sheltered(1, birth_date=PartialDate(1990))
    assert not house.paired(old, young)
    house.services.casework.amend(house.intake, old.case_id, description=young.description)
    assert house.paired(old, young)


# --- what a search writes down -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "purpose"),
    [(CaseKind.MISSING, Purpose.ANSWER_MISSING_REPORT), (CaseKind.SHELTERED, Purpose.IDENTIFY_INTAKE)],
)
def test_a_search_is_kept_and_audited_with_its_purpose(house: House, kind: CaseKind, purpose: Purpose) -> None:
    house.missing(1)
    house.sheltered(1)
    case = house.open(kind)
    house.photograph(case, 1, shot=77)
    run = latest_run(house, case)
    assert (run.case_id, run.purpose, run.gallery_size) == (case.case_id, purpose, 2)
    with house.services.store.reading() as records:
        assert records.generations.active().generation_id == run.generation_id
        assert records.pairs.run(run.run_id) == run
        told = [event for event in records.audit.of_subject(case.case_id) if event.action == "search"]
    assert [event.detail for event in told] == [
        {
            "run_id": run.run_id,
            "purpose": str(purpose),
            "generation_id": run.generation_id,
            "gallery_size": 2,
            "listed": 2,
            "new_pairs": 2,
        }
    ]


def test_a_repeated_search_refreshes_the_pair_and_makes_no_second_one(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    before = house.pair(missing, sheltered)
    house.photograph(sheltered, 1, shot=7)  # the missing report's own photo
    house.services.matching.search(missing.case_id)
    after = house.pair(missing, sheltered)
    assert (after.pair_id, after.suggested_at) == (before.pair_id, before.suggested_at)
    assert after.score > before.score
    assert after.list_id == latest_run(house, missing).run_id


def test_a_photo_can_be_lined_up_without_leaving_a_pair_and_not_without_a_trace(house: House) -> None:
    sheltered = house.sheltered(1)
    case = house.open(CaseKind.MISSING)
    with house.services.store.reading() as records:
        vectors = [template.vector for template in records.faces.templates(sheltered.case_id, "dlib-resnet-v1")]
    lineup = house.services.matching.line_up(house.auditor, case.case_id, vectors)
    assert [line.case_id for line in lineup.run.list] == [sheltered.case_id]
    assert lineup.run.purpose is Purpose.QUALITY_TEST
    assert pairs_of(house, case) == []
    with house.services.store.reading() as records:
        (told,) = [event for event in records.audit.of_subject(case.case_id) if event.action == "line_up"]
    assert (told.actor, told.detail["purpose"]) == (house.auditor.account_id, "quality_test")


def test_a_photo_is_not_lined_up_by_the_template_of_an_encoder_that_is_no_longer_in_use(house: House) -> None:
    sheltered, case = house.sheltered(1), house.open(CaseKind.MISSING)
    with house.services.store.reading() as records:
        vectors = [template.vector for template in records.faces.templates(sheltered.case_id, "dlib-resnet-v1")]
    with pytest.raises(Conflict, match="Another encoder"):
        house.services.matching.line_up(SYSTEM, case.case_id, vectors, encoder_id="the-one-before")
    assert house.services.matching.line_up(SYSTEM, case.case_id, vectors, encoder_id="dlib-resnet-v1").run.list


def test_a_line_up_in_which_nobody_is_plausible_says_so(house: House) -> None:
    sheltered, case = house.sheltered(1), house.open(CaseKind.MISSING)
    with house.services.store.reading() as records:
        vectors = [template.vector for template in records.faces.templates(sheltered.case_id, "dlib-resnet-v1")]
    elsewhere = [-vector for vector in vectors]
    lined_up = house.services.matching.line_up
    assert lined_up(house.auditor, case.case_id, vectors).outcome is SearchOutcome.CANDIDATES
    nobody = lined_up(house.auditor, case.case_id, elsewhere)
    assert (nobody.run.list, nobody.outcome) == ((), SearchOutcome.NOBODY_PLAUSIBLE)
    unlike = matching_with_floor(house, -1.0).line_up(house.auditor, case.case_id, elsewhere)
    assert [line.case_id for line in unlike.run.list] == [sheltered.case_id]
    assert unlike.outcome is SearchOutcome.NOBODY_PLAUSIBLE, "listed, and its face speaks for somebody else"
    unknown = matching_with_floor(house, None).line_up(house.auditor, case.case_id, elsewhere)
    assert unknown.outcome is SearchOutcome.CANDIDATES, "nobody has measured what the score is worth"


def test_nobody_is_lined_up_on_behalf_of_a_case_that_may_not_be_searched(house: House) -> None:
    case = house.open(CaseKind.MISSING, basis=LegalBasis.NONE)
    with pytest.raises(WrongState):
        house.services.matching.line_up(SYSTEM, case.case_id, [np.ones(128, dtype=np.float32)])


def test_whom_the_wrong_face_had_found_leaves_the_queue_when_the_right_one_is_chosen(house: House) -> None:
    wrong, right, judged = house.sheltered(7), house.sheltered(8), house.sheltered(7, names=("again",))
    case = house.open(CaseKind.MISSING)
    one, other = house.photograph(case, 7, faces=2).faces
    house.services.intake.choose_face(house.intake, one.face_id)
    house.judge(house.reviewer, house.pair(case, judged))
    said = house.pair(case, judged)
    house.services.intake.choose_face(house.intake, other.face_id)
    assert house.pair(case, wrong).score is None, "what it was scored by is not the person"
    assert house.pair(case, right).score is not None
    assert house.pair(case, judged) == said
    with house.services.store.reading() as records:
        assert records.cases.due(10) == [wrong.case_id], "whom the list of the case has no room for may list it"
    house.services.worker.work_off()
    house.services.worker.rest()
    assert [each.pair.state for each in candidates(house, case, wrong)] == []
    house.services.intake.choose_face(house.intake, one.face_id)
    (back,) = candidates(house, case, wrong)
    assert (back.pair.state, back.rank is not None) == (PairState.PROPOSED, True)


def candidates(house: House, case: Case, other: Case) -> list[CandidateView]:
    found = house.services.candidates.of_case(SYSTEM, case.case_id).candidates
    return [each for each in found if each.case.case_id == other.case_id]


# --- nobody is missed ----------------------------------------------------------------------------------------------


def test_a_wish_that_comes_during_a_search_stays_due(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = house.missing(1)
    matching = house.services.matching
    probe = matching._probe

    def slow(*args: object) -> object:
        found = probe(*args)  # type: ignore[arg-type]
        monkeypatch.setattr(matching, "_probe", probe)
        with house.services.store.transaction() as records:
            records.cases.want_search(missing.case_id)
        return found

    with house.services.store.transaction() as records:
        records.cases.want_search(missing.case_id)
    monkeypatch.setattr(matching, "_probe", slow)
    assert matching.search(missing.case_id) is not None
    assert matching.due(9) == [missing.case_id]
    matching.search(missing.case_id)
    assert matching.due(9) == []


def test_a_search_that_fails_stays_due(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = house.missing(1)
    with house.services.store.transaction() as records:
        records.cases.want_search(missing.case_id)

    def broken(*_: object) -> None:
        raise Unavailable("the gallery is being filled")

    monkeypatch.setattr(house.services.matching, "_probe", broken)
    with pytest.raises(Unavailable):
        house.services.matching.search(missing.case_id)
    assert house.services.matching.due(9) == [missing.case_id]


def test_two_searches_of_one_case_at_once_are_as_good_as_one(any_house: House) -> None:
    house = any_house
    missing, sheltered = house.missing(1), house.sheltered(1)
    results = at_once(*[lambda: house.services.matching.search(missing.case_id)] * 4)
    assert not [result for result in results if isinstance(result, Exception)]
    assert len(pairs_of(house, missing)) == 1
    assert house.pair(missing, sheltered).state is PairState.PROPOSED
    assert house.faults() == []


def test_the_later_of_two_cases_always_finds_the_earlier_however_close_they_come(any_house: House) -> None:
    house = any_house
    for round_ in range(4):
        person = 200 + round_
        makers = (house.missing, house.sheltered, lambda person: house.sheltered(person, names=("again",)))
        cases = at_once(*[lambda make=make, person=person: make(person) for make in makers])
        assert not [case for case in cases if isinstance(case, Exception)], cases
        missing, one, other = cases
        assert house.paired(missing, one)  # type: ignore[arg-type]
        assert house.paired(missing, other)  # type: ignore[arg-type]
        assert house.paired(one, other)  # type: ignore[arg-type]
    assert house.services.matching.due(99) == []
    assert house.faults() == []


def test_two_services_see_each_others_enrolments_at_their_next_search(any_house: House) -> None:
    house = any_house
    with a_neighbour(house) as other:
        neighbour = House.__new__(House)
        neighbour.services, neighbour.clock, neighbour.examiner, neighbour.intake = (
            other,
            house.clock,
            house.examiner,
            house.intake,
        )
        first = house.missing(1)
        there = neighbour.sheltered(1)
        assert house.paired(first, there)
        here = house.missing(1, names=("again",))
        assert house.paired(here, there)
        other.casework.suspend(house.intake, there.case_id, "abuse is suspected")
        late = house.missing(1, names=("a third time",))
        assert not house.paired(late, there)
        other.casework.reopen(house.intake, there.case_id, "settled")
        assert house.paired(late, there)
        assert [line.case_id for line in other.matching.search(first.case_id).list if line.case_id == there.case_id]  # type: ignore[union-attr]
        assert house.faults() == []


@pytest.mark.usefixtures("two_encoders")
def test_a_generation_switch_in_the_middle_starts_the_search_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with a_house_with_two_encoders(tmp_path / "var") as house:
        missing, sheltered = house.missing(1), house.sheltered(1)
        started = house.services.reindex.start(SYSTEM, SECOND_ENCODER)
        house.services.reindex.backfill(SYSTEM, started.generation_id)
        matching = house.services.matching
        probe = matching._probe

        def overtaken(*args: object) -> object:
            found = probe(*args)  # type: ignore[arg-type]
            monkeypatch.setattr(matching, "_probe", probe)
            house.services.reindex.activate(SYSTEM, started.generation_id)
            return found

        monkeypatch.setattr(matching, "_probe", overtaken)
        run = matching.search(missing.case_id)
        assert run is not None
        assert run.generation_id == started.generation_id
        assert house.pair(missing, sheltered).generation_id == started.generation_id


def test_a_case_erased_in_the_middle_of_a_search_is_not_suggested(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    missing, sheltered, other = house.missing(1), house.sheltered(1), house.sheltered(1, names=("again",))
    matching = house.services.matching
    probe = matching._probe

    def overtaken(*args: object) -> object:
        found = probe(*args)  # type: ignore[arg-type]
        monkeypatch.setattr(matching, "_probe", probe)
        house.services.retention.erase_case(house.manager, sheltered.case_id)
        return found

    monkeypatch.setattr(matching, "_probe", overtaken)
    run = matching.search(missing.case_id)
    assert run is not None
    assert [line.case_id for line in latest_run(house, missing).list] == [other.case_id]
    assert house.faults() == []


def test_the_oldest_open_case_is_searched_first(house: House) -> None:
    cases = []
    for person in range(1, 4):
        cases.append(house.missing(person))
        house.clock.advance(hours=1)
    with house.services.store.transaction() as records:
        for case in reversed(cases):
            records.cases.want_search(case.case_id)
    assert house.services.matching.due(2) == [case.case_id for case in cases[:2]]
    assert house.clock() - timedelta(hours=3) == cases[0].opened_at
    assert {house.case(case).state for case in cases} == {CaseState.OPEN}


def test_a_candidate_that_is_matched_while_the_search_runs_is_not_suggested(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    late = house.open(CaseKind.MISSING)
    photo = house.services.intake.add_photo(house.intake, late.case_id, painted_photo(1, shot=99))
    probe = house.services.matching._hits

    def overtaken(*args: Any) -> Any:
        found = probe(*args)
        monkeypatch.setattr(house.services.matching, "_hits", probe)
        house.confirm(house.pair(missing, sheltered))
        return found

    monkeypatch.setattr(house.services.matching, "_hits", overtaken)
    house.services.intake.analyse(photo.photo_id)
    assert not house.paired(late, sheltered)
    assert house.faults() == []


# --- many at once ---------------------------------------------------------------------------------------------------


def lists(house: House, cases: list[Case]) -> list[tuple[tuple[Candidate, ...], int, Purpose]]:
    runs = [latest_run(house, case) for case in cases]
    return [(run.list, run.gallery_size, run.purpose) for run in runs]


def test_searched_together_everybody_gets_the_list_that_they_get_alone(any_house: House) -> None:
    house = any_house
    cases = [house.missing(person) for person in (1, 2, 3)] + [house.sheltered(person) for person in (1, 2, 9)]
    house.photograph(cases[0], 1, shot=50)
    for case in cases:
        house.services.matching.search(case.case_id)
    alone = lists(house, cases)
    assert house.services.matching.recheck(SYSTEM) == len(cases)
    assert house.services.matching.search_many([case.case_id for case in cases]) == len(cases)
    assert lists(house, cases) == alone
    assert house.services.matching.due(99) == []
    assert house.faults() == []


def test_together_those_without_a_face_or_a_basis_are_not_due_any_more_and_the_erased_are_passed_over(house: House) -> None:
    found, faceless = house.missing(1), house.open(CaseKind.MISSING)
    suspended, erased = house.missing(2), house.missing(3)
    house.services.casework.suspend(house.manager, suspended.case_id, "the family is asked")
    house.services.matching.recheck(SYSTEM)
    house.services.retention.erase_case(house.manager, erased.case_id)
    together = [case.case_id for case in (found, faceless, suspended, erased)]
    assert house.services.matching.search_many(together) == 3
    assert house.services.matching.due(99) == []
    assert house.services.matching.search_many([]) == 0


def test_together_a_candidate_that_leaves_meanwhile_undoes_all_and_the_worker_does_them_one_by_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [house.missing(person) for person in (1, 2)] + [house.sheltered(1)]
    probe = Matching._probe

    def leaves_meanwhile(self: Matching, *arguments: Any) -> Any:
        found = probe(self, *arguments)
        house.services.casework.suspend(house.manager, cases[2].case_id, "the family is asked")
        return found

    house.services.matching.recheck(SYSTEM)
    monkeypatch.setattr(Matching, "_probe", leaves_meanwhile)
    with pytest.raises(Conflict):
        house.services.matching.search_many([case.case_id for case in cases])
    assert len(house.services.matching.due(99)) == 2
    monkeypatch.undo()
    assert house.services.worker.work_off().searches == 2
    assert house.faults() == []


def test_a_recheck_makes_every_open_case_due_and_is_for_operators(house: House) -> None:
    house.missing(1), house.sheltered(2), house.open(CaseKind.MISSING)
    with pytest.raises(NotAllowed):
        house.services.matching.recheck(house.reviewer)
    assert house.services.matching.recheck(SYSTEM) == 2
    assert house.services.worker.work_off().searches == 2
    with house.services.store.reading() as records:
        assert [event.detail for event in records.audit.of_subject("")] == [{"due": 2}]
