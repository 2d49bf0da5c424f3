"""The JSON bodies of requests about cases and pairs, and how they become the domain's own types."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field

from api.v1.fields import Body, Date, Item, Items, Line, Prose, Reason, Whole
from tracing.domain import CaseKind, Channel, Description, Judgement, LegalBasis, Outcome, Sex, Source
from tracing.opening import ContactDraft
from tracing.reunions import PROOF_FIELDS, HandOverDraft
from tracing.verdict import FEATURES, Look, Proof, Verdict

DEFAULT_BASIS: Final = {
    # Stations identify whom they shelter by law; a family's report rests on the consent that its form asks for.
    CaseKind.SHELTERED: LegalBasis.STATUTORY_DUTY,
    CaseKind.MISSING: LegalBasis.SEPARATE_CONSENT,
}
A_CASE: Final[dict[str, Any]] = {
    "kind": "missing",
    "names": ["王建国", "Wang Jianguo"],
    "sex": "male",
    "birth_date": "1961",
    "languages": ["四川话"],
    "height_cm": 168,
    "marks": ["scar above the left eyebrow"],
    "seen_at": "2026-10",
    "seen_place": "成都火车北站",
    "legal_basis": "separate_consent",
    "contact": {"role": "daughter", "name": "王芳", "phone": "+86 138 0000 0000"},
}


class DescriptionBody(Body):
    """What is known of a person; whatever is not known is left out."""

    names: Items = Field(default_factory=list)
    sex: Sex | None = None
    birth_date: Date | None = None
    age_min: Whole | None = Field(None, description="Years, on the day the case was opened.", json_schema_extra={"minimum": 0})
    age_max: Whole | None = Field(None, description="Years, on the day the case was opened.", json_schema_extra={"minimum": 0})
    ethnic_group: Line = ""
    languages: Items = Field(default_factory=list)
    accent: Line = ""
    height_cm: Whole | None = Field(None, json_schema_extra={"minimum": 0})
    marks: Items = Field(default_factory=list, description="Scars, birthmarks, tattoos, disabilities.")
    clothing: Prose = ""
    seen_at: Date | None = Field(None, description="Missing: when last seen. Sheltered: when found.")
    seen_place: Line = ""
    circumstances: Prose = ""

    def given(self) -> dict[str, Any]:
        """The fields of a ``Description`` that were sent, as it holds them."""
        sent = {name: getattr(self, name) for name in self.model_fields_set & set(Description.__slots__)}
        return {name: tuple(value) if isinstance(value, list) else value for name, value in sent.items()}


class ContactBody(Body):
    """Whom to call. Kept sealed, and never part of an answer."""

    role: Line = Field(description="What this person is to the case: daughter, police, ward.")
    name: Line
    phone: Line = ""
    place: Line = ""

    def draft(self) -> ContactDraft:
        return ContactDraft(self.role, self.name, self.phone, self.place)


class SourceBody(Body):
    """Another system, and its name for the record. 409 `suppressed` where the person has asked not to be kept here again."""

    source: Item = Field(examples=["Missing Persons of Sichuan"])
    source_id: Item = Field(examples=["SC-2025-00317"])

    def source_of(self) -> Source:
        return Source(self.source, self.source_id)


class NewCase(DescriptionBody):
    model_config = ConfigDict(json_schema_extra={"examples": [A_CASE]})

    kind: CaseKind = Field(description="`missing`: somebody looks for this person. `sheltered`: in care, identity unknown.")
    legal_basis: LegalBasis | None = Field(
        None,
        description="Why the face may be processed. Left out: `statutory_duty` for a sheltered person, `separate_consent` for "
        "a missing one. With `none` the case is kept, and its face is neither enrolled in a gallery nor searched.",
    )
    contact: ContactBody | None = None
    source: SourceBody | None = Field(None, description="Where the record came from, if it came from another system.")

    @property
    def basis(self) -> LegalBasis:
        return self.legal_basis if self.legal_basis is not None else DEFAULT_BASIS[self.kind]


class CaseChanges(DescriptionBody):
    """Fields that are left out stay as they are; null empties those that may be unknown."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 1, "names": ["王建国"], "birth_date": "1961-03"}]})

    legal_basis: LegalBasis = Field(default=LegalBasis.NONE, json_schema_extra={"default": None})
    version: Whole | None = Field(None, description="The version that you read; 409 where it is no longer the current one.")

    @property
    def basis(self) -> LegalBasis | None:
        return self.legal_basis if "legal_basis" in self.model_fields_set else None


class ReasonBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Seen alive by the ward doctor, called the family."}]})

    reason: Reason


class Closing(ReasonBody):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"outcome": "transferred", "reason": "Moved to Mianyang."},
                {"outcome": "found_elsewhere", "reason": "The police called.", "channel": "police"},
            ]
        }
    )

    outcome: Outcome = Field(description="Which ones there are depends on the kind; a reunion is recorded on the pair instead.")
    channel: Channel | None = Field(None, description="What brought to light who or where the person is.")
    other_case: Line = Field(
        "",
        description="Reference or id of another case that turned out to be the same person. Where the face search could have "
        "found it and another channel did, it is counted as a miss of the recognition.",
    )


class VerdictBody(ReasonBody):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "judgement": "same_likely",
                    "confidence": 4,
                    "features": {"ears": "similar", "scars": "similar", "hairline": "not_visible"},
                    "reason": "Same scar above the left eyebrow, same shape of the ears.",
                }
            ]
        }
    )

    judgement: Judgement
    confidence: Whole | None = Field(None, ge=1, le=5, description="From 1 (guessing) to 5 (certain).")
    features: Annotated[dict[Item, Look], Field(max_length=len(FEATURES))] = Field(
        default_factory=dict, description=f"Of each component of the face, if it was compared: {', '.join(FEATURES)}."
    )

    def verdict(self) -> Verdict:
        return Verdict(self.judgement, self.reason, self.confidence, dict(self.features))


class Proving(ReasonBody):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"proof": "control_question", "reason": "Knew the name of the family's dog."}]}
    )

    proof: Proof
    details: dict[Item, Line] | None = Field(
        None,
        max_length=8,
        description="The fields of this kind of evidence, all of them: "
        + "; ".join(f"`{proof}`: {', '.join(names)}" for proof, names in PROOF_FIELDS.items())
        + ". Kept sealed; of a document's number only the last four characters.",
    )


class HandOverBody(Body):
    """The record of the hand-over; names and numbers are kept sealed, and are part of no answer."""

    receiver: Line = ""
    relation: Line = Field("", description="What the receiver is to the person.")
    document_type: Line = ""
    document_number: Line = ""
    relation_proof: Prose = ""
    handed_over_by: Line = ""
    witness: Line = ""
    handed_over_on: Line = Field("", description="YYYY-MM-DD.", examples=["2026-03-01"])
    handed_over_time: Line = Field("", description="HH:MM; may be left out.")
    place: Line = ""
    belongings: Prose = Field("", description="May be left out.")
    wish: Prose = Field("", description="What the person themselves wants.")
    follow_up_on: Line = Field("", description="YYYY-MM-DD, after the hand-over.", examples=["2026-04-01"])

    def draft(self) -> HandOverDraft:
        return HandOverDraft(**self.model_dump())


class Reuniting(ReasonBody):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Handed over to the daughter at the station."}]})

    hand_over: HandOverBody | None = Field(
        None, description="Where it is sent, every field has to be there but the two that say otherwise; 422 names all at once."
    )


class FaceChoice(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"of_interest": True}]})

    of_interest: bool = Field(strict=True, description="Only true: another choice is made by choosing another face.")
