"""Clues: write down what was said, have it looked through, revise it, withdraw it."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import ApiActor, KeyFirst, ServicesDep
from api.v1.clue_bodies import (
    ClueAnswer,
    ClueBody,
    ClueRevision,
    CluesAnswer,
    ClueWithdrawal,
    Enquiry,
    EnquiryAnswer,
    SuggestionAnswer,
    SuggestionsAnswer,
    Words,
)
from api.v1.fields import Id
from api.v1.help_bodies import HelpAnswer, PointedBody
from api.v1.problems import problems
from tracing.clues.boards import BoardKind

CANNOT = problems(400, 404, 409, 413)

router = APIRouter(route_class=KeyFirst, tags=["clues"])


@router.get("/api/v1/cases/{case_id}/clues", responses=problems(404))
def read_clues(services: ServicesDep, actor: ApiActor, case_id: Id) -> CluesAnswer:
    """What was said about the person of this case and still counts. That it was read stays in the audit."""
    return CluesAnswer.of(services.interviews.of_case(actor, case_id))


@router.post("/api/v1/cases/{case_id}/clues", status_code=201, responses=CANNOT)
def record_clue(services: ServicesDep, actor: ApiActor, case_id: Id, body: ClueBody) -> ClueAnswer:
    """Keep what was said, word for word. All open cases are searched by it."""
    return ClueAnswer.of(services.interviews.record(actor, case_id, body.told()))


@router.post("/api/v1/clues/suggestions", responses=problems(400, 413))
def suggest_mentions(services: ServicesDep, actor: ApiActor, body: Words) -> SuggestionsAnswer:
    """What in these words may name a place, a person, an occupation or an event. Nothing is kept; the interviewer accepts."""
    found = services.interviews.suggest(actor, body.said)
    return SuggestionsAnswer(mentions=[SuggestionAnswer.suggested(each) for each in found])


@router.post("/api/v1/clues/enquiries", responses=problems(400, 413))
def enquire(services: ServicesDep, actor: ApiActor, body: Enquiry) -> EnquiryAnswer:
    """Open cases that a few words fit, by their meaning and their sound, or as they are written. The words are not kept."""
    return EnquiryAnswer.of(services.enquiries.ask(actor, body.words, body.kind, body.limit))


@router.put("/api/v1/clues/{clue_id}", responses=CANNOT)
def revise_clue(services: ServicesDep, actor: ApiActor, clue_id: Id, body: ClueRevision) -> ClueAnswer:
    """Write down better what was said, or mark what it names; what stood there before is kept."""
    return ClueAnswer.of(services.interviews.revise(actor, clue_id, body.told(), body.reason, body.version))


@router.post("/api/v1/clues/{clue_id}/withdraw", responses=CANNOT)
def withdraw_clue(services: ServicesDep, actor: ApiActor, clue_id: Id, body: ClueWithdrawal) -> ClueAnswer:
    """Let a clue count for nothing from now on. It is kept, with the reason."""
    return ClueAnswer.of(services.interviews.withdraw(actor, clue_id, body.reason, body.version))


@router.get("/api/v1/clues/{clue_id}/history", responses=problems(404))
def read_clue_history(services: ServicesDep, actor: ApiActor, clue_id: Id) -> CluesAnswer:
    """Every version of a clue, the first one first."""
    return CluesAnswer.of(services.interviews.history(actor, clue_id))


@router.get("/api/v1/cases/{case_id}/interview-help", responses=problems(404, 409))
def read_interview_help(services: ServicesDep, actor: ApiActor, case_id: Id, kind: BoardKind | None = None) -> HelpAnswer:
    """What to put in front of this person next: the board that is expected to tell most about all open missing cases.

    With a `kind`, the next board of it. For people in care; for whoever may write down what they say. It stays in the audit.
    """
    return HelpAnswer.of(services.interview_help.next(actor, case_id, kind))


@router.post("/api/v1/cases/{case_id}/interview-help", status_code=201, responses=CANNOT)
def record_pointing(services: ServicesDep, actor: ApiActor, case_id: Id, body: PointedBody) -> ClueAnswer:
    """Keep what was shown and what was pointed at, as a clue. All open cases are searched by what was pointed at."""
    return ClueAnswer.of(services.interview_help.answer(actor, case_id, body.pointed()))
