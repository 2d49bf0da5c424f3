"""Lists of other departments: handed in, checked, brought in or compared; their runs, and the hits that people look at."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.arrivals import Arrival, Arriving, hand_in
from api.deps import ApiActor, KeyFirst, ServicesDep
from api.v1.fields import Id, Limit, Offset
from api.v1.list_answers import (
    ColumnsBody,
    HitAnswer,
    HitDecision,
    HitsAnswer,
    ListAnswer,
    ListsAnswer,
    OneListAnswer,
    RunAnswer,
    RunsAnswer,
    SourceAnswer,
    VersionBody,
    WrongRowsAnswer,
)
from api.v1.photos import JPEG
from api.v1.problems import problems
from tracing.bootstrap import Services
from tracing.domain import Actor, CaseKind, HandedList, HitState, LegalBasis, ListPurpose
from tracing.errors import Invalid

CANNOT: Final = problems(400, 404, 409, 413)
PARTS: Final = frozenset({"purpose", "source", "kind", "legal_basis"})
USUAL: Final = {"kind": str(CaseKind.MISSING), "legal_basis": str(LegalBasis.STATUTORY_DUTY)}
FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["purpose", "source", "file"],
                    "properties": {
                        "purpose": {"type": "string", "enum": list(ListPurpose)},
                        "source": {"type": "string", "description": "Who sent it; the same name each time.", "maxLength": 200},
                        "kind": {"type": "string", "enum": list(CaseKind), "default": "missing"},
                        "legal_basis": {"type": "string", "enum": list(LegalBasis), "default": "statutory_duty"},
                        "file": {"type": "string", "format": "binary", "description": "CSV or XLSX. After the texts."},
                        "photos": {"type": "string", "format": "binary", "description": "A zip archive. After the texts."},
                    },
                },
                "example": {"purpose": "compare", "source": "City hospital", "file": "..."},
            }
        },
    }
}

router = APIRouter(route_class=KeyFirst, tags=["lists"])


@router.get("/api/v1/lists")
def read_lists(services: ServicesDep, actor: ApiActor) -> ListsAnswer:
    """Lists that wait at the own station, and by when each department's next one is due."""
    waiting = [ListAnswer.of(each) for each in services.handed_lists.waiting(actor)]
    return ListsAnswer(lists=waiting, sources=[SourceAnswer.of(each) for each in services.monthly.standing(actor)])


@router.post("/api/v1/lists", status_code=201, responses=problems(400, 413), openapi_extra=FORM)
async def hand_list_in(services: ServicesDep, actor: ApiActor, request: Request) -> OneListAnswer:
    """Hand a list in, to be brought in or compared. It is sealed as it arrives; nothing is done before it is started."""
    settings = services.settings
    most = {"table": settings.max_list_mib << 20, "photos": settings.max_list_photos_mib << 20}
    arrival = await Arriving(request, services.handed_lists, actor, most).receive()
    handed = await run_in_threadpool(_handed, services, actor, arrival)
    return await run_in_threadpool(_seen, services, actor, handed.list_id)


@router.get("/api/v1/lists/{list_id}", responses=problems(404))
def read_list(services: ServicesDep, actor: ApiActor, list_id: Id) -> OneListAnswer:
    """One list that waits: its columns, and what would become of it."""
    return _seen(services, actor, list_id)


@router.put("/api/v1/lists/{list_id}/columns", status_code=202, responses=CANNOT)
def say_columns(services: ServicesDep, actor: ApiActor, list_id: Id, body: ColumnsBody) -> OneListAnswer:
    """Say which column is what. A worker reads the list to its end then; ask for it again to see what it found."""
    said = {heading: str(column) if column is not None else "" for heading, column in body.columns.items()}
    services.handed_lists.say_columns(actor, list_id, said, body.version)
    return _seen(services, actor, list_id)


@router.get("/api/v1/lists/{list_id}/refused", responses=problems(404))
def read_refusals(
    services: ServicesDep, actor: ApiActor, list_id: Id, limit: Limit = 50, offset: Offset = 0
) -> WrongRowsAnswer:
    """Rows that would be refused, by their numbers; the first 5,000."""
    view = services.handed_lists.look(actor, list_id)
    refused = view.checked.refused if view.checked is not None else ()
    return WrongRowsAnswer.of(refused[offset : offset + limit], len(refused))


