"""Looking back: the chain of the audit, and decisions held against what there is today."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.house import House
from tests.stories import SECOND_ENCODER, a_house_with_two_encoders, by_hand, reindexed, two_encoders
from tracing.access import SYSTEM
from tracing.auditing import Aspect, Replay
from tracing.domain import Case, CaseKind, Decision, Judgement, Outcome, Pair, Stage
from tracing.errors import NotAllowed, NotFound
from tracing.evidence import calibration_of
from tracing.verdict import Proof

__all__ = ["two_encoders"]


@pytest.fixture
def pair(house: House) -> Pair:
    house.sheltered(2)
    return house.pair(house.missing(1), house.sheltered(1))


def latest(house: House, pair: Pair) -> Decision:
    with house.services.store.reading() as records:
        return records.pairs.decisions(pair.pair_id)[-1]


def replayed(house: House, pair: Pair) -> Replay:
    return house.services.auditing.replay(house.auditor, latest(house, pair).decision_id)


def aspects(found: Replay) -> list[str]:
    return [str(change.aspect) for change in found.changes]


def case_of(house: House, pair: Pair, kind: CaseKind) -> Case:
    with house.services.store.reading() as records:
        return next(case for case in records.cases.by_ids(pair.case_ids).values() if case.kind is kind)


@pytest.mark.parametrize("stage", [Stage.FIRST, Stage.SECOND, Stage.VERIFICATION, Stage.REVOCATION])
def test_l22_every_decision_keeps_list_photos_model_calibration_and_score(house: House, pair: Pair, stage: Stage) -> None:
    house.judge(house.reviewer, pair)
    if stage is not Stage.FIRST:
        house.judge(house.second, pair)
    if stage is Stage.REVOCATION:
        house.services.review.revoke(house.manager, pair.pair_id, "a mistake")
    if stage is Stage.VERIFICATION:
        house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "file 7")
    decision = latest(house, pair)
    assert decision.stage is stage
    kept = decision.grounds
    assert kept is not None
    with house.services.store.reading() as records:
        generation, run = records.generations.active(), records.pairs.run(pair.list_id)
        digests = {case_id: tuple(photo.sha256 for photo in records.photos.of_case(case_id)) for case_id in pair.case_ids}
    calibration = calibration_of(generation)
    assert calibration is not None
    assert (kept.list_id, kept.gallery_size, kept.score, kept.rank) == (run.run_id, run.gallery_size, pair.score, pair.rank)
    assert (kept.generation_id, kept.encoder_id) == (generation.generation_id, generation.encoder_id)
    assert kept.calibration == calibration.to_dict()
    assert kept.photos == digests


def test_l22_a_decision_of_today_comes_out_the_same_and_looking_changes_nothing(house: House, pair: Pair) -> None:
    house.judge(house.reviewer, pair, Judgement.CANNOT_TELL)
    with house.services.store.reading() as records:
        before = records.audit.head(), records.pairs.get(pair.pair_id)
    found = replayed(house, pair)
    assert (found.same_list, found.changes) == (True, ())
    assert found.shown.list == found.today.list != ()
    with house.services.store.reading() as records:
        assert (records.audit.head(), records.pairs.get(pair.pair_id)) == before


def test_a_new_photo_is_named_by_its_digest_and_changes_the_score(house: House, pair: Pair) -> None:
    house.judge(house.reviewer, pair)
    case = case_of(house, pair, CaseKind.SHELTERED)
    photo = house.photograph(case, 1, shot=7).photo  # the very photo of the missing report
    found = replayed(house, pair)
    assert not found.same_list
    (photos,) = (change for change in found.changes if change.aspect is Aspect.PHOTOS)
    assert (photos.subject, photos.then, photos.now) == (case.case_id, "", f"+{photo.sha256[:12]}")
    (score,) = (change for change in found.changes if change.aspect is Aspect.SCORE)
    assert float(score.now) > float(score.then)


def end(house: House, pair: Pair) -> None:
    house.services.casework.close(house.intake, case_of(house, pair, CaseKind.MISSING).case_id, Outcome.WITHDRAWN, "a call")


def match(house: House, pair: Pair) -> None:
    house.judge(house.second, pair)


def add_another(house: House, pair: Pair) -> None:
    house.missing(1, names=("somebody alike",))


@pytest.mark.parametrize(
    ("what", "line"),
    [(end, "not searched: withdrawn"), (match, "not searched: matched"), (add_another, "rank 2")],
)
def test_a_line_that_is_not_the_same_says_why(house: House, pair: Pair, what: Callable[[House, Pair], None], line: str) -> None:
    house.judge(house.reviewer, pair)
    decision = latest(house, pair)
    what(house, pair)
    found = house.services.auditing.replay(house.auditor, decision.decision_id)
    assert not found.same_list
    told = [change.now for change in found.changes if change.aspect is Aspect.LINE]
    assert any(each.startswith(line) for each in told), found.changes
    assert not any(change.aspect in (Aspect.SCORE, Aspect.PHOTOS) for change in found.changes), "the two are what they were"


@pytest.mark.parametrize("place", [0, -1], ids=["the first line", "the last line"])
def test_somebody_who_was_erased_is_told_as_such_and_moves_nobody(house: House, pair: Pair, place: int) -> None:
    bystanders = [house.missing(1, names=(f"alike {number}",)) for number in range(3)]
    second = house.sheltered(1, names=("late",))
    judged = house.pair(house.case(bystanders[-1]), second)
    with house.services.store.reading() as records:
        lines = sorted(records.pairs.run(judged.list_id).list, key=lambda line: line.rank)
        cases = records.cases.by_ids(line.case_id for line in lines)
    ranked = [line.case_id for line in lines if cases[line.case_id].kind is CaseKind.MISSING and line.rank]
    listed = [case_id for case_id in ranked if case_id not in judged.case_ids]
    assert len(listed) > 1, "whoever is first has somebody below"
    house.judge(house.reviewer, judged)
    house.services.retention.erase_case(house.manager, listed[place])
    found = replayed(house, judged)
    assert listed[place] not in {line.case_id for line in found.shown.list}, "erasure reaches the kept list"
    assert found.same_list, found.changes
    assert Aspect.GALLERY_SIZE in aspects(found)


def test_another_calibration_and_an_altered_score_are_told(house: House, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    house.judge(house.reviewer, pair)
    by_hand(house, "UPDATE decisions SET grounds = replace(grounds, '\"slope\":', '\"slope\":1')")
    grounds = latest(house, pair).grounds
    assert grounds is not None
    by_hand(
        house,
        "UPDATE decisions SET grounds = replace(grounds, ?, ?)",
        values=(f'"score":{json.dumps(pair.score)}', '"score":0.25'),
    )
    found = replayed(house, pair)
    assert found.same_list
    assert aspects(found) == ["calibration", "score"]
    assert [each.then for each in found.changes if each.aspect is Aspect.SCORE] == ["0.250000"]


@pytest.mark.usefixtures("two_encoders")
def test_another_model_is_told_and_the_list_is_that_of_then_while_its_generation_lives(tmp_path: Path) -> None:
    with a_house_with_two_encoders(tmp_path / "var") as house:
        pair = house.pair(house.missing(1), house.sheltered(1))
        house.judge(house.reviewer, pair)
        before = latest(house, pair).grounds
        assert before is not None
        now = reindexed(house)
        found = replayed(house, pair)
        changes = {change.aspect: (change.then, change.now) for change in found.changes}
        assert changes[Aspect.GENERATION] == (before.generation_id, now.generation_id)
        assert changes[Aspect.ENCODER] == (before.encoder_id, SECOND_ENCODER)
        assert Aspect.SCORE not in changes


def test_a_decision_without_grounds_and_one_that_is_not_there_are_not_found(house: House, pair: Pair) -> None:
    house.judge(house.reviewer, pair)
    decision_id = latest(house, pair).decision_id
    with pytest.raises(NotAllowed):
        house.services.auditing.replay(house.reviewer, decision_id)
    by_hand(house, "UPDATE decisions SET grounds = NULL")
    with pytest.raises(NotFound, match="did not keep"):
        house.services.auditing.replay(house.auditor, decision_id)
    with pytest.raises(NotFound):
        house.services.auditing.replay(house.auditor, "f" * 32)


def test_l11_the_first_bad_row_is_named_to_the_row_after_one_byte_was_changed(house: House, pair: Pair) -> None:
    for _ in range(60):
        house.services.casework.read(house.auditor, pair.low_case_id)
    whole = house.services.auditing.verify(SYSTEM)
    assert (whole.events > 60, whole.first_bad) == (True, None)
    another_first = "UPDATE events SET actor = CASE substr(actor, 1, 1) WHEN 'f' THEN 'e' ELSE 'f' END || substr(actor, 2)"
    by_hand(house, f"{another_first} WHERE seq = 37")
    assert house.services.auditing.verify(SYSTEM) == replace(whole, first_bad=37)


def test_rows_that_are_missing_inside_or_at_the_end_are_noticed(house: House, pair: Pair) -> None:
    heard: list[int] = []
    whole = house.services.auditing.verify(SYSTEM, heard.append)
    assert heard == [whole.events]
    by_hand(house, "DELETE FROM events WHERE seq = ?", values=(whole.events,))
    assert house.services.auditing.verify(SYSTEM).first_bad == whole.events
    by_hand(house, "DELETE FROM events WHERE seq = 5")
    assert house.services.auditing.verify(SYSTEM).first_bad == 5
