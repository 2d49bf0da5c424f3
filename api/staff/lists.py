"""Pages about lists of other departments: what is due, handing one in, its columns, what would become of it, and its run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from api.arrivals import Arriving, hand_in
from api.deps import FormTokensDep, ServicesDep
from api.errors import status_of
from api.language import translations
from api.security import FORM_FIELD
from api.staff.reading import number
from api.staff.sentences import told
from api.staff.sheets import Sheet
from api.staff.templating import page, see
from api.staff.visit import Posted, Staff, StaffForm, Visit
from api.staff.words import say
from tracing.access import Permission, require
from tracing.bootstrap import Services
from tracing.domain import Actor, CaseKind, ImportRun, LegalBasis, ListPurpose, ListStage
from tracing.errors import Invalid, TooMany, TracingError
from tracing.exchange.tables import written
from tracing.importing.columns import Column
from tracing.importing.list_views import ListView

router = APIRouter()

PER_SHEET: Final = 20
LAST_SHEET: Final = 50_000
DRAFTS: Final = 8
COLUMN: Final = "column-"
LEFT_OUT: Final = "-"
AGAIN: Final = (409, 422, 429)


@dataclass(frozen=True, slots=True)
class Progress:
    """Of a run that is under way: the share that is through, records a second, and how long it will take, if that is known."""

    share: float
    per_second: float
    left: timedelta | None

    @classmethod
    def of(cls, run: ImportRun) -> Progress:
        rate, left = run.per_second, None
        if rate > 0 and run.rows_there:
            left = timedelta(seconds=max(run.rows_there - run.rows, 0) / rate)
        return cls(run.rows / run.rows_there if run.rows_there else 0.0, rate, left)


@router.get("/lists")
def overview(visit: Staff, services: ServicesDep, sheet: int = 1) -> Response:
    at = Sheet.asked(sheet, PER_SHEET, LAST_SHEET)
    runs, total = services.list_runs.all(visit.actor, at.size, at.skipped)
    return page(
        visit,
        "lists.html",
        runs=runs,
        due=services.monthly.standing(visit.actor),
        waiting=services.handed_lists.waiting(visit.actor),
        hits=services.list_hits.find(visit.actor, limit=1)[1],
        running={each.run_id for each in services.handed_lists.waiting(visit.actor)},
        names=services.accounts.names(),
        **at.of(total),
    )


@router.get("/lists/new")
def form_of_a_list(visit: Staff, services: ServicesDep, purpose: str = "", source: str = "") -> Response:
    _allowed(visit.actor)
    chosen = purpose if purpose in set(ListPurpose) else ""
    typed = {"purpose": chosen, "source": source[:200], "kind": CaseKind.MISSING, "legal_basis": LegalBasis.STATUTORY_DUTY}
    return _form(visit, services, typed)


@router.post("/lists/new")
async def send(visit: Staff, request: Request, services: ServicesDep, tokens: FormTokensDep) -> Response:
    """Taken in as it arrives, whatever its size."""

    def check(words: Mapping[str, str]) -> None:
        tokens.check(request, visit.cookie, words.get(FORM_FIELD, ""))
        _allowed(visit.actor)

    settings = services.settings
    most = {"table": settings.max_list_mib << 20, "photos": settings.max_list_photos_mib << 20}
    arriving = Arriving(request, services.handed_lists, visit.actor, most, check)
    try:
        arrival = await arriving.receive()
        handed = await run_in_threadpool(hand_in, services.handed_lists, visit.actor, arrival)
    except TracingError as error:
        if status_of(error) not in AGAIN:
            raise
        return await run_in_threadpool(_form, visit, services, arriving.arrival.words, error)
    return see(f"/lists/{handed.list_id}")


@router.get("/lists/runs/{run_id}")
def run(visit: Staff, services: ServicesDep, run_id: str, sheet: int = 1) -> Response:
    """How far it has come, and then what became of it."""
    at = Sheet.asked(sheet, PER_SHEET, LAST_SHEET)
    view = services.list_runs.look(visit.actor, run_id, at.size, at.skipped)
    pairs: list[str] = []
    if view.run.purpose is ListPurpose.IMPORT and view.hits and visit.may(Permission.READ_CANDIDATES):
        pairs = services.list_runs.pairs(visit.actor, run_id, PER_SHEET)
    shown = services.list_hits.find(visit.actor, run_id=run_id, limit=1)[1] if view.run.found else 0
    return page(
        visit,
        "list_run.html",
        view=view,
        run=view.run,
        progress=Progress.of(view.run),
        pairs=pairs,
        open_hits=shown,
        mendable=services.handed_lists.can_be_mended(run_id),
        names=services.accounts.names(),
        **at.of(view.all_wrong),
    )


@router.get("/lists/runs/{run_id}/refused.csv")
def refused_rows(visit: Staff, services: ServicesDep, run_id: str) -> Response:
    """The rows that could be no cases, as they came, with what is wrong in the first column: to mend, and hand in again."""
    rows = services.handed_lists.refused(visit.actor, run_id)
    gettext = translations(visit.language).gettext
    headings, _ = next(rows)

    def lines() -> list[tuple[str, ...]]:
        wrong = [("; ".join(told(gettext, each.mistake) for each in why), cells) for cells, why in rows]
        return [(say(gettext, "wrong", "list"), *headings), *((what, *cells) for what, cells in wrong)]

    named = {"Content-Disposition": f'attachment; filename="refused-{run_id[:8]}.csv"'}
    return StreamingResponse(written(lines()), media_type="text/csv; charset=utf-8", headers=named)


@router.get("/lists/{list_id}")
def one(visit: Staff, services: ServicesDep, list_id: str, sheet: int = 1, columns: bool = False) -> Response:
    view = services.handed_lists.look(visit.actor, list_id)
    if view.handed.stage is ListStage.RUNNING:
        return see(f"/lists/runs/{view.handed.run_id}")
    return _list(visit, view, sheet=sheet, columns=columns)


@router.post("/lists/{list_id}/columns")
def say_columns(visit: Staff, form: StaffForm, services: ServicesDep, list_id: str) -> Response:
    view = services.handed_lists.look(visit.actor, list_id)
    try:
        said = _said(view, form)
        services.handed_lists.say_columns(visit.actor, list_id, said, number(form, "version") or 0)
    except TracingError as error:
        if status_of(error) not in AGAIN:
            raise
        return _list(visit, view, error, form.texts())
    return see(f"/lists/{list_id}")


@router.post("/lists/{list_id}/start")
def start(visit: Staff, form: StaffForm, services: ServicesDep, list_id: str) -> Response:
    try:
        begun = services.handed_lists.start(visit.actor, list_id, number(form, "version") or 0)
    except TracingError as error:
        if status_of(error) not in AGAIN:
            raise
        return _list(visit, services.handed_lists.look(visit.actor, list_id), error)
    return see(f"/lists/runs/{begun.run_id}")


@router.post("/lists/{list_id}/drop")
def drop(visit: Staff, form: StaffForm, services: ServicesDep, list_id: str) -> Response:
    _ = form
    services.handed_lists.drop(visit.actor, list_id)
    return see("/lists?dropped=1")


def _allowed(actor: Actor) -> None:
    require(actor, Permission.OPEN_CASES)
    require(actor, Permission.EDIT_CASES)


def _said(view: ListView, form: Posted) -> dict[str, str]:
    """Heading -> column. Headings that are the same are one; those without a text cannot be said."""
    typed = form.texts()
    return {
        heading.text: "" if (chosen := typed.get(f"{COLUMN}{heading.place}", LEFT_OUT)) == LEFT_OUT else chosen
        for heading in view.layout.headings
        if heading.text
    }


def _form(visit: Visit, services: Services, typed: Mapping[str, str], error: TracingError | None = None) -> Response:
    """``error`` may be of any field; the files have to be chosen again."""
    _allowed(visit.actor)
    settings = services.settings
    return page(
        visit,
        "list_new.html",
        status_of(error) if error is not None else 200,
        typed=typed,
        error=error if isinstance(error, Invalid) else None,
        full=error if isinstance(error, TooMany) else None,
        purposes=list(ListPurpose),
        kinds=list(CaseKind),
        bases=[each for each in LegalBasis if each is not LegalBasis.NONE],
        sources=sorted({each.source for each in services.monthly.standing(visit.actor)}),
        most_list=settings.max_list_mib,
        most_photos=settings.max_list_photos_mib,
    )


def _list(
    visit: Visit,
    view: ListView,
    error: TracingError | None = None,
    typed: Mapping[str, str] | None = None,
    sheet: int = 1,
    columns: bool = False,
) -> Response:
    at = Sheet.asked(sheet, PER_SHEET, LAST_SHEET)
    refused = view.checked.refused if view.checked is not None else ()
    unsaid = view.handed.stage in (ListStage.COLUMNS, ListStage.FAILED)
    return page(
        visit,
        "list.html",
        status_of(error) if error is not None else 200,
        view=view,
        handed=view.handed,
        checked=view.checked,
        saying=unsaid or columns or error is not None,
        refused=refused[at.skipped : at.skipped + at.size],
        drafts=view.drafts[:DRAFTS],
        all_columns=list(Column),
        column=COLUMN,
        left_out=LEFT_OUT,
        typed=typed or {},
        error=error,
        **at.of(len(refused)),
    )
