"""Move the service from one encoder to another without a pause: start, backfill, activate, retire."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from typing import Any

from tracing.access import SYSTEM, Permission, require
from tracing.ahead import ahead
from tracing.domain import Actor, Generation, GenerationState, Vector
from tracing.errors import Conflict, Damaged, Misconfigured, NotFound, UnreadablePhoto, WrongState
from tracing.evidence import CALIBRATION, Calibration
from tracing.gallery import Galleries
from tracing.ports import BatchEncoder, Clock, Detection, Examiner, NewId, PhotoStore, RecordStore
from tracing.records import Records

BATCH = 64
"""Faces that are looked up, and templates that are written, in one step; more where more were made meanwhile."""
Encode = Callable[[bytes, Sequence[Detection], Sequence[str]], list[dict[str, Vector]]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a generation is: faces of interest in all, those encoded, and those whose photo could not be read now."""

    generation: Generation
    faces: int
    encoded: int
    failed: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return self.encoded >= self.faces


class Reindex:
    """Templates by encoder are the checkpoint: a backfill that is interrupted goes on where rows are missing.

    ``at_once`` faces are asked for beside each other. ``missing_files`` names the files that an encoder lacks on this machine:
    without them every new photo would wait. ``measured`` is what is known now of the scores of an encoder: a generation keeps
    what was known when it began, so that no list of models that is edited later changes what its scores mean.
    """

    def __init__(
        self,
        store: RecordStore,
        photos: PhotoStore,
        examiner: Examiner,
        galleries: Galleries,
        missing_files: Callable[[str], list[str]],
        measured: Callable[[str], Calibration | None],
        clock: Clock,
        new_id: NewId,
        at_once: int = 1,
    ) -> None:
        self._store = store
        self._photos = photos
        self._examiner = examiner
        self._galleries = galleries
        self._missing_files = missing_files
        self._measured = measured
        self._clock = clock
        self._new_id = new_id
        self._at_once = at_once

    def ensure_first(self, choose: Callable[[], str]) -> Generation:
        """The active generation; an empty service gets its first one, for the encoder chosen. Never switches an existing one.

        Raises ``Misconfigured`` where the first one's encoder lacks a file.
        """
        with self._store.reading() as records:
            if found := [each for each in records.generations.all() if each.state is GenerationState.ACTIVE]:
                return found[0]
        encoder_id = choose()
        self._require_files(encoder_id)
        now = self._clock()
        first = Generation(self._new_id(), encoder_id, GenerationState.ACTIVE, now, now, self._calibrated(encoder_id))
        try:
            with self._store.transaction() as records:
                records.generations.add(first)
                records.audit.append(SYSTEM, "activate_generation", first.generation_id, {"encoder_id": encoder_id})
        except Conflict:  # another process was faster
            with self._store.reading() as records:
                return records.generations.active()
        return first

    def keep_calibrations(self) -> int:
        """Give generations from before calibrations were kept what is known of their encoders now; how many there were.

        One whose encoder is known no more is left alone: it cannot be searched, and it must not keep the service from starting.
        """
        with self._store.reading() as records:
            if not self._bare(records):
                return 0
        with self._store.transaction() as records:
            bare = self._bare(records)
            for each in bare:
                records.generations.save(replace(each, report={**each.report, **self._calibrated(each.encoder_id)}))
                records.audit.append(SYSTEM, "calibrate_generation", each.generation_id, {"first": True})
        return len(bare)

    def recalibrate(self, actor: Actor, generation_id: str) -> Generation:
        """Let the scores of a generation mean what is known of its encoder now; where it is active every open case becomes due.

        Templates, pairs and decisions stay as they are. Safe to repeat: where nothing differs nothing is done.
        """
        require(actor, Permission.OPERATE)
        with self._store.transaction() as records:
            generation = records.generations.get(generation_id)
            known = self._calibrated(generation.encoder_id)
            if generation.report.get(CALIBRATION) == known[CALIBRATION]:
                return generation
            changed = replace(generation, report={**generation.report, **known})
            records.generations.save(changed)
            active = generation.state is GenerationState.ACTIVE
            detail = {"due": records.cases.want_search_everywhere() if active else 0}
            records.audit.append(actor, "calibrate_generation", generation_id, detail)
        return changed

    def is_outdated(self, generation: Generation) -> bool:
        """Whether the calibration of a generation is not what is known of its encoder now."""
        known = self._knows(generation.encoder_id)
        return known and bool(generation.report.get(CALIBRATION) != self._calibrated(generation.encoder_id)[CALIBRATION])

    def _bare(self, records: Records) -> list[Generation]:
        return [each for each in records.generations.all() if CALIBRATION not in each.report and self._knows(each.encoder_id)]

    def _knows(self, encoder_id: str) -> bool:
        try:
            self._measured(encoder_id)
        except Misconfigured:
            return False
        return True

    def _calibrated(self, encoder_id: str) -> dict[str, Any]:
        known = self._measured(encoder_id)
        return {CALIBRATION: None if known is None else known.to_dict()}

    def generations(self) -> list[Generation]:
        with self._store.reading() as records:
            return records.generations.all()

    def live_encoders(self) -> list[str]:
        """The encoders that every new face is encoded by."""
        with self._store.reading() as records:
            return records.generations.live_encoders()

    def start(self, actor: Actor, encoder_id: str) -> Generation:
        """Begin a generation: from now on every new face is encoded for it as well.

        Raises ``Misconfigured`` where a file of the encoder is missing.
        """
        require(actor, Permission.OPERATE)
        with self._store.transaction() as records:
            live = records.generations.live()
            if any(each.encoder_id == encoder_id for each in live):
                raise Conflict(f"The encoder {encoder_id} is in use already.")
            if any(each.state is GenerationState.BUILDING for each in live):
                raise Conflict("A generation is being built already; activate or retire it first.")
            self._require_files(encoder_id)
            known = self._calibrated(encoder_id)
            generation = Generation(self._new_id(), encoder_id, GenerationState.BUILDING, self._clock(), report=known)
            records.generations.add(generation)
            records.audit.append(actor, "start_generation", generation.generation_id, {"encoder_id": encoder_id})
        return generation

    def backfill(
        self,
        actor: Actor,
        generation_id: str,
        report: Callable[[Progress], None] = lambda _: None,
        encoder: BatchEncoder | None = None,
    ) -> Progress:
        """Encode every face of interest that the generation's encoder has not seen; safe to interrupt, repeat and run twice.

        ``encoder`` does it instead of this machine's processes. A face whose photo cannot be read is left out and named;
        ``report`` hears of every batch. Whatever ends it early, what was encoded by then is kept.
        """
        require(actor, Permission.OPERATE)
        progress = self.progress(generation_id)
        encoder_id = progress.generation.encoder_id
        made: dict[str, tuple[str, Vector]] = {}
        failed: list[str] = []
        trouble: list[Exception] = []

        def keep() -> None:
            nonlocal progress
            self._keep(made, encoder_id)
            progress = replace(progress, encoded=progress.encoded + len(made), failed=tuple(failed))
            made.clear()

        encode = partial(self._encoded, (encoder or self._examiner).encode, encoder_id)
        missing = takewhile(lambda _: not trouble, self._missing(encoder_id))
        try:
            with closing(ahead(encode, missing, lambda: encoder.at_once if encoder else self._at_once)) as results:
                for face_id, task in results:
                    try:
                        made[face_id] = task.result()
                    except (NotFound, Damaged, UnreadablePhoto):
                        failed.append(face_id)
                    except Exception as error:  # what was begun beside it is waited for, and nothing more is begun
                        trouble.append(error)
                    if len(made) >= BATCH:
                        keep()
                        report(progress)
        finally:
            keep()
        if trouble:
            raise trouble[0]
        done = replace(self.progress(generation_id), failed=tuple(failed))
        report(done)
        return done

    def _missing(self, encoder_id: str) -> Iterator[str]:
        """The faces without a template, in the order of their ids, each once."""
        after = ""
        while True:
            with self._store.reading() as records:
                batch = records.faces.without_template(encoder_id, BATCH, after)
            if not batch:
                return
            yield from batch
            after = batch[-1]

    def _encoded(self, encode: Encode, encoder_id: str, face_id: str) -> tuple[str, Vector]:
        """The case of a face, and its template."""
        with self._store.reading() as records:
            face = records.faces.get(face_id)
            photo = records.photos.get(face.photo_id)
        data = self._photos.get(photo.photo_key)
        (vectors,) = encode(data, [Detection(face.box, face.landmarks)], [encoder_id])
        return photo.case_id, vectors[encoder_id]

    def _keep(self, made: Mapping[str, tuple[str, Vector]], encoder_id: str) -> None:
        if not made:
            return
        with self._store.transaction() as records:
            records.faces.add_templates([(face_id, encoder_id, vector) for face_id, (_, vector) in made.items()])
            # A face that is late for the generation in use was passed over by the searches after its activation.
            if records.generations.active().encoder_id == encoder_id:
                for case_id in sorted(records.cases.collections({case_id for case_id, _ in made.values()})):
                    records.cases.want_search(case_id)

    def progress(self, generation_id: str) -> Progress:
        with self._store.reading() as records:
            return _progress(records, generation_id)

    def activate(self, actor: Actor, generation_id: str, incomplete: bool = False) -> Generation:
        """Make this the generation that is searched; the other one is retired, and every open case becomes due for a search.

        Going back is activating the old one again. A generation with faces missing is refused unless ``incomplete`` allows it;
        so is one that `verify` found wanting. One whose encoder lacks a file is refused with ``Misconfigured``.
        """
        require(actor, Permission.OPERATE)
        now = self._clock()
        with self._store.transaction() as records:
            progress = _progress(records, generation_id)
            generation = progress.generation
            if not progress.complete and not incomplete:
                missing = progress.faces - progress.encoded
                raise WrongState(f"{missing} faces are not encoded for this generation yet; run the backfill first.")
            if (problems := generation.report.get("problems")) and not incomplete:
                raise WrongState(f"This generation was found wanting: {'; '.join(problems)}. Mend that, and verify it again.")
            active = records.generations.active()
            if active.generation_id == generation_id:
                return active
            self._require_files(generation.encoder_id)
            records.generations.save(replace(active, state=GenerationState.RETIRED))
            activated = replace(generation, state=GenerationState.ACTIVE, activated_at=now)
            records.generations.save(activated)
            due = records.cases.want_search_everywhere()
            detail = {"before": active.generation_id, "due": due, "complete": progress.complete}
            records.audit.append(actor, "activate_generation", generation_id, detail)
        return activated

    def rollback(self, actor: Actor, incomplete: bool = False) -> Generation:
        """Activate the generation that was active before; as ``activate``. ``NotFound`` where there was none."""
        earlier = [each for each in self.generations() if each.state is GenerationState.RETIRED and each.activated_at]
        if not earlier:
            raise NotFound("There is no earlier generation to go back to.")
        latest = max(earlier, key=lambda each: (each.activated_at or each.created_at, each.generation_id))
        return self.activate(actor, latest.generation_id, incomplete)

    def retire(self, actor: Actor, generation_id: str) -> Generation:
        """Stop encoding new faces for a generation that is being built; its templates are kept."""
        require(actor, Permission.OPERATE)
        with self._store.transaction() as records:
            generation = records.generations.get(generation_id)
            if generation.state is GenerationState.ACTIVE:
                raise WrongState("The active generation is the one that is searched; activate another one first.")
            retired = replace(generation, state=GenerationState.RETIRED)
            records.generations.save(retired)
            records.audit.append(actor, "retire_generation", generation_id)
        self._galleries.forget(generation.encoder_id)
        return retired

    def _require_files(self, encoder_id: str) -> None:
        if missing := self._missing_files(encoder_id):
            raise Misconfigured(
                f"The encoder {encoder_id} lacks {', '.join(missing)}; run 'tracing models pull {encoder_id}', "
                "or set TRACING_MODELS_DIR to a folder that has it."
            )


def _progress(records: Records, generation_id: str) -> Progress:
    generation = records.generations.get(generation_id)
    return Progress(generation, records.faces.count_of_interest(), records.faces.count_templates(generation.encoder_id))
