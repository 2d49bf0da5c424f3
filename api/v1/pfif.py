"""PFIF for partners: what they are told of people, as PFIF 1.4 and as Atom, and what they write."""

from __future__ import annotations

import hashlib
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, TypedDict

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from api.deps import ApiActor, KeyFirst, ServicesDep
from api.v1.bodies import ReasonBody
from api.v1.fields import MOST_SKIPPED, Id
from api.v1.problems import problems
from tracing.bootstrap import Services
from tracing.domain import Share, Wanted
from tracing.errors import Invalid
from tracing.exchange.pfif.layout import read_time
from tracing.exchange.pfif.writing import feed, feed_of_notes, write, write_notes
from tracing.partners.taking import Taken
from tracing.partners.telling import MOST_RESULTS

XML: Final = "application/xml"
ATOM: Final = "application/atom+xml"
LONGEST_RECORD_ID: Final = 800


def _answers(media_type: str) -> dict[int | str, dict[str, Any]]:
    told: dict[int | str, dict[str, Any]] = {
        200: {
            "description": "The page; empty where there is nothing more.",
            "content": {media_type: {"schema": {"type": "string"}}},
        },
        304: {"description": "The page is the one whose `ETag` was sent."},
    }
    return told | problems(409)


A_DOCUMENT: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<pfif:pfif xmlns:pfif="http://zesty.ca/pfif/1.4">
  <pfif:person>
    <pfif:person_record_id>police.example.cn/7</pfif:person_record_id>
    <pfif:source_date>2026-02-01T08:30:00Z</pfif:source_date>
    <pfif:full_name>王建国</pfif:full_name>
    <pfif:age>58-62</pfif:age>
    <pfif:note>
      <pfif:note_record_id>police.example.cn/note.7</pfif:note_record_id>
      <pfif:author_name>police</pfif:author_name>
      <pfif:source_date>2026-02-01T08:30:00Z</pfif:source_date>
      <pfif:status>information_sought</pfif:status>
      <pfif:text>He left home on 1 February and has not been seen since.</pfif:text>
    </pfif:note>
  </pfif:person>
</pfif:pfif>
"""
DOCUMENT: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            XML: {"schema": {"type": "string", "description": "PFIF 1.1 to 1.4, UTF-8, at most 1 MiB."}, "example": A_DOCUMENT}
        },
    }
}


class ShareAnswer(BaseModel):
    """That partners may be told of a case."""

    record_id: str = Field(description="What partners call it; drawn by lot.")
    shared_at: datetime
    ends_at: datetime = Field(description="At the latest; it ends before where the case may not be told of any more.")
    reason: str = Field(description="Who agreed to it, and how.")

    @classmethod
    def of(cls, share: Share) -> ShareAnswer:
        return cls(record_id=share.record_id, shared_at=share.shared_at, ends_at=share.ends_at, reason=share.reason)


class ShareState(BaseModel):
    share: ShareAnswer | None = Field(description="None where partners are not told of the case.")


class SkippedAnswer(BaseModel):
    """A record that was not taken."""

    id: str = Field(description="Its own id; empty where it has none.")
    error: str = Field(description="Why, for the people who run the sending program.")


class TakenAnswer(BaseModel):
    """What became of the records, people and notes alike; `parsed` is the sum of the others."""

    run_id: str = Field(description="The run, for the operator: `tracing imports RUN`.")
    parsed: int
    written: int = Field(description="New or changed.")
    unchanged: int = Field(description="Changed nothing, sent again for example.")
    erased: int = Field(description="People whose record has expired, and whose case was erased.")
    skipped: list[SkippedAnswer]

    @classmethod
    def of(cls, taken: Taken) -> TakenAnswer:
        return cls(
            run_id=taken.run.run_id,
            parsed=taken.parsed,
            written=taken.written,
            unchanged=taken.left,
            erased=taken.erased,
            skipped=[SkippedAnswer(id=each.record_id, error=each.error) for each in taken.skipped],
        )


class _About(TypedDict):
    """What a feed says of itself."""

    feed_id: str
    title: str
    address: str


router = APIRouter(route_class=KeyFirst, tags=["pfif"])


@router.get("/api/v1/cases/{case_id}/share", responses=problems(404))
def read_share(services: ServicesDep, actor: ApiActor, case_id: Id) -> ShareState:
    """Whether partners are told of this case of the own station."""
    found = services.case_sharing.of_case(actor, case_id)
    return ShareState(share=ShareAnswer.of(found) if found is not None else None)


@router.post("/api/v1/cases/{case_id}/share", status_code=201, responses=problems(400, 404, 409, 413))
def share_case(services: ServicesDep, actor: ApiActor, case_id: Id, body: ReasonBody) -> ShareAnswer:
    """Let partners be told of a case for a year; the reason says who agreed to it, and how."""
    return ShareAnswer.of(services.case_sharing.share(actor, case_id, body.reason))


@router.post("/api/v1/cases/{case_id}/unshare", responses=problems(400, 404, 409, 413))
def unshare_case(services: ServicesDep, actor: ApiActor, case_id: Id, body: ReasonBody) -> ShareState:
    """End it: partners are told that the record has expired, and have to delete their copies."""
    services.case_sharing.unshare(actor, case_id, body.reason)
    services.ledger.keep_up()
    return ShareState(share=None)


def wanted(
    request: Request,
    max_results: Annotated[int, Query(ge=1, description="At most so many; 200 are the most.")] = 10,
    skip: Annotated[int, Query(ge=0, le=MOST_SKIPPED, description="Leave out so many at the start.")] = 0,
    min_entry_date: Annotated[
        str, Query(max_length=40, description="Only what was told at this time or later: `yyyy-mm-ddThh:mm:ssZ`.")
    ] = "",
    person_record_id: Annotated[str, Query(max_length=LONGEST_RECORD_ID, description="Only what is about this person.")] = "",
) -> Wanted:
    """The parameters of PFIF's feeds, but for the key: in an address it would come into logs."""
    if "key" in request.query_params:
        raise Invalid("Send the key in the header, Authorization: Bearer <key>, and never in an address.", "key")
    try:
        since = read_time(min_entry_date) if min_entry_date else None
    except ValueError:
        raise Invalid("Write a time as yyyy-mm-ddThh:mm:ssZ.", "min_entry_date") from None
    return Wanted(min(max_results, MOST_RESULTS), skip, since, person_record_id)


