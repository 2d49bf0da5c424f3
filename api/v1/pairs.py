"""Candidates of a case, the review queue, and what people decide about pairs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import ApiActor, KeyFirst, ServicesDep
from api.v1.bodies import Proving, ReasonBody, Reuniting, VerdictBody
from api.v1.candidate_answers import CandidatesAnswer, Source
from api.v1.fields import Id, Limit, Offset
from api.v1.lead_answers import ClosedLeadAnswer, LeadAnswer, LeadsAnswer
from api.v1.pair_answers import ClaimAnswer, DecidedAnswer, PairAnswer, PairStateAnswer, QueueAnswer, own, revealed
from api.v1.problems import problems
from tracing.access import sees_scores
from tracing.bootstrap import Services
from tracing.candidates import Side, evidence_of
from tracing.domain import AgeBand, Relation
from tracing.evidence import Evidence, calibration_of
from tracing.pairviews import PairView

CANNOT = problems(400, 404, 409, 413)

router = APIRouter(route_class=KeyFirst, tags=["pairs"])


@router.get("/api/v1/cases/{case_id}/candidates", responses=problems(404), response_model_exclude_unset=True)
def read_candidates(
    services: ServicesDep,
    actor: ApiActor,
    case_id: Id,
    relation: Relation | None = None,
    source: Annotated[
        Source, Query(description="`clues`: by what people said, without the pairs you have yet to judge.")
    ] = Source.FACES,
    limit: Limit = 20,
) -> CandidatesAnswer:
    """Who may be the person of this case, best first. A reviewer sees neither rank nor score of a pair before judging it."""
    if source is Source.CLUES:
        return CandidatesAnswer.by_clues(services.findings.of_case(actor, case_id, relation, limit))
    found = services.candidates.of_case(actor, case_id, relation, limit)
    return CandidatesAnswer.of(found, services.findings.of_pairs(actor, [view.pair.pair_id for view in found.candidates]))


@router.get("/api/v1/review/queue")
def read_queue(
    services: ServicesDep,
    actor: ApiActor,
    relation: Relation | None = None,
    station: Annotated[str, Query(max_length=64, description="One of the two cases is of this station.")] = "",
    ages: Annotated[AgeBand | None, Query(description="One of the two people may be of that age.")] = None,
    overdue: Annotated[bool, Query(description="Only pairs that have waited too long.")] = False,
    limit: Limit = 10,
    offset: Offset = 0,
) -> QueueAnswer:
    """The pairs that this person may judge now; never one of a case that they opened.

    Ten by ten the most alike and those that wait longest; among ten the order says nothing.
    """
    return QueueAnswer.of(services.review.queue(actor, limit, offset, relation, station, ages, overdue))


@router.get("/api/v1/pairs/{pair_id}", responses=problems(404), response_model_exclude_unset=True)
def read_pair(services: ServicesDep, actor: ApiActor, pair_id: Id) -> PairAnswer:
    """Two people side by side. Reading a pair does not claim it."""
    view = services.review.view(actor, pair_id)
    warnings = services.fairness.of_pair(actor, pair_id)
    said = services.interviews.of_cases(actor, view.pair.case_ids)
    finding = services.findings.of_pairs(actor, [pair_id]).get(pair_id)
    if view.known is not None or not sees_scores(actor, view.judged):
        return PairAnswer.of(view, None, None, warnings, said, finding)
    return PairAnswer.of(view, view.pair.score, _evidence(services, view), warnings, said, finding)


def _evidence(services: Services, view: PairView) -> Evidence | None:
    if view.pair.score is None:
        return None
    with services.store.reading() as records:
        generation = records.generations.get(view.pair.generation_id)
        people = records.pairs.run(view.pair.list_id).gallery_size
        photos = records.photos.of_cases(view.pair.case_ids)
    low, high = (Side(case, photos[case.case_id]) for case in (view.low, view.high))
    return evidence_of(calibration_of(generation), view.pair, low, high, people)


@router.get("/api/v1/leads")
def read_leads(services: ServicesDep, actor: ApiActor) -> LeadsAnswer:
    """Pairs that look like relatives and are being followed up, the oldest first; none that this person has yet to judge."""
    return LeadsAnswer(leads=[LeadAnswer.of(view) for view in services.leads.open_ones(actor)])


@router.post("/api/v1/leads/{lead_id}/close", responses=CANNOT)
def close_lead(services: ServicesDep, actor: ApiActor, lead_id: Id, body: ReasonBody) -> ClosedLeadAnswer:
    """Write down, as the reason, what came of a lead."""
    return ClosedLeadAnswer.of(services.leads.close(actor, lead_id, body.reason))


@router.post("/api/v1/pairs/{pair_id}/claim", responses=problems(404, 409))
def claim_pair(services: ServicesDep, actor: ApiActor, pair_id: Id) -> ClaimAnswer:
    """Hold a pair for a quarter of an hour, so that no two people do the same work; 409 while another reviewer holds it."""
    pair = services.review.claim(actor, pair_id)
    return ClaimAnswer(pair_id=pair.pair_id, state=pair.state, claimed_until=pair.claimed_until)


@router.post("/api/v1/pairs/{pair_id}/decisions", status_code=201, responses=CANNOT, response_model_exclude_unset=True)
def decide(services: ServicesDep, actor: ApiActor, pair_id: Id, body: VerdictBody) -> DecidedAnswer:
    """Hand in a judgement; nobody judges a pair twice. A match needs two people who agree."""
    pair = services.review.decide(actor, pair_id, body.verdict())
    view = services.review.view(actor, pair.pair_id)
    decision = own(view.decisions, actor.account_id)
    return DecidedAnswer(pair_id=pair.pair_id, state=pair.state, decision=decision, **revealed(view.known))


@router.post("/api/v1/pairs/{pair_id}/reconsider", status_code=201, responses=CANNOT)
def reconsider(services: ServicesDep, actor: ApiActor, pair_id: Id, body: VerdictBody) -> DecidedAnswer:
    """Change one's mind after the own judgement, when score and colleagues are known: kept as a second judgement, marked so.

    It confirms nothing. Where it takes a positive judgement back, or doubts a rejection, a senior reviewer decides.
    """
    pair = services.review.reconsider(actor, pair_id, body.verdict())
    decisions = services.review.view(actor, pair_id).decisions
    return DecidedAnswer(pair_id=pair.pair_id, state=pair.state, decision=own(decisions, actor.account_id))


@router.post("/api/v1/pairs/{pair_id}/verify", responses=CANNOT)
def verify(services: ServicesDep, actor: ApiActor, pair_id: Id, body: Proving) -> PairStateAnswer:
    """Record the proof beyond the face that makes a confirmed pair a verified one."""
    return PairStateAnswer.of(services.review.verify(actor, pair_id, body.proof, body.reason, body.details))


@router.post("/api/v1/pairs/{pair_id}/revoke", responses=CANNOT)
def revoke(services: ServicesDep, actor: ApiActor, pair_id: Id, body: ReasonBody) -> PairStateAnswer:
    """Undo a confirmation: both cases are open again, and searched."""
    return PairStateAnswer.of(services.review.revoke(actor, pair_id, body.reason))


@router.post("/api/v1/pairs/{pair_id}/reunite", responses=CANNOT)
def reunite(services: ServicesDep, actor: ApiActor, pair_id: Id, body: Reuniting) -> PairStateAnswer:
    """Record the hand-over of a verified pair: both cases are closed, and their faces leave the galleries."""
    draft = body.hand_over.draft() if body.hand_over is not None else None
    return PairStateAnswer.of(services.review.reunite(actor, pair_id, body.reason, draft))
