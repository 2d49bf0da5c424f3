"""Where the model cards are: the figures of an encoder as `tracing evaluate` wrote them, for the service to read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tracing.embeddings.manifest import MANIFEST
from tracing.errors import Misconfigured
from tracing.evaluation.card import Card
from tracing.fairness import CardOnFile

OURS: Final = MANIFEST.parent
FOLDER: Final = "cards"


def card_on_file(encoder_id: str, folders: Sequence[Path], ours: Path = OURS) -> CardOnFile:
    """The card of an encoder: the operator's own where one of the ``folders`` of models holds it, else the project's.

    Never raises for what stands on the disk: a card that is missing or broken, or that is of another encoder, is said. The
    next folder's is not taken in its place, for an operator's own figures are not to be replaced by others unseen.
    """
    name = f"{encoder_id}.json"
    path = next((path for each in (*folders, ours) if (path := each / FOLDER / name).is_file()), None)
    if path is None:
        return CardOnFile(encoder_id, None, f"There is no card {FOLDER}/{name}: nobody has measured this encoder yet.")
    try:
        card = Card.from_dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, AttributeError, Misconfigured) as error:
        return CardOnFile(encoder_id, None, f"The card {path} cannot be read: {error}")
    if card.encoder_id != encoder_id:
        return CardOnFile(encoder_id, None, f"The card {path} is of another encoder, {card.encoder_id}.")
    return CardOnFile(encoder_id, card, "")