WantedDep = Annotated[Wanted, Depends(wanted)]
OmitNotes = Annotated[bool, Query(description="Whether notes are left out.")]


@router.get("/api/v1/pfif/persons", responses=_answers(XML), response_class=Response)
def read_persons(
    services: ServicesDep, actor: ApiActor, request: Request, wanted: WantedDep, omit_notes: OmitNotes = False
) -> Response:
    """People whom partners are told of, in the order of `entry_date`; of a record that has expired its dates alone."""
    page = services.telling.persons(actor, wanted, not omit_notes)
    return _page(request, write(page.persons), XML)


@router.get("/api/v1/pfif/persons.atom", responses=_answers(ATOM), response_class=Response)
def read_persons_feed(
    services: ServicesDep, actor: ApiActor, request: Request, wanted: WantedDep, omit_notes: OmitNotes = False
) -> Response:
    """The same as an Atom feed."""
    page = services.telling.persons(actor, wanted, not omit_notes)
    return _page(request, feed(page.persons, updated=page.updated, **_about(services, request, "persons")), ATOM)


@router.get("/api/v1/pfif/notes", responses=_answers(XML), response_class=Response)
def read_notes(services: ServicesDep, actor: ApiActor, request: Request, wanted: WantedDep) -> Response:
    """Notes by themselves, in the order of `entry_date`."""
    return _page(request, write_notes(services.telling.notes(actor, wanted).notes), XML)


@router.get("/api/v1/pfif/notes.atom", responses=_answers(ATOM), response_class=Response)
def read_notes_feed(services: ServicesDep, actor: ApiActor, request: Request, wanted: WantedDep) -> Response:
    """The same as an Atom feed."""
    page = services.telling.notes(actor, wanted)
    return _page(request, feed_of_notes(page.notes, updated=page.updated, **_about(services, request, "notes")), ATOM)


def _about(services: Services, request: Request, what: str) -> _About:
    domain = services.settings.pfif_domain
    return {"feed_id": f"pfif:{domain}/{what}", "title": domain, "address": str(request.url)}


def _page(request: Request, body: bytes, media_type: str) -> Response:
    """With its ETag, by which a partner that asks often is told in a line that nothing is new."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


async def document(request: Request) -> bytes:
    """The body; how large it may be is settled before it comes here."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() not in (XML, "text/xml"):
        raise Invalid("Send the PFIF document as the body, with Content-Type: application/xml.")
    return await request.body()


@router.post("/api/v1/pfif/write", openapi_extra=DOCUMENT, responses=problems(413))
def write_records(services: ServicesDep, actor: ApiActor, body: Annotated[bytes, Depends(document)]) -> TakenAnswer:
    """Write records of the own domain: people become cases here, once each, and notes become clues.

    One bad record does not stop the others. A record with a known id replaces what is here unless that was written later; a
    placeholder (`expiry_date` and no `full_name`) erases it. No address in a record is ever fetched.
    """
    taken = services.taking.by_key(actor, body)
    services.ledger.keep_up()
    return TakenAnswer.of(taken)
