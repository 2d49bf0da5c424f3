"""The form of a case: what the paper form asks beyond the description."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.deps import ApiActor, KeyFirst, ServicesDep
from api.v1.fields import Body, Id, Whole
from api.v1.problems import problems
from tracing.filing import FormView
from tracing.questions import Ask, Question

router = APIRouter(route_class=KeyFirst, tags=["cases"])

A_FORM: Final[dict[str, Any]] = {
    "answers": {"build": "thin", "body_marks": [{"mark": "scar", "body_part": "chin", "side": "left"}]},
}

AnAnswer = str | list[str] | list[dict[str, str]]


class QuestionAnswer(BaseModel):
    """A question: how it is answered, with which words or columns. ``restricted`` ones are shown to those who read contacts."""

    name: str
    ask: Ask
    choices: list[str]
    columns: list[QuestionAnswer]
    restricted: bool

    @classmethod
    def of(cls, question: Question) -> Self:
        columns = [QuestionAnswer.of(column) for column in question.columns]
        return cls(
            name=question.name,
            ask=question.ask,
            choices=list(question.choices),
            columns=columns,
            restricted=question.restricted,
        )


class PartAnswer(BaseModel):
    name: str
    questions: list[QuestionAnswer]


class FormAnswer(BaseModel):
    """The form as far as it is filled in, and what it asks."""

    case_id: str
    version: int = Field(description="0 before anybody has written in it.")
    saved_at: datetime | None
    answers: dict[str, AnAnswer]
    parts: list[PartAnswer]

    @classmethod
    def of(cls, view: FormView) -> Self:
        parts = [
            PartAnswer(name=part.name, questions=[QuestionAnswer.of(each) for each in part.questions]) for part in view.parts
        ]
        return cls(
            case_id=view.case.case_id,
            version=view.form.version,
            saved_at=view.form.saved_at,
            answers={name: _plain(value) for name, value in view.form.answers.items()},
            parts=parts,
        )


class FormChanges(Body):
    """What is sent is kept beside the other answers; an empty answer takes back what was answered before."""

    version: Whole | None = Field(None, description="If given: only if nobody else has written in the form since.")
    answers: dict[str, AnAnswer]

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [A_FORM]})


def _plain(value: Any) -> AnAnswer:
    if isinstance(value, str):
        return value
    return [dict(each) if isinstance(each, Mapping) else each for each in value]


@router.get("/api/v1/cases/{case_id}/form", responses=problems(404))
def read_form(services: ServicesDep, actor: ApiActor, case_id: Id) -> FormAnswer:
    """The case's form, with the questions that it asks. That it was read stays in the audit."""
    return FormAnswer.of(services.filing.read(actor, case_id))


@router.patch("/api/v1/cases/{case_id}/form", responses=problems(400, 404, 409, 413))
def write_form(services: ServicesDep, actor: ApiActor, case_id: Id, body: FormChanges) -> FormAnswer:
    """Write some answers and leave the others; with a `version`, only if nobody else has written in the form since."""
    return FormAnswer.of(services.filing.write(actor, case_id, body.answers, body.version))
