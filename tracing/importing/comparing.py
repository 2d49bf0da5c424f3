"""Compare a list with all galleries without keeping it: each record is searched for, and nothing stays but whom it may be.

Nobody of the list becomes a case, is enrolled or is put into a pair. A hit is somebody whom chance alone would bring up for one
record in ten at most: of a list of thousands, as many as a search for one person lists would be more than anybody looks at.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

import numpy as np

from tracing.admission import Admission
from tracing.candidates import Side, guarded
from tracing.clues.explained import Strength
from tracing.clues.profile import Lexicon, profile
from tracing.clues.search import ClueSearch
from tracing.domain import (
    Analysis,
    Case,
    CaseState,
    Generation,
    ImportRun,
    ListHit,
    Photo,
    RefusedRow,
    Vector,
)
from tracing.errors import Busy, Conflict, Misconfigured, Refused
from tracing.evidence import Calibration, Evidence, weigh
from tracing.importing.columns import Column
from tracing.importing.drafts import Draft
from tracing.importing.jobs import ListJob, Sent
from tracing.importing.portions import Portion
from tracing.importing.runs import Runs
from tracing.importing.withholding import known
from tracing.likeness import LEAST, MOST_ALARMS
from tracing.matching import Compared, Matching
from tracing.opening import KEPT_OUT
from tracing.ports import Clock, Examination, Examiner, ImageReader, NewId, RecordStore
from tracing.records import Records

MOST_OF_A_RECORD: Final = 3
"""Hits by the face, and as many by what is written: whoever looks has to look at few."""
MOST_PHOTOS: Final = 3
"""Photos of a record that are looked at."""
PORTRAIT: Final = 240
"""Pixels of the side of the portrait that a hit keeps until somebody has decided."""
AGAIN_S: Final = 0.5
NO_FACE: Final = "No face can be made out in the photo."
LIKE_KEPT_OUT: Final = (
    "The face may be somebody's who asked not to be searched, so nothing was searched. "
    "If it is somebody else, open a case for them by hand: a manager lets the photo in."
)
UNMEASURED: Final = (
    "What the scores of the encoder in use are worth was never measured: nobody could tell a hit from chance. "
    "Measure it (tracing evaluate), then compare."
)


@dataclass(slots=True)
class _Record:
    """A row on its way: as a case that is saved nowhere, what its photos showed, and what is wrong with them."""

    draft: Draft
    case: Case
    encoder_id: str
    vectors: list[Vector] = field(default_factory=list)
    portrait: bytes = b""
    photos: int = 0
    wrong: list[str] = field(default_factory=list)
    refused: str = ""
    here: bool = False


class Comparing(ListJob):
    """``at_once`` photos of a list are looked at beside each other, so that intakes find room."""

    together: ClassVar[int] = 20

    def __init__(
        self,
        store: RecordStore,
        runs: Runs,
        examiner: Examiner,
        reader: ImageReader,
        matching: Matching,
        clue_search: ClueSearch,
        lexicon: Callable[[], Lexicon],
        admission: Admission,
        calibration_of: Callable[[Generation], Calibration | None],
        clock: Clock,
        new_id: NewId,
        at_once: int = 1,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(store, runs, clock)
        self._examiner = examiner
        self._reader_of_photos = reader
        self._matching = matching
        self._clue_search = clue_search
        self._lexicon = lexicon
        self._admission = admission
        self._calibration_of = calibration_of
        self._new_id = new_id
        self._at_once = at_once
        self._pause = pause

    def _portion(self, sent: Sent, run: ImportRun, portion: Portion) -> ImportRun:
        try:
            found, hits = self._compared(sent, run, portion.drafts)
        except Conflict:  # another encoder has come into use since the photos were looked at
            found, hits = self._compared(sent, run, portion.drafts)
        try:
            return self._kept(sent, run, portion, found, hits)
        except Conflict:  # a case that was found is gone since
            return self._kept(sent, run, portion, found, hits)

    def _compared(self, sent: Sent, run: ImportRun, drafts: Sequence[Draft]) -> tuple[list[_Record], list[ListHit]]:
        found = self._looked_at(sent, drafts)
        return found, self._hits(sent, run, [each for each in found if not (each.refused or each.here)])

    def _looked_at(self, sent: Sent, drafts: Sequence[Draft]) -> list[_Record]:
        """Each record with the templates of its photos, unless it is a case here, or may not be searched for."""
        now, plan = self._clock(), sent.plan
        sources = {draft.source_id: draft.source(plan.source) for draft in drafts}
        with self._store.reading() as records:
            here = known(records, plan.source, drafts)
            kept_out = records.keepouts.kept_out(sources.values(), now)
            encoders = self._encoders(records)
        found = []
        for draft in drafts:
            case = Case(
                case_id=self._new_id(),
                reference="",
                kind=draft.kind,
                state=CaseState.OPEN,
                station_id=sent.actor.station_id,
                legal_basis=plan.legal_basis,
                opened_at=now,
                opened_by=sent.actor.account_id,
                description=draft.description,
            )
            refused = KEPT_OUT if sources[draft.source_id] in kept_out else ""
            found.append(_Record(draft, case, encoders[0], here=draft.source_id in here, refused=refused))
        with ThreadPoolExecutor(self._at_once, "list") as pool:
            waiting = [each for each in found if not (each.refused or each.here)]
            for _ in pool.map(lambda each: self._examine(sent, each, encoders), waiting):
                pass
        return found

    def _encoders(self, records: Records) -> list[str]:
        """The one in use first, then those by which somebody is kept out."""
        generation = records.generations.active()
        if self._calibration_of(generation) is None:
            raise Misconfigured(UNMEASURED)
        return [generation.encoder_id, *(each for each in self._admission.encoders(records) if each != generation.encoder_id)]

    def _examine(self, sent: Sent, record: _Record, encoders: Sequence[str]) -> None:
        """A photo that shows nobody in particular, or cannot be read, is told and does no more harm."""
        paths, mistakes = sent.whose.of(record.draft.own_number, record.draft.photos)
        record.wrong += mistakes
        for path in paths[:MOST_PHOTOS]:
            assert sent.photos is not None  # noqa: S101 -- for the type checker
            record.photos += 1
            try:
                data = sent.photos.read(path)
                seen = self._seen(data, encoders)
            except Refused as error:
                record.wrong.append(str(error))
                continue
            if seen.subject is None:
                record.wrong.append(NO_FACE)
                continue
            face = seen.faces[seen.subject]
            with self._store.reading() as records:
                if self._admission.resembles(records, face.vectors):
                    record.refused = LIKE_KEPT_OUT
                    return
            record.vectors.append(face.vectors[encoders[0]])
            record.portrait = record.portrait or self._portrait(data, seen)

    def _seen(self, data: bytes, encoders: Sequence[str]) -> Examination:
        """Waits for its turn as long as others bring photos."""
        while True:
            try:
                return self._examiner.examine(data, encoders)
            except Busy:
                self._pause(AGAIN_S)

    def _portrait(self, data: bytes, seen: Examination) -> bytes:
        assert seen.subject is not None  # noqa: S101 -- for the type checker
        try:
            return self._reader_of_photos.portrait(data, seen.faces[seen.subject].detection.landmarks, PORTRAIT)
        except Refused:
            return self._reader_of_photos.thumbnail(data, PORTRAIT)

    def _hits(self, sent: Sent, run: ImportRun, found: Sequence[_Record]) -> list[ListHit]:
        """By the face and by what is written; a case that both bring is one hit."""
        by_face = self._by_face(sent, run, [each for each in found if each.vectors])
        hits = []
        for record in found:
            alike, agreeing = by_face.get(record.case.case_id, {}), self._by_words(record.case)
            hits += [
                ListHit(
                    hit_id=self._new_id(),
                    run_id=run.run_id,
                    case_id=case_id,
                    station_id=run.station_id,
                    found_at=self._clock(),
                    source=run.source,
                    source_id=record.draft.source_id,
                    row=record.draft.row,
                    kind=record.case.kind,
                    band=str(alike[case_id].band) if case_id in alike else "",
                    reasons=agreeing.get(case_id, ()),
                )
                for case_id in {**alike, **agreeing}
            ]
        return hits

    def _by_face(self, sent: Sent, run: ImportRun, found: Sequence[_Record]) -> dict[str, dict[str, Evidence]]:
        """The record's id -> case_id -> what the face says, for those that are more than chance."""
        if not found:
            return {}
        vectors = [np.stack(each.vectors) for each in found]
        cases_of_list = [each.case for each in found]
        compared = self._matching.compare(sent.actor, run.run_id, cases_of_list, vectors, found[0].encoder_id)
        with self._store.reading() as records:
            ids = {line.case_id for lines in compared.found.values() for line in lines}
            cases, photos = records.cases.by_ids(ids), records.photos.of_cases(ids)
        sides = {case_id: Side(case, photos.get(case_id, [])) for case_id, case in cases.items()}
        return {each.case.case_id: self._worth_telling(compared, each.case, sides) for each in found}

    def _worth_telling(self, compared: Compared, own: Case, sides: Mapping[str, Side]) -> dict[str, Evidence]:
        """A photo of a list has no date: it counts as one that came to a case today."""
        photo = Photo("", own.case_id, "", "", received_at=own.opened_at, analysis=Analysis.ENROLLED)
        mine, calibration = Side(own, [photo]), self._calibration_of(compared.generation)
        told: dict[str, Evidence] = {}
        for line in compared.found.get(own.case_id, ()):
            if line.veto or line.case_id not in sides or len(told) == MOST_OF_A_RECORD:
                continue
            evidence = weigh(line.score, calibration, compared.people, guarded(mine, sides[line.case_id]))
            if evidence is not None and evidence.log10_lr >= LEAST and evidence.expected_false_alarms <= MOST_ALARMS:
                told[line.case_id] = evidence
        return told

    def _by_words(self, own: Case) -> dict[str, tuple[str, ...]]:
        """case_id -> in what the two agree and differ, each with how much it says; no word of either."""
        with self._store.reading() as records:
            said = profile(own, (), self._lexicon())
            found = self._clue_search.look(records, said, MOST_OF_A_RECORD, by_chance=MOST_ALARMS)
        found.sort(key=lambda each: -each.evidence.weight)
        return {
            each.case.case_id: tuple(f"{line.topic}.{line.reason}.{Strength.of(line.weight)}" for line in each.evidence.lines)
            for each in found[:MOST_OF_A_RECORD]
        }

    def _kept(
        self, sent: Sent, run: ImportRun, portion: Portion, found: Sequence[_Record], hits: Sequence[ListHit]
    ) -> ImportRun:
        portraits = {each.draft.row: each.portrait for each in found if each.portrait}
        refused = [*portion.refused, *(RefusedRow("", each.draft.row, "", each.refused) for each in found if each.refused)]
        photos = [RefusedRow("", each.draft.row, Column.PHOTOS, text) for each in found for text in dict.fromkeys(each.wrong)]
        with self._store.transaction() as records:
            there = records.cases.collections({hit.case_id for hit in hits})
            standing = [hit for hit in hits if there.get(hit.case_id) is not None]
            new = records.hits.put(standing, {hit.hit_id: portraits[hit.row] for hit in standing if hit.row in portraits})
            for hit in standing:
                if hit.hit_id in new:
                    records.audit.append(sent.actor, "list_hit", hit.case_id, {"run_id": run.run_id, "hit_id": hit.hit_id})
            records.imports.refuse([replace(row, run_id=run.run_id) for row in (*refused, *photos)])
            became = Counter(map(_became, found))
            return self._count(
                records,
                run,
                portion,
                **{name: became[name] for name in ("compared", "without_face", "here")},
                refused=len({row.row for row in refused}),
                photos=sum(each.photos for each in found),
                found=len(new),
                again=len(standing) - len(new),
            )


def _became(record: _Record) -> str:
    if record.refused:
        return "refused"
    if record.here:
        return "here"
    return "compared" if record.vectors else "without_face"
