"""Move the service from one encoder to another without a pause: start, backfill, activate, retire."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from tracing.access import SYSTEM, Permission, require
from tracing.domain import Actor, Generation, GenerationState, Vector
from tracing.errors import Conflict, Damaged, Misconfigured, NotFound, UnreadablePhoto, WrongState
from tracing.gallery import Galleries
from tracing.ports import Clock, Detection, Examiner, NewId, PhotoStore, RecordStore
from tracing.records import Records

BATCH = 64


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

    ``at_once`` faces are encoded beside each other. ``missing_files`` names the files that an encoder lacks on this machine:
    without them every new photo would wait.
    """

    def __init__(
        self,
        store: RecordStore,
        photos: PhotoStore,
        examiner: Examiner,
        galleries: Galleries,
        missing_files: Callable[[str], list[str]],
        clock: Clock,
        new_id: NewId,
        at_once: int = 1,
    ) -> None:
        self._store = store
        self._photos = photos
        self._examiner = examiner
        self._galleries = galleries
        self._missing_files = missing_files
        self._clock = clock
        self._new_id = new_id
        self._at_once = at_once

    def ensure_first(self, encoder_id: str) -> Generation:
        """The active generation; an empty service gets its first one, for this encoder. Never switches an existing one.

        Raises ``Misconfigured`` where the first one's encoder lacks a file.
        """
        with self._store.reading() as records:
            if found := [each for each in records.generations.all() if each.state is GenerationState.ACTIVE]:
                return found[0]
        self._require_files(encoder_id)
        now = self._clock()
        first = Generation(self._new_id(), encoder_id, GenerationState.ACTIVE, now, now)
        try:
            with self._store.transaction() as records:
                records.generations.add(first)
                records.audit.append(SYSTEM, "activate_generation", first.generation_id, {"encoder_id": encoder_id})
        except Conflict:  # another process was faster
            with self._store.reading() as records:
                return records.generations.active()
        return first

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
        generation = Generation(self._new_id(), encoder_id, GenerationState.BUILDING, self._clock())
        with self._store.transaction() as records:
            live = records.generations.live()
            if any(each.encoder_id == encoder_id for each in live):
                raise Conflict(f"The encoder {encoder_id} is in use already.")
            if any(each.state is GenerationState.BUILDING for each in live):
                raise Conflict("A generation is being built already; activate or retire it first.")
            self._require_files(encoder_id)
            records.generations.add(generation)
            records.audit.append(actor, "start_generation", generation.generation_id, {"encoder_id": encoder_id})
        return generation

    def backfill(self, actor: Actor, generation_id: str, report: Callable[[Progress], None] = lambda _: None) -> Progress:
        """Encode every face of interest that the generation's encoder has not seen; safe to interrupt, repeat and run twice.

        A face whose photo cannot be read is left out and named; ``report`` hears of every batch.
        """
        require(actor, Permission.OPERATE)
        failed: list[str] = []
        after = ""
        progress = self.progress(generation_id)
        while True:
            with self._store.reading() as records:
                batch = records.faces.without_template(progress.generation.encoder_id, BATCH, after)
            if not batch:
                return replace(self.progress(generation_id), failed=tuple(failed))
            failed.extend(self._encode_all(batch, progress.generation.encoder_id))
            after = batch[-1]
            report(replace(self.progress(generation_id), failed=tuple(failed)))

    def _encode_all(self, face_ids: Sequence[str], encoder_id: str) -> list[str]:
        """Encode as many faces at once as there are processes, and write what came of it; those whose photo cannot be read.

        Where an encoder fails, what the others have done is kept before that is raised.
        """
        with ThreadPoolExecutor(self._at_once) as threads:
            tasks = {face_id: threads.submit(self._encoded, face_id, encoder_id) for face_id in face_ids}
        made: dict[str, tuple[str, Vector]] = {}
        unread: list[str] = []
        trouble: Exception | None = None
        for face_id, task in tasks.items():
            try:
                made[face_id] = task.result()
            except (NotFound, Damaged, UnreadablePhoto):
                unread.append(face_id)
            except Exception as error:
                trouble = trouble or error
        if made:
            self._keep(made, encoder_id)
        if trouble is not None:
            raise trouble
        return unread

    def _encoded(self, face_id: str, encoder_id: str) -> tuple[str, Vector]:
        """The case of a face, and its template."""
        with self._store.reading() as records:
            face = records.faces.get(face_id)
            photo = records.photos.get(face.photo_id)
        data = self._photos.get(photo.photo_key)
        (vectors,) = self._examiner.encode(data, [Detection(face.box, face.landmarks)], [encoder_id])
        return photo.case_id, vectors[encoder_id]

    def _keep(self, made: Mapping[str, tuple[str, Vector]], encoder_id: str) -> None:
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
