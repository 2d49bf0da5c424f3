"""The form of a case, a part a page: saved as somebody types, and whole without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from api.deps import PicturesDep, ServicesDep
from api.errors import status_of
from api.language import translations
from api.pictures import Variant
from api.staff.reading import number, partial
from api.staff.sentences import sentence
from api.staff.templating import page, printed, see
from api.staff.visit import Posted, Staff, StaffForm, Visit
from tracing.access import Permission, require
from tracing.errors import Conflict, Invalid, NotFound, TracingError
from tracing.filing import FormView
from tracing.questions import MOST_ENTRIES, Ask, FormPart, Question

router = APIRouter()

SPARE_ROWS: Final = 2
"""Empty rows at the end of a table; saving brings new ones."""


@router.get("/cases/{case_id}/form")
def first_part(visit: Staff, services: ServicesDep, case_id: str) -> Response:
    """The first part that nobody has written in, else the first of all."""
    view = services.filing.view(visit.actor, case_id)
    if not view.parts:
        raise NotFound("There is no such page.")
    untouched = [part for part in view.parts if not view.answered(part)]
    return see(f"/cases/{case_id}/form/{(untouched or list(view.parts))[0].name}")


@router.get("/cases/{case_id}/form.pdf")
def on_paper(visit: Staff, services: ServicesDep, pictures: PicturesDep, case_id: str, blank: bool = False) -> Response:
    """To print: as it is filled in, or ``blank`` to be filled in by hand."""
    from api.staff.form_paper import form_paper  # nobody waits for the library of paper who prints nothing

    view = services.filing.read(visit.actor, case_id, "print_form")
    photo_id = services.desk.portraits(visit.actor, [case_id]).get(case_id)
    portrait = pictures.jpeg(visit.actor, photo_id, Variant.FACE) if photo_id and not blank else None
    paper = form_paper(visit.language, view, portrait, printed(visit), blank)
    named = {"Content-Disposition": f'inline; filename="{view.case.reference}.pdf"'}
    return Response(paper, media_type="application/pdf", headers=named)


@router.get("/cases/{case_id}/form/{part}")
def read(visit: Staff, services: ServicesDep, case_id: str, part: str) -> Response:
    view = services.filing.read(visit.actor, case_id)
    return _page(visit, view, _part(view, part), view.form.answers)


@router.post("/cases/{case_id}/form/{part}")
def write(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str, part: str) -> Response:
    require(visit.actor, Permission.EDIT_CASES)
    view = services.filing.view(visit.actor, case_id)
    this = _part(view, part)
    by_itself = bool(form.text("by_itself"))
    try:
        answers = {question.name: _given(form, question) for question in this.questions}
        saved = services.filing.write(visit.actor, case_id, answers, number(form, "version"))
    except (Invalid, Conflict) as error:
        if by_itself:
            said = sentence(translations(visit.language).gettext, error)
            return JSONResponse({"mistake": said, "field": getattr(error, "field", "")}, status_of(error))
        return _page(visit, view, this, {question.name: _typed(form, question) for question in this.questions}, error)
    if by_itself:
        return JSONResponse({"version": saved.form.version})
    places = [each.name for each in view.parts]
    following = places[places.index(this.name) + 1 :]
    return see(f"/cases/{case_id}/form/{following[0]}" if following and form.text("go_on") else f"/cases/{case_id}#form")


def _part(view: FormView, name: str) -> FormPart:
    for part in view.parts:
        if part.name == name:
            return part
    raise NotFound("There is no such page.")


def _page(
    visit: Visit, view: FormView, part: FormPart, answers: Mapping[str, Any], error: TracingError | None = None
) -> Response:
    rows = {question.name: len(answers.get(question.name, ())) + SPARE_ROWS for question in part.questions}
    return page(
        visit,
        "form.html",
        status_of(error) if error is not None else 200,
        case=view.case,
        view=view,
        part=part,
        answers=answers,
        rows={name: min(count, MOST_ENTRIES) for name, count in rows.items()},
        may_write=visit.may(Permission.EDIT_CASES),
        error=error,
    )


def _given(form: Posted, question: Question) -> object:
    """The answer as the use case takes it; dates and numbers also as people write them."""
    if question.ask is Ask.DAY:
        return str(partial(form, question.name) or "")
    if question.ask is Ask.NUMBER:
        found = number(form, question.name)
        return "" if found is None else str(found)
    return _typed(form, question)


def _typed(form: Posted, question: Question) -> Any:
    if question.ask is Ask.SEVERAL:
        return form.several(question.name)
    if question.ask is Ask.LINES:
        return form.text(question.name).splitlines()
    if question.ask is Ask.ROWS:
        rows = [
            {column.name: form.text(f"{question.name}.{place}.{column.name}") for column in question.columns}
            for place in range(MOST_ENTRIES)
        ]
        return [row for row in rows if any(row.values())]
    return form.text(question.name)
