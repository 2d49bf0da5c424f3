"""Candidates of a case, the review queue, and what people decide about pairs."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import ApiActor, KeyFirst, ServicesDep
from api.v1.bodies import Proving, ReasonBody, VerdictBody
from api.v1.fields import Id, Limit, Offset
from api.v1.pair_answers import CandidatesAnswer, ClaimAnswer, DecidedAnswer, PairAnswer, PairStateAnswer, QueueAnswer, own
from api.v1.problems import problems
from tracing.access import sees_scores
from tracing.bootstrap import Services
from tracing.candidates import Side, evidence_of
from tracing.domain import Relation
from tracing.evidence import Evidence, calibration_of
from tracing.review import PairView

CANNOT = problems(400, 404, 409, 413)

router = APIRouter(route_class=KeyFirst, tags=["pairs"])


@router.get("/api/v1/cases/{case_id}/candidates", responses=problems(404), response_model_exclude_unset=True)
def read_candidates(
    services: ServicesDep, actor: ApiActor, case_id: Id, relation: Relation | None = None, limit: Limit = 20
) -> CandidatesAnswer:
    """Who may be the person of this case, best first. A reviewer sees neither rank nor score of a pair before judging it."""
    return CandidatesAnswer.of(services.candidates.of_case(actor, case_id, relation, limit))


@router.get("/api/v1/review/queue")
def read_queue(
    services: ServicesDep, actor: ApiActor, relation: Relation | None = None, limit: Limit = 10, offset: Offset = 0
) -> QueueAnswer:
    """The pairs that this person may judge now, the most alike first; never one of a case that they opened."""
    return QueueAnswer.of(services.review.queue(actor, limit, offset, relation))


@router.get("/api/v1/pairs/{pair_id}", responses=problems(404), response_model_exclude_unset=True)
def read_pair(services: ServicesDep, actor: ApiActor, pair_id: Id) -> PairAnswer:
    """Two people side by side. Reading a pair does not claim it."""
    view = services.review.view(actor, pair_id)
    if not sees_scores(actor, view.judged):
        return PairAnswer.of(view, None, None)
    return PairAnswer.of(view, view.pair.score, _evidence(services, view))


def _evidence(services: Services, view: PairView) -> Evidence | None:
    with services.store.reading() as records:
        generation = records.generations.get(view.pair.generation_id)
        people = records.pairs.run(view.pair.list_id).gallery_size
        photos = records.photos.of_cases(view.pair.case_ids)
    low, high = (Side(case, photos[case.case_id]) for case in (view.low, view.high))
    return evidence_of(calibration_of(generation), view.pair, low, high, people)


@router.post("/api/v1/pairs/{pair_id}/claim", responses=problems(404, 409))
def claim_pair(services: ServicesDep, actor: ApiActor, pair_id: Id) -> ClaimAnswer:
    """Hold a pair for a quarter of an hour, so that no two people do the same work; 409 while another reviewer holds it."""
    pair = services.review.claim(actor, pair_id)
    return ClaimAnswer(pair_id=pair.pair_id, state=pair.state, claimed_until=pair.claimed_until)


@router.post("/api/v1/pairs/{pair_id}/decisions", status_code=201, responses=CANNOT)
def decide(services: ServicesDep, actor: ApiActor, pair_id: Id, body: VerdictBody) -> DecidedAnswer:
    """Hand in a judgement; nobody judges a pair twice. A match needs two people who agree."""
    pair = services.review.decide(actor, pair_id, body.verdict())
    decisions = services.review.view(actor, pair_id).decisions
    return DecidedAnswer(pair_id=pair.pair_id, state=pair.state, decision=own(decisions, actor.account_id))


@router.post("/api/v1/pairs/{pair_id}/verify", responses=CANNOT)
def verify(services: ServicesDep, actor: ApiActor, pair_id: Id, body: Proving) -> PairStateAnswer:
    """Record the proof beyond the face that makes a confirmed pair a verified one."""
    return PairStateAnswer.of(services.review.verify(actor, pair_id, body.proof, body.reason))


@router.post("/api/v1/pairs/{pair_id}/revoke", responses=CANNOT)
def revoke(services: ServicesDep, actor: ApiActor, pair_id: Id, body: ReasonBody) -> PairStateAnswer:
    """Undo a confirmation: both cases are open again, and searched."""
    return PairStateAnswer.of(services.review.revoke(actor, pair_id, body.reason))


@router.post("/api/v1/pairs/{pair_id}/reunite", responses=CANNOT)
def reunite(services: ServicesDep, actor: ApiActor, pair_id: Id, body: ReasonBody) -> PairStateAnswer:
    """Record the hand-over of a verified pair: both cases are closed, and their faces leave the galleries."""
    return PairStateAnswer.of(services.review.reunite(actor, pair_id, body.reason))
