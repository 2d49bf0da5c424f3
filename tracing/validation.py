"""Is a generation as good as the one in use: complete, able to find itself, and true to every match that people confirmed?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

import numpy as np

from tracing.access import Permission, require
from tracing.domain import Actor, CaseKind, Collection, Generation, Pair, PairState
from tracing.errors import Invalid, UnreadablePhoto
from tracing.evaluation.identification import Figures, Photos, figures, search, split, strangers_among
from tracing.gallery import Gallery
from tracing.ports import Clock, Examiner, RecordStore
from tracing.records import Records
from tracing.vectors import unit

SAMPLE: Final = 500
"""Templates that are searched for by themselves, evenly out of all."""
AGREED: Final = (PairState.CONFIRMED, PairState.VERIFIED, PairState.REUNITED)
RATE: Final = 0.01
"""False positive identification rate at which misses are counted on a validation set."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was seen of a generation, kept with it.

    ``found_themselves`` of ``searched`` templates stand first on their own list. Of the ``matches`` that people confirmed, both
    of whom have a template, ``listed`` would be on the list of candidates, and ``listed_now`` are so in the active generation.
    ``on_photos`` is about labelled photos that the operator named.
    """

    made_at: str
    faces: int
    encoded: int
    searched: int
    found_themselves: int
    index_recall: dict[str, float | None]
    matches: int
    listed: int
    listed_now: int
    lost: tuple[str, ...]
    on_photos: Figures | None = None

    @property
    def problems(self) -> list[str]:
        """In words; empty where nothing speaks against the generation."""
        found = []
        if self.encoded < self.faces:
            found.append(f"{self.faces - self.encoded} faces are not encoded yet; run the backfill")
        if self.found_themselves < self.searched:
            found.append(f"{self.searched - self.found_themselves} of {self.searched} templates do not find themselves")
        if self.lost:
            found.append(f"{len(self.lost)} confirmed matches would not be listed any more: {', '.join(self.lost)}")
        return found


class Validation:
    """``make_gallery`` makes a new gallery of an encoder, so that nothing of the service in use is touched; ``listed`` is the
    length of a list of candidates."""

    def __init__(
        self, store: RecordStore, examiner: Examiner, make_gallery: Callable[[str], Gallery], clock: Clock, listed: int
    ) -> None:
        self._store = store
        self._examiner = examiner
        self._make_gallery = make_gallery
        self._clock = clock
        self._listed = listed

    def verify(
        self,
        actor: Actor,
        generation_id: str,
        photos: Sequence[tuple[str, Callable[[], bytes]]] = (),
        report: Callable[[str], object] = lambda _: None,
    ) -> Report:
        """Look at a generation and keep what was seen with it. Safe beside a running service, and to repeat.

        ``photos`` are labelled: the person, and what reads the photo when its turn comes, for all of them may be more than the
        memory holds. ``report`` hears what is being done.
        """
        require(actor, Permission.OPERATE)
        with self._store.reading() as records:
            generation, active = records.generations.get(generation_id), records.generations.active()
            report("filling the gallery")
            gallery = self._filled(records, generation)
            current = gallery if generation == active else self._filled(records, active)
            report("searching templates by themselves")
            searched, found = _self_search(records, gallery, self._listed)
            report("replaying confirmed matches")
            pairs = records.pairs.in_states(AGREED)
            there = {pair.pair_id: _is_listed(records, gallery, pair, self._listed) for pair in pairs}
            now = {pair.pair_id: _is_listed(records, current, pair, self._listed) for pair in pairs}
            faces, encoded = records.faces.count_of_interest(), records.faces.count_templates(generation.encoder_id)
        on_photos = self._on_photos(generation.encoder_id, photos, report) if photos else None
        seen = Report(
            made_at=self._clock().isoformat(),
            faces=faces,
            encoded=encoded,
            searched=searched,
            found_themselves=found,
            index_recall={str(collection): gallery.recall(collection) for collection in Collection},
            matches=sum(listed is not None for listed in there.values()),
            listed=sum(bool(listed) for listed in there.values()),
            listed_now=sum(bool(listed) for listed in now.values()),
            lost=tuple(sorted(key for key, listed in there.items() if listed is False and now[key])),
            on_photos=on_photos,
        )
        with self._store.transaction() as records:
            kept = asdict(seen) | {"problems": seen.problems, "lost": list(seen.lost)}
            generation = records.generations.get(generation_id)
            records.generations.save(replace(generation, report={**generation.report, **kept}))
            records.audit.append(actor, "verify_generation", generation_id, {"problems": len(seen.problems)})
        return seen

    def _filled(self, records: Records, generation: Generation) -> Gallery:
        gallery = self._make_gallery(generation.encoder_id)
        gallery.refresh(records)
        gallery.finish()
        return gallery

    def _on_photos(
        self, encoder_id: str, photos: Sequence[tuple[str, Callable[[], bytes]]], report: Callable[[str], object]
    ) -> Figures:
        people, vectors = [], []
        for number, (person, read) in enumerate(photos, 1):
            report(f"encoding labelled photos, {number} of {len(photos)}")
            try:
                seen = self._examiner.examine(read(), [encoder_id])
            except UnreadablePhoto:
                continue
            people.append(person)
            vectors.append(None if seen.subject is None else seen.faces[seen.subject].vectors[encoder_id])
        found = next((vector for vector in vectors if vector is not None), None)
        if found is None:
            raise Invalid("In none of the labelled photos a face was found.", "photos")
        nothing = np.full_like(found, np.nan)
        templates = np.stack([nothing if vector is None else vector for vector in vectors])
        labelled = Photos(np.array(people), templates, np.arange(len(people), dtype=np.float64))
        return figures(search(labelled, split(labelled, strangers_among(labelled))), RATE, self._listed)


def _self_search(records: Records, gallery: Gallery, listed: int) -> tuple[int, int]:
    """How many templates were searched for by themselves, and how many stood first, others with the same score beside them."""
    searched = found = 0
    step = max(1, records.gallery.head() // SAMPLE)
    after = 0
    while changes := records.gallery.changes(gallery.encoder_id, after, 1):
        (change,) = changes
        after = max(change.seq, after + step - 1)
        if change.collection is None or change.vector is None:
            continue
        hits = gallery.probe(change.vector[np.newaxis], (change.collection,), listed)[change.collection]
        searched += 1
        found += any(hit.case_id == change.case_id and hit.score >= hits[0].score for hit in hits)
    return searched, found


def _is_listed(records: Records, gallery: Gallery, pair: Pair, listed: int) -> bool | None:
    """Whether a search for one of the two would list the other among those that are in the galleries now.

    Those who were found have left the galleries, so the place that the other one would have is counted. None without templates.
    """
    own, other = (
        [template.vector for template in records.faces.templates(case_id, gallery.encoder_id)] for case_id in pair.case_ids
    )
    if not own or not other:
        return None
    probe = np.stack(own)
    score = float((unit(probe) @ unit(np.stack(other)).T).max())
    lists = gallery.probe(probe, _beside(records, pair.case_ids[1]), listed, pair.case_ids[0])
    above = sum(hit.score > score and hit.case_id not in pair.case_ids for hits in lists.values() for hit in hits)
    return above < listed


def _beside(records: Records, case_id: str) -> tuple[Collection, ...]:
    """Where those stand among whom this case would be listed."""
    missing = records.cases.get(case_id).kind is CaseKind.MISSING
    return (Collection.MISSING,) if missing else (Collection.IN_CARE, Collection.PAST)
