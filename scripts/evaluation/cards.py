"""Model cards: what an encoder is, what was measured of it, and what that does not say; figures only, no photo and no name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from scripts.evaluation.words import share, table
from tracing.embeddings.manifest import EncoderFacts
from tracing.evaluation.card import STRICT, By, Card, GroupFigures
from tracing.evaluation.report import RATES

HEADINGS = {
    By.AGE: "years of age in the photo searched with, where it was taken less than five years after the enrolled one",
    By.YEARS_BETWEEN: "years between the two photos",
    By.SEX: "sex",
    By.SET: "set",
    By.QUALITY: "quality of the photo searched with",
}


def write_card(folder: Path, card: Card, facts: EncoderFacts, command: str, half: int | None) -> None:
    """``<encoder_id>.md`` for people and ``<encoder_id>.json`` for the service. Nothing is ever fitted on ``half`` 1."""
    folder.mkdir(parents=True, exist_ok=True)
    name = card.encoder_id.replace("/", "-")
    (folder / f"{name}.json").write_text(json.dumps(card.to_dict(), indent=2) + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text("\n".join([*_page(card, facts, command, half), ""]), encoding="utf-8")


def _page(card: Card, facts: EncoderFacts, command: str, half: int | None) -> Iterator[str]:
    model = facts.model
    yield f"# {model.name} (`{card.encoder_id}`)"
    yield ""
    yield f"- **From:** {model.source}"
    yield f"- **Licence:** {model.licence}. {model.consequences}"
    yield f"- **Templates:** {facts.dimension} numbers, compared by {facts.metric.value}; {facts.alignment}."
    yield f"- **Measured:** on {card.measured_on.isoformat()} by `{command}`"
    whom = "on whom nothing was fitted" if half == 1 else "among whom are those its scores may be calibrated on"
    yield (
        f"- **On:** {', '.join(card.sets)}: {card.photos:,} photos of {card.people:,} people {whom}; "
        f"{card.enrolled:,} enrolled with one photo each, {card.mated:,} searches for them, {card.non_mated:,} for others."
    )
    yield ""
    yield "## Figures"
    yield ""
    yield (
        "Misses (FNIR) are searches that do not bring up their person among the first 20 at the threshold where 1 % of the "
        "searches for strangers bring up anybody (FPIR); a photo without a face is a miss. In brackets the 95 % interval over "
        "people. docs/evaluation.md has the definitions."
    )
    yield ""
    yield f"- missed: **{share(card.misses)}**"
    if card.strict is not None:
        yield f"- missed where not more than {STRICT:.1%} of the strangers bring up anybody: {share(card.strict)}"
    yield f"- the right person first, whatever the score: **{share(card.first)}**"
    yield from (f"- among the first {rank}: {share(found)}" for rank, found in sorted(card.found.items()) if rank > 1)
    if card.failed is not None:
        yield f"- photos in which no face was found: {card.failed:.3f}"
    for kind, groups in groupby(card.groups, key=lambda group: group.by):
        yield ""
        yield f"By {HEADINGS[kind]}, at the threshold of all searches:"
        yield ""
        yield from table([kind.value, "searches", "missed (FNIR)", "strangers", "FPIR"], map(_row, groups))
    yield ""
    yield "## Limits"
    yield ""
    yield from (f"- {limit}" for limit in _limits(card))


def _row(group: GroupFigures) -> list[str]:
    false = "" if group.false_positives is None else f"{group.false_positives:.3f}"
    return [group.name, f"{group.mated:,}", share(group.misses), f"{group.non_mated:,}", false]


def _limits(card: Card) -> Iterator[str]:
    yield (
        f"The threshold hangs on the {int(card.non_mated * RATES[0]) + 1} highest of {card.non_mated:,} strangers' scores: "
        "read the intervals, not the third digit."
    )
    yield (
        f"A gallery of {card.enrolled:,} people is small. In a larger one strangers come nearer, and more people are missed "
        "at the same FPIR."
    )
    yield "Public figures may have been among the photos that a network was trained on; such figures flatter."
    yield "Groups are parts of the same searches; one with few searches, or of one set, says little about other people."
    yield (
        "An interval without any width says only that nobody measured differed: where none of n searches missed, up to 3/n may "
        "(the rule of three)."
    )
    if any(group.false_positives is None for group in card.groups):
        yield "Where a group has no strangers nobody knows how often one of them comes up; for children it will be more often."
    if any(group.by is By.YEARS_BETWEEN for group in card.groups):
        yield "Over more than ten years of growing up faces do not carry: other clues have to."
    else:
        yield "Nothing was measured over years of growing up."
