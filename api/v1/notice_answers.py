"""The JSON bodies about tracing notices, of requests and of answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.notices.telling import Telling
from api.v1.bodies import ReasonBody
from api.v1.fields import AN_ID, Body, Item, Line, Prose, Whole
from tracing.domain import CaseKind, NoticeEnd, NoticeField, NoticeMark, NoticeState, PhotoCut, Sex
from tracing.errors import Incomplete
from tracing.notices.drafting import NO_SUCH_MARK, NoticeDraft, mark_key
from tracing.notices.views import NoticePage, NoticeView, Proposal
from tracing.notices.wording import Source

A_NOTICE: Final[dict[str, Any]] = {
    "station": "合肥市救助管理站",
    "contact": "0551-6299 8000",
    "shown": ["photo", "name", "sex", "age", "marks", "seen_at"],
    "marks": ["5d8f0a2be1c34796"],
    "photo_id": AN_ID,
}


def _a_day(value: Any) -> Any:
    """Numbers would be taken for days since 1970."""
    if value is not None and not (isinstance(value, str) and len(value) == 10):
        raise ValueError("a day is written 2026-03-15")
    return value


Day = Annotated[date, BeforeValidator(_a_day)]
Known = Annotated[Whole, Field(description="The version that was read; 409 where it is another one by now.")]


class NoticeBody(Body):
    """What a notice tells. What is not known is not told, whatever ``shown`` says."""

    model_config = ConfigDict(json_schema_extra={"examples": [A_NOTICE]})

    station: Line = Field(description="The station's name as people know it.")
    contact: Line = Field(description="Whom to call at the station; never the number of a relative.")
    shown: list[NoticeField] = Field(
        max_length=20,
        description="`health`, `intellect` and `mind` are sensitive: each needs its words and, in `reasons`, why it is told.",
    )
    marks: list[Item] = Field(
        default_factory=list, max_length=100, description="Keys of the marks that are told. One at least has to be kept back."
    )
    clothing: Prose | None = Field(None, description="In other words than the case has; null: as the case has it.")
    seen_place: Line | None = None
    health: Line = ""
    intellect: Line = ""
    mind: Line = ""
    reasons: dict[NoticeField, Line] = Field(default_factory=dict, max_length=20)
    photo_id: Line = ""
    cut: PhotoCut = PhotoCut.FACE
    blur: bool = Field(True, description="Make the faces of other people unrecognisable.")

    def draft(self, source: Source) -> NoticeDraft:
        """``Incomplete`` for a mark that the case does not have."""
        known = {mark_key(mark): mark for mark in source.marks}
        if not known.keys() >= set(self.marks):
            raise Incomplete({"marks": NO_SUCH_MARK})
        chosen = NoticeDraft.__dataclass_fields__.keys() - {"shown", "marks", "reasons"}
        given = {name: getattr(self, name) for name in chosen}
        marks = tuple(known[key] for key in dict.fromkeys(self.marks))
        return NoticeDraft(shown=frozenset(self.shown), marks=marks, reasons=dict(self.reasons), **given)


class NoticeAmended(NoticeBody):
    model_config = ConfigDict(json_schema_extra={"examples": [A_NOTICE | {"version": 1}]})

    version: Known


class NoticeStep(ReasonBody):
    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 1, "reason": "Compared with the case."}]})

    version: Known


class NoticePublication(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 2, "until": "2026-12-24"}]})

    version: Known
    until: Day | None = Field(None, description="The last day on which it stands; as set for the service where it is left out.")


class MarkAnswer(BaseModel):
    key: str
    text: str = Field(description="A line of the case's description; else the other fields hold a row of its form.")
    mark: str
    body_part: str
    side: str
    note: str

    @classmethod
    def of(cls, mark: NoticeMark) -> Self:
        return cls(key=mark_key(mark), **{name: getattr(mark, name) for name in cls.model_fields if name != "key"})


class OfferedMark(MarkAnswer):
    reserved: bool = Field(description="The form says that it is never told.")


class NoticeWordsAnswer(BaseModel):
    """What is told, and nothing else."""

    name: str
    sex: Sex | None
    age_min: int | None
    age_max: int | None
    age_known: bool = Field(description="From a birth date, not by an estimate.")
    height_cm: int | None
    build: str
    hair: str
    marks: list[MarkAnswer]
    clothing: str
    seen_at: str | None
    seen_place: str
    health: str
    intellect: str
    mind: str


class NoticeAnswer(BaseModel):
    notice_id: str
    case_id: str
    kind: CaseKind
    state: NoticeState
    version: int
    shown: list[NoticeField]
    words: NoticeWordsAnswer
    station: str
    contact: str
    photo_id: str | None
    cut: PhotoCut | None
    blur: bool
    reasons: dict[NoticeField, str]
    kept_back: list[MarkAnswer] = Field(description="True marks that are not told: ask a caller for one.")
    outdated: list[NoticeField] = Field(description="The case says something else of these by now.")
    obstacles: list[str] = Field(description="What keeps it from being approved and published.")
    not_printed: list[str] = Field(description="Characters that posters and pictures lack: 〓 stands in their place.")
    gone: NoticeEnd | None = Field(description="Why nobody outside sees it although it is published.")
    drafted_at: datetime
    approved_at: datetime | None
    published_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    end: NoticeEnd | None
    end_reason: str

    @classmethod
    def of(cls, view: NoticeView) -> Self:
        notice = view.notice
        words, photo = notice.words, notice.photo
        said = {name: getattr(words, name) for name in NoticeWordsAnswer.model_fields if name not in ("marks", "seen_at")}
        dates = ("drafted_at", "approved_at", "published_at", "expires_at", "ended_at")
        plain = ("notice_id", "case_id", "kind", "state", "version", "station", "contact", "end", "end_reason", *dates)
        return cls(
            **{name: getattr(notice, name) for name in plain},
            shown=sorted(notice.shown),
            words=NoticeWordsAnswer(
                **said,
                marks=[MarkAnswer.of(mark) for mark in words.marks],
                seen_at=None if words.seen_at is None else str(words.seen_at),
            ),
            photo_id=None if photo is None else photo.photo_id,
            cut=None if photo is None else photo.cut,
            blur=photo is not None and photo.blur,
            reasons=dict(notice.reasons),
            kept_back=[MarkAnswer.of(mark) for mark in view.back],
            outdated=sorted(view.outdated),
            obstacles=[str(each) for each in view.obstacles],
            not_printed=Telling("en", notice.kind).not_printed(view.shown),
            gone=view.gone,
        )


class NoticesAnswer(BaseModel):
    counts: dict[NoticeState, int]
    notices: list[NoticeAnswer] = Field(description="The newest first.")

    @classmethod
    def of(cls, page: NoticePage) -> Self:
        return cls(counts=dict(page.counts), notices=[NoticeAnswer.of(view) for view in page.views])


class CaseNoticesAnswer(BaseModel):
    notices: list[NoticeAnswer] = Field(description="The newest first.")


class ProposalAnswer(BaseModel):
    """What a new notice of the case could tell."""

    marks: list[OfferedMark]
    proposed_marks: list[str] = Field(description="Keys of those that are told unless somebody chooses others.")
    shown: list[NoticeField]
    photo_ids: list[str] = Field(description="Photos that may be shown.")
    station: str = Field(description="As the station's last approved notice says it.")
    contact: str
    refused: list[str] = Field(description="What keeps the case from having a notice.")

    @classmethod
    def of(cls, found: Proposal) -> Self:
        source, draft = found.source, found.draft
        return cls(
            marks=[OfferedMark(**MarkAnswer.of(mark).model_dump(), reserved=mark in source.reserved) for mark in source.marks],
            proposed_marks=[mark_key(mark) for mark in draft.marks],
            shown=sorted(draft.shown),
            photo_ids=[photo.photo_id for photo in found.photos],
            station=draft.station,
            contact=draft.contact,
            refused=[str(each) for each in found.refused],
        )
