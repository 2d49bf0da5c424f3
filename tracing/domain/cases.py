"""A case: one person we act for, what is known of them, and whom to call."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tracing.domain.dates import PartialDate


class CaseKind(StrEnum):
    MISSING = "missing"
    """A person whom somebody is looking for."""
    SHELTERED = "sheltered"
    """A person in care whose identity is unknown or only claimed."""


class CaseState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    SUSPENDED = "suspended"
    MATCHED = "matched"
    CLOSED = "closed"


class Outcome(StrEnum):
    REUNITED = "reunited"
    RETURNED_TO_ORIGIN = "returned_to_origin"
    SETTLED = "settled"
    TRANSFERRED = "transferred"
    SELF_LEFT = "self_left"
    DECEASED = "deceased"
    FOUND_ELSEWHERE = "found_elsewhere"
    WITHDRAWN = "withdrawn"
    FALSE_REPORT = "false_report"
    DUPLICATE = "duplicate"
    EXPIRED = "expired"


class Channel(StrEnum):
    """What brought to light who a person is, or where (DOMAIN.md section 10)."""

    FACE = "face"
    """A comparison of faces, here or elsewhere."""
    INTERVIEW = "interview"
    DNA = "dna"
    NOTICE = "notice"
    POLICE = "police"
    OTHER = "other"


class LegalBasis(StrEnum):
    STATUTORY_DUTY = "statutory_duty"
    SEPARATE_CONSENT = "separate_consent"
    GUARDIAN_CONSENT = "guardian_consent"
    VITAL_INTEREST = "vital_interest"
    NONE = "none"
    """Kept as a file, but its face is neither enrolled in a gallery nor searched (DOMAIN.md, L2)."""


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class Collection(StrEnum):
    """The three galleries: whom a template belongs to decides who is searched against it."""

    MISSING = "missing"
    IN_CARE = "in_care"
    PAST = "past"
    """Past intakes: the first face hit of the national system was an earlier rescue record."""


class AgeBand(StrEnum):
    """How old somebody is, as far as it matters for who has to agree and what faces are worth."""

    CHILD = "child"
    YOUTH = "youth"
    ADULT = "adult"
    ELDER = "elder"

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last year of age; under 14 a guardian decides (DOMAIN.md section 7), from 18 on nobody else."""
        return {"child": (0, 13), "youth": (14, 17), "adult": (18, 59), "elder": (60, 150)}[self]


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of a person. ``age_min`` and ``age_max`` are years of age on the day the case was opened."""

    names: tuple[str, ...] = ()
    sex: Sex | None = None
    birth_date: PartialDate | None = None
    age_min: int | None = None
    age_max: int | None = None
    ethnic_group: str = ""
    languages: tuple[str, ...] = ()
    accent: str = ""
    height_cm: int | None = None
    marks: tuple[str, ...] = ()
    clothing: str = ""
    seen_at: PartialDate | None = None
    """Missing: when last seen. Sheltered: when found."""
    seen_place: str = ""
    circumstances: str = ""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What a search has to know of a case that it found: where it stands, and what can speak against it."""

    case_id: str
    kind: CaseKind
    state: CaseState
    collection: Collection | None
    opened_at: datetime
    birth_date: PartialDate | None
    age_min: int | None
    age_max: int | None
    seen_at: PartialDate | None
    sex: Sex | None = None
    height_cm: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One person we act for. ``search_wanted`` and ``search_done`` count: a search is due while wanted > done."""

    case_id: str
    reference: str
    kind: CaseKind
    state: CaseState
    station_id: str
    legal_basis: LegalBasis
    opened_at: datetime
    opened_by: str
    description: Description = field(default_factory=Description)
    outcome: Outcome | None = None
    state_reason: str = ""
    """Why a person brought the case into this state, in that person's words."""
    expires_at: datetime | None = None
    version: int = 1
    search_wanted: int = 0
    search_done: int = 0
    guarded_since: datetime | None = None
    """Since when relatives are suspected of abuse or trafficking, and no check has cleared it (``Safeguard``)."""
    child_said: bool | None = False
    """Whether the form calls the person a child (``says_child``): the store keeps it, which cannot ask a sealed form as it
    searches; None where nobody has read the form since that is kept."""

    @property
    def guarded(self) -> bool:
        """Whether nobody outside may learn where this person is (DOMAIN.md, L21)."""
        return self.guarded_since is not None

    @property
    def collection(self) -> Collection | None:
        """The gallery that this case's templates belong to, or None while nobody may find them.

        A reunited or deceased person is out of every gallery (found = out, DOMAIN.md L10); other closed intakes
        stay findable as past intakes until they expire.
        """
        if self.legal_basis is LegalBasis.NONE:
            return None
        if self.state is CaseState.OPEN:
            return Collection.MISSING if self.kind is CaseKind.MISSING else Collection.IN_CARE
        past = self.kind is CaseKind.SHELTERED and self.state is CaseState.CLOSED
        if past and self.outcome not in (Outcome.REUNITED, Outcome.DECEASED):
            return Collection.PAST
        return None

    @property
    def facts(self) -> CaseFacts:
        said = self.description
        return CaseFacts(
            self.case_id,
            self.kind,
            self.state,
            self.collection,
            self.opened_at,
            said.birth_date,
            said.age_min,
            said.age_max,
            said.seen_at,
            said.sex,
            said.height_cm,
        )

    @property
    def comparable(self) -> bool:
        """Whether people may compare this case's face with others: it stands in a gallery, or belongs to a match."""
        matched = self.state is CaseState.MATCHED and self.legal_basis is not LegalBasis.NONE
        return self.collection is not None or matched

    @property
    def title(self) -> str:
        """The name a page shows first; empty where nobody knows one."""
        return self.description.names[0] if self.description.names else ""


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's word that a case ends with this outcome, where two have to give theirs."""

    case_id: str
    approver: str
    outcome: Outcome
    reason: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call about a case: its reporter or custodian. Kept sealed and apart from the case."""

    contact_id: str
    case_id: str
    role: str
    name: str
    phone: str = ""
    place: str = ""
    safe_to_contact: bool = True

    @property
    def of_the_station(self) -> bool:
        """Whether it may be the station itself, or work with it: nobody who seeks the person."""
        return self.role == "custodian"


@dataclass(frozen=True, slots=True)
class Closing:
    """How a case was closed by hand, and what the face search had made of it by then.

    ``other_case_id`` is another of our cases that turned out to be the same person. ``in_galleries``: right before, the faces
    of both stood in the galleries of the active generation, so that the search could have brought them together.
    ``list_id`` is the search whose list then was the last one of the two; empty where neither was ever searched.
    """

    closing_id: str
    case_id: str
    closed_at: datetime
    outcome: Outcome
    channel: Channel | None
    """None where nobody said it."""
    other_case_id: str | None = None
    in_galleries: bool = False
    list_id: str = ""
