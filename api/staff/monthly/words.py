"""The words of the monthly report, marked for translation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tracing.domain import CaseKind
from tracing.records.figures import Step


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is said."""
    return text


HOUSE: Final = _("All stations together")
OF_STATION: Final = _("Station %(station)s")
SPAN: Final = _("From %(first)s to %(last)s, made on %(made)s.")
NOTHING: Final = _("No data yet: nobody had a case here by the end of this month.")
LEGEND: Final = _(
    "“<5” stands for 0 to 4. “–” stands for a number that is not shown, because a smaller one could be worked out from it. "
    "A percentage stands only where both of its numbers do."
)
HOUSE_ALONE: Final = _("Told for all stations together only.")
NOT_MEASURED: Final = _("not measured")
AND_MORE: Final = _("%(low)s and more")
FROM_TO: Final = _("%(low)s–%(high)s")

STEPS: Final[Mapping[Step, str]] = {
    Step.INTAKE: _("Case opened"),
    Step.PHOTOGRAPHED: _("Photographed"),
    Step.ENROLLED: _("Face enrolled"),
    Step.SEARCHED: _("Searched by face"),
    Step.CANDIDATES: _("Has candidates"),
    Step.JUDGED: _("Judged by a person"),
    Step.CONFIRMED: _("Confirmed by two people"),
    Step.VERIFIED: _("Verified without the face"),
    Step.REUNITED: _("Reunited with the family"),
}
FUNNEL: Final[Mapping[CaseKind, str]] = {
    CaseKind.SHELTERED: _("People in care, from intake to reunion"),
    CaseKind.MISSING: _("Missing persons, from report to reunion"),
}
FUNNEL_NOTE: Final = _(
    "First column: of the cases opened in this month, how many came to this step or a later one by the end of the month. "
    "Second: how many of them came no further. Third: cases opened before, which came to this step in this month."
)
REACHED: Final = _("Opened this month")
SHARE: Final = _("Share")
NO_FURTHER: Final = _("No further")
EARLIER: Final = _("Opened before")
STEP: Final = _("Step")
CHANNELS: Final = _("Reunions, by what brought them about")
CHANNELS_NOTE: Final = _("People in care who were reunited in this month, by the last action that told who they are.")
CHANNEL: Final = _("Brought about by")
PEOPLE: Final = _("People")
NOT_SAID: Final = _("Not said")
TOTAL: Final = _("All together")
TIMES: Final = _("Time since the case was opened")
TIMES_NOTE: Final = _(
    "Of the cases that came to the step in this month for the first time. 9 of 10 came within the second time."
)
MEDIAN: Final = _("Median")
NINETY: Final = _("9 of 10 within")
WAITING: Final = _("Open at the end of the month")
WAITING_NOTE: Final = _("Rounded down to fives, so that two reports compared tell of no single person.")
OPEN_FOR: Final = _("Open for")
CASES: Final = _("Cases")
AGES: Final = (_("up to 90 days"), _("91 to 180 days"), _("181 to 365 days"), _("more than a year"), TOTAL)
RULES: Final = _("Deadlines of this month")
RULES_NOTE: Final = _("Duties that were due in this month. Those that stand still, or fell away in time, are not counted.")
RULE: Final = _("Deadline")
IN_TIME: Final = _("In time")
NOT_IN_TIME: Final = _("Not in time")
COVERAGE: Final = _("Everyone is searched")
COVERAGE_NOTE: Final = _(
    "Of the cases opened in this month: by face until its end, by clues until today. The aim is 100%. "
    "Where fewer than five are left out, it says so instead of a percentage."
)
SEARCHED_BY: Final = _("Searched")
BY_FACE: Final = _("By face")
BY_CLUES: Final = _("By clues")
LEFT_OUT: Final = _("Left out")
PHOTOS: Final = _("Photos of this month")
PHOTO: Final = _("What became of them")
PHOTO_KINDS: Final[Mapping[str, str]] = {
    "enrolled": _("A face was enrolled"),
    "no_face": _("No face was found (failure to enrol)"),
    "other": _("Something else: unreadable, held, waiting"),
}
REVIEW: Final = _("Quality of the review")
REVIEW_NOTE: Final = _("Of pairs whose review is over, by people of all stations.")
FIGURE: Final = _("Figure")
VALUE: Final = _("Value")
REVIEWS: Final[Mapping[str, str]] = {
    "agreed": _("Two people, blind to each other: same opinion"),
    "apart": _("Two people, blind to each other: different opinions"),
    "kappa": _("Agreement beyond chance (Cohen's kappa, 95% range)"),
    "stood": _("Judgements that stood once the score was shown"),
    "changed": _("Judgements changed once the score was shown"),
    "recognised": _("Known pairs of one person: recognised"),
    "missed": _("Known pairs of one person: not recognised"),
    "kept_apart": _("Known pairs of two people: kept apart"),
    "taken_for_same": _("Known pairs of two people: taken for one"),
    "revoked": _("Confirmed matches that were revoked"),
}
ENGINE: Final = _("The recognition, as it was measured")
ENGINE_NOTE: Final = _(
    "The model card of the encoder %(encoder)s that is in use. It does not change from month to month. In a larger gallery "
    "more people are missed."
)
NO_CARD: Final = _("Nobody has measured this encoder yet, or its figures cannot be read.")
ENGINES: Final[Mapping[str, str]] = {
    "measured": _("Measured on"),
    "enrolled": _("People in the gallery"),
    "first": _("The right person in the first place"),
    "five": _("The right person among the first 5"),
    "twenty": _("The right person among the first 20"),
    "misses": _("Missed while 1% of searches for strangers bring somebody up"),
    "strict": _("Missed while 0.3% of searches for strangers bring somebody up"),
    "failed": _("Photos without a face that can be found"),
}
STRANGERS: Final = _("Strangers that one search brings up in a gallery of %(people)s")
GROUPS: Final = _("Missed, by group")
GROUP: Final = _("Group")
MISSED: Final = _("Missed")
EMPTY: Final = _("Nothing of this in this month.")
RANGE: Final = _("95% range")
SEARCHES: Final = _("Searches")
BY: Final[Mapping[str, str]] = {
    "age": _("Age"),
    "years between": _("Years between the photos"),
    "sex": _("Sex"),
    "quality": _("Quality of the photo"),
    "set": _("Set of photos"),
}
PRINTED: Final = _("Monthly report, %(month)s")

BY_COMMAND: Final = _("Made by the command line on %(at)s")

Say = Callable[[str], str]
