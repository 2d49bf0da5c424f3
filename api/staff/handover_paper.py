"""The record of a hand-over on paper, for the file and for the signatures of those who were there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from api.dates import partial_date
from api.language import translations
from api.staff import words
from api.staff.paper import Paper
from api.staff.printed import Printed
from tracing.domain import PartialDate
from tracing.handovers import HandOverView

SECTIONS: Final = {
    "receiving": ("receiver", "relation", "document_type", "document_number", "relation_proof"),
    "person": ("wish", "belongings"),
    "handing": ("handed_over_on", "handed_over_time", "place", "handed_over_by", "witness", "follow_up_on"),
}
LONG: Final = ("relation_proof", "wish", "belongings")
"""What is told in sentences; it has the width of the page."""
SIGNED: Final = ("receiver", "handed_over_by", "witness", "person")


def hand_over_paper(language: str, view: HandOverView, printed: Printed) -> bytes:
    """A PDF in this language."""
    say: Callable[..., str] = partial(words.say, translations(language).gettext)
    references = " – ".join(sorted(case.reference for case in (view.low, view.high)))
    with Paper(say("hand_over", "paper"), references, language, printed) as paper:
        both = sorted((view.low, view.high), key=lambda case: case.kind)
        paper.fields([(say(case.kind), f"{case.title or say('nameless', 'paper')}\n{case.reference}") for case in both])
        for section, names in SECTIONS.items():
            paper.heading(say(section, "hand_over_part"))
            values = {name: _shown(language, getattr(view.hand_over, name)) for name in names}
            paper.fields([(say(name, "field"), value) for name, value in values.items() if name not in LONG])
            for name in (each for each in names if each in LONG):
                paper.text(say(name, "field"), values[name], lines=1)
        for proof in view.proofs:
            paper.heading(say(proof.proof, "Proof"))
            paper.fields([(say(name, "field"), value) for name, value in proof.details.items()])
        paper.heading(say("signatures", "paper"), keep=60)
        paper.signatures([say(name, "hand_over_signs") for name in SIGNED])
        return paper.finished(say("lacking", "paper"))


def _shown(language: str, value: str | PartialDate) -> str:
    return partial_date(language, value) if isinstance(value, PartialDate) else value
