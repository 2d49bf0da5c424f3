"""The invariants of DESIGN.md section 9, one test each, and a machine that looks for a way around them."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.factories import a_generation, a_suggestion
from tests.fakes import painted_photo
from tests.house import House
from tests.postgres import PrivateCluster
from tests.stories import (
    SECOND_ENCODER,
    a_house_with_two_encoders,
    a_neighbour,
    at_once,
    by_hand,
    latest_run,
    pairs_of,
    reindexed,
    rows_naming,
    two_encoders,
)
from tracing.access import SYSTEM
from tracing.chosen import measured
from tracing.consistency import Fault
from tracing.domain import (
    Actor,
    Case,
    CaseKind,
    CaseState,
    Decision,
    GenerationState,
    Judgement,
    LegalBasis,
    Outcome,
    Pair,
    PairState,
    Relation,
    Role,
    Stage,
)
from tracing.embeddings import manifest
from tracing.errors import Conflict, EncoderUnavailable, Refused
from tracing.lifecycle import OUTCOMES, REJECTED, WAITING_FOR_REVIEW
from tracing.records import CaseFilter
from tracing.verdict import Proof, Verdict

__all__ = ["two_encoders"]

ANY = CaseFilter()
EXAMPLES = 12
STEPS = 25
HOLDING = (PairState.CONFIRMED, PairState.VERIFIED, PairState.REUNITED)


def every_pair(house: House) -> list[Pair]:
    with house.services.store.reading() as records:
        cases = house.services.casework.find(SYSTEM, ANY, 1000).cases
        pairs = {pair.pair_id: pair for case in cases for pair in records.pairs.of_case(case.case_id)}
    return list(pairs.values())


def alike_and_not_paired(house: House) -> list[tuple[str, str]]:
    """Searchable cases without a search that is due, whose templates compared by hand are alike, and that have no pair."""
    with house.services.store.reading() as records:
        encoder_id = records.generations.active().encoder_id
        cases = house.services.casework.find(SYSTEM, ANY, 1000).cases
        done = [
            (case, [template.vector for template in records.faces.templates(case.case_id, encoder_id)])
            for case in cases
            if case.state is CaseState.OPEN
            and case.legal_basis is not LegalBasis.NONE
            and case.search_done == case.search_wanted
        ]
        calibration = measured(encoder_id)
        assert calibration is not None
        return [
            (one.case_id, other.case_id)
            for place, (one, mine) in enumerate(done)
            for other, theirs in done[place + 1 :]
            if any(float(a @ b) > calibration.floor + 1e-5 for a in mine for b in theirs)
            and records.pairs.between(one.case_id, other.case_id) is None
        ]


def test_1_a_saved_case_never_depends_on_a_model_and_no_interruption_leaves_it_unsearched_for_ever(house: House) -> None:
    missing = house.missing(1)
    house.examiner.failure = EncoderUnavailable("the model is gone")
    case = house.open(CaseKind.SHELTERED)
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1, shot=3))
    house.services.worker.work_off()
    assert house.case(case).state is CaseState.OPEN
    house.examiner.failure = None
    house.clock.advance(minutes=2)

    def dies(_: str) -> None:
        raise KeyboardInterrupt

    search, house.services.intake._search = house.services.intake._search, dies
    with pytest.raises(KeyboardInterrupt):
        house.services.intake.analyse(photo.photo_id)
    house.services.intake._search = search
    with a_neighbour(house) as after_the_crash:
        after_the_crash.worker.work_off()
    assert house.paired(missing, case)
    assert house.faults() == []


def test_2_the_gallery_is_refilled_from_the_records_and_deleting_it_loses_nothing(house: House) -> None:
    cases = [house.missing(1), house.sheltered(1), house.sheltered(2)]
    house.services.casework.close(house.intake, cases[2].case_id, Outcome.SELF_LEFT, "left")
    gallery = house.services.galleries.of("dlib-resnet-v1")
    with house.services.store.reading() as records:
        gallery.refresh(records)
    before, first = gallery.snapshot(), latest_run(house, cases[1])
    house.services.galleries.forget("dlib-resnet-v1")
    again = house.services.matching.search(cases[1].case_id)
    assert again is not None
    assert house.services.galleries.of("dlib-resnet-v1") is not gallery
    assert house.services.galleries.of("dlib-resnet-v1").snapshot() == before
    assert len(before) == 3
    assert again.list == first.list


def test_3_every_pair_of_open_enrolled_cases_has_been_compared_in_the_active_generation(any_house: House) -> None:
    house = any_house
    results = at_once(
        *[lambda person=person, make=make: make(person) for person in (1, 2) for make in (house.missing, house.sheltered)]
    )
    cases = [case for case in results if isinstance(case, Case)]
    assert len(cases) == 4, results
    assert alike_and_not_paired(house) == []
    assert len(every_pair(house)) == 2
    with house.services.store.reading() as records:
        generation_id = records.generations.active().generation_id
        assert records.integrity.unsearched(generation_id) == []
    assert house.faults() == []


def test_4_a_suggestion_never_changes_a_judged_pair_and_a_judgement_never_deletes_another(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    judged = house.judge(house.reviewer, house.pair(missing, sheltered))
    with house.services.store.transaction() as records:
        generation_id = records.generations.active().generation_id
        louder = a_suggestion(missing, sheltered, generation_id, score=0.9999, rank=1)
        assert len(records.pairs.suggest([louder], house.clock())) == 0
    assert house.pair(missing, sheltered) == judged
    house.judge(house.second, judged, Judgement.EXCLUDED)
    house.judge(house.manager, judged, Judgement.SAME_LIKELY)
    house.services.review.revoke(house.manager, judged.pair_id, "a mistake")
    with house.services.store.reading() as records:
        said = [each.judgement for each in records.pairs.decisions(judged.pair_id)]
    assert said == [Judgement.SAME_LIKELY, Judgement.EXCLUDED, Judgement.SAME_LIKELY, None]


def test_5_a_match_needs_two_people_and_a_case_is_in_at_most_one(any_house: House) -> None:
    house = any_house
    one, other, sheltered = house.missing(1), house.missing(1, names=("alike",)), house.sheltered(1)
    pairs = [house.pair(one, sheltered), house.pair(other, sheltered)]
    for pair in pairs:
        house.judge(house.reviewer, pair)
        with pytest.raises(Refused):
            house.judge(house.reviewer, pair)
    assert {pair.state for pair in every_pair(house)} <= {PairState.FIRST_POSITIVE, PairState.PROPOSED}
    results = at_once(*[lambda pair=pair: house.judge(house.second, pair) for pair in pairs])
    assert sorted(isinstance(result, Conflict) for result in results) == [False, True], results
    assert sum(pair.state is PairState.CONFIRMED for pair in every_pair(house)) == 1
    assert house.faults() == []


@pytest.mark.usefixtures("two_encoders")
def test_6_exactly_one_generation_is_active_and_scores_of_two_are_never_in_one_ranking(tmp_path: Path) -> None:
    with a_house_with_two_encoders(tmp_path / "var") as house:
        missing, judged, fresh = house.missing(1), house.sheltered(1), house.sheltered(1, names=("again",))
        house.judge(house.reviewer, house.pair(missing, judged), Judgement.CANNOT_TELL)
        with pytest.raises(Conflict), house.services.store.transaction() as records:
            records.generations.add(a_generation(encoder_id=SECOND_ENCODER, state=GenerationState.ACTIVE))
        active = reindexed(house)
        house.services.worker.work_off()
        states = Counter(each.state for each in house.services.reindex.generations())
        assert states[GenerationState.ACTIVE] == 1
        ranked = [
            each for each in house.services.candidates.of_case(SYSTEM, missing.case_id).candidates if each.rank is not None
        ]
        assert [(each.case.case_id, each.pair.generation_id) for each in ranked] == [(fresh.case_id, active.generation_id)]
        assert latest_run(house, missing).generation_id == active.generation_id


def test_7_after_erasure_nothing_of_the_case_remains_and_no_process_finds_it(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    house.confirm(house.pair(missing, sheltered))
    with a_neighbour(house) as other:
        other.matching.search(house.missing(1, names=("warms the other gallery",)).case_id)
        house.services.retention.erase_case(house.manager, sheltered.case_id)
        assert rows_naming(house, sheltered.case_id).keys() == {"events"}
        house.services.worker.work_off()
        run = other.matching.search(missing.case_id)
        assert run is not None
        assert sheltered.case_id not in [line.case_id for line in run.list]
        assert all(sheltered.case_id not in pair.case_ids for pair in pairs_of(house, missing))
        assert other.consistency.check(read_photos=True) == []


@pytest.mark.parametrize("side", ["file", "row"])
def test_9_a_file_without_a_row_and_a_row_without_a_file_are_found(house: House, side: str) -> None:
    house.missing(1)
    if side == "file":
        (key,) = house.services.photos.keys()
        house.services.photos.erase(key)
        expected = Fault.ROW_WITHOUT_FILE
    else:
        by_hand(house, "DELETE FROM photos")
        expected = Fault.FILE_WITHOUT_ROW
    assert expected in {finding.fault for finding in house.services.consistency.check()}


class AShelterInDisorder(RuleBasedStateMachine):
    """Everybody does anything at any time, and at the same time. What is refused must leave nothing behind; what is not must
    keep the invariants. ``database`` gives the address of a new database, empty for SQLite."""

    def __init__(self, database: Callable[[], str] = str) -> None:
        super().__init__()
        self.database = database

    @initialize()
    def move_in(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.patch = pytest.MonkeyPatch()
        facts = manifest.encoder_facts
        self.patch.setattr(
            manifest,
            "encoder_facts",
            lambda name: replace(facts("dlib-resnet-v1"), encoder_id=name) if name == SECOND_ENCODER else facts(name),
        )
        self.open_house = a_house_with_two_encoders(Path(self.folder.name) / "var", database_url=self.database())
        self.house = self.open_house.__enter__()
        self.people = [
            self.house.reviewer,
            self.house.second,
            self.house.manager,
            self.house.hire("ma", self.house.manager.role),
        ]
        self.cases: list[tuple[Case, int]] = []
        self.shots = 0
        self.newcomers = 0
        self.ended: dict[str, PairState] = {}
        self.said: Counter[str] = Counter()
        for kind in (*CaseKind, *CaseKind):
            self.open(kind, person=0, enrolled=True)

    def teardown(self) -> None:
        if not hasattr(self, "house"):
            return
        try:
            self.house.clock.advance(hours=1)
            self.house.services.worker.work_off()
            self.house.services.worker.work_off()
            assert self.house.services.matching.due(99) == []
            self.nothing_contradicts_anything()
            assert self.house.faults() == []
        finally:
            self.open_house.__exit__(None, None, None)
            self.patch.undo()
            measured.cache_clear()
            self.folder.cleanup()

    def case(self, number: int) -> tuple[Case, int]:
        return self.cases[number % len(self.cases)]

    def pair(self, number: int, relation: Relation | None = None) -> Pair | None:
        """One that waits for a judgement, if there is any."""
        pairs = [pair for pair in every_pair(self.house) if relation in (None, pair.relation)]
        waiting = [pair for pair in pairs if pair.state in WAITING_FOR_REVIEW] or pairs
        return sorted(waiting, key=lambda pair: pair.pair_id)[number % len(waiting)] if waiting else None

    @rule(kind=st.sampled_from(CaseKind), person=st.sampled_from([0, 0, 0, 1]), enrolled=st.booleans())
    def open(self, kind: CaseKind, person: int, enrolled: bool) -> None:
        case = self.house.open(kind)
        self.cases.append((case, person * 10 + 1))
        if enrolled:
            self.photograph(len(self.cases) - 1, 1, analysed=True)

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 9), faces=st.integers(0, 2), analysed=st.booleans())
    def photograph(self, number: int, faces: int, analysed: bool) -> None:
        case, person = self.case(number)
        self.shots += 1
        try:
            photo = self.house.services.intake.add_photo(
                self.house.intake, case.case_id, painted_photo(person, faces, self.shots)
            )
        except Refused:
            return
        if analysed:
            self.house.services.intake.analyse(photo.photo_id)

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 9), which=st.integers(0, 9))
    def choose(self, number: int, which: int) -> None:
        case, _ = self.case(number)
        with self.house.services.store.reading() as records:
            faces = records.faces.of_case(case.case_id)
        if faces:
            self.house.services.intake.choose_face(self.house.intake, faces[which % len(faces)].face_id)

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 9))
    def search(self, number: int) -> None:
        self.house.services.matching.search(self.case(number)[0].case_id)

    @rule()
    def work(self) -> None:
        self.house.services.worker.work_off()

    @precondition(lambda self: self.cases)
    @rule(
        number=st.integers(0, 20), who=st.integers(0, 3), judgement=st.sampled_from([*Judgement, *[Judgement.SAME_LIKELY] * 6])
    )
    def judge(self, number: int, who: int, judgement: Judgement) -> None:
        if pair := self.pair(number):
            self.try_to(self.house.judge, self.people[who], pair, judgement)

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 20), judgement=st.sampled_from(Judgement), then=st.booleans())
    def change_a_mind(self, number: int, judgement: Judgement, then: bool) -> None:
        """Of somebody who has judged; perhaps a senior looks at the pair at once."""
        with self.house.services.store.reading() as records:
            said = [each for pair in every_pair(self.house) for each in records.pairs.decisions(pair.pair_id)]
        standing = sorted(
            (each for each in said if each.judgement and not each.superseded_at), key=lambda each: each.decision_id
        )
        if not standing:
            return
        chosen = standing[number % len(standing)]
        author = next(each for each in self.people if each.account_id == chosen.reviewer)
        self.try_to(self.house.services.review.reconsider, author, chosen.pair_id, Verdict(judgement, "looked again"))
        if then:
            with self.house.services.store.reading() as records:
                pair = records.pairs.get(chosen.pair_id)
            self.try_to(self.house.judge, self.people[3], pair, Judgement.SAME_LIKELY)

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 20), judgement=st.sampled_from([*Judgement][2:]), photo=st.booleans())
    def reject(self, number: int, judgement: Judgement, photo: bool) -> None:
        """Somebody who may ends a pair, and its cases are searched again, with a new photo or without."""
        if pair := self.pair(number):
            for who in self.people:
                self.try_to(self.house.judge, who, pair, judgement)
            self.what_people_have_ended_stays_ended()
            if photo:
                self.photograph(
                    next(place for place, (case, _) in enumerate(self.cases) if case.case_id == pair.low_case_id), 1, True
                )
            for case_id in pair.case_ids:
                self.house.services.matching.search(case_id)

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 20), who=st.permutations(range(4)), judgement=st.sampled_from(Judgement))
    def judge_at_once(self, number: int, who: list[int], judgement: Judgement) -> None:
        """Three people at the same moment, of whom two judge the same pair and one another pair of the same case."""
        self.house.clock.advance(seconds=1)
        if not (pair := self.pair(number)):
            return
        others = [other for other in pairs_of(self.house, self.house.case(self.case_named(pair.low_case_id))) if other != pair]
        judged = [(pair, Judgement.SAME_LIKELY), (pair, judgement), ((others or [pair])[0], Judgement.SAME_LIKELY)]
        results = at_once(
            *[
                lambda actor=self.people[one], pair=pair, said=said: self.house.judge(actor, pair, said)
                for one, (pair, said) in zip(who, judged, strict=False)
            ]
        )
        assert all(isinstance(result, Pair | Refused) for result in results), results

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 20))
    def confirm_rivals_at_once(self, number: int) -> None:
        """Two people confirm two ``trace`` pairs of one case at the same moment: at most one of them gets it."""
        self.house.clock.advance(seconds=1)
        case = self.house.case(self.case(number)[0])
        pairs = [pair for pair in pairs_of(self.house, case) if pair.relation is Relation.TRACE]
        ready = [pair for pair in pairs if pair.state is PairState.FIRST_POSITIVE][:2]
        results = at_once(
            *[lambda who=who, pair=pair: self.house.judge(who, pair) for who, pair in zip(self.people[1:], ready, strict=False)]
        )
        assert all(isinstance(result, Pair | Refused) for result in results), results
        assert sum(isinstance(result, Pair) and result.state is PairState.CONFIRMED for result in results) <= 1

    def case_named(self, case_id: str) -> Case:
        return next(case for case, _ in self.cases if case.case_id == case_id)

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 20))
    def confirm(self, number: int) -> None:
        if pair := self.pair(number, Relation.TRACE):
            for who in self.people[:2]:
                self.try_to(self.house.judge, who, pair, Judgement.SAME_LIKELY)

    @precondition(lambda self: self.cases)
    @rule(judgement=st.sampled_from(Judgement))
    def examine(self, judgement: Judgement) -> None:
        """A newcomer is given a pair with a known answer, where there is any, and judges it: nothing else notices."""
        before = every_pair(self.house), [self.house.case(case) for case, _ in self.cases]
        self.newcomers += 1
        newcomer = self.house.hire(f"newcomer {self.newcomers}", Role.REVIEWER)
        if known := self.house.services.known_answers.give(newcomer):
            self.house.services.review.decide(newcomer, known.known_id, Verdict(judgement, "looked once"))
        assert before == (every_pair(self.house), [self.house.case(case) for case, _ in self.cases])

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 20), who=st.integers(0, 3))
    def insist(self, number: int, who: int) -> None:
        """One person says yes to a pair, and once more when that was not enough."""
        if pair := self.pair(number, Relation.TRACE):
            for _ in range(2):
                self.try_to(self.house.judge, self.people[who], pair, Judgement.SAME_VERY_LIKELY)

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 20), who=st.permutations(range(4)), verified=st.booleans())
    def match_and_undo(self, number: int, who: list[int], verified: bool) -> None:
        """Two people confirm a pair that has rivals, and a manager takes it back."""
        if not (pair := self.pair(number, Relation.TRACE)):
            return
        for one in who[:2]:
            self.try_to(self.house.judge, self.people[one], pair, Judgement.SAME_LIKELY)
        self.matches_hold_their_cases()
        if verified:
            self.try_to(self.house.services.review.verify, self.house.manager, pair.pair_id, Proof.DOCUMENT, "a card")
        self.try_to(self.house.services.review.revoke, self.house.manager, pair.pair_id, "a mistake")

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 20), step=st.sampled_from(["verify", "reunite", "revoke", "revoke"]))
    def go_on(self, number: int, step: str) -> None:
        confirmed = [pair for pair in every_pair(self.house) if pair.state in HOLDING]
        if confirmed:
            pair_id = confirmed[number % len(confirmed)].pair_id
            proof = [Proof.DNA] if step == "verify" else []
            self.try_to(getattr(self.house.services.review, step), self.house.manager, pair_id, *proof, "because")

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 9), step=st.sampled_from(["close", "reopen", "suspend"]), outcome=st.integers(0, 9))
    def step(self, number: int, step: str, outcome: int) -> None:
        case, _ = self.case(number)
        outcomes = sorted(OUTCOMES[case.kind] - {Outcome.REUNITED})
        how = [outcomes[outcome % len(outcomes)]] if step == "close" else []
        self.try_to(getattr(self.house.services.casework, step), self.house.manager, case.case_id, *how, "because")

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 9), basis=st.sampled_from(LegalBasis))
    def amend(self, number: int, basis: LegalBasis) -> None:
        self.house.services.casework.amend(self.house.manager, self.case(number)[0].case_id, legal_basis=basis)

    @precondition(lambda self: len(self.cases) > 3)
    @rule(number=st.integers(0, 9))
    def erase(self, number: int) -> None:
        case, _ = entry = self.case(number)
        self.house.services.retention.erase_case(self.house.manager, case.case_id)
        self.cases.remove(entry)
        if self.house.services.settings.database_url == "":
            assert rows_naming(self.house, case.case_id).keys() <= {"events"}

    @precondition(lambda self: self.cases)
    @rule()
    def change_the_encoder(self) -> None:
        reindex = self.house.services.reindex
        others = [each for each in reindex.generations() if each.state is not GenerationState.ACTIVE]
        other = others[0] if others else reindex.start(SYSTEM, SECOND_ENCODER)
        reindex.backfill(SYSTEM, other.generation_id)
        reindex.activate(SYSTEM, other.generation_id)

    def try_to(self, step: Any, actor: Actor, *what: Any) -> None:
        self.house.clock.advance(seconds=1)
        before = every_pair(self.house), [self.house.case(case) for case, _ in self.cases]
        try:
            step(actor, *what)
        except Refused:
            assert before == (every_pair(self.house), [self.house.case(case) for case, _ in self.cases])

    @invariant()
    def nothing_contradicts_anything(self) -> None:
        if not hasattr(self, "house"):
            return
        assert self.house.services.consistency.check() == []
        assert alike_and_not_paired(self.house) == []

    @invariant()
    def matches_hold_their_cases(self) -> None:
        if not hasattr(self, "house"):
            return
        pairs = {pair.pair_id: pair for pair in every_pair(self.house)}
        holding = [pair for pair in pairs.values() if pair.relation is Relation.TRACE and pair.state in HOLDING]
        held = Counter(case_id for pair in holding for case_id in pair.case_ids)
        assert max(held.values(), default=1) == 1, "a case is in two matches"
        matched = {case.case_id for case, _ in self.cases if self.house.case(case).state is CaseState.MATCHED}
        now = {case_id for pair in holding if pair.state is not PairState.REUNITED for case_id in pair.case_ids}
        assert matched <= now, "a case is matched with nobody"
        for pair in pairs.values():
            if pair.state is PairState.SUPERSEDED:
                assert pair.superseded_by in {match.pair_id for match in holding}, "set aside for ever"
                assert pair.state_before is not None
        for pair in holding:
            opinions = self.opinions_when_confirmed(pair)
            assert sum(opinion.positive for opinion in opinions.values()) >= 2, "a match of one person's opinion"

    def opinions_when_confirmed(self, pair: Pair) -> dict[str, Judgement]:
        """Each person's last word up to the judgement that confirmed the pair; changes of mind after it are another matter."""
        said = [each for each in self.of_this_round(pair) if each.judgement]
        last = max(place for place, each in enumerate(said) if each.stage is not Stage.CHANGE_OF_MIND)
        return {each.reviewer: each.judgement for each in said[: last + 1] if each.judgement}

    def of_this_round(self, pair: Pair) -> list[Decision]:
        """What people have said of the pair since a new photo opened it the last time."""
        with self.house.services.store.reading() as records:
            opened = {event.at for event in records.audit.of_subject(pair.pair_id) if event.action == "reopen_pair"}
            return [each for each in records.pairs.decisions(pair.pair_id) if each.superseded_at not in opened]

    @invariant()
    def nothing_that_was_said_is_lost(self) -> None:
        if not hasattr(self, "house"):
            return
        with self.house.services.store.reading() as records:
            now = Counter({pair.pair_id: len(records.pairs.decisions(pair.pair_id)) for pair in every_pair(self.house)})
        assert all(now[pair_id] >= self.said[pair_id] for pair_id in now), "a decision was deleted"
        self.said = now

    @invariant()
    def one_generation_is_active_and_ranks_stay_inside_it(self) -> None:
        if not hasattr(self, "house"):
            return
        states = Counter(each.state for each in self.house.services.reindex.generations())
        assert states[GenerationState.ACTIVE] == 1
        with self.house.services.store.reading() as records:
            active = records.generations.active().generation_id
        for case, _ in self.cases:
            for view in self.house.services.candidates.of_case(SYSTEM, case.case_id).candidates:
                assert (view.rank is None) == (view.pair.generation_id != active)

    @invariant()
    def what_people_have_ended_stays_ended(self) -> None:
        """Unless a new photo came, or whoever had rejected the pair has second thoughts."""
        if not hasattr(self, "house"):
            return
        pairs = {pair.pair_id: pair for pair in every_pair(self.house)}
        for pair_id, state in self.ended.items():
            if pair_id in pairs and pairs[pair_id].state is not state:
                assert state in REJECTED
                assert self.came_with_a_new_photo(pairs[pair_id]) or Stage.CHANGE_OF_MIND in {
                    each.stage for each in self.of_this_round(pairs[pair_id])
                }
        ended = (*REJECTED, PairState.REVOKED)
        self.ended = {pair_id: pair.state for pair_id, pair in pairs.items() if pair.state in ended}

    def came_with_a_new_photo(self, pair: Pair) -> bool:
        with self.house.services.store.reading() as records:
            said = [each for each in records.pairs.decisions(pair.pair_id) if each.judgement and each.superseded_at]
            photos = [photo for case_id in pair.case_ids for photo in records.photos.of_case(case_id)]
        return bool(said) and any(photo.received_at > said[-1].decided_at for photo in photos)


TestAShelterInDisorder = pytest.mark.long(AShelterInDisorder.TestCase)
TestAShelterInDisorder.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=STEPS, suppress_health_check=list(HealthCheck), derandomize=True
)


@pytest.mark.long
@pytest.mark.postgres
def test_a_shelter_in_disorder_on_postgresql(postgres_cluster: PrivateCluster) -> None:
    few = settings(TestAShelterInDisorder.settings, max_examples=3)
    run_state_machine_as_test(
        lambda: AShelterInDisorder(lambda: postgres_cluster.url(postgres_cluster.fresh_database())), settings=few
    )
