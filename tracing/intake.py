"""Open a case, keep its photos, and enrol the faces in them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from tracing.access import SYSTEM, Permission, require
from tracing.admission import Admission
from tracing.domain import (
    Actor,
    Analysis,
    Case,
    CaseKind,
    CaseState,
    Description,
    Face,
    LegalBasis,
    PartialDate,
    Photo,
    PhotoProblem,
    Source,
    Vector,
)
from tracing.errors import Busy, Conflict, Invalid, Stopping, Suppressed, Unavailable, UnreadablePhoto, WrongState
from tracing.facts import ELSEWHERE, OLDEST
from tracing.leftovers import Leftovers
from tracing.opening import KEPT_OUT, ContactDraft, NewCase, open_cases
from tracing.photo_reports import MAX_ATTEMPTS, PhotoReport, report_of
from tracing.ports import Clock, Detection, Examination, Examiner, NewId, PhotoStore, RecordStore
from tracing.records import Records
from tracing.stations.scope import own_case


class Intake:
    """From here on nothing that a model does can lose the case: it is saved first, and looked at afterwards.

    ``admission`` says which photos may not be looked at, and which a person has to decide about first. ``search`` is called
    with the id of a case whose templates have just changed, outside of any transaction.
    """

    def __init__(
        self,
        store: RecordStore,
        photos: PhotoStore,
        leftovers: Leftovers,
        examiner: Examiner,
        clock: Clock,
        new_id: NewId,
        search: Callable[[str], object],
        admission: Admission,
        lease: timedelta = timedelta(seconds=60),
    ) -> None:
        self._store = store
        self._photos = photos
        self._leftovers = leftovers
        self._examiner = examiner
        self._clock = clock
        self._new_id = new_id
        self._search = search
        self._admission = admission
        self._lease = lease

    def open_case(
        self,
        actor: Actor,
        kind: CaseKind,
        description: Description,
        legal_basis: LegalBasis,
        contact: ContactDraft | None = None,
        case_id: str | None = None,
        source: Source | None = None,
    ) -> Case:
        """Save a new, open case. Raises ``Invalid`` where the description cannot be true.

        A record of another system comes with its ``source``: ``Suppressed`` where its person is kept out.

        With a ``case_id`` of the caller's (32 hexadecimal digits, at random), the same request sent again, by the same person,
        answers with the case that the first one opened.
        """
        with self._store.transaction() as records:
            if case_id is not None and (earlier := records.cases.by_ids([case_id]).get(case_id)) is not None:
                if earlier.opened_by != actor.account_id:
                    raise Conflict("Somebody else was faster, or this is there already.")
                return earlier
            new = NewCase(kind, description, contact, source, case_id or "")
            (case,) = open_cases(records, actor, legal_basis, [new], self._clock(), self._new_id)
            if case is None:
                raise Suppressed(KEPT_OUT)
            return case

    def add_photo(
        self,
        actor: Actor,
        case_id: str,
        data: bytes,
        taken_on: PartialDate | None = None,
        age_in_photo: int | None = None,
        patience: float | None = None,
    ) -> Photo:
        """Save a photo for analysis. The same bytes sent twice for one case are one photo.

        It is read to its last byte first, unless too many others are and that cannot begin within ``patience`` seconds: then it
        is saved by its header, and the analysis finds what is wrong with the rest.

        Raises ``UnreadablePhoto`` or ``PhotoTooLarge``, and saves nothing, where the bytes are no photo that can be read.
        """
        require(actor, Permission.EDIT_CASES)
        now = self._clock()
        if age_in_photo is not None and not 0 <= age_in_photo <= OLDEST:
            raise Invalid(f"An age lies between 0 and {OLDEST} years.", "age_in_photo")
        if taken_on is not None and taken_on.earliest > now.date() + ELSEWHERE:
            raise Invalid("The photo cannot have been taken in the future.", "taken_on")
        with self._store.reading() as records:
            own_case(records, actor, case_id)
        info = self._examiner.verify(data, patience)
        key = self._leftovers.keep(data)
        photo = Photo(
            photo_id=self._new_id(),
            case_id=case_id,
            photo_key=key,
            sha256=hashlib.sha256(data).hexdigest(),
            received_at=now,
            taken_on=taken_on,
            age_in_photo=age_in_photo,
            width=info.width,
            height=info.height,
        )
        try:
            try:
                kept = self._save_photo(actor, photo)
            except Conflict:  # the same photo was saved by a request beside this one
                kept = self._save_photo(actor, photo)
        except BaseException:
            self._leftovers.give_up(key)
            raise
        if kept.photo_key != key:
            self._leftovers.give_up(key)
        return kept

    def _save_photo(self, actor: Actor, photo: Photo) -> Photo:
        with self._store.transaction() as records:
            case = records.cases.get(photo.case_id)
            if case.state is CaseState.CLOSED:
                raise WrongState("The case is closed; reopen it before you add photos.")
            for earlier in records.photos.of_case(photo.case_id):
                if earlier.sha256 == photo.sha256:
                    return earlier
            self._leftovers.settle(records, photo.photo_key)
            if records.rights.is_withdrawn(photo.case_id):
                photo = replace(photo, analysis=Analysis.WITHDRAWN, problem=PhotoProblem.WITHDRAWN)
            records.photos.add(photo)
            records.audit.append(actor, "add_photo", photo.case_id, {"photo_id": photo.photo_id, "sha256": photo.sha256})
        return photo

    def pending(self, limit: int) -> list[str]:
        """Ids of photos that wait for an analysis and that nobody is at work on."""
        with self._store.reading() as records:
            return records.photos.pending(self._clock(), limit, MAX_ATTEMPTS)

    def analyse(self, photo_id: str) -> bool:
        """Look for the face in a pending photo, enrol it and search; False where somebody else does or did it.

        Whatever fails leaves the photo pending; another try comes when the claim has run out. ``Busy`` and ``Stopping`` give it
        back at once.
        """
        now = self._clock()
        with self._store.transaction() as records:
            if not records.photos.claim(photo_id, now, now + self._lease):
                return False
            photo = records.photos.get(photo_id)
            encoders = self._admission.encoders(records)
        try:
            seen = self._examiner.examine(self._photos.get(photo.photo_key), encoders)
        except UnreadablePhoto:
            self._finish(replace(photo, analysis=Analysis.UNREADABLE, problem=PhotoProblem.UNREADABLE), None)
            return True
        except (Busy, Stopping):
            with self._store.transaction() as records:
                records.photos.release(photo_id)
            raise
        if self._finish(_judged(photo, seen), seen) and seen.subject is not None:
            self._search(photo.case_id)
        return True

    def _finish(self, photo: Photo, seen: Examination | None) -> bool:
        """Write what was found in one transaction; False where the photo is no longer waiting for it.

        Of several faces only the subject gets templates; the others are listed, so that a person may choose another one. Of a
        photo that is not admitted no face is kept at all.
        """
        faces = self._faces(photo.photo_id, seen) if seen is not None else []
        subject = seen.faces[seen.subject] if seen is not None and seen.subject is not None else None
        about, vectors = (subject.detection.box, subject.vectors) if subject is not None else (None, {})
        with self._store.transaction() as records:
            admitted = self._admission.judged(records, photo, about, vectors)
            if not records.photos.finish(admitted.photo, was=Analysis.PENDING):
                return False
            if admitted.photo is not photo:
                faces, vectors, photo = [], {}, admitted.photo
            self._admission.hold(records, admitted)
            records.faces.add(faces)
            if seen is not None and seen.subject is not None and vectors:
                self._enrol(records, photo.case_id, faces[seen.subject].face_id, vectors)
            detail = {"photo_id": photo.photo_id, "analysis": photo.analysis, "faces": len(faces)}
            records.audit.append(SYSTEM, "analyse_photo", photo.case_id, detail)
        return True

    def _faces(self, photo_id: str, seen: Examination) -> list[Face]:
        return [
            Face(
                face_id=self._new_id(),
                photo_id=photo_id,
                box=each.detection.box,
                landmarks=each.detection.landmarks,
                detector_id=seen.detector_id,
                quality=each.quality,
                of_interest=place == seen.subject,
            )
            for place, each in enumerate(seen.faces)
        ]

    @staticmethod
    def _enrol(records: Records, case_id: str, face_id: str, vectors: Mapping[str, Vector]) -> None:
        """``Unavailable`` where a generation was started meanwhile: the face would be missing in it, found by nobody.

        A template by an encoder that is in use no more was made to compare it with keep-outs, and is not kept.
        """
        live = records.generations.live_encoders()
        if not set(live) <= vectors.keys():
            raise Unavailable("The encoders were changed while this photo was being looked at. It is looked at again.")
        records.faces.add_templates([(face_id, encoder_id, vectors[encoder_id]) for encoder_id in live])
        if records.cases.get(case_id).collection is not None:
            records.cases.want_search(case_id)

    def choose_face(self, actor: Actor, face_id: str) -> PhotoReport:
        """A person says which face of a photo is the case's person: enrol that one, and only that one, and search."""
        require(actor, Permission.EDIT_CASES)
        with self._store.reading() as records:
            face = records.faces.get(face_id)
            photo = records.photos.get(face.photo_id)
            own_case(records, actor, photo.case_id)
            encoders = self._admission.encoders(records)
        if face.of_interest and photo.analysis is Analysis.ENROLLED:
            return self.report(photo.photo_id)
        if photo.analysis not in (Analysis.CHOOSE_FACE, Analysis.ENROLLED):
            raise WrongState("This photo has no face to choose.")
        data = self._photos.get(photo.photo_key)
        (vectors,) = self._examiner.encode(data, [Detection(face.box, face.landmarks)], encoders)
        enrolled = replace(photo, analysis=Analysis.ENROLLED, problem=PhotoProblem.NONE)
        with self._store.transaction() as records:
            admitted = self._admission.judged(records, enrolled, face.box, vectors)
            if not records.photos.finish(admitted.photo, was=photo.analysis):
                raise Conflict("Somebody else has just changed this photo; look at it again.")
            if admitted.photo is enrolled:
                records.faces.choose(face_id)
                self._enrol(records, photo.case_id, face_id, vectors)
            else:
                self._admission.hold(records, admitted)
            records.audit.append(actor, "choose_face", photo.case_id, {"photo_id": photo.photo_id, "face_id": face_id})
        if photo.analysis is Analysis.ENROLLED:
            self._let_go_of_the_other_face(photo.case_id)
        self._search(photo.case_id)
        return self.report(photo.photo_id)

    def _let_go_of_the_other_face(self, case_id: str) -> None:
        """What it had put into the queue is sought anew from either side: whom this case's list is too short for may list it.

        In transactions of their own: whoever holds cases and pairs never waits for this while this waits for them.
        """
        with self._store.transaction() as records:
            others = records.pairs.forget_scores(case_id)
        with self._store.transaction() as records:
            records.cases.want_searches(others)

    def retry_stuck(self, actor: Actor) -> int:
        """Let photos whose analysis was given up be tried again, once its cause is mended; how many there are."""
        require(actor, Permission.OPERATE)
        with self._store.transaction() as records:
            if number := records.photos.retry_stuck(MAX_ATTEMPTS):
                records.audit.append(actor, "retry_photos", "", {"photos": number})
        return number

    def report(self, photo_id: str) -> PhotoReport:
        with self._store.reading() as records:
            return report_of(records, records.photos.get(photo_id))


def _judged(photo: Photo, seen: Examination) -> Photo:
    """The subject is the person; of several faces without one a person has to say which; with none, the case stays without a
    template, and the photo with the reason."""
    if seen.subject is not None:
        analysis, problem, no_face = Analysis.ENROLLED, PhotoProblem.NONE, None
    elif seen.faces:
        analysis, problem, no_face = Analysis.CHOOSE_FACE, PhotoProblem.SEVERAL_FACES, None
    else:
        analysis, problem, no_face = Analysis.NO_FACE, PhotoProblem.NO_FACE, seen.no_face
    return replace(photo, analysis=analysis, problem=problem, no_face=no_face, width=seen.width, height=seen.height)
