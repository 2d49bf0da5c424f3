"""What a person may ask for: no search by their face, their data in their hands, to be erased, not to be brought back."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Self

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import ApiActor, KeyFirst, ServicesDep
from api.v1.answers import a_file
from api.v1.bodies import ReasonBody
from api.v1.fields import Id
from api.v1.problems import problems
from tracing.domain import Backup, ErasureRequest, FaceWithdrawal, KeepoutPurpose
from tracing.suppressing import HeldView, KeepoutView

CANNOT: Final = problems(400, 404, 409, 413)
ZIP: Final = a_file("application/zip", "`person.json`, and the photos as they came.")

router = APIRouter(route_class=KeyFirst, tags=["rights"])


class ErasureBody(ReasonBody):
    suppress: bool = Field(
        False,
        description="Keep this person out afterwards: a sealed template and a digest of the source's id stay, so that the next "
        "import does not bring them back. Counts with the first of the two calls.",
    )


class WithdrawalAnswer(BaseModel):
    withdrawn_at: datetime
    withdrawn_by: str
    reason: str

    @classmethod
    def of(cls, withdrawal: FaceWithdrawal) -> Self:
        return cls(withdrawn_at=withdrawal.withdrawn_at, withdrawn_by=withdrawal.withdrawn_by, reason=withdrawal.reason)


class FaceRights(BaseModel):
    withdrawal: WithdrawalAnswer | None = Field(description="None where the person may be searched by their face.")


class GivenBackAnswer(BaseModel):
    photos: int = Field(description="How many are looked at anew.")


class ErasureRequestAnswer(BaseModel):
    case_id: str
    asked_by: str
    asked_at: datetime
    reason: str
    suppress: bool

    @classmethod
    def of(cls, asked: ErasureRequest) -> Self:
        return cls(
            case_id=asked.case_id,
            asked_by=asked.asked_by,
            asked_at=asked.asked_at,
            reason=asked.reason,
            suppress=asked.suppress,
        )


class BackupAnswer(BaseModel):
    backup_id: str
    folder: str
    point: datetime = Field(description="What was kept by then is in it.")

    @classmethod
    def of(cls, backup: Backup) -> Self:
        return cls(backup_id=backup.backup_id, folder=backup.folder, point=backup.point)


class ErasureAnswer(BaseModel):
    erased: bool = Field(description="False where this was the first word, and a second person has to say the same.")
    backups: list[BackupAnswer] = Field(description="Those that hold the person until somebody deletes them.")


class ErasuresAnswer(BaseModel):
    erasures: list[ErasureRequestAnswer] = Field(description="The oldest first.")


class HeldAnswer(BaseModel):
    photo_id: str
    case_id: str
    reference: str
    held_at: datetime

    @classmethod
    def of(cls, view: HeldView) -> Self:
        return cls(
            photo_id=view.held.photo_id,
            case_id=view.held.case_id,
            reference=view.case.reference,
            held_at=view.held.held_at,
        )


class HeldsAnswer(BaseModel):
    photos: list[HeldAnswer] = Field(description="The oldest first.")


class KeepoutAnswer(BaseModel):
    keepout_id: str
    purpose: KeepoutPurpose
    made_at: datetime
    expires_at: datetime
    by_source: bool = Field(description="Recognised by the source's name for the record.")
    encoders: list[str] = Field(description="Recognised by a face, by these encoders.")
    blind: list[str] = Field(description="Encoders in use by which this person is not recognised.")

    @classmethod
    def of(cls, view: KeepoutView) -> Self:
        keepout = view.keepout
        return cls(
            keepout_id=keepout.keepout_id,
            purpose=keepout.purpose,
            made_at=keepout.made_at,
            expires_at=keepout.expires_at,
            by_source=keepout.by_source,
            encoders=list(view.compared),
            blind=list(view.blind),
        )


class KeepoutsAnswer(BaseModel):
    keepouts: list[KeepoutAnswer] = Field(description="The oldest first.")


@router.post("/api/v1/cases/{case_id}/export", responses=ZIP | problems(404, 409), response_class=Response)
def export_case(services: ServicesDep, actor: ApiActor, case_id: Id) -> Response:
    """Everything that is kept about a person, for who speaks for them; the audit keeps that it was made.

    Names and numbers of other people are withheld, and templates are in no answer. 409, `safeguarded`, while relatives may be
    the danger.
    """
    reference = services.casework.get(actor, case_id).reference
    named = {"Content-Disposition": f'attachment; filename="{reference}.zip"'}
    return Response(services.dossiers.export(actor, case_id), media_type="application/zip", headers=named)


@router.get("/api/v1/cases/{case_id}/face", responses=problems(404))
def read_face_withdrawal(services: ServicesDep, actor: ApiActor, case_id: Id) -> FaceRights:
    """Whether the person may be searched by their face."""
    found = services.withdrawing.of_case(actor, case_id)
    return FaceRights(withdrawal=WithdrawalAnswer.of(found) if found is not None else None)


@router.post("/api/v1/cases/{case_id}/face/withdraw", status_code=201, responses=CANNOT)
def withdraw_face(services: ServicesDep, actor: ApiActor, case_id: Id, body: ReasonBody) -> WithdrawalAnswer:
    """The case stays and its face goes: templates, places in galleries, scores and lines on lists, for good.

    Photos that come later are kept and not looked at. What people have judged stays.
    """
    withdrawn = services.withdrawing.withdraw(actor, case_id, body.reason)
    services.ledger.keep_up()
    return WithdrawalAnswer.of(withdrawn)


@router.post("/api/v1/cases/{case_id}/face/give-back", responses=CANNOT)
def give_face_back(services: ServicesDep, actor: ApiActor, case_id: Id, body: ReasonBody) -> GivenBackAnswer:
    """The person lets their face be searched again: every photo is looked at anew."""
    photos = services.withdrawing.give_back(actor, case_id, body.reason)
    services.ledger.keep_up()
    return GivenBackAnswer(photos=photos)


@router.get("/api/v1/erasures")
def read_erasures(services: ServicesDep, actor: ApiActor) -> ErasuresAnswer:
    """Erasures at the own station that wait for a second person's word."""
    return ErasuresAnswer(erasures=[ErasureRequestAnswer.of(each) for each in services.retention.asked(actor)])


