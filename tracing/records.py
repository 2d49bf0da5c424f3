"""What a transaction of the record store can do: plain methods that take and return domain types, grouped by noun.

A getter of one thing raises ``NotFound``. Whatever is saved with a ``version`` raises ``Stale`` where the stored version is
another one, and returns the thing with its new version.
"""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tracing.domain import (
    Account,
    Actor,
    Analysis,
    Case,
    CaseKind,
    CaseState,
    Contact,
    Decision,
    Event,
    Face,
    GalleryChange,
    Generation,
    Pair,
    PairState,
    Photo,
    Relation,
    SearchRun,
    Session,
    Template,
    Vector,
)


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """``text`` is looked for in reference, names and places, ignoring case."""

    kind: CaseKind | None = None
    state: CaseState | None = None
    text: str = ""


class CaseRecords(Protocol):
    def next_reference(self, kind: CaseKind, year: int) -> str:
        """The next free reference, such as ``M-2026-00042``; the number is used up even if the case is not saved later."""
        ...

    def add(self, case: Case) -> None: ...

    def get(self, case_id: str) -> Case: ...

    def by_ids(self, case_ids: Some[str]) -> dict[str, Case]:
        """Those that exist."""
        ...

    def find(self, wanted: CaseFilter, limit: int, offset: int = 0) -> list[Case]:
        """Newest first."""
        ...

    def count(self, wanted: CaseFilter) -> int: ...

    def save(self, case: Case) -> Case:
        """Store the changed case (but for its search counters, which have methods of their own).

        Where its collection changed, the places of its templates are announced to the galleries in the same transaction.
        """
        ...

    def want_search(self, case_id: str) -> None:
        """Mark the case as due for a search."""
        ...

    def want_search_everywhere(self) -> int:
        """Mark every searchable case that has a template; how many there are."""
        ...

    def search_done(self, case_id: str, wanted: int) -> None:
        """A search that started when the counter was at ``wanted`` has ended; a later wish stays due."""
        ...

    def due(self, limit: int) -> list[str]:
        """Ids of searchable cases (open, with a legal basis) whose search is due, longest open first."""
        ...

    def count_due(self) -> int: ...

    def erase(self, case_id: str) -> list[str]:
        """Remove every row of the case and take its templates out of the galleries; the keys of its photo files."""
        ...

    def add_contact(self, contact: Contact) -> None: ...

    def contacts(self, case_id: str) -> list[Contact]: ...


class PhotoRecords(Protocol):
    def add(self, photo: Photo) -> None: ...

    def get(self, photo_id: str) -> Photo: ...

    def of_case(self, case_id: str) -> list[Photo]:
        """In the order they were received."""
        ...

    def of_cases(self, case_ids: Some[str]) -> dict[str, list[Photo]]: ...

    def of_open_cases(self, analysis: Analysis, limit: int) -> list[Photo]:
        """Photos of open cases that stand at this point, newest first."""
        ...

    def pending(self, now: datetime, limit: int, max_attempts: int) -> list[str]:
        """Ids of photos that wait for their analysis and that nobody has claimed, oldest first."""
        ...

    def claim(self, photo_id: str, now: datetime, until: datetime) -> bool:
        """Take a pending, unclaimed photo for analysis and count the attempt; False where somebody else has it."""
        ...

    def release(self, photo_id: str) -> None:
        """Give an unfinished claim back without counting the attempt."""
        ...

    def finish(self, photo: Photo, was: Analysis) -> bool:
        """Store analysis, problem, width and height and end the claim, if the analysis still is ``was``; whether it was."""
        ...

    def keys(self) -> dict[str, str]:
        """Every photo key in use, with its photo id."""
        ...

    def count(self, analysis: Analysis) -> int: ...

    def stuck(self, max_attempts: int) -> int:
        """How many pending photos have used up their attempts."""
        ...


