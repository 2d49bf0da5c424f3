"""The JSON bodies about clues: what is sent of an interview, and what answers say of clues and of what they speak for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.v1.answers import CaseAnswer
from api.v1.fields import Body, Line, Reason, Whole
from tracing.clues.enquiries import Answer, Answers
from tracing.clues.explained import Explained, Part, Strength
from tracing.clues.findings import Finding
from tracing.clues.interviews import MOST_MENTIONS, Suggested
from tracing.domain import CaseKind, ClueVersion, Mention, MentionKind, Reply, Told
from tracing.domain.regions import Met

SAID: Final = "我屋里在富阳，老爹叫刘国强，做木匠的。"
A_MENTION: Final[dict[str, Any]] = {"kind": "place", "start": 4, "end": 6, "text": "富阳", "place_code": "330111"}
A_CLUE: Final[dict[str, Any]] = {"said": SAID, "language": "zh", "dialect": "阜阳话", "mentions": [A_MENTION]}


def _code(text: str) -> str:
    if text and not (text.isascii() and text.isdigit()):
        raise ValueError("the code of a place has only digits")
    return text


Code = Annotated[str, StringConstraints(max_length=12), AfterValidator(_code), Field(json_schema_extra={"pattern": "^[0-9]*$"})]


class MentionBody(Body):
    """A part of what was said: `said[start:end]`, counted in Unicode characters, is `text`."""

    kind: MentionKind
    start: Whole = Field(ge=0)
    end: Whole = Field(ge=1)
    text: Line
    place_code: Code = Field("", description="The division (GB/T 2260) that the interviewer settled on, if any.")

    def mention(self) -> Mention:
        return Mention(self.kind, self.start, self.end, self.text, self.place_code)


Mentions = Annotated[list[MentionBody], Field(max_length=MOST_MENTIONS)]


class ClueBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [A_CLUE]})

    said: Reason = Field(description="Word for word, in whatever language or dialect it was said.")
    said_at: AwareDatetime | None = Field(None, description="With its zone; left out: just now.")
    language: Line = ""
    dialect: Line = Field("", description="As the interviewer heard it, such as 阜阳话.")
    mentions: Mentions = Field(default_factory=list, description="What the interviewer marked; see `suggestions`.")

    def told(self) -> Told:
        mentions = tuple(mention.mention() for mention in self.mentions)
        return Told(self.said, self.said_at, self.language, self.dialect, mentions)


class ClueRevision(ClueBody):
    """What was said, written down better. What stood there before is kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [A_CLUE | {"version": 1, "reason": "Heard it again, slowly."}]})

    version: Whole = Field(ge=1, description="The version that you read; 409 where it is no longer the current one.")
    reason: Reason


class ClueWithdrawal(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 1, "reason": "His neighbour said it of himself."}]})

    version: Whole = Field(ge=1)
    reason: Reason


class Words(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"said": SAID}]})

    said: Reason


class MentionAnswer(BaseModel):
    kind: MentionKind
    start: int
    end: int
    text: str
    place_code: str
    reply: Reply | None = Field(None, description="What came of this choice of a board that was shown; else null.")

    @classmethod
    def of(cls, mention: Mention) -> Self:
        return cls(**{name: getattr(mention, name) for name in cls.model_fields})


class ClueAnswer(BaseModel):
    clue_id: str
    case_id: str
    said: str
    said_at: datetime
    told_to: str = Field(description="The account of whoever heard it.")
    language: str
    dialect: str
    mentions: list[MentionAnswer]
    version: int
    recorded_by: str
    recorded_at: datetime
    reason: str = Field(description="Why it was revised or withdrawn.")
    withdrawn: bool
    superseded_at: datetime | None

    @classmethod
    def of(cls, version: ClueVersion) -> Self:
        clue = version.clue
        own = ("version", "recorded_by", "recorded_at", "reason", "withdrawn", "superseded_at")
        told = ("clue_id", "case_id", "said", "said_at", "told_to", "language", "dialect")
        return cls(
            mentions=[MentionAnswer.of(mention) for mention in clue.mentions],
            **{name: getattr(version, name) for name in own},
            **{name: getattr(clue, name) for name in told},
        )