@router.post("/api/v1/cases/{case_id}/erase", responses=CANNOT)
def erase_case(services: ServicesDep, actor: ApiActor, case_id: Id, body: ErasureBody) -> ErasureAnswer:
    """One person's word that a case is to be erased; with a second person's it is gone, and cannot be brought back.

    The same person's second word is refused: 403.
    """
    opened_at = services.casework.get(actor, case_id).opened_at
    if not services.retention.say_erase(actor, case_id, body.reason, body.suppress):
        return ErasureAnswer(erased=False, backups=[])
    services.ledger.keep_up()
    held = services.retention.still_held(actor, opened_at)
    return ErasureAnswer(erased=True, backups=[BackupAnswer.of(each) for each in held])


@router.post("/api/v1/cases/{case_id}/erase/take-back", status_code=204, responses=problems(404, 409))
def take_erasure_back(services: ServicesDep, actor: ApiActor, case_id: Id) -> None:
    """The erasure that was asked for is not wanted any more; the case stays."""
    services.retention.take_back(actor, case_id)


@router.get("/api/v1/held-photos")
def read_held_photos(services: ServicesDep, actor: ApiActor) -> HeldsAnswer:
    """Photos of the own station that may show somebody who asked not to be searched; nobody is searched by them."""
    return HeldsAnswer(photos=[HeldAnswer.of(each) for each in services.suppressing.held(actor)])


@router.post("/api/v1/photos/{photo_id}/let-in", status_code=204, responses=CANNOT)
def let_photo_in(services: ServicesDep, actor: ApiActor, photo_id: Id, body: ReasonBody) -> None:
    """A person has looked, and says that a held photo shows somebody else: it is searched as any other."""
    services.suppressing.let_in(actor, photo_id, body.reason)


@router.get("/api/v1/keepouts")
def read_keepouts(services: ServicesDep, actor: ApiActor) -> KeepoutsAnswer:
    """Those who were erased and asked not to be brought back: no name, no case, no photo."""
    return KeepoutsAnswer(keepouts=[KeepoutAnswer.of(each) for each in services.suppressing.all(actor)])


@router.post("/api/v1/keepouts/{keepout_id}/lift", status_code=204, responses=CANNOT)
def lift_keepout(services: ServicesDep, actor: ApiActor, keepout_id: Id, body: ReasonBody) -> None:
    """The person may be kept and searched again; photos that were held because of it are looked at."""
    services.suppressing.lift(actor, keepout_id, body.reason)
