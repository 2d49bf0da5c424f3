"""Valid domain objects for every test, and a clock and identifiers that a test can foresee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import numpy as np

from tracing.domain import (
    Account,
    Actor,
    Box,
    Candidate,
    Case,
    CaseClock,
    CaseKind,
    CaseState,
    ClockRule,
    Clue,
    ClueVersion,
    Contact,
    Decision,
    Description,
    Emergency,
    Escalation,
    Face,
    Generation,
    GenerationState,
    Grounds,
    HandedList,
    ImportRun,
    Judgement,
    Lead,
    LegalBasis,
    ListHit,
    ListPurpose,
    ListStage,
    Pair,
    PairState,
    Part,
    Photo,
    Purpose,
    Quality,
    Relation,
    RequestKind,
    Role,
    SearchRun,
    Session,
    Stage,
    Start,
    StationRequest,
    Unit,
    Vector,
)
from tracing.evaluation.card import By, Card, GroupFigures
from tracing.evaluation.report import Rate
from tracing.records import Suggestion

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
"""The moment at which everything made here happened."""

ENCODER = "test/encoder-1"
DIMENSION = 8


@dataclass
class FixedClock:
    """A clock that stands still until a test moves it."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> datetime:
        """As ``timedelta``: ``clock.advance(minutes=5)``; the new moment."""
        self.now += timedelta(**duration)
        return self.now


@dataclass
class CountingIds:
    """Identifiers of 32 hexadecimal digits that ascend: ...0001, ...0002. Safe to share between threads."""

    _numbers: count[int] = field(default_factory=lambda: count(1))

    def __call__(self) -> str:
        return an_id(next(self._numbers))


_fresh = count(0x1000)


def an_id(number: int | None = None) -> str:
    """An identifier of 32 hexadecimal digits; a new, greater one each time where no number is given."""
    return f"{next(_fresh) if number is None else number:032x}"


def an_actor(**changes: Any) -> Actor:
    return Actor(**{"account_id": an_id(), "name": "wang.li", "role": Role.INTAKE, "station_id": "station-1"} | changes)


def an_account(**changes: Any) -> Account:
    account_id = changes.get("account_id", an_id())
    values = {
        "account_id": account_id,
        "name": f"account-{account_id[-6:]}",
        "role": Role.REVIEWER,
        "station_id": "station-1",
        "created_at": NOON,
    }
    return Account(**values | changes)


def a_session(account_id: str, **changes: Any) -> Session:
    values = {
        "token_hash": an_id() * 2,
        "session_id": an_id(),
        "account_id": account_id,
        "created_at": NOON,
        "used_at": NOON,
        "expires_at": NOON + timedelta(hours=8),
    }
    return Session(**values | changes)


def a_case(**changes: Any) -> Case:
    """An open, searchable missing case; ``names``, ``age_min`` and the like of the description may be given directly."""
    case_id = changes.pop("case_id", None) or an_id()
    kind = changes.get("kind", CaseKind.MISSING)
    described = {name: changes.pop(name) for name in list(changes) if name in Description.__dataclass_fields__}
    values = {
        "case_id": case_id,
        "reference": f"{'M' if kind is CaseKind.MISSING else 'S'}-2026-{case_id[-6:]}",
        "kind": kind,
        "state": CaseState.OPEN,
        "station_id": "station-1",
        "legal_basis": LegalBasis.STATUTORY_DUTY,
        "opened_at": NOON,
        "opened_by": an_id(1),
    }
    if described or "description" not in changes:
        values["description"] = Description(**described)
    return Case(**values | changes)


def a_sheltered_case(**changes: Any) -> Case:
    return a_case(**{"kind": CaseKind.SHELTERED} | changes)


def a_request(case: Case, guest: str = "station-2", **changes: Any) -> StationRequest:
    """The case's station asks another one for help, which may see description and photos for two weeks."""
    values = {
        "request_id": an_id(),
        "case_id": case.case_id,
        "kind": RequestKind.ASSISTANCE,
        "asking": case.station_id,
        "asked": guest,
        "guest": guest,
        "parts": (Part.DESCRIPTION, Part.PHOTOS),
        "reason": "he named a village near you",
        "asked_by": an_id(1),
        "asked_at": NOON,
        "deadline": NOON + timedelta(days=14),
    }
    return StationRequest(**values | changes)


def an_emergency(case: Case, **changes: Any) -> Emergency:
    values = {
        "emergency_id": an_id(),
        "case_id": case.case_id,
        "account_id": an_id(2),
        "station_id": "station-2",
        "opened_at": NOON,
        "ends_at": NOON + timedelta(minutes=30),
        "reason": "he has collapsed at our door",
    }
    return Emergency(**values | changes)


