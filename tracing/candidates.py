"""The candidates of a case, as far as the person who asks may see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tracing.access import Permission, judges_blind, require, sees_scores, shown_pair
from tracing.disguise import Disguise
from tracing.domain import Actor, Analysis, Case, Generation, Pair, Photo, Relation, SearchOutcome, SearchRun
from tracing.evaluation.card import Card
from tracing.evidence import Calibration, Evidence, is_guarded, outcome, weigh
from tracing.facts import taken_by, youngest_age
from tracing.fairness import Person, Warned, person, warnings_of
from tracing.pairviews import to_be_shown
from tracing.ports import RecordStore
from tracing.stations.reach import elsewhere
from tracing.stations.scope import reach_of

PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class CandidateView:
    """``case`` is the other case of the pair. What the person may not see is None.

    ``warnings``: what the recognition is weak at that concerns the two people, whatever their score; see ``tracing.fairness``.
    """

    pair: Pair
    case: Case
    rank: int | None
    score: float | None
    evidence: Evidence | None
    warnings: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True)
class CandidateList:
    """``run`` is the last completed search, None where there was none; its list is empty for those who see no scores.

    ``warnings``: what the recognition is weak at that concerns the case's own person, with or without candidates.
    ``outcome`` is what it came to, None without a search. To those who see no scores it says no more than whether anybody is
    on the list, which they see; to the others also that nobody on it is plausible.
    """

    run: SearchRun | None
    expected_false_alarms: float | None
    outcome: SearchOutcome | None
    candidates: tuple[CandidateView, ...]
    warnings: tuple[Warned, ...] = ()


class Candidates:
    """``calibration_of`` knows what the scores of a generation are worth, ``card_of`` whom an encoder serves worse; None where
    nobody has measured it.
    """

    def __init__(
        self,
        store: RecordStore,
        calibration_of: Callable[[Generation], Calibration | None],
        card_of: Callable[[str], Card | None],
    ) -> None:
        self._store = store
        self._calibration_of = calibration_of
        self._card_of = card_of

    def of_case(self, actor: Actor, case_id: str, relation: Relation | None = None, limit: int = 20) -> CandidateList:
        """Best first; only pairs of the active generation are ranked, for scores of two generations do not mix.

        Somebody who has still to judge a pair gets neither rank nor score nor evidence of it, and in no telling order.
        A pair that waits for review is left out while one of its faces may not be compared, and one with another station's case
        where that may not be shown. ``OtherStation`` where the case itself is not near.
        """
        require(actor, Permission.READ_CANDIDATES)
        with self._store.reading() as records:
            disguise, reach = Disguise.of(records, actor), reach_of(records, actor)
            case = disguise.case(records.cases.get(case_id))
            if not reach.near(case):
                raise elsewhere()
            generation = records.generations.active()
            run = records.pairs.latest_run(case_id)
            pairs = [disguise.pair(pair) for pair in records.pairs.of_case(case_id) if relation in (None, pair.relation)]
            judged = records.pairs.judged_by(actor.account_id, [pair.pair_id for pair in pairs])
            cases = disguise.cases(records.cases.by_ids({case_id, *(pair.other(case_id) for pair in pairs)}))
            pairs = [pair for pair in pairs if reach.compares(case, cases[pair.other(case_id)])]
            cases = {case_id: case} | {each: reach.compared(cases[each]) for each in (pair.other(case_id) for pair in pairs)}
            photos = records.photos.of_cases(cases.keys())
            card = self._card_of(generation.encoder_id)
            faces = records.faces.of_cases(cases.keys()) if card is not None else {}
        calibration = self._calibration_of(generation)
        people = run.gallery_size if run is not None else 0
        sides = {each: Side(cases[each], photos.get(each, [])) for each in cases}
        live = [pair for pair in pairs if to_be_shown(pair, case, cases[pair.other(case_id)])]
        # At least a page: of shorter and longer lists a blind person could tell, line by line, who is most alike.
        views = [
            _view(actor, pair, rank, pair.pair_id in judged, calibration, sides[case_id], sides[pair.other(case_id)], people)
            for pair, rank in _ranked(live, generation)[: max(limit, PAGE)]
        ]
        warnings: tuple[Warned, ...] = ()
        if card is not None:
            people_seen = {each: person(cases[each], photos.get(each, []), faces.get(each, [])) for each in cases}
            own = people_seen[case_id]
            warnings = warnings_of(card, own, Person())
            views = [replace(view, warnings=warnings_of(card, own, people_seen[view.case.case_id])) for view in views]
        views.sort(key=lambda view: (view.rank is None, view.rank or 0, view.pair.pair_id))
        alarms = None
        came_to = None if run is None else outcome(view.evidence if view.rank is not None else None for view in views)
        if not sees_scores(actor, judged=False):
            run = replace(run, list=()) if run is not None else None
            came_to = None if run is None else outcome(None for _ in views)
        elif calibration is not None:
            alarms = calibration.expected_false_alarms(calibration.floor, people)
        return CandidateList(run, alarms, came_to, tuple(views[:limit]), warnings)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two people of a pair, with the photos that show how old they were."""

    case: Case
    photos: Sequence[Photo]

    def years(self) -> list[int]:
        """The years in which the photos with the face were taken, or at the latest, as far as they are known."""
        enrolled = [photo for photo in self.photos if photo.analysis is Analysis.ENROLLED]
        return [when.year for photo in enrolled if (when := taken_by(photo, self.case)) is not None]

    def youngest_age(self) -> int | None:
        """The lowest age that anything written down allows the person in any of the photos, or on the day the case was opened;
        0 where the form calls the person a child."""
        said, form = self.case.description, None if self.case.child_said is False else 0
        ages = [youngest_age(self.case), said.age_min, said.age_max, form, *map(self._age_in, self.photos)]
        return min((age for age in ages if age is not None), default=None)

    def _age_in(self, photo: Photo) -> int | None:
        if photo.age_in_photo is not None:
            return photo.age_in_photo
        when = taken_by(photo, self.case)
        return None if when is None else youngest_age(self.case, when.earliest)


