"""What there is to go by when a decision about a pair is taken."""

from __future__ import annotations

from collections.abc import Callable

from tracing.domain import Generation, Grounds, Pair
from tracing.evidence import Calibration
from tracing.records import Records


def grounds_of(records: Records, pair: Pair, calibration_of: Callable[[Generation], Calibration | None]) -> Grounds:
    """As they are now: the list that the pair stands in, its score and what scores are worth, and both people's photos."""
    generation = records.generations.get(pair.generation_id)
    calibration = calibration_of(generation)
    photos = records.photos.of_cases(pair.case_ids)
    return Grounds(
        list_id=pair.list_id,
        generation_id=pair.generation_id,
        encoder_id=generation.encoder_id,
        calibration=calibration.to_dict() if calibration is not None else None,
        score=pair.score,
        rank=pair.rank,
        gallery_size=records.pairs.run(pair.list_id).gallery_size if pair.list_id else 0,
        photos={case_id: tuple(sorted(photo.sha256 for photo in photos.get(case_id, []))) for case_id in pair.case_ids},
    )