def a_contact(case_id: str, **changes: Any) -> Contact:
    values = {"contact_id": an_id(), "case_id": case_id, "role": "reporter", "name": "李秀英", "phone": "+86 138 0000 0000"}
    return Contact(**values | changes)


def a_photo(case_id: str, **changes: Any) -> Photo:
    """A pending photo that nobody has read yet."""
    values = {
        "photo_id": an_id(),
        "case_id": case_id,
        "photo_key": an_id(),
        "sha256": an_id() * 2,
        "received_at": NOON,
    }
    return Photo(**values | changes)


def a_quality(score: float = 0.8, **changes: Any) -> Quality:
    return Quality(**{"score": score, "components": {"sharpness": 0.9, "pose": 0.7}, "hints": ()} | changes)


def a_face(photo_id: str, **changes: Any) -> Face:
    """A face of interest."""
    values = {
        "face_id": an_id(),
        "photo_id": photo_id,
        "box": Box(left=40, top=30, right=140, bottom=150),
        "landmarks": ((70.5, 75.25), (110.0, 75.0)),
        "detector_id": "test/detector-1",
        "quality": a_quality(),
        "of_interest": True,
    }
    return Face(**values | changes)


def a_vector(seed: int = 0, dimension: int = DIMENSION) -> Vector:
    """A unit vector, float32, always the same for a seed."""
    vector = np.random.default_rng(seed).standard_normal(dimension)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def a_generation(**changes: Any) -> Generation:
    """The active generation of the test encoder."""
    values = {
        "generation_id": an_id(),
        "encoder_id": ENCODER,
        "state": GenerationState.ACTIVE,
        "created_at": NOON,
        "activated_at": NOON,
    }
    if changes.get("state", GenerationState.ACTIVE) is GenerationState.BUILDING:
        values["activated_at"] = None
    return Generation(**values | changes)


def _relation(one: Case, other: Case) -> Relation:
    return Relation.between(one.kind, other.kind)


def a_suggestion(one: Case, other: Case, generation_id: str, **changes: Any) -> Suggestion:
    """What a search says about two cases, in either order."""
    low, high = sorted((one.case_id, other.case_id))
    values = {
        "low_case_id": low,
        "high_case_id": high,
        "relation": _relation(one, other),
        "score": 0.9,
        "rank": 1,
        "generation_id": generation_id,
        "list_id": an_id(),
    }
    return Suggestion(**values | changes)


def a_pair(one: Case, other: Case, generation_id: str, **changes: Any) -> Pair:
    """A proposed pair of two cases, in either order."""
    low, high = sorted((one.case_id, other.case_id))
    values = {
        "pair_id": an_id(),
        "low_case_id": low,
        "high_case_id": high,
        "relation": _relation(one, other),
        "state": PairState.PROPOSED,
        "score": 0.9,
        "rank": 1,
        "generation_id": generation_id,
        "list_id": an_id(),
        "suggested_at": NOON,
    }
    return Pair(**values | changes)


def a_decision(pair_id: str, reviewer: str, **changes: Any) -> Decision:
    values = {
        "decision_id": an_id(),
        "pair_id": pair_id,
        "stage": Stage.FIRST,
        "judgement": Judgement.SAME_LIKELY,
        "reviewer": reviewer,
        "decided_at": NOON,
        "confidence": 4,
        "features": {"ear": "match"},
        "reason": "same scar above the left eye",
    }
    return Decision(**values | changes)


def some_grounds(pair: Pair, **changes: Any) -> Grounds:
    values = {
        "list_id": pair.list_id,
        "generation_id": pair.generation_id,
        "encoder_id": ENCODER,
        "calibration": {"slope": 7.5, "false_match_rates": [[0.1, 0.5], [0.9, 0.001]]},
        "score": pair.score,
        "rank": pair.rank,
        "gallery_size": 1000,
        "photos": {case_id: (an_id() * 2, an_id() * 2) for case_id in pair.case_ids},
    }
    return Grounds(**values | changes)


def a_clue(case_id: str, **changes: Any) -> Clue:
    values = {"clue_id": an_id(), "case_id": case_id, "said": "he said Fuyang", "said_at": NOON, "told_to": an_id(1)}
    return Clue(**values | changes)


def a_clue_version(clue: Clue, **changes: Any) -> ClueVersion:
    return ClueVersion(**{"clue": clue, "version": 1, "recorded_by": an_id(1), "recorded_at": NOON} | changes)


def a_lead(pair_id: str, **changes: Any) -> Lead:
    return Lead(**{"lead_id": an_id(), "pair_id": pair_id, "opened_by": an_id(1), "opened_at": NOON} | changes)


