"""Where the model cards are: the figures of an encoder as `tracing evaluate` wrote them, for the service to read."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tracing.embeddings.manifest import MANIFEST
from tracing.errors import Misconfigured
from tracing.evaluation.card import Card
from tracing.fairness import CardOnFile

log = logging.getLogger(__name__)

OURS: Final = MANIFEST.parent
FOLDER: Final = "cards"


def card_on_file(encoder_id: str, folders: Sequence[Path], ours: Path = OURS) -> CardOnFile:
    """The card of an encoder: the operator's own where one of the ``folders`` of models holds it, else the project's.

    Never raises for what stands on the disk: a card that is missing or broken, or that is of another encoder, is said. The
    next folder's is not taken in its place, for an operator's own figures are not to be replaced by others unseen.
    """
    name = f"{FOLDER}/{encoder_id}.json"
    folder = next((each for each in (*folders, ours) if (each / name).is_file()), None)
    if folder is None:
        return CardOnFile(encoder_id, None, f"There is no card {name}: nobody has measured this encoder yet.")
    whose = "project's" if folder == ours else "operator's"
    try:
        card = Card.from_dict(json.loads((folder / name).read_text("utf-8")))
    except (OSError, ValueError, Misconfigured) as error:
        log.warning("the card %s cannot be read: %s", folder / name, error)
        return CardOnFile(encoder_id, None, f"The {whose} card {name} cannot be read; the log says why.")
    if card.encoder_id != encoder_id:
        return CardOnFile(encoder_id, None, f"The {whose} card {name} is of another encoder, {card.encoder_id}.")
    return CardOnFile(encoder_id, card, "")