class FaceRecords(Protocol):
    def add(self, faces: Sequence[Face]) -> None: ...

    def get(self, face_id: str) -> Face: ...

    def of_photo(self, photo_id: str) -> list[Face]: ...

    def of_case(self, case_id: str) -> list[Face]: ...

    def of_cases(self, case_ids: Some[str]) -> dict[str, list[Face]]:
        """Only the faces of interest, best quality first."""
        ...

    def choose(self, face_id: str) -> None:
        """Make this face the only one of interest of its photo; templates of the others are removed."""
        ...

    def add_templates(self, vectors: Sequence[tuple[str, str, Vector]]) -> list[Template]:
        """(face_id, encoder_id, vector) each; a face's template by an encoder that is there is kept as it is.

        Announced to the galleries in the same transaction where the case is searchable.
        """
        ...

    def templates(self, case_id: str, encoder_id: str) -> list[Template]: ...

    def without_template(self, encoder_id: str, limit: int, after: str = "") -> list[str]:
        """Ids of faces of interest that this encoder has not encoded yet, ascending, greater than ``after``."""
        ...

    def count_templates(self, encoder_id: str) -> int: ...

    def count_of_interest(self) -> int: ...


class GalleryRecords(Protocol):
    def head(self) -> int:
        """The number of the last change that was committed."""
        ...

    def changes(self, encoder_id: str, after: int, limit: int) -> list[GalleryChange]:
        """The latest place of every template that moved after ``after``, ascending by number, at most ``limit``.

        From 0 on, this is the whole gallery.
        """
        ...

    def expected(self, encoder_id: str) -> dict[int, str]:
        """template_id -> collection as cases, faces and templates imply it, without looking at the changes."""
        ...


