"""The one-step form: a case and its photos in one request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from api.analysis import Analyses, Waiting
from api.deps import AnalysesDep, ApiActor, KeyFirst, ServicesDep
from api.forms import parsed
from api.v1.answers import CaseAnswer, IntakeAnswer, LostPhoto, PhotoAnswer
from api.v1.bodies import A_CASE, NewCase
from api.v1.cases import open_case
from api.v1.photos import FORM_LIMITS, photo_bytes
from api.v1.problems import problems
from tracing.bootstrap import Services
from tracing.domain import Actor, Analysis
from tracing.errors import Invalid, Unavailable, UnreadablePhoto

LONGEST_JSON: Final = 64 << 10
MULTIPART: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["case"],
                    "additionalProperties": False,
                    "properties": {
                        "case": {"$ref": "#/components/schemas/NewCase"},
                        "photo": {"type": "array", "maxItems": 8, "items": {"type": "string", "format": "binary"}},
                    },
                },
                "encoding": {"case": {"contentType": "application/json"}},
                "example": {"case": A_CASE, "photo": []},
            }
        },
    }
}
PENDING: Final[dict[int | str, dict[str, Any]]] = {
    202: {"description": "Kept. The analysis of a photo takes longer.", "model": IntakeAnswer}
}

router = APIRouter(route_class=KeyFirst, tags=["cases"])


@dataclass(frozen=True, slots=True)
class IntakeForm:
    case: NewCase
    photos: Sequence[UploadFile]


async def intake_form(request: Request) -> AsyncIterator[IntakeForm]:
    """Read by hand, for the JSON part comes as a field from some programs and as a file from others."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "multipart/form-data":
        raise Invalid("Send a form (multipart/form-data) with a JSON part `case` and the photos as parts `photo`.")
    form = await parsed(request, **FORM_LIMITS)
    try:
        yield IntakeForm(await _case(form), _photos(form))
    finally:
        await form.close()


async def _case(form: FormData) -> NewCase:
    parts = form.getlist("case")
    if len(parts) != 1:
        raise Invalid("Send the case as one part `case` that holds JSON.", "case")
    part = parts[0]
    text = await part.read(LONGEST_JSON + 1) if isinstance(part, UploadFile) else part
    if len(text) > LONGEST_JSON:
        raise Invalid(f"The case may have at most {LONGEST_JSON >> 10} KiB of JSON.", "case")
    try:
        return NewCase.model_validate_json(text)
    except ValidationError as error:
        mistakes = error.errors(include_input=False, include_context=False, include_url=False)
        raise RequestValidationError([each | {"loc": ("body", "case", *each["loc"])} for each in mistakes]) from None


def _photos(form: FormData) -> list[UploadFile]:
    if unknown := form.keys() - {"case", "photo"}:
        raise Invalid(f"The form has the parts `case` and `photo`, and {len(unknown)} that are neither.")
    photos = form.getlist("photo")
    files = [photo for photo in photos if isinstance(photo, UploadFile)]
    if len(files) < len(photos):
        raise Invalid("Send each photo as a file, with a file name.", "photo")
    return files


@router.post(
    "/api/v1/intakes",
    status_code=201,
    openapi_extra=MULTIPART,
    responses=PENDING | problems(400, 409, 413),
)
def take_in(
    services: ServicesDep,
    analyses: AnalysesDep,
    actor: ApiActor,
    response: Response,
    form: Annotated[IntakeForm, Depends(intake_form)],
) -> IntakeAnswer:
    """Open a case with up to eight photos. A photo that cannot be read is reported, and the case is kept all the same."""
    waiting = Waiting()
    case = open_case(services, actor, form.case)
    kept = [_keep(services, actor, case.case_id, photo, waiting) for photo in form.photos]
    photos = _reported(analyses, kept, waiting)
    if any(photo.analysis is Analysis.PENDING for photo in photos):
        response.status_code = HTTPStatus.ACCEPTED
    return IntakeAnswer(case=CaseAnswer.of(services.casework.get(actor, case.case_id)), photos=photos)


def _keep(services: Services, actor: Actor, case_id: str, photo: UploadFile, waiting: Waiting) -> str | LostPhoto:
    """The id of the kept photo. The case is saved by now, so that no photo may turn the answer into an error."""
    try:
        data = photo_bytes(photo.file, photo.size, services.settings.max_photo_mib)
        return services.intake.add_photo(actor, case_id, data, patience=waiting.to_verify).photo_id
    except UnreadablePhoto as error:
        return LostPhoto(analysis="unreadable", problem=error.problem, detail=str(error))
    except Unavailable as error:
        return LostPhoto(analysis="not_saved", problem="unavailable", detail=f"{error} Add the photo to the case again.")


def _reported(analyses: Analyses, kept: Sequence[str | LostPhoto], waiting: Waiting) -> list[PhotoAnswer | LostPhoto]:
    photo_ids = list(dict.fromkeys(each for each in kept if isinstance(each, str)))
    found = {report.photo.photo_id: PhotoAnswer.of(report) for report in analyses.reports(photo_ids, waiting.seconds)}
    return [found[each] if isinstance(each, str) else each for each in kept]
