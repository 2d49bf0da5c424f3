"""What a reviewer may say of a pair, and where each judgement, and each change of mind, takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tracing.domain import Judgement, PairState, Stage
from tracing.errors import Invalid

LONGEST_REASON: Final = 4000

FEATURES: Final = (
    "skin", "face_outline", "face_composition", "hairline", "forehead", "eyebrows", "eyes", "cheeks", "nose", "ears",
    "mouth", "chin_and_jaw", "neck", "facial_hair", "lines", "scars", "marks", "alterations", "other",
)  # fmt: skip
"""The 19 components of facial comparison (FISWG feature list, ASTM E3149)."""


class Look(StrEnum):
    """What a reviewer says of one component of the two faces."""

    SIMILAR = "similar"
    DIFFERENT = "different"
    NOT_VISIBLE = "not_visible"


class Proof(StrEnum):
    """Evidence beyond the face, without which no match is verified."""

    CONTROL_QUESTION = "control_question"
    DOCUMENT = "document"
    DNA = "dna"
    POLICE_REPLY = "police_reply"


STAGES: Final[Mapping[PairState, Stage]] = {
    PairState.PROPOSED: Stage.FIRST,
    PairState.UNDER_REVIEW: Stage.FIRST,
    PairState.FIRST_POSITIVE: Stage.SECOND,
    PairState.DISPUTED: Stage.SENIOR,
}

_FIRST: Final[Mapping[Judgement, PairState]] = {
    Judgement.SAME_VERY_LIKELY: PairState.FIRST_POSITIVE,
    Judgement.SAME_LIKELY: PairState.FIRST_POSITIVE,
    Judgement.CANNOT_TELL: PairState.INCONCLUSIVE,
    Judgement.UNLIKELY: PairState.EXCLUDED,
    Judgement.EXCLUDED: PairState.EXCLUDED,
    Judgement.LOOKS_LIKE_RELATIVE: PairState.LOOKS_LIKE_RELATIVE,
}
_ENDED: Final = frozenset(_FIRST.values()) - {PairState.FIRST_POSITIVE}
_SENIOR: Final[Mapping[Judgement, PairState]] = {
    Judgement.SAME_VERY_LIKELY: PairState.CONFIRMED,
    Judgement.SAME_LIKELY: PairState.CONFIRMED,
    Judgement.UNLIKELY: PairState.EXCLUDED,
    Judgement.EXCLUDED: PairState.EXCLUDED,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer hands in. ``confidence`` runs from 1 (guessing) to 5 (certain)."""

    judgement: Judgement
    reason: str
    confidence: int | None = None
    features: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Refuse what the form does not offer with an ``Invalid`` that names the field."""
        checked_reason(self.reason)
        if self.confidence is not None and not 1 <= self.confidence <= 5:
            raise Invalid("The confidence runs from 1 (guessing) to 5 (certain).", "confidence")
        for feature, look in self.features.items():
            if feature not in FEATURES:
                raise Invalid(f"There is no component {feature!r} in the checklist.", "features")
            if look not in set(Look):
                raise Invalid(f"A component is similar, different or not_visible, not {look!r}.", "features")


def checked_reason(reason: str) -> str:
    """The reason without surrounding blanks; ``Invalid`` where there is none."""
    if not reason.strip():
        raise Invalid("Say why: the reason is kept with the decision.", "reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"At most {LONGEST_REASON} characters fit here.", "reason")
    return reason.strip()


def state_after(stage: Stage, judgement: Judgement, positives: int, required: int) -> PairState:
    """Where a judgement takes a pair that ``positives`` people found positive before, when ``required`` have to agree."""
    if stage is Stage.FIRST:
        return _FIRST[judgement]
    if stage is Stage.SENIOR:
        if judgement not in _SENIOR:
            raise Invalid("The senior reviewer ends the dispute: the same person, or not.", "judgement")
        # Where everybody else has changed their mind the senior reviewer is alone, and one person makes no match.
        alone = judgement.positive and positives == 0
        return PairState.FIRST_POSITIVE if alone else _SENIOR[judgement]
    if not judgement.positive:
        return PairState.DISPUTED
    return PairState.CONFIRMED if positives + 1 >= required else PairState.FIRST_POSITIVE


def state_after_change(state: PairState, before: Judgement, now: Judgement, was_last: bool) -> PairState:
    """Where a change of mind takes a pair; ``was_last`` where the judgement that is changed is the one that the pair's state
    came from.

    It never confirms, excludes or revokes: whoever has seen the score is no blind witness any more. A positive judgement that
    is taken back, and a rejection that its author doubts, make a dispute for a senior reviewer; anything else is only kept.
    """
    withdrawn = state is PairState.FIRST_POSITIVE and before.positive and not now.positive
    doubted = state in _ENDED and was_last and now.positive
    return PairState.DISPUTED if withdrawn or doubted else state
