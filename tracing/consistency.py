"""Hold files, rows, templates, galleries and the audit chain against each other, and name every contradiction."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from tracing.domain import Collection, Event, HandedPhoto
from tracing.errors import Damaged, NotFound, TracingError
from tracing.gallery import ERASED, Gallery
from tracing.ports import PhotoStore, RecordStore
from tracing.records import Records

PAGE: Final = 5000

LEDGER: Final = {"open_case": "cases", "add_photo": "photos", "judge_pair": "decisions", "add_account": "accounts"}
"""What the audit says was created has a row, unless its erasure was audited too."""
_NAMED_IN_DETAIL: Final = {"add_photo": "photo_id", "judge_pair": "decision_id"}


class Fault(StrEnum):
    FILE_WITHOUT_ROW = "file_without_row"
    ROW_WITHOUT_FILE = "row_without_file"
    FILE_DAMAGED = "file_damaged"
    ORPHAN = "orphan"
    ROW_MISSING = "row_missing"
    PHOTO_WITHOUT_FACE = "photo_without_face"
    FACE_WITHOUT_TEMPLATE = "face_without_template"
    TEMPLATE_OF_BYSTANDER = "template_of_bystander"
    GALLERY_DIFFERS = "gallery_differs"
    CASE_UNSEARCHED = "case_unsearched"
    PAIR_MISSING = "pair_missing"
    MATCH_OUT_OF_STEP = "match_out_of_step"
    GUARD_OUT_OF_STEP = "guard_out_of_step"
    CHILD_OUT_OF_STEP = "child_out_of_step"
    CLUE_KEYS_DIFFER = "clue_keys_differ"
    CLUE_LEFT_BEHIND = "clue_left_behind"
    CLUE_OUT_OF_LINE = "clue_out_of_line"
    PAIR_UNSUPPORTED = "pair_unsupported"
    AUDIT_BROKEN = "audit_broken"
    AUDIT_ROWS_LOST = "audit_rows_lost"
    ERASED_UNREADABLE = "erased_unreadable"


@dataclass(frozen=True, slots=True)
class Finding:
    """``subject`` names the file, row or event; ``message`` says what contradicts what."""

    fault: Fault
    subject: str
    message: str


class Consistency:
    """``make_galleries`` makes new, empty galleries of an encoder, by what they are filled from: the changes in the records,
    and what was kept on disk where there is something; ``verify_chain`` names the first audit row that does not fit, or None;
    ``is_kept`` tells whether what a case is found by is what it says; ``unreadable`` names the lines of the lists of erased
    people that cannot be read.
    """

    def __init__(
        self,
        store: RecordStore,
        photos: PhotoStore,
        make_galleries: Callable[[str], Mapping[str, Gallery]],
        verify_chain: Callable[[Iterable[Event], tuple[int, str]], int | None],
        is_kept: Callable[[Records, str], bool],
        unreadable: Callable[[], Iterable[str]],
    ) -> None:
        self._is_kept = is_kept
        self._unreadable = unreadable
        self._store = store
        self._photos = photos
        self._make_galleries = make_galleries
        self._verify_chain = verify_chain

    def check(self, read_photos: bool = False, report: Callable[[str], None] = lambda _: None) -> list[Finding]:
        """Everything that contradicts something else; empty where all is well. Safe beside a running service.

        ``read_photos`` decrypts every photo and compares its digest as well. ``report`` hears what is being checked.
        """
        steps: dict[str, Callable[[], Iterator[Finding]]] = {
            "files": partial(self._files, read_photos),
            "rows": self._rows,
            "gallery": self._gallery,
            "searches": self._searches,
            "clues": self._clues,
            "audit": self._audit,
        }
        findings: list[Finding] = []
        for name, step in steps.items():
            report(name)
            findings.extend(step())
        return findings

    def _files(self, read_photos: bool) -> Iterator[Finding]:
        files = set(self._photos.keys())
        with self._store.reading() as records:
            rows, noted = records.photos.keys(), records.files.without_photo()
            handed = records.handed.by_key()
        # What is noted is being saved, or is cleared away by a worker.
        stray = files - rows.keys() - handed.keys() - noted
        if stray:  # or were they erased while we looked?
            stray &= set(self._photos.keys())
        for key in sorted(stray):
            yield Finding(Fault.FILE_WITHOUT_ROW, key, "A photo file belongs to no photo in the records.")
        for key in sorted(rows.keys() - files):
            yield from self._unread(key, rows[key])
        if read_photos:
            for key in sorted(rows.keys() & files):
                yield from self._unread(key, rows[key])
        yield from self._handed(handed, files, read_photos)

    def _handed(self, handed: Mapping[str, HandedPhoto], files: set[str], read_photos: bool) -> Iterator[Finding]:
        """Photos that families and informants have handed in, which belong to no case yet."""
        for key, photo in sorted(handed.items()):
            try:
                data = self._photos.get(key) if read_photos or key not in files else None
            except Damaged as error:
                yield Finding(Fault.FILE_DAMAGED, photo.handed_id, str(error))
            except NotFound:
                with self._store.reading() as records:
                    still = key in records.handed.by_key()
                if still:  # else it has just gone over to a case
                    yield Finding(Fault.ROW_WITHOUT_FILE, photo.handed_id, "The file of this photo is gone.")
            else:
                if data is not None and hashlib.sha256(data).hexdigest() != photo.sha256:
                    yield Finding(
                        Fault.FILE_DAMAGED, photo.handed_id, "The file of this photo is not the one that was uploaded."
                    )

    def _unread(self, key: str, photo_id: str) -> Iterator[Finding]:
        try:
            data = self._photos.get(key)
            with self._store.reading() as records:
                sha256 = records.photos.get(photo_id).sha256
        except Damaged as error:
            yield Finding(Fault.FILE_DAMAGED, photo_id, str(error))
        except NotFound:
            with self._store.reading() as records:
                if not records.integrity.missing("photos", [photo_id]):  # it may just have been erased
                    yield Finding(Fault.ROW_WITHOUT_FILE, photo_id, "The file of this photo is gone.")
        else:
            if hashlib.sha256(data).hexdigest() != sha256:
                yield Finding(Fault.FILE_DAMAGED, photo_id, "The file of this photo is not the one that was uploaded.")

    def _rows(self) -> Iterator[Finding]:
        with self._store.reading() as records:
            active = records.generations.active()
            integrity = records.integrity
            for table, key in integrity.orphans():
                yield Finding(Fault.ORPHAN, f"{table} {key}", "This row points to a row that is not there.")
            for photo_id in integrity.photos_without_their_faces():
                yield Finding(Fault.PHOTO_WITHOUT_FACE, photo_id, "The faces of this photo do not fit its analysis.")
            for face_id in integrity.faces_without_template(active.encoder_id):
                yield Finding(Fault.FACE_WITHOUT_TEMPLATE, face_id, f"This face has no template by {active.encoder_id}.")
            for template_id in integrity.templates_of_bystanders():
                yield Finding(Fault.TEMPLATE_OF_BYSTANDER, str(template_id), "This template's face is not the case's person.")
            for pair_id in integrity.matches_out_of_step():
                yield Finding(Fault.MATCH_OUT_OF_STEP, pair_id, "The state of this pair and the register of matches differ.")
            for case_id in integrity.matched_without_match():
                yield Finding(Fault.MATCH_OUT_OF_STEP, case_id, "This case is matched, and no match holds it.")
            for case_id in integrity.guards_out_of_step():
                yield Finding(Fault.GUARD_OUT_OF_STEP, case_id, "This case and its marks differ: may relatives be the danger?")
            for case_id in records.forms.unlike_their_cases():
                yield Finding(Fault.CHILD_OUT_OF_STEP, case_id, "This case and its form differ: is the person called a child?")

    def _gallery(self) -> Iterator[Finding]:
        with self._store.reading() as records:
            live = records.generations.live()
        for generation in live:
            for source, gallery in self._make_galleries(generation.encoder_id).items():
                try:
                    differing = self._differing(gallery)
                    if differing and gallery.shared:  # another process may have written on since the records were read
                        lasting = self._differing(gallery)
                        differing = {key: places for key, places in lasting.items() if key in differing}
                except TracingError as error:
                    yield Finding(Fault.GALLERY_DIFFERS, generation.generation_id, str(error))
                    continue
                for template_id, (wanted, there) in differing.items():
                    message = f"The records put this template into {wanted or 'no gallery'}, {source} into {there or 'none'}."
                    yield Finding(Fault.GALLERY_DIFFERS, str(template_id), message)

    def _differing(self, gallery: Gallery) -> dict[int, tuple[Collection | None, Collection | None]]:
        """Where the records put a template, and where it is, for those that are elsewhere; ascending."""
        with self._store.reading() as records:
            expected = {key: Collection(value) for key, value in records.gallery.expected(gallery.encoder_id).items()}
            gallery.refresh(records)
            found = gallery.snapshot()
        places = {key: (expected.get(key), found.get(key)) for key in sorted(expected.keys() | found.keys())}
        return {key: (wanted, there) for key, (wanted, there) in places.items() if wanted is not there}

    def _searches(self) -> Iterator[Finding]:
        with self._store.reading() as records:
            generation_id = records.generations.active().generation_id
            for case_id in records.integrity.unsearched(generation_id):
                yield Finding(Fault.CASE_UNSEARCHED, case_id, "This case was never searched in the active generation.")
            for run in records.pairs.latest_runs(generation_id):
                listed = [each.case_id for each in run.list if not each.veto and each.rank > 0]
                wanted = {(min(run.case_id, other), max(run.case_id, other)) for other in listed}
                for low, high in sorted(wanted - records.pairs.exist_between(wanted)):
                    yield Finding(
                        Fault.PAIR_MISSING, run.run_id, f"The pair of {low} and {high} is on this list, but has no row."
                    )

    def _clues(self) -> Iterator[Finding]:
        with self._store.reading() as records:
            integrity = records.integrity
            for clue_id in integrity.clues_out_of_line():
                yield Finding(Fault.CLUE_OUT_OF_LINE, clue_id, "Of this clue not the last version alone is the latest.")
            for case_id in integrity.clue_keys_left():
                yield Finding(Fault.CLUE_LEFT_BEHIND, case_id, "This case is not searched, and can be found by its clues.")
            for pair_id in integrity.clue_hits_left():
                yield Finding(Fault.CLUE_LEFT_BEHIND, pair_id, "Clues speak for this pair, of which a case is not searched.")
            for pair_id in integrity.unsupported():
                yield Finding(Fault.PAIR_UNSUPPORTED, pair_id, "This pair waits for review, and nothing speaks for it.")
            after = ""
            while page := records.clues.settled(after, PAGE):
                for case_id in page:
                    if not self._is_kept(records, case_id):
                        yield Finding(Fault.CLUE_KEYS_DIFFER, case_id, "What this case is found by is not what it says.")
                after = page[-1]

    def _audit(self) -> Iterator[Finding]:
        with self._store.reading() as records:
            if (bad := self._verify_chain(_events(records), records.audit.head())) is not None:
                yield Finding(Fault.AUDIT_BROKEN, str(bad), "From this row on the audit was altered, or rows are missing.")
            yield from _unledgered(records)
        for spool_id in self._store.spoiled(waiting=True):
            message = "Rows that waited for the audit do not open: who took somebody in, or looked at them, is not told."
            yield Finding(Fault.AUDIT_ROWS_LOST, spool_id, message)
        for line in self._unreadable():
            yield Finding(Fault.ERASED_UNREADABLE, line, "Who was erased or let go by this line would come back with a backup.")


def _events(records: Records) -> Iterator[Event]:
    after = 0
    while page := records.audit.events(after, PAGE):
        yield from page
        after = page[-1].seq


def _unledgered(records: Records) -> Iterator[Finding]:
    """Rows that the audit saw being made and nobody saw being erased."""
    made: dict[str, dict[str, str]] = defaultdict(dict)
    erased: set[str] = set()
    for event in _events(records):
        if event.action == ERASED:
            erased.add(event.subject)
        elif event.action in LEDGER:
            name = _NAMED_IN_DETAIL.get(event.action)
            made[LEDGER[event.action]][str(event.detail[name]) if name else event.subject] = event.subject
    for table, subjects in made.items():
        for key in sorted(records.integrity.missing(table, subjects.keys())):
            owner = subjects[key]
            gone_with_its_pair = table == "decisions" and records.integrity.missing("pairs", [owner])
            if owner not in erased and not gone_with_its_pair:
                yield Finding(Fault.ROW_MISSING, f"{table} {key}", "The audit saw this row being made, and it is not there.")
