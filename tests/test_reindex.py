"""From one encoder to another without a pause, and back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tests.fakes import painted_photo
from tests.house import House
from tests.stories import SECOND_ENCODER, a_house_with_two_encoders, latest_run, pairs_of, reindexed, two_encoders
from tracing import reindex
from tracing.access import SYSTEM
from tracing.chosen import DEFAULT_ENCODER, measured
from tracing.domain import CaseKind, Generation, GenerationState, Outcome, Vector
from tracing.embeddings import catalog
from tracing.errors import (
    Conflict,
    EncoderUnavailable,
    Misconfigured,
    NotAllowed,
    NotFound,
    Unavailable,
    UnreadablePhoto,
    WrongState,
)
from tracing.evidence import Calibration, calibration_of
from tracing.ports import Detection
from tracing.reindex import Progress, Reindex

__all__ = ["two_encoders"]

G = GenerationState


@pytest.fixture
def house(two_encoders: None, tmp_path: Path) -> Iterator[House]:
    """A house whose models are two."""
    with a_house_with_two_encoders(tmp_path / "var") as found:
        yield found


def templates(house: House, encoder_id: str) -> int:
    with house.services.store.reading() as records:
        return records.faces.count_templates(encoder_id)


def states(house: House) -> dict[str, GenerationState]:
    return {each.encoder_id: each.state for each in house.services.reindex.generations()}


def started(house: House) -> Generation:
    return house.services.reindex.start(SYSTEM, SECOND_ENCODER)


def test_from_the_start_on_every_new_face_is_encoded_twice_and_searched_in_the_old_generation(house: House) -> None:
    earlier = house.missing(1)
    new = started(house)
    later = house.sheltered(1)
    assert (templates(house, DEFAULT_ENCODER), templates(house, SECOND_ENCODER)) == (2, 1)
    assert latest_run(house, later).generation_id != new.generation_id
    assert house.paired(earlier, later)
    assert states(house) == {DEFAULT_ENCODER: G.ACTIVE, SECOND_ENCODER: G.BUILDING}
    assert house.faults() == []


def test_a_chosen_face_is_encoded_for_both(house: House) -> None:
    started(house)
    case = house.open(CaseKind.SHELTERED)
    report = house.photograph(case, 5, faces=2)
    house.services.intake.choose_face(house.intake, report.faces[0].face_id)
    assert (templates(house, DEFAULT_ENCODER), templates(house, SECOND_ENCODER)) == (1, 1)


def test_an_interrupted_backfill_goes_on_where_it_stopped(house: House) -> None:
    for person in range(1, 6):
        house.missing(person)
    new = started(house)
    encode, seen = house.examiner.encode, []

    def dies_after_two(*args: object) -> object:
        if len(seen) == 2:
            raise EncoderUnavailable("the process died")
        seen.append(args)
        return encode(*args)  # type: ignore[arg-type]

    house.examiner.encode = dies_after_two  # type: ignore[assignment, method-assign]
    with pytest.raises(EncoderUnavailable):
        house.services.reindex.backfill(SYSTEM, new.generation_id)
    assert templates(house, SECOND_ENCODER) == 2
    with pytest.raises(WrongState, match="3 faces"):
        house.services.reindex.activate(SYSTEM, new.generation_id)

    resumed = []
    house.examiner.encode = lambda *args: resumed.append(args) or encode(*args)  # type: ignore[method-assign, assignment, func-returns-value]
    progress = house.services.reindex.backfill(SYSTEM, new.generation_id)
    assert (progress.faces, progress.encoded, progress.failed, progress.complete) == (5, 5, (), True)
    assert len(resumed) == 3, "nothing is encoded twice"
    house.services.reindex.backfill(SYSTEM, new.generation_id)
    assert len(resumed) == 3


def test_a_backfill_reports_its_progress(house: House) -> None:
    for person in range(1, 4):
        house.missing(person)
    new = started(house)
    heard: list[int] = []
    house.services.reindex.backfill(SYSTEM, new.generation_id, lambda progress: heard.append(progress.encoded))
    assert heard == [3]


class Elsewhere:
    """A ``BatchEncoder`` that notes how many were asked about at once, and raises for a photo what it is told to raise."""

    def __init__(self, house: House, at_once: int, raised: dict[bytes, BaseException] | None = None) -> None:
        self.at_once = at_once
        self.most = self.asked = 0
        self._running = 0
        self._raised = raised or {}
        self._examiner = house.examiner
        self._lock = threading.Lock()

    def encode(self, data: bytes, faces: Sequence[Detection], encoder_ids: Sequence[str]) -> list[dict[str, Vector]]:
        with self._lock:
            self.asked += 1
            self._running += 1
            self.most = max(self.most, self._running)
        time.sleep(0.02)
        with self._lock:
            self._running -= 1
        if data in self._raised:
            raise self._raised[data]
        return self._examiner.encode(data, faces, encoder_ids)


def test_another_encoder_can_do_it_with_as_many_at_once_as_it_takes(house: House) -> None:
    for person in range(1, 9):
        house.missing(person)
    new, elsewhere = started(house), Elsewhere(house, at_once=4)
    progress = house.services.reindex.backfill(SYSTEM, new.generation_id, encoder=elsewhere)
    assert (progress.encoded, progress.complete, elsewhere.asked) == (8, True, 8)
    assert 1 < elsewhere.most <= 4


def test_a_photo_that_brings_machines_down_is_named_and_the_job_goes_on(house: House) -> None:
    for person in range(1, 4):
        house.missing(person)
    with house.services.store.reading() as records:
        (deadly,) = records.faces.without_template("nobody", 1)
        data = house.services.photos.get(records.photos.get(records.faces.get(deadly).photo_id).photo_key)
    new, elsewhere = started(house), Elsewhere(house, 2, {data: UnreadablePhoto("workers die of it", "kills_workers")})
    progress = house.services.reindex.backfill(SYSTEM, new.generation_id, encoder=elsewhere)
    assert (progress.encoded, progress.faces, progress.failed) == (2, 3, (deadly,))


def test_an_interruption_keeps_what_was_encoded_and_begins_nothing_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for person in range(1, 7):
        house.missing(person)
    new, elsewhere = started(house), Elsewhere(house, at_once=1)
    monkeypatch.setattr(reindex, "BATCH", 3)

    def interrupted(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        house.services.reindex.backfill(SYSTEM, new.generation_id, interrupted, elsewhere)
    assert templates(house, SECOND_ENCODER) == 3
    time.sleep(0.1)
    assert elsewhere.asked <= 4
    assert house.services.reindex.backfill(SYSTEM, new.generation_id, encoder=elsewhere).complete


def test_what_was_begun_beside_a_failure_is_kept(house: House) -> None:
    for person in range(1, 7):
        house.missing(person)
    with house.services.store.reading() as records:
        (unlucky,) = records.faces.without_template("nobody", 1)
        data = house.services.photos.get(records.photos.get(records.faces.get(unlucky).photo_id).photo_key)
    new, elsewhere = started(house), Elsewhere(house, 3, {data: EncoderUnavailable("no worker")})
    with pytest.raises(EncoderUnavailable, match="no worker"):
        house.services.reindex.backfill(SYSTEM, new.generation_id, encoder=elsewhere)
    assert templates(house, SECOND_ENCODER) == elsewhere.asked - 1 > 0
    assert elsewhere.asked < 6


def test_a_photo_that_cannot_be_read_is_named_and_does_not_stop_the_others(house: House) -> None:
    lost, kept = house.missing(1), house.missing(2)
    with house.services.store.reading() as records:
        (photo,) = records.photos.of_case(lost.case_id)
        (face,) = records.faces.of_case(lost.case_id)
    house.services.photos.erase(photo.photo_key)
    new = started(house)
    progress = house.services.reindex.backfill(SYSTEM, new.generation_id)
    assert (progress.encoded, progress.faces, progress.failed) == (1, 2, (face.face_id,))
    with pytest.raises(WrongState):
        house.services.reindex.activate(SYSTEM, new.generation_id)
    house.services.reindex.activate(SYSTEM, new.generation_id, incomplete=True)
    assert house.services.matching.search(kept.case_id) is not None


def test_after_activation_every_open_case_is_due_and_nobody_else(house: House) -> None:
    open_cases = [house.missing(1), house.sheltered(2)]
    closed = house.sheltered(3)
    house.services.casework.close(house.intake, closed.case_id, Outcome.SELF_LEFT, "left")
    suspended = house.missing(4)
    house.services.casework.suspend(house.manager, suspended.case_id, "abuse is suspected")
    house.open(CaseKind.MISSING)  # nothing to search with
    reindexed(house)
    assert sorted(house.services.matching.due(99)) == sorted(case.case_id for case in open_cases)
    house.services.worker.work_off()
    assert house.services.matching.due(99) == []
    assert house.faults() == []


def test_searches_after_the_switch_are_in_the_new_generation_and_pairs_move_with_them(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    before = house.pair(missing, sheltered)
    new = reindexed(house)
    assert states(house) == {DEFAULT_ENCODER: G.RETIRED, SECOND_ENCODER: G.ACTIVE}
    house.services.worker.work_off()
    after = house.pair(missing, sheltered)
    assert latest_run(house, missing).generation_id == after.generation_id == new.generation_id != before.generation_id
    assert (after.pair_id, after.state) == (before.pair_id, before.state)
    assert house.paired(house.missing(1, names=("twice",)), sheltered)
    assert house.faults() == []


def test_pairs_that_nobody_has_judged_move_to_the_new_generation_beside_those_that_somebody_has(house: House) -> None:
    """One judgement anywhere must not freeze the scores of all other pairs."""
    judged = house.pair(house.missing(1), house.sheltered(1))
    house.judge(house.reviewer, judged)
    missing, sheltered = house.missing(2), house.sheltered(2)
    new = reindexed(house)
    house.services.worker.work_off()
    assert house.pair(missing, sheltered).generation_id == new.generation_id
    with house.services.store.reading() as records:
        assert records.pairs.get(judged.pair_id).generation_id == judged.generation_id


def test_pairs_of_the_old_generation_take_no_place_by_evidence_from_those_of_the_new_one(house: House) -> None:
    old = [house.pair(house.missing(person), house.sheltered(person)) for person in range(1, 5)]
    for pair in old:
        house.judge(house.reviewer, pair)
    fresh = [house.pair(house.missing(person), house.sheltered(person)) for person in range(5, 12)]
    reindexed(house)
    house.services.worker.work_off()
    sheet = {pair.pair_id for pair in house.services.review.queue(house.second).pairs}
    assert sheet >= {pair.pair_id for pair in fresh}, "seven by evidence"
    assert len(sheet & {pair.pair_id for pair in old}) == 3, "and three that wait longest"


def test_one_list_holds_scores_of_one_generation_only(house: House) -> None:
    """The two models give the same two photos different scores, so a mixed list would show."""
    missing = house.missing(1)
    for number in range(4):
        case = house.sheltered(300 + number)
        house.photograph(case, 1, shot=400 + number)
    house.judge(house.reviewer, pairs_of(house, missing)[0])
    old = {line.case_id: line.score for line in latest_run(house, missing).list}
    reindexed(house)
    house.services.worker.work_off()
    new = {line.case_id: line.score for line in latest_run(house, missing).list}
    listed = house.services.candidates.of_case(SYSTEM, missing.case_id).candidates
    ranked = {each.case.case_id: each.score for each in listed if each.rank is not None}
    assert len(ranked) == 3
    assert ranked == {case_id: new[case_id] for case_id in ranked}
    assert not set(old.values()) & set(ranked.values())


def test_going_back_is_activating_the_old_one_again(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    (first,) = house.services.reindex.generations()
    new = reindexed(house)
    house.services.worker.work_off()
    house.services.reindex.activate(SYSTEM, first.generation_id)
    house.services.worker.work_off()
    assert states(house) == {DEFAULT_ENCODER: G.ACTIVE, SECOND_ENCODER: G.RETIRED}
    assert house.pair(missing, sheltered).generation_id == first.generation_id != new.generation_id
    assert house.faults() == []


def test_going_back_asks_for_the_faces_that_came_meanwhile(house: House) -> None:
    (first,) = house.services.reindex.generations()
    reindexed(house)
    late = house.missing(1)
    with pytest.raises(WrongState, match="1 faces"):
        house.services.reindex.activate(SYSTEM, first.generation_id)
    house.services.reindex.backfill(SYSTEM, first.generation_id)
    house.services.reindex.activate(SYSTEM, first.generation_id)
    assert house.services.matching.due(9) == [late.case_id]


def test_a_face_that_comes_late_to_the_active_generation_is_searched_then(house: House) -> None:
    """Activated with a face missing: its case found nobody, and must not stay unsearched once the face is there."""
    sheltered, missing = house.sheltered(1), house.missing(1)
    new = started(house)
    encode = house.examiner.encode

    def unreadable(*_: object) -> object:
        raise UnreadablePhoto("the disk stutters", "truncated")

    house.examiner.encode = unreadable  # type: ignore[assignment, method-assign]
    house.services.reindex.backfill(SYSTEM, new.generation_id)
    house.services.reindex.activate(SYSTEM, new.generation_id, incomplete=True)
    house.services.worker.work_off()
    house.examiner.encode = encode  # type: ignore[method-assign]
    house.services.reindex.backfill(SYSTEM, new.generation_id)
    assert sorted(house.services.matching.due(9)) == sorted([sheltered.case_id, missing.case_id])
    house.services.worker.work_off()
    assert latest_run(house, missing).generation_id == new.generation_id
    assert house.faults() == []


def test_a_photo_whose_analysis_began_before_the_start_is_encoded_for_the_new_generation_too(house: House) -> None:
    """Otherwise it would stand in the active generation without a template, and be searched by nobody."""
    case = house.open(CaseKind.MISSING)
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1))
    examine = house.examiner.examine

    def overtaken(data: bytes, encoder_ids: object) -> object:
        house.examiner.examine = examine  # type: ignore[method-assign]
        seen = examine(data, encoder_ids)  # type: ignore[arg-type]
        reindexed(house)
        return seen

    house.examiner.examine = overtaken  # type: ignore[assignment, method-assign]
    with pytest.raises(Unavailable, match="again"):
        house.services.intake.analyse(photo.photo_id)
    house.clock.advance(minutes=2)
    house.services.worker.work_off()
    assert house.faults() == []
    assert latest_run(house, case).case_id == case.case_id


def test_a_face_chosen_while_a_generation_starts_is_not_enrolled_by_half(house: House) -> None:
    case = house.open(CaseKind.MISSING)
    report = house.photograph(case, 5, faces=2)
    encode = house.examiner.encode

    def overtaken(*args: object) -> object:
        house.examiner.encode = encode  # type: ignore[method-assign]
        reindexed(house)
        return encode(*args)  # type: ignore[arg-type]

    house.examiner.encode = overtaken  # type: ignore[assignment, method-assign]
    with pytest.raises(Unavailable, match="again"):
        house.services.intake.choose_face(house.intake, report.faces[0].face_id)
    assert house.faults() == []
    house.services.intake.choose_face(house.intake, report.faces[0].face_id)
    assert house.faults() == []
    assert latest_run(house, case).case_id == case.case_id


def test_one_generation_is_built_at_a_time_and_none_twice(house: House) -> None:
    started(house)
    for encoder in (SECOND_ENCODER, DEFAULT_ENCODER, "fake-3"):
        with pytest.raises(Conflict):
            house.services.reindex.start(SYSTEM, encoder)


def test_the_active_generation_is_not_retired_and_a_building_one_is(house: House) -> None:
    (first,) = house.services.reindex.generations()
    with pytest.raises(WrongState):
        house.services.reindex.retire(SYSTEM, first.generation_id)
    new = started(house)
    assert house.services.reindex.retire(SYSTEM, new.generation_id).state is G.RETIRED
    house.missing(1)
    assert templates(house, SECOND_ENCODER) == 0, "nothing is encoded for it any more"
    assert started(house).state is G.BUILDING, "it can be begun again"


def test_activating_the_active_one_changes_nothing(house: House) -> None:
    house.missing(1)
    (first,) = house.services.reindex.generations()
    assert house.services.reindex.activate(SYSTEM, first.generation_id) == first
    assert house.services.matching.due(9) == []


def test_a_generation_that_is_not_there_is_not_found(house: House) -> None:
    for step in (house.services.reindex.activate, house.services.reindex.backfill, house.services.reindex.retire):
        with pytest.raises(NotFound):
            step(SYSTEM, "f" * 32)


def test_closed_cases_do_not_come_back_with_a_backfill(house: House) -> None:
    closed = house.missing(1)
    house.services.casework.close(house.intake, closed.case_id, Outcome.WITHDRAWN, "the family asked")
    reindexed(house)
    sheltered = house.sheltered(1)
    assert pairs_of(house, sheltered) == []
    assert house.faults() == []


def test_a_generation_whose_encoder_lost_its_file_is_not_searched(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.missing(1)
    reindexed(house)
    old = next(each for each in house.services.reindex.generations() if each.encoder_id == DEFAULT_ENCODER)
    monkeypatch.setattr(catalog, "missing_files", lambda model, folders: ["network.dat"])
    with pytest.raises(Misconfigured, match=r"network\.dat"):
        house.services.reindex.activate(SYSTEM, old.generation_id)
    assert states(house) == {DEFAULT_ENCODER: G.RETIRED, SECOND_ENCODER: G.ACTIVE}


# --- what the scores of a generation mean ---------------------------------------------------------------------------


def with_another_list_of_models(house: House, measured: Calibration | None) -> Reindex:
    """As it begins again after somebody edited what the list of models says of every encoder."""
    services = house.services
    later = count(1)
    return Reindex(
        services.store,
        services.photos,
        services.examiner,
        services.galleries,
        lambda _: [],
        lambda _: measured,
        house.clock,
        lambda: f"{next(later):032x}".replace("0", "f", 1),
    )


def active(house: House) -> Generation:
    with house.services.store.reading() as records:
        return records.generations.active()


EDITED = Calibration(10.0, -5.0, 0.5, 100, 10_000, ((-1.0, 1.0), (1.0, 1e-4)))


def test_what_a_list_of_models_says_later_changes_nothing(house: House) -> None:
    one = house.missing(1, age_min=40)
    house.sheltered(1, age_min=40)
    first, building = active(house), started(house)
    assert calibration_of(first) == calibration_of(building) == measured(DEFAULT_ENCODER) != EDITED
    (before,) = house.services.candidates.of_case(house.auditor, one.case_id).candidates
    edited = with_another_list_of_models(house, EDITED)
    assert edited.ensure_first(lambda: DEFAULT_ENCODER) == first
    assert edited.keep_calibrations() == 0
    edited.backfill(SYSTEM, building.generation_id)
    house.services.validation.verify(SYSTEM, building.generation_id)
    assert calibration_of(edited.activate(SYSTEM, building.generation_id)) == calibration_of(building)
    assert calibration_of(edited.rollback(SYSTEM)) == calibration_of(first)
    assert edited.is_outdated(active(house))
    (after,) = house.services.candidates.of_case(house.auditor, one.case_id).candidates
    assert after.evidence == before.evidence is not None


def test_a_generation_from_before_calibrations_were_kept_takes_the_list_of_models_once(house: House) -> None:
    first = active(house)
    with house.services.store.transaction() as records:
        records.generations.save(replace(first, report={"problems": []}))
    assert calibration_of(active(house)) is None
    assert with_another_list_of_models(house, EDITED).keep_calibrations() == 1
    assert (calibration_of(active(house)), active(house).report["problems"]) == (EDITED, [])
    assert with_another_list_of_models(house, None).keep_calibrations() == 0
    assert calibration_of(active(house)) == EDITED


def test_nobody_measured_anything_is_kept_as_well(house: House) -> None:
    unmeasured = with_another_list_of_models(house, None).start(SYSTEM, SECOND_ENCODER)
    assert with_another_list_of_models(house, EDITED).keep_calibrations() == 0
    assert calibration_of(unmeasured) is None


def test_a_generation_of_an_encoder_that_is_known_no_more_keeps_nothing_from_starting(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.services.store.transaction() as records:
        records.generations.save(replace(active(house), report={}))

    def unknown(_: str) -> Calibration:
        raise Misconfigured("There is no such encoder.")

    later = with_another_list_of_models(house, None)
    monkeypatch.setattr(later, "_measured", unknown)
    assert later.keep_calibrations() == 0
    assert not later.is_outdated(active(house))


def test_calibrating_anew_is_asked_for_and_searches_everybody_again(house: House) -> None:
    house.missing(1)
    house.services.worker.work_off()
    first = active(house)
    edited = with_another_list_of_models(house, EDITED)
    with pytest.raises(NotAllowed):
        edited.recalibrate(house.reviewer, first.generation_id)
    assert calibration_of(edited.recalibrate(SYSTEM, first.generation_id)) == calibration_of(active(house)) == EDITED
    assert len(house.services.matching.due(10)) == 1
    house.services.worker.work_off()
    edited.recalibrate(SYSTEM, first.generation_id)
    assert house.services.matching.due(10) == [], "what is the same already is left alone"
    assert house.faults() == []
