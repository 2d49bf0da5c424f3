"""A family reports somebody who is missing: consent, four short pages, a look at everything, and then a number and a secret."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from api.public import words
from api.public.templating import page, see, working_page
from api.public.visit import PublicDep, PublicVisit, VisitDep
from api.public.writing import NONE, Sent, SentDep, Trouble, challenge_again, count, moved, pass_in, sent, unsent
from tracing.bootstrap import PublicServices
from tracing.errors import Incomplete, NotFound, TracingError
from tracing.families.challenges import Challenge
from tracing.families.consenting import consent_text
from tracing.families.reporting import MOST_PHOTOS, Draft
from tracing.families.secrets import spaced
from tracing.families.told import FIELDS, Step, step_of

router = APIRouter(include_in_schema=False)

REPORT: Final = "report"


@router.get("/report")
def begin(visit: VisitDep, services: PublicDep) -> Response:
    """What this is, and what the family agrees to."""
    return _begun(visit, services.challenges.new(REPORT), NONE)


@router.post("/report")
def start(request: Request, visit: VisitDep, services: PublicDep, form: SentDep) -> Response:
    if form.stays:
        return _begun(visit, challenge_again(request, form, REPORT), NONE, form)
    try:
        if (trouble := pass_in(request, form, REPORT)) is None:
            agreed, face = bool(form.text("agree")), bool(form.text("face"))
            draft = services.reporting.start(visit.language, agreed, face, form.text("challenge"))
            return see(visit.link(f"/report/{draft}/{Step.WHO}"))
    except TracingError as error:
        trouble = Trouble.of(error)
    spent = bool(trouble.sentence)
    return _begun(visit, services.challenges.new(REPORT) if spent else challenge_again(request, form, REPORT), trouble, form)


def _begun(visit: PublicVisit, challenge: Challenge, trouble: Trouble, form: Sent | None = None) -> Response:
    return working_page(
        visit,
        "report_start.html",
        200 if trouble is NONE else 422,
        consent=consent_text(visit.language),
        challenge=challenge,
        trouble=trouble,
        ticked=[name for name in ("agree", "face") if form is not None and form.text(name)],
    )


@router.get("/report/{draft}/{step}")
def fill_in(visit: VisitDep, services: PublicDep, draft: str, step: str) -> Response:
    return _step(visit, services, draft, services.reporting.draft(draft), _known(step))


@router.post("/report/{draft}/photos")
def add_photo(request: Request, visit: VisitDep, services: PublicDep, form: SentDep, draft: str) -> Response:
    if form.stays:
        return _step(visit, services, draft, services.reporting.draft(draft), Step.PHOTOS, unsent(form), form)
    count(request)
    photo = form.photo()
    try:
        if photo:
            services.reporting.add_photo(draft, photo, form.text("taken_on"))
            return see(visit.link(f"/report/{draft}/{Step.PHOTOS}"))
        trouble = Trouble({"photo": words.CHOOSE_PHOTO})
    except TracingError as error:
        trouble = Trouble.of(error).with_photo(form)
    return _step(visit, services, draft, services.reporting.draft(draft), Step.PHOTOS, trouble, form)


@router.post("/report/{draft}/photos/remove")
def remove_photo(visit: VisitDep, services: PublicDep, form: SentDep, draft: str) -> Response:
    services.reporting.remove_photo(draft, form.text("handed"))
    return see(visit.link(f"/report/{draft}/{Step.PHOTOS}"))


@router.post("/report/{draft}/send", dependencies=[Depends(sent)])
def send(visit: VisitDep, services: PublicDep, draft: str) -> Response:
    """The secret stands on this answer and nowhere else."""
    try:
        slip = services.reporting.send(draft)
    except Incomplete as error:
        step = step_of(error.field)
        found = services.reporting.draft(draft)
        wrong = {name: said for name, said in error.mistakes.items() if step_of(name) is step}
        return _step(visit, services, draft, found, step, Trouble(wrong))
    return page(moved(visit, "/follow"), "report_sent.html", reference=slip.reference, secret=spaced(slip.secret))


@router.post("/report/{draft}/{step}")
def write(visit: VisitDep, services: PublicDep, form: SentDep, draft: str, step: str) -> Response:
    """What was typed is kept, right or wrong; with nothing wrong on it the next page comes."""
    known = _known(step)
    wrong = services.reporting.write(draft, known, form.texts())
    if form.stays:
        return see(visit.link(f"/report/{draft}/{known}"))
    if form.text("go") == "back" and known.before is not None:
        return see(visit.link(f"/report/{draft}/{known.before}"))
    if wrong:
        return _step(visit, services, draft, services.reporting.draft(draft), known, Trouble(wrong))
    after = Step.REVIEW if form.text("go") == "review" else known.following
    return see(visit.link(f"/report/{draft}/{after}"))


def _step(
    visit: PublicVisit,
    services: PublicServices,
    draft: str,
    found: Draft,
    step: Step,
    trouble: Trouble = NONE,
    form: Sent | None = None,
) -> Response:
    there = {name: found.typed.get(name, "") for name in (*FIELDS[Step.WHO], *FIELDS[Step.SEEN], *FIELDS[Step.YOU])}
    return page(
        moved(visit, f"/report/{draft}/{step}"),
        f"report_{step}.html",
        422 if trouble is not NONE else 200,
        draft=draft,
        step=step,
        number=list(Step).index(step) + 1,
        steps=list(Step),
        title=words.STEPS[step],
        titles=words.STEPS,
        typed=there,
        taken_on=form.text("taken_on") if form is not None else "",
        photos=found.photos,
        most_photos=MOST_PHOTOS,
        face=found.report.consent.face,
        fields_of=FIELDS,
        stations=services.reporting.stations() if step in (Step.SEEN, Step.REVIEW) else [],
        trouble=trouble,
    )


def _known(step: str) -> Step:
    if step not in set(Step):
        raise NotFound("There is no such page.")
    return Step(step)