class CluesAnswer(BaseModel):
    clues: list[ClueAnswer] = Field(description="In the order in which they were said.")

    @classmethod
    def of(cls, versions: Sequence[ClueVersion]) -> Self:
        return cls(clues=[ClueAnswer.of(version) for version in versions])


class PlaceAnswer(BaseModel):
    code: str
    name: str = Field(examples=["安徽省阜阳市"])
    met: Met = Field(description="By what the words met this place; `alike`: they only sound like it.")
    weight: float = Field(description="How likely it is meant, among all that these words may mean.")


class SuggestionAnswer(MentionAnswer):
    places: list[PlaceAnswer] = Field(description="What a place name may stand for, the likeliest first.")

    @classmethod
    def suggested(cls, suggested: Suggested) -> Self:
        mention = MentionAnswer.of(suggested.mention)
        places = [
            PlaceAnswer(code=each.place.code, name=each.place.full_name, met=each.guess.met, weight=each.guess.weight)
            for each in suggested.places
        ]
        return cls(places=places, **mention.model_dump())


class SuggestionsAnswer(BaseModel):
    mentions: list[SuggestionAnswer]


class PartAnswer(BaseModel):
    text: str
    field: str = Field(description="The field of the description, or `clue`.")
    clue_id: str
    accepted: bool = Field(description="A person marked it, or wrote it into a field that is meant for it.")

    @classmethod
    def of(cls, part: Part) -> Self:
        return cls(text=part.text, field=part.field, clue_id=part.clue_id, accepted=part.accepted)


class ExplainedAnswer(BaseModel):
    """What of the one case met what of the other, and why; `low` is the first case of the pair's answer."""

    topic: str
    reason: str
    low: PartAnswer
    high: PartAnswer
    strength: Strength
    bits: float | None = Field(None, description="Left out for roles that see no scores.")

    @classmethod
    def of(cls, line: Explained, weighed: bool) -> Self:
        bits = {"bits": line.weight} if weighed else {}
        return cls(
            topic=line.topic,
            reason=line.reason,
            low=PartAnswer.of(line.low),
            high=PartAnswer.of(line.high),
            strength=line.strength,
            **bits,
        )


class Enquiry(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"words": "富阳 刘国强 木匠", "kind": "missing"}]})

    words: Line = Field(description="A few words with spaces between them: places, names, work, marks, or any others.")
    kind: CaseKind | None = Field(None, description="One kind of cases alone; left out: both.")
    limit: Whole = Field(20, ge=1, le=100)


class EnquiryHit(BaseModel):
    case: CaseAnswer
    bits: float | None = Field(None, description="The sum of the lines. Left out for roles that see no scores.")
    lines: list[ExplainedAnswer] = Field(description="The weightiest first; `low` is what was asked.")

    @classmethod
    def of(cls, answer: Answer) -> Self:
        bits = {} if answer.weight is None else {"bits": answer.weight}
        lines = [ExplainedAnswer.of(line, answer.weight is not None) for line in answer.lines]
        return cls(case=CaseAnswer.of(answer.case), lines=lines, **bits)


class EnquiryAnswer(BaseModel):
    found: list[EnquiryHit] = Field(description="The weightiest first.")
    elsewhere: dict[str, int] = Field(
        description="How many more cases fit at stations that have not let yours see them, by station."
    )

    @classmethod
    def of(cls, answers: Answers) -> Self:
        return cls(found=[EnquiryHit.of(each) for each in answers.found], elsewhere=dict(answers.elsewhere))


class FindingAnswer(BaseModel):
    """What clues say for the two being one person: beside the faces, never one number with them."""

    bits: float | None = Field(None, description="The sum of the lines. Left out for roles that see no scores.")
    lines: list[ExplainedAnswer] = Field(description="The weightiest first, whether for or against.")

    @classmethod
    def of(cls, finding: Finding) -> Self:
        bits = {} if finding.weight is None else {"bits": finding.weight}
        return cls(lines=[ExplainedAnswer.of(line, finding.weight is not None) for line in finding.lines], **bits)