def a_candidate(case_id: str, **changes: Any) -> Candidate:
    return Candidate(**{"case_id": case_id, "rank": 1, "score": 0.9, "template_id": 1, "veto": ""} | changes)


def a_run(case_id: str, generation_id: str, candidates: Sequence[Candidate] = (), **changes: Any) -> SearchRun:
    values = {
        "run_id": an_id(),
        "case_id": case_id,
        "purpose": Purpose.ANSWER_MISSING_REPORT,
        "generation_id": generation_id,
        "gallery_size": 1000,
        "started_at": NOON,
        "finished_at": NOON + timedelta(seconds=1),
        "list": tuple(candidates),
    }
    return SearchRun(**values | changes)


def a_card(encoder_id: str = ENCODER, *groups: GroupFigures) -> Card:
    """One in ten is missed, of young children and of photos twenty years apart more than twice as many."""
    return Card(
        encoder_id=encoder_id,
        measured_on=date(2026, 2, 1),
        sets=("asianfaces", "fgnet"),
        photos=900,
        people=300,
        enrolled=200,
        mated=400,
        non_mated=150,
        misses=Rate(0.1, (0.07, 0.13)),
        first=Rate(0.95, (0.92, 0.97)),
        groups=groups
        or (
            a_group(By.AGE, 0, 7, 0.55, (0.4, 0.7), mated=60),
            a_group(By.AGE, 7, 60, 0.08, (0.05, 0.11), mated=300),
            a_group(By.YEARS_BETWEEN, 0, 20, 0.06, (0.04, 0.09), mated=350),
            a_group(By.YEARS_BETWEEN, 20, None, 0.4, (0.05, 0.8), mated=12),
            a_group(By.SET, None, None, 0.9, (0.8, 1.0), mated=80, name="fgnet"),
        ),
    )


def a_group(
    by: By, low: float | None, high: float | None, misses: float, interval: tuple[float, float], mated: int = 50, name: str = ""
) -> GroupFigures:
    name = name or f"{'' if low is None else f'{low:g}'}-{'' if high is None else f'{high:g}'}"
    return GroupFigures(by, name, low, high, mated, Rate(misses, interval), 20, 0.01)


def a_rule(**changes: Any) -> ClockRule:
    """A notice within 24 hours after the opening."""
    values: dict[str, Any] = {
        "rule_id": "notice",
        "start": Start.OPENED,
        "amount": 24,
        "unit": Unit.HOURS,
        "titles": {"en": "Publish a notice", "zh_CN": "发布公告"},
        "done_by": ("notice.done",),
        "kinds": (CaseKind.SHELTERED,),
        "escalations": (Escalation(0, Role.MANAGER),),
    }
    return ClockRule(**values | changes)


def a_clock(case: Case, **changes: Any) -> CaseClock:
    """A clock that runs from noon on and is due a day later."""
    values: dict[str, Any] = {
        "clock_id": an_id(),
        "case_id": case.case_id,
        "station_id": case.station_id,
        "rule": a_rule(),
        "cause": 1,
        "started_at": NOON,
        "due_at": NOON + timedelta(days=1),
        "provisional": False,
    }
    return CaseClock(**values | changes)


def a_list(**changes: Any) -> HandedList:
    """A list that was handed in to be compared, and of which nobody has said yet which column is what."""
    values = {
        "list_id": an_id(),
        "purpose": ListPurpose.COMPARE,
        "source": "Police of Sichuan",
        "kind": CaseKind.MISSING,
        "legal_basis": LegalBasis.STATUTORY_DUTY,
        "said": {"Nr": "source_id"},
        "file_name": "list.csv",
        "digest": "0" * 64,
        "table_bytes": 2**40,
        "photo_bytes": 0,
        "station_id": "main",
        "handed_by": an_id(),
        "handed_at": NOON,
        "stage": ListStage.COLUMNS,
        "touched_at": NOON,
    }
    return HandedList(**values | changes)


def a_list_run(**changes: Any) -> ImportRun:
    """An import that has just begun."""
    values = {"run_id": an_id(), "source": "Police", "file_name": "l", "digest": "0", "station_id": "main", "started_by": "x"}
    return ImportRun(**values | {"started_at": NOON} | changes)


def a_hit(case: Case, **changes: Any) -> ListHit:
    """The record 7 of a list may be this case, by face and name."""
    values = {
        "hit_id": an_id(),
        "run_id": an_id(1),
        "case_id": case.case_id,
        "station_id": "main",
        "found_at": NOON,
        "source": "Police of Sichuan",
        "source_id": "7",
        "row": 3,
        "kind": CaseKind.MISSING,
        "band": "strong",
        "reasons": ("name.written.strong",),
    }
    return ListHit(**values | changes)
