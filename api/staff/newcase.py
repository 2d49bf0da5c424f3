"""The form of a new case: an intake or a missing report, with its photos."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping

from fastapi import APIRouter, Response

from api.deps import AnalysesDep, ServicesDep
from api.staff.reading import contact, demanded, description, legal_basis, number, partial
from api.staff.sending import keep_photos
from api.staff.templating import page, see
from api.staff.visit import MOST_PHOTOS, Posted, Staff, StaffForm, Visit
from tracing.access import Permission, require
from tracing.bootstrap import Services
from tracing.domain import Actor, Case, CaseKind, LegalBasis, Sex
from tracing.errors import Conflict, Invalid

router = APIRouter()

FORM_ID = "form_id"
HIT = "hit"
USUAL_BASIS = {CaseKind.SHELTERED: LegalBasis.STATUTORY_DUTY, CaseKind.MISSING: LegalBasis.SEPARATE_CONSENT}


@router.get("/cases/new")
def new(visit: Staff, services: ServicesDep, kind: CaseKind = CaseKind.SHELTERED, hit: str = "") -> Response:
    """With a ``hit`` of a list: for the record that it is about."""
    require(visit.actor, Permission.OPEN_CASES)
    today = services.clock().astimezone(services.settings.zone).date()
    typed = {"legal_basis": USUAL_BASIS[kind], "seen_at": str(today) if kind is CaseKind.SHELTERED else "", HIT: hit}
    return _form(visit, services, kind, typed)


@router.post("/cases/new")
def send(visit: Staff, form: StaffForm, services: ServicesDep, analyses: AnalysesDep) -> Response:
    require(visit.actor, Permission.OPEN_CASES)
    kind = demanded(CaseKind, form, "kind")
    try:
        case = _open(visit.actor, services, kind, form)
    except Invalid as error:
        return _form(visit, services, kind, form.texts(), error, 422)
    # From here on the case is safe, whatever becomes of its photos.
    if not form.files("photos"):
        return see(f"/cases/{case.case_id}?sent=0")
    return see(f"/cases/{case.case_id}?{keep_photos(visit.actor, services, analyses, case.case_id, form)}")


def _open(actor: Actor, services: Services, kind: CaseKind, form: Posted) -> Case:
    """Open the case; the form sent twice, by a second tap or a reload, opens one."""
    # Asked before anything is saved: a mistake beside the photos must not leave a case behind that is sent once more.
    partial(form, "taken_on")
    number(form, "age_in_photo")
    if len(form.files("photos")) > MOST_PHOTOS:
        raise Invalid(f"At most {MOST_PHOTOS} photos fit here; add the others on the case's page.", "photos")
    name = f"{actor.account_id}:{form.text(FORM_ID)}".encode()
    case_id = hashlib.sha256(name).hexdigest()[:32] if form.text(FORM_ID) else None
    said, basis, whom = description(form), legal_basis(form), contact(form, kind)
    hit = form.text(HIT)
    source = services.list_hits.source_of(actor, hit, case_id) if hit else None
    try:
        case = services.intake.open_case(actor, kind, said, basis, whom, case_id, source)
    except Conflict:
        # The same form at the same moment: the other one was faster, and now its case is there to answer with.
        case = services.intake.open_case(actor, kind, said, basis, whom, case_id, source)
    if hit:
        services.list_hits.opened(actor, hit, case.case_id, case.reference)
    return case


def _form(
    visit: Visit,
    services: Services,
    kind: CaseKind,
    typed: Mapping[str, str],
    error: Invalid | None = None,
    status: int = 200,
) -> Response:
    return page(
        visit,
        "case_new.html",
        status,
        kind=kind,
        typed=typed,
        error=error,
        form_id=typed.get(FORM_ID) or secrets.token_hex(16),
        hit=services.list_hits.view(visit.actor, typed[HIT]).hit if typed.get(HIT) else None,
        bases=list(LegalBasis),
        sexes=list(Sex),
        most_photos=MOST_PHOTOS,
    )