class GenerationRecords(Protocol):
    def add(self, generation: Generation) -> None:
        """A second active one is refused with ``Conflict``."""
        ...

    def get(self, generation_id: str) -> Generation: ...

    def all(self) -> list[Generation]:
        """Oldest first."""
        ...

    def active(self) -> Generation:
        """Raises ``NotFound`` before the first one was activated."""
        ...

    def live(self) -> list[Generation]:
        """Those that new faces are encoded for: building and active."""
        ...

    def save(self, generation: Generation) -> None: ...


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a search says about a pair of cases."""

    low_case_id: str
    high_case_id: str
    relation: Relation
    score: float
    rank: int
    generation_id: str
    list_id: str


class PairRecords(Protocol):
    def suggest(self, suggestions: Sequence[Suggestion], at: datetime) -> int:
        """Add what is new, refresh score and rank of what nobody has judged; a judged pair is left as it is.

        How many pairs are new.
        """
        ...

    def get(self, pair_id: str) -> Pair: ...

    def between(self, one: str, other: str) -> Pair | None: ...

    def of_case(self, case_id: str) -> list[Pair]: ...

    def lock(self, pair_id: str) -> Pair:
        """As ``get``, and nobody else can change the pair or its two cases until the transaction ends.

        The cases are locked first, in ascending order, then the pair: two confirmations that share a case queue up instead of
        waiting for each other.
        """
        ...

    def save(self, pair: Pair) -> Pair: ...

    def claim(self, pair_id: str, reviewer: str, now: datetime, until: datetime) -> bool:
        """Take a pair that is waiting for review and that nobody else holds now; a reviewer's own claim is prolonged."""
        ...

    def queue(
        self,
        reviewer: str,
        states: Some[PairState],
        now: datetime,
        limit: int,
        offset: int = 0,
        relation: Relation | None = None,
    ) -> list[Pair]:
        """Pairs in these states that this person may judge now: opened neither case, has not judged the pair, nobody else
        holds it, and both cases are ``comparable``. Those of the active generation with the highest score come first."""
        ...

    def queue_size(self, reviewer: str, states: Some[PairState], now: datetime, relation: Relation | None = None) -> int: ...

    def count(self, state: PairState) -> int: ...

    def register_match(self, pair: Pair) -> None:
        """Both cases are now taken by this pair; ``Conflict`` where one is taken already, also by a transaction beside this."""
        ...

    def release_match(self, pair_id: str) -> None: ...

    def add_decision(self, decision: Decision) -> None: ...

    def decisions(self, pair_id: str) -> list[Decision]:
        """All of them, in order."""
        ...

    def judged_by(self, reviewer: str, pair_ids: Some[str]) -> set[str]:
        """Which of these pairs the person has judged."""
        ...

    def supersede_decision(self, decision_id: str, at: datetime) -> None: ...

    def add_run(self, run: SearchRun) -> None: ...

    def run(self, run_id: str) -> SearchRun: ...

    def latest_run(self, case_id: str) -> SearchRun | None: ...

    def latest_runs(self, generation_id: str) -> list[SearchRun]:
        """The last search of each case in this generation."""
        ...

    def exist_between(self, case_ids: Some[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those (low, high) of which there is a pair."""
        ...


class AuditRecords(Protocol):
    def append(self, actor: Actor, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
        """Chain a row at the end; written with the rest of the transaction or not at all. No personal data in ``detail``."""
        ...

    def events(self, after: int, limit: int) -> list[Event]: ...

    def of_subject(self, subject: str) -> list[Event]: ...

    def head(self) -> tuple[int, str]:
        """Number and hash of the last row, as the chain's own record keeps them."""
        ...


class IntegrityRecords(Protocol):
    """Questions that ``tracing check`` asks: each answer names the rows that contradict others, ascending."""

    def orphans(self) -> list[tuple[str, str]]:
        """(table, key) of rows that point to a row that is not there."""
        ...

    def photos_without_their_faces(self) -> list[str]:
        """Ids of photos whose analysis does not fit their faces, such as enrolled ones without one face of interest."""
        ...

    def faces_without_template(self, encoder_id: str) -> list[str]:
        """Ids of faces of interest that have no template by this encoder."""
        ...

    def templates_of_bystanders(self) -> list[int]:
        """Ids of templates whose face is not the case's person."""
        ...

    def unsearched(self, generation_id: str) -> list[str]:
        """Ids of searchable cases with a template that have neither a search in this generation nor one that is due."""
        ...

    def matches_out_of_step(self) -> list[str]:
        """Ids of ``trace`` pairs that are matched without holding both cases, or hold a case without being matched."""
        ...

    def matched_without_match(self) -> list[str]:
        """Ids of cases that are matched, and that no match holds."""
        ...

    def missing(self, table: str, ids: Some[str]) -> set[str]:
        """Which of these ids have no row; ``table`` is ``cases``, ``photos``, ``decisions``, ``pairs`` or ``accounts``."""
        ...


class AccountRecords(Protocol):
    def add(self, account: Account) -> None:
        """A name that is taken is a ``Conflict``."""
        ...

    def get(self, account_id: str) -> Account: ...

    def by_name(self, name: str) -> Account | None: ...

    def by_api_key(self, api_key_hash: str) -> Account | None: ...

    def all(self) -> list[Account]: ...

    def save(self, account: Account) -> None: ...

    def add_session(self, session: Session) -> None: ...

    def session(self, token_hash: str) -> Session | None: ...

    def end_session(self, token_hash: str) -> None: ...

    def end_sessions_of(self, account_id: str) -> None: ...

    def end_expired_sessions(self, now: datetime) -> int: ...


class Records(Protocol):
    """One transaction."""

    @property
    def cases(self) -> CaseRecords: ...
    @property
    def photos(self) -> PhotoRecords: ...
    @property
    def faces(self) -> FaceRecords: ...
    @property
    def gallery(self) -> GalleryRecords: ...
    @property
    def generations(self) -> GenerationRecords: ...
    @property
    def pairs(self) -> PairRecords: ...
    @property
    def audit(self) -> AuditRecords: ...
    @property
    def accounts(self) -> AccountRecords: ...
    @property
    def integrity(self) -> IntegrityRecords: ...