def guarded(one: Side, other: Side) -> bool:
    """Whether their faces alone may say no more than moderate: where either may be a child, where nothing is known of an age,
    and where all photos lie years apart."""
    ages = (one.youngest_age(), other.youngest_age())
    youngest = None if None in ages else min(age for age in ages if age is not None)
    gaps = [abs(mine - theirs) for mine in one.years() for theirs in other.years()]
    return is_guarded(youngest, min(gaps, default=None))


def evidence_of(calibration: Calibration | None, pair: Pair, one: Side, other: Side, people: int) -> Evidence | None:
    """What the score of a pair is worth in a gallery of so many people, held back where it is ``guarded``; None without a
    score, or a calibration of the encoder."""
    return None if pair.score is None else weigh(pair.score, calibration, people, guarded(one, other))


def _view(
    actor: Actor,
    pair: Pair,
    rank: int | None,
    judged: bool,
    calibration: Calibration | None,
    one: Side,
    other: Side,
    people: int,
) -> CandidateView:
    shown = shown_pair(actor, pair, judged)
    if judges_blind(actor, judged):
        return CandidateView(shown, other.case, None, None, None)
    if not sees_scores(actor, judged):
        return CandidateView(shown, other.case, rank, None, None)
    evidence = evidence_of(calibration, pair, one, other, people) if rank is not None else None
    return CandidateView(shown, other.case, rank, pair.score, evidence)


def _ranked(pairs: list[Pair], generation: Generation) -> list[tuple[Pair, int | None]]:
    scores = {each.pair_id: each.score for each in pairs if each.generation_id == generation.generation_id}
    scored = {pair_id: score for pair_id, score in scores.items() if score is not None}
    comparable = sorted(
        (pair for pair in pairs if pair.pair_id in scored), key=lambda pair: (-scored[pair.pair_id], pair.pair_id)
    )
    ranked: list[tuple[Pair, int | None]] = [(pair, rank) for rank, pair in enumerate(comparable, start=1)]
    others = sorted((pair for pair in pairs if pair.pair_id not in scored), key=lambda pair: pair.pair_id)
    return ranked + [(pair, None) for pair in others]
