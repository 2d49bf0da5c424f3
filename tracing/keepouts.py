"""Make the keep-out of a person who is being erased: the least that recognises the same record and the same face."""

from __future__ import annotations

from datetime import datetime

from tracing.domain import Keepout, KeepoutPurpose, Vector
from tracing.records import Records


def keep_out(records: Records, case_id: str, keepout_id: str, now: datetime, until: datetime) -> Keepout | None:
    """Keep out the person of this case from now on; to be called before the case is erased, in the same transaction.

    Of each encoder in use one template is kept, that of the best photo, and of the source the digest of its name for the
    record. None where the case has neither a face nor a source: then nothing could recognise the person, and nothing is kept.
    """
    source, vectors = records.rights.source(case_id), _best_vectors(records, case_id)
    if source is None and not vectors:
        return None
    keepout = Keepout(keepout_id, KeepoutPurpose.OBJECTION, now, until, source is not None, tuple(sorted(vectors)))
    records.keepouts.add(keepout, vectors, source)
    return keepout


def _best_vectors(records: Records, case_id: str) -> dict[str, Vector]:
    best_first = [face.face_id for face in records.faces.of_cases([case_id])[case_id]]
    vectors: dict[str, Vector] = {}
    for encoder_id in records.generations.live_encoders():
        by_face = {each.face_id: each.vector for each in records.faces.templates(case_id, encoder_id)}
        chosen = next((by_face[face_id] for face_id in best_first if face_id in by_face), None)
        if chosen is not None:
            vectors[encoder_id] = chosen
    return vectors
