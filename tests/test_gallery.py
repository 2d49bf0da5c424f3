"""1:N search, and the gallery as a pure function of the records."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.factories import ENCODER, a_vector
from tracing import gallery as gallery_module
from tracing.domain import Collection, GalleryChange, Hit, Vector
from tracing.errors import Damaged, Invalid, Unavailable
from tracing.gallery import Galleries, Gallery
from tracing.index.exact import ExactIndex
from tracing.places import CaseHit, Probe
from tracing.ports import Metric, VectorIndex
from tracing.records import Records

MISSING, IN_CARE, PAST = Collection.MISSING, Collection.IN_CARE, Collection.PAST
DIMENSION = 8


@dataclass
class Log:
    """A record store that holds nothing but the changes of galleries, as ``GalleryRecords.changes`` promises them."""

    latest: dict[tuple[str, int], GalleryChange] = field(default_factory=dict)
    fails_after: int | None = None
    """How many further reads succeed."""
    _seq: int = 0

    @property
    def gallery(self) -> Log:
        return self

    @property
    def records(self) -> Records:
        return cast(Records, self)

    def move(
        self,
        template_id: int,
        collection: Collection | None,
        case_id: str = "",
        vector: Vector | None = None,
        encoder: str = ENCODER,
    ) -> None:
        self._seq += 1
        if vector is None and collection is not None:
            vector = a_vector(template_id)
        change = GalleryChange(self._seq, template_id, collection, case_id or f"case-{template_id}", vector)
        if collection is None:
            change = replace(change, case_id=None, vector=None)
        self.latest[(encoder, template_id)] = change

    def changes(self, encoder_id: str, after: int, limit: int, vectors: bool = True) -> list[GalleryChange]:
        if self.fails_after is not None:
            self.fails_after -= 1
            if self.fails_after < 0:
                raise OSError("the database went away")
        own = [change for (encoder, _), change in self.latest.items() if encoder == encoder_id and change.seq > after]
        return sorted(own, key=lambda change: change.seq)[:limit]


class FragileIndex(ExactIndex):
    """Breaks once in the middle of a change when told to."""

    break_next_add = False

    def add(self, ids: NDArray[np.int64], vectors: Vector) -> None:
        if FragileIndex.break_next_add:
            FragileIndex.break_next_add = False
            raise MemoryError
        super().add(ids, vectors)


def exact(_: Collection) -> VectorIndex:
    return ExactIndex(DIMENSION, Metric.COSINE)


def near(seed: int, toward: int, share: float = 0.1) -> Vector:
    """A vector close to that of ``toward``."""
    mixed = a_vector(toward) + share * a_vector(seed)
    return np.asarray(mixed / np.linalg.norm(mixed), dtype=np.float32)


def probe(seed: int) -> Vector:
    return a_vector(seed)[np.newaxis]


def cases(hits: Sequence[CaseHit]) -> list[str]:
    return [hit.case_id for hit in hits]


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def gallery() -> Gallery:
    return Gallery(ENCODER, exact)


def test_an_enrolled_face_is_found_in_its_collection_only(log: Log, gallery: Gallery) -> None:
    log.move(1, MISSING)
    assert gallery.refresh(log.records) == 1
    found = gallery.probe(probe(1), Collection, limit=5)
    assert found == {MISSING: [CaseHit("case-1", 1, pytest.approx(1.0))], IN_CARE: [], PAST: []}


def test_only_the_collections_asked_for_are_searched(log: Log, gallery: Gallery) -> None:
    log.move(1, MISSING)
    gallery.refresh(log.records)
    assert gallery.probe(probe(1), [IN_CARE, PAST], limit=5) == {IN_CARE: [], PAST: []}


def test_a_template_that_moves_is_found_at_its_new_place_only(log: Log, gallery: Gallery) -> None:
    log.move(1, IN_CARE)
    gallery.refresh(log.records)
    log.move(1, PAST)
    assert gallery.refresh(log.records) == 1
    assert gallery.snapshot() == {1: PAST}
    assert gallery.probe(probe(1), [IN_CARE], limit=5) == {IN_CARE: []}
    assert (gallery.size(IN_CARE), gallery.people(IN_CARE), gallery.size(PAST), gallery.people(PAST)) == (0, 0, 1, 1)


def test_an_erased_template_is_found_nowhere(log: Log, gallery: Gallery) -> None:
    log.move(1, MISSING)
    gallery.refresh(log.records)
    log.move(1, None)
    gallery.refresh(log.records)
    assert gallery.snapshot() == {}
    assert gallery.probe(probe(1), Collection, limit=5) == {collection: [] for collection in Collection}


def test_what_left_before_the_first_refresh_never_appears(log: Log, gallery: Gallery) -> None:
    log.move(1, MISSING)
    log.move(1, None)
    log.move(2, MISSING)
    gallery.refresh(log.records)
    assert gallery.snapshot() == {2: MISSING}


def test_a_refresh_without_news_moves_nothing(log: Log, gallery: Gallery) -> None:
    log.move(1, MISSING)
    gallery.refresh(log.records)
    assert gallery.refresh(log.records) == 0


def test_another_encoder_s_templates_stay_out(log: Log, gallery: Gallery) -> None:
    log.move(1, MISSING, encoder="another")
    assert gallery.refresh(log.records) == 0


def test_changes_are_read_in_batches(log: Log, gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_module, "BATCH", 4)
    for template_id in range(10):
        log.move(template_id, MISSING)
    assert gallery.refresh(log.records) == 10
    for template_id in range(10):
        log.move(template_id, PAST)
    assert gallery.refresh(log.records) == 10
    assert (gallery.size(MISSING), gallery.size(PAST)) == (0, 10)


def test_one_person_with_fifty_photos_does_not_crowd_out_the_others(log: Log, gallery: Gallery) -> None:
    for template_id in range(1, 51):
        log.move(template_id, MISSING, case_id="famous", vector=near(template_id, toward=1000))
    for template_id in range(51, 61):
        log.move(template_id, MISSING, vector=near(template_id, toward=1000, share=1.0))
    gallery.refresh(log.records)
    found = gallery.probe(probe(1000), [MISSING], limit=6)[MISSING]
    assert len(found) == 6
    assert cases(found)[0] == "famous"
    assert len(set(cases(found))) == 6


def test_fifty_own_photos_do_not_crowd_out_the_others(log: Log, gallery: Gallery) -> None:
    for template_id in range(1, 51):
        log.move(template_id, IN_CARE, case_id="own", vector=near(template_id, toward=1000))
    log.move(99, IN_CARE, case_id="other")
    gallery.refresh(log.records)
    assert cases(gallery.probe(probe(1000), [IN_CARE], limit=1, exclude_case="own")[IN_CARE]) == ["other"]


def test_a_case_counts_as_one_person_until_its_last_photo_is_gone(log: Log, gallery: Gallery) -> None:
    log.move(1, MISSING, case_id="one")
    log.move(2, MISSING, case_id="one")
    gallery.refresh(log.records)
    assert (gallery.size(MISSING), gallery.people(MISSING)) == (2, 1)
    log.move(1, None)
    gallery.refresh(log.records)
    assert (gallery.size(MISSING), gallery.people(MISSING)) == (1, 1)
    log.move(2, None)
    gallery.refresh(log.records)
    assert (gallery.size(MISSING), gallery.people(MISSING)) == (0, 0)


def test_equal_scores_are_ordered_by_case(log: Log, gallery: Gallery) -> None:
    """Also where the first ones by case are the last ones by template."""
    for template_id, case_id in enumerate([*"zyxwvutsr", "a", "b"], start=1):
        log.move(template_id, MISSING, case_id=case_id, vector=a_vector(7))
    gallery.refresh(log.records)
    assert cases(gallery.probe(probe(7), [MISSING], limit=2)[MISSING]) == ["a", "b"]


def test_of_equally_good_photos_of_a_case_the_first_is_named(log: Log, gallery: Gallery) -> None:
    axes = np.eye(2, DIMENSION, dtype=np.float32)
    log.move(1, MISSING, case_id="x", vector=axes[0])
    log.move(2, MISSING, case_id="x", vector=axes[1])
    gallery.refresh(log.records)
    assert gallery.probe(axes[::-1].copy(), [MISSING], limit=5)[MISSING] == [CaseHit("x", 1, 1.0)]


def test_the_best_of_all_probes_and_all_photos_counts(log: Log, gallery: Gallery) -> None:
    log.move(1, MISSING, case_id="x")
    log.move(2, MISSING, case_id="x")
    log.move(3, MISSING, case_id="y")
    gallery.refresh(log.records)
    found = gallery.probe(np.stack([a_vector(50), a_vector(2)]), [MISSING], limit=5)[MISSING]
    assert found[0] == CaseHit("x", 2, pytest.approx(1.0))
    expected = max(float(one @ a_vector(3)) for one in (a_vector(50), a_vector(2)))
    assert found[1] == CaseHit("y", 3, pytest.approx(expected, abs=1e-5))


def test_a_list_without_places_is_refused(log: Log, gallery: Gallery) -> None:
    with pytest.raises(Invalid):
        gallery.probe(probe(1), [MISSING], limit=0)


def test_a_failing_database_leaves_the_gallery_as_it_was(log: Log, gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_module, "BATCH", 2)
    for template_id in range(5):
        log.move(template_id, IN_CARE)
    gallery.refresh(log.records)
    for template_id in range(5):
        log.move(template_id, PAST)
    log.fails_after = 2
    with pytest.raises(OSError, match="went away"):
        gallery.refresh(log.records)
    assert gallery.snapshot() == dict.fromkeys(range(5), IN_CARE)
    log.fails_after = None
    assert gallery.refresh(log.records) == 5
    assert gallery.snapshot() == dict.fromkeys(range(5), PAST)


def test_a_first_filling_that_fails_leaves_an_empty_gallery_that_fills_later(
    log: Log, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery_module, "BATCH", 2)
    for template_id in range(5):
        log.move(template_id, IN_CARE)
    log.fails_after = 1
    with pytest.raises(OSError, match="went away"):
        gallery.refresh(log.records)
    assert gallery.snapshot() == {}
    log.fails_after = None
    assert gallery.refresh(log.records) == 5


def test_a_gallery_interrupted_in_a_change_is_not_searched_until_it_is_filled_anew(log: Log) -> None:
    gallery = Gallery(ENCODER, lambda _: FragileIndex(DIMENSION, Metric.COSINE))
    log.move(1, IN_CARE)
    log.move(2, IN_CARE)
    gallery.refresh(log.records)
    log.move(1, PAST)
    FragileIndex.break_next_add = True
    with pytest.raises(MemoryError):
        gallery.refresh(log.records)
    with pytest.raises(Unavailable):
        gallery.probe(probe(1), [PAST], limit=1)
    with pytest.raises(Unavailable):
        gallery.snapshot()
    assert gallery.refresh(log.records) == 2
    assert gallery.snapshot() == {1: PAST, 2: IN_CARE}


@pytest.mark.parametrize(
    "vector",
    [np.full(DIMENSION, np.nan, dtype=np.float32), np.zeros(DIMENSION, dtype=np.float32), np.ones(3, dtype=np.float32)],
    ids=["NaN", "zero", "another length"],
)
def test_a_template_that_cannot_be_compared_is_damage_and_is_not_passed_over(
    log: Log, gallery: Gallery, vector: Vector
) -> None:
    log.move(1, MISSING)
    log.move(2, MISSING, vector=vector)
    with pytest.raises(Damaged):
        gallery.refresh(log.records)


def test_a_place_without_a_vector_is_damage(log: Log, gallery: Gallery) -> None:
    log.latest[(ENCODER, 1)] = GalleryChange(1, 1, MISSING, "case-1", None)
    with pytest.raises(Damaged):
        gallery.refresh(log.records)


moves = st.tuples(st.integers(1, 12), st.sampled_from([*Collection, None]), st.integers(1, 4))
refresh = st.just("refresh")


@settings(max_examples=150)
@given(steps=st.lists(moves | refresh, max_size=40), exclude=st.integers(0, 4), limit=st.integers(1, 6))
def test_after_any_changes_a_gallery_equals_one_filled_from_scratch(steps: list[Any], exclude: int, limit: int) -> None:
    log, kept = Log(), Gallery(ENCODER, exact)
    expected: dict[int, tuple[Collection, str]] = {}
    for step in steps:
        if step == "refresh":
            kept.refresh(log.records)
            continue
        template_id, collection, case = step
        log.move(template_id, collection, case_id=f"case-{case}")
        expected.pop(template_id, None)
        if collection is not None:
            expected[template_id] = (collection, f"case-{case}")
    kept.refresh(log.records)
    fresh = Gallery(ENCODER, exact)
    fresh.refresh(log.records)
    assert kept.snapshot() == fresh.snapshot() == {name: collection for name, (collection, _) in expected.items()}
    for collection in Collection:
        people = {case_id for place, case_id in expected.values() if place is collection}
        assert kept.people(collection) == fresh.people(collection) == len(people)
        assert kept.size(collection) == fresh.size(collection) == sum(place is collection for place, _ in expected.values())
    probes = np.stack([a_vector(100), a_vector(101)])
    found = kept.probe(probes, Collection, limit, f"case-{exclude}")
    assert found == fresh.probe(probes, Collection, limit, f"case-{exclude}")
    for collection, hits in found.items():
        assert hits == [_close(hit) for hit in _by_hand(expected, collection, probes, f"case-{exclude}")[:limit]]


def _by_hand(places: dict[int, tuple[Collection, str]], collection: Collection, probes: Vector, exclude: str) -> list[CaseHit]:
    best: dict[str, CaseHit] = {}
    for template_id, (place, case_id) in sorted(places.items()):
        score = float((probes @ a_vector(template_id)).max())
        if place is collection and case_id != exclude and (case_id not in best or score > best[case_id].score):
            best[case_id] = CaseHit(case_id, template_id, score)
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.case_id))


def _close(hit: CaseHit) -> CaseHit:
    return replace(hit, score=pytest.approx(hit.score, abs=1e-5))


def test_a_search_never_sees_half_a_refresh(log: Log, gallery: Gallery) -> None:
    """Thirty templates move together, again and again, while others search: each search finds all or none of them."""
    group = range(1, 31)
    for template_id in group:
        log.move(template_id, IN_CARE)
    gallery.refresh(log.records)
    seen: list[tuple[int, int]] = []
    problems: list[BaseException] = []
    done = threading.Event()

    def search() -> None:
        try:
            while not done.is_set():
                found = gallery.probe(probe(5), [IN_CARE, PAST], limit=100)
                seen.append((len(found[IN_CARE]), len(found[PAST])))
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(60):
        for template_id in group:
            log.move(template_id, PAST if turn % 2 == 0 else IN_CARE)
        gallery.refresh(log.records)
    done.set()
    for thread in threads:
        thread.join(timeout=30)
    assert problems == []
    assert seen
    assert set(seen) <= {(30, 0), (0, 30)}


def test_refreshes_at_the_same_time_do_not_lose_or_double_anything(log: Log, gallery: Gallery) -> None:
    problems: list[BaseException] = []

    def refresh_often() -> None:
        try:
            for _ in range(30):
                gallery.refresh(frozen.records)
        except BaseException as problem:
            problems.append(problem)

    for template_id in range(100):
        log.move(template_id, MISSING, case_id=f"case-{template_id // 2}")
    frozen = Log(latest=dict(log.latest))
    threads = [threading.Thread(target=refresh_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert problems == []
    assert (gallery.size(MISSING), gallery.people(MISSING)) == (100, 50)


def test_an_older_view_of_the_records_does_not_bring_anybody_back(log: Log, gallery: Gallery) -> None:
    log.move(1, MISSING)
    older = Log(latest=dict(log.latest))
    log.move(1, None)
    gallery.refresh(log.records)
    gallery.refresh(older.records)
    assert gallery.snapshot() == {}


def test_an_index_that_finds_less_than_asked_for_still_ends_the_search(log: Log) -> None:
    class Forgetful(ExactIndex):
        """As an approximate index may be: it never gives more than three."""

        def search(self, probes: Vector, limit: int, allow: NDArray[np.int64] | None = None) -> list[list[Hit]]:
            return super().search(probes, min(limit, 3), allow)

    gallery = Gallery(ENCODER, lambda _: Forgetful(DIMENSION, Metric.COSINE))
    for template_id in range(20):
        log.move(template_id, MISSING)
    gallery.refresh(log.records)
    assert len(gallery.probe(probe(1), [MISSING], limit=10)[MISSING]) == 3


def test_each_encoder_has_one_gallery_until_it_is_forgotten(log: Log) -> None:
    galleries = Galleries(lambda encoder_id: Gallery(encoder_id, exact))
    first = galleries.of(ENCODER)
    log.move(1, MISSING)
    first.refresh(log.records)
    assert galleries.of(ENCODER) is first
    assert galleries.of("another") is not first
    assert galleries.of("another").encoder_id == "another"
    galleries.forget(ENCODER)
    galleries.forget(ENCODER)
    again = galleries.of(ENCODER)
    assert again is not first
    again.refresh(log.records)
    assert again.snapshot() == first.snapshot() == {1: MISSING}


def test_threads_that_ask_at_once_get_the_same_gallery() -> None:
    def slowly(encoder_id: str) -> Gallery:
        time.sleep(0.02)
        return Gallery(encoder_id, exact)

    galleries = Galleries(slowly)
    got: list[Gallery] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait(timeout=10)
        got.append(galleries.of(ENCODER))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert len(got) == 8
    assert len(set(map(id, got))) == 1


@pytest.mark.parametrize("at_once", [64, 4])
def test_probed_together_everybody_gets_what_they_get_alone(
    log: Log, gallery: Gallery, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery_module, "AT_ONCE", at_once)
    for number in range(60):
        log.move(number, MISSING if number % 3 else PAST, f"case-{number // 4}", a_vector(number))
    gallery.refresh(log.records)
    probes = [Probe(np.stack([probe(seed)[0], probe(seed + 1)[0]]), f"case-{seed}") for seed in range(9)]
    together = gallery.probe_many(probes, (MISSING, PAST), 3)
    assert together == [gallery.probe(each.vectors, (MISSING, PAST), 3, each.exclude_case) for each in probes]
    assert gallery.probe_many([], (MISSING,), 3) == []