@router.post("/api/v1/lists/{list_id}/start", status_code=202, responses=CANNOT)
def start_list(services: ServicesDep, actor: ApiActor, list_id: Id, body: VersionBody) -> RunAnswer:
    """Begin what the list was handed in for; a worker brings it to its end."""
    return RunAnswer.of(services.handed_lists.start(actor, list_id, body.version), 0)


@router.delete("/api/v1/lists/{list_id}", status_code=204, responses=problems(404))
def drop_list(services: ServicesDep, actor: ApiActor, list_id: Id) -> Response:
    """Throw the list away. What its run has done until now stays; handed in again it goes on there."""
    services.handed_lists.drop(actor, list_id)
    return Response(status_code=204)


@router.get("/api/v1/list-runs")
def read_list_runs(services: ServicesDep, actor: ApiActor, limit: Limit = 50, offset: Offset = 0) -> RunsAnswer:
    """What was done with lists at the own station, the latest first. Pairs of an import are counted in its own answer."""
    runs, total = services.list_runs.all(actor, limit, offset)
    return RunsAnswer(total=total, runs=[RunAnswer.of(each, each.found + each.again) for each in runs])


@router.get("/api/v1/list-runs/{run_id}", responses=problems(404))
def read_list_run(services: ServicesDep, actor: ApiActor, run_id: Id) -> RunAnswer:
    """How far one has come, and what became of it."""
    return RunAnswer.seen(services.list_runs.look(actor, run_id, limit=0))


@router.get("/api/v1/list-runs/{run_id}/refused", responses=problems(404))
def read_refused_rows(
    services: ServicesDep, actor: ApiActor, run_id: Id, limit: Limit = 50, offset: Offset = 0
) -> WrongRowsAnswer:
    """Rows that were refused, and photos that were left out, by their numbers."""
    view = services.list_runs.look(actor, run_id, limit, offset)
    return WrongRowsAnswer.of(view.wrong, view.all_wrong)


@router.get("/api/v1/list-hits")
def read_list_hits(
    services: ServicesDep,
    actor: ApiActor,
    state: Annotated[
        list[HitState] | None, Query(description="Only in these states; those that wait where none is named.")
    ] = None,
    run_id: Annotated[str, Query(max_length=32, description="Only what this run has brought.")] = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> HitsAnswer:
    """Records of compared lists that may be persons of ours, the longest waiting first."""
    states = frozenset(state) if state else frozenset({HitState.OPEN, HitState.LOOKED_AT})
    views, total = services.list_hits.find(actor, states, run_id=run_id, limit=limit, offset=offset)
    return HitsAnswer(total=total, hits=[HitAnswer.of(view) for view in views])


@router.get("/api/v1/list-hits/{hit_id}", responses=problems(404))
def read_list_hit(services: ServicesDep, actor: ApiActor, hit_id: Id) -> HitAnswer:
    """One hit, as far as this key may know what the machine makes of it."""
    return HitAnswer.of(services.list_hits.view(actor, hit_id))


@router.get("/api/v1/list-hits/{hit_id}/image", response_class=Response, responses=JPEG | problems(404))
def read_list_portrait(services: ServicesDep, actor: ApiActor, hit_id: Id) -> Response:
    """The face of the record. 404 where no photo came, or somebody has decided: the department has it."""
    return Response(services.list_hits.portrait(actor, hit_id), media_type="image/jpeg")


@router.post("/api/v1/list-hits/{hit_id}/decision", responses=CANNOT)
def decide_list_hit(services: ServicesDep, actor: ApiActor, hit_id: Id, body: HitDecision) -> HitAnswer:
    """Say what a hit is. It never makes a pair, and no later list changes it."""
    services.list_hits.decide(actor, hit_id, body.state, body.reason, body.version)
    return HitAnswer.of(services.list_hits.view(actor, hit_id))


def _seen(services: Services, actor: Actor, list_id: str) -> OneListAnswer:
    return OneListAnswer.seen(services.handed_lists.look(actor, list_id))


def _handed(services: Services, actor: Actor, arrival: Arrival) -> HandedList:
    if unknown := arrival.words.keys() - PARTS:
        services.handed_lists.give_up(arrival.list_id)
        raise Invalid(f"The form has {len(unknown)} parts that nobody knows.")
    return hand_in(services.handed_lists, actor, arrival, USUAL)
