"""The JSON bodies about lists of other departments: what waits, what would become of it, runs and hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from api.v1.answers import CaseAnswer
from api.v1.fields import Body, Line, Reason, Whole
from tracing.domain import CaseKind, Change, HandedList, HitState, ImportRun, ListPurpose, ListStage, RefusedRow
from tracing.evidence import Band
from tracing.importing.columns import Column
from tracing.importing.list_views import ListView
from tracing.importing.looking import HitView
from tracing.importing.monthly import SourceDue
from tracing.importing.runs import RunView

COUNTS: Final = ("new", "changed", "unchanged", "refused", "photos", "compared", "without_face", "here")
Version = Annotated[Whole, Field(ge=0, description="The one that was read; 409 where somebody has gone on since.")]


class ColumnsBody(Body):
    """What the columns are, by their headings; null leaves one out. Headings that are not named are as they were said of the
    sender's last list, or else as they were recognised."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"columns": {"Nr": "source_id", "Remarks": None}, "version": 1}]}
    )

    columns: Annotated[dict[Line, Column | None], Field(max_length=200)] = Field(default_factory=dict)
    version: Version


class VersionBody(Body):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 2}]})

    version: Version


class HitDecision(Body):
    """What somebody says of a hit, with a reason."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"state": "no_match", "reason": "Another ear.", "version": 1}]}
    )

    state: HitState
    reason: Reason
    version: Version


class WrongRowAnswer(BaseModel):
    """A row that can be no record, or a photo that was left out. No word of the row itself."""

    row: int = Field(description="As a spreadsheet shows it, from 1.")
    column: str = Field(description="The heading, or a field; empty where it is the record as a whole.")
    mistake: str

    @classmethod
    def of(cls, row: RefusedRow) -> Self:
        return cls(row=row.row, column=row.column, mistake=row.mistake)


class WrongRowsAnswer(BaseModel):
    total: int
    rows: list[WrongRowAnswer]

    @classmethod
    def of(cls, rows: Sequence[RefusedRow], total: int) -> Self:
        return cls(total=total, rows=[WrongRowAnswer.of(each) for each in rows])


class HeadingAnswer(BaseModel):
    heading: str
    column: Column | None = Field(description="What it was recognised as, or said to be; null: left out.")
    samples: list[str] = Field(description="What stands below it, in the first rows.")


class UnreadAnswer(BaseModel):
    """Cells that nobody could understand: they are kept word for word in the circumstances."""

    heading: str
    count: int
    rows: list[int] = Field(description="The first of them.")


class CheckAnswer(BaseModel):
    """What would become of the list; nothing was done yet."""

    counts: dict[Change, int]
    unread: list[UnreadAnswer]
    with_photos: int = Field(description="Records that have a photo.")
    photos_missing: int = Field(description="Records with one that did not come, or may be another's.")


class ListAnswer(BaseModel):
    """A list that waits, sealed, until its run is over or nobody has touched it for a day."""

    list_id: str
    version: int
    purpose: ListPurpose
    source: str
    kind: CaseKind
    file_name: str
    stage: ListStage
    handed_at: datetime
    rows: int = Field(description="Records that it has; 0 while nobody has counted them.")
    rows_read: int
    run_id: str | None
    problem: str | None = Field(description="Why it could not be done.")

    @classmethod
    def of(cls, handed: HandedList) -> Self:
        return cls(**_of_list(handed))


class OneListAnswer(ListAnswer):
    missing: str | None = Field(description="What the columns lack, so that the list cannot be read.")
    headings: list[HeadingAnswer]
    check: CheckAnswer | None = Field(description="Null before a worker has read it to its end.")

    @classmethod
    def seen(cls, view: ListView) -> Self:
        found = view.checked
        check = None
        if found is not None:
            unread = [UnreadAnswer(heading=each.heading, count=each.count, rows=list(each.rows)) for each in found.unread]
            check = CheckAnswer(
                counts=dict(found.counts),
                unread=unread,
                with_photos=found.with_photos,
                photos_missing=found.photos_missing,
            )
        headings = [
            HeadingAnswer(heading=each.text, column=each.column, samples=list(samples))
            for each, samples in zip(view.layout.headings, view.samples, strict=True)
        ]
        return cls(**_of_list(view.handed), missing=view.missing or None, headings=headings, check=check)


def _of_list(handed: HandedList) -> dict[str, Any]:
    names = ("list_id", "version", "purpose", "source", "kind", "file_name", "stage", "handed_at", "rows_read")
    told = {name: getattr(handed, name) for name in names}
    return told | {"rows": handed.rows_there, "run_id": handed.run_id or None, "problem": handed.problem or None}


class SourceAnswer(BaseModel):
    """A department: when the last of its lists was through, and by when the next one is due."""

    source: str
    last: datetime
    due: date
    overdue: bool

    @classmethod
    def of(cls, due: SourceDue) -> Self:
        return cls(source=due.source, last=due.last, due=due.due, overdue=due.overdue)


class ListsAnswer(BaseModel):
    lists: list[ListAnswer] = Field(description="Those that wait, the latest first.")
    sources: list[SourceAnswer] = Field(description="The one first due first.")


class RunAnswer(BaseModel):
    """One list, brought in or compared once. Counts that are not of its purpose are 0."""

    run_id: str
    purpose: ListPurpose
    source: str
    file_name: str
    started_at: datetime
    finished_at: datetime | None = Field(description="Null while it runs, or where it was cut off: send the list again.")
    rows: int = Field(description="Records that are through.")
    rows_there: int = Field(description="Records that the list has; 0 while nobody has counted them.")
    per_second: float = Field(description="Since the process that is at it began; 0 where that is not known.")
    counts: dict[str, int]
    hits: int = Field(description="Pairs of an import's records with others until now; what a comparison found, new or known.")

    @classmethod
    def of(cls, run: ImportRun, hits: int) -> Self:
        names = ("run_id", "purpose", "source", "file_name", "started_at", "finished_at", "rows", "rows_there", "per_second")
        told: Mapping[str, Any] = {name: getattr(run, name) for name in names}
        counts = {name: getattr(run, name) for name in COUNTS}
        return cls(**told, counts=counts | {"new_hits": run.found, "known_hits": run.again}, hits=hits)

    @classmethod
    def seen(cls, view: RunView) -> Self:
        return cls.of(view.run, view.hits)


class RunsAnswer(BaseModel):
    total: int
    runs: list[RunAnswer]


class HitAnswer(BaseModel):
    """A record of a compared list that may be this case. What would tell somebody who judges blind is left out for them."""

    hit_id: str
    version: int
    run_id: str
    source: str
    source_id: str = Field(description="The sender's own number of the record; of an identity number a digest.")
    row: int
    kind: CaseKind = Field(description="What the record's person is.")
    case: CaseAnswer
    state: HitState
    found_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    opened_case_id: str | None = Field(description="The case that somebody has opened for the record.")
    band: Band | None = Field(description="The evidence of the face alone; null where none was compared, or it is not told.")
    reasons: list[str] = Field(description="In what the two agree or differ: topic, reason and how much that says.")

    @classmethod
    def of(cls, view: HitView) -> Self:
        hit = view.hit
        names = ("hit_id", "version", "run_id", "source", "source_id", "row", "kind", "state", "found_at", "decided_at")
        told: Mapping[str, Any] = {name: getattr(hit, name) for name in (*names, "reason", "opened_case_id")}
        return cls(
            **told,
            case=CaseAnswer.of(view.case),
            decided_by=hit.decided_by or None,
            band=Band(hit.band) if hit.band else None,
            reasons=list(hit.reasons),
        )


class HitsAnswer(BaseModel):
    total: int
    hits: list[HitAnswer]
