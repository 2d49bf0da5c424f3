"""Bring a list in: each record becomes one case, once; a repeat changes nothing, and a run that was cut off goes on."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from tracing.access import Permission, require
from tracing.amending import amended
from tracing.domain import Actor, CaseKind, Change, Contact, ImportedRecord, ImportRun, LegalBasis, RefusedRow, Source
from tracing.errors import Conflict, Invalid, Refused
from tracing.importing.columns import Column, Layout
from tracing.importing.drafts import Draft, fingerprints
from tracing.importing.portions import DraftReader, ListReader, Portion, Table
from tracing.intake import Intake
from tracing.opening import KEPT_OUT, NewCase, open_cases
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import Records

MOST_PREVIEWED: Final = 20
LONGEST_SOURCE: Final = 200
NOT_SENT: Final = "A photo that the row names did not come with the list."
OTHERS: Final = "This record is a case of another station."
OTHER_KIND: Final = "This record was of the other kind before; a case does not change its kind."


class Photos(Protocol):
    """The photos that came with a list, by their paths."""

    def named(self, name: str) -> str | None: ...

    def by_number(self, source_ids: Collection[str]) -> dict[str, list[str]]: ...

    def read(self, path: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person says of a list: who sent it, what its people are, and what columns are whose headings nobody knows."""

    source: str
    kind: CaseKind
    legal_basis: LegalBasis
    columns: tuple[tuple[str, Column | None], ...] = ()

    def digest(self, table: bytes) -> str:
        """Of a list with this said about it; ``table`` is the digest of its file."""
        said = [self.source, self.kind, self.legal_basis, sorted((text, str(column)) for text, column in self.columns)]
        return hashlib.sha256(table + json.dumps(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do: the layout, the first records as they were understood, and what it would refuse first."""

    layout: Layout
    drafts: tuple[Draft, ...]
    refused: tuple[RefusedRow, ...]
    counts: dict[Change, int]


@dataclass(frozen=True, slots=True)
class _Done:
    draft: Draft
    case_id: str
    change: Change
    mistake: str = ""


class Importing:
    def __init__(self, store: RecordStore, intake: Intake, clock: Clock, new_id: NewId) -> None:
        self._store = store
        self._intake = intake
        self._clock = clock
        self._new_id = new_id

    def preview(self, actor: Actor, plan: Plan, table: Table) -> Preview:
        """What ``run`` would do with the list. Nothing is written."""
        _check(actor, plan)
        reader = self._reader(plan, table)
        shown: list[Draft] = []
        refused: list[RefusedRow] = []
        counts = dict.fromkeys(Change, 0)
        for portion in reader.portions():
            with self._store.reading() as records:
                known = records.imports.known(plan.source, [draft.source_id for draft in portion.drafts])
            for draft in portion.drafts:
                counts[_expected(draft, known.get(draft.source_id))] += 1
            shown += portion.drafts[: MOST_PREVIEWED - len(shown)]
            refused += portion.refused[: MOST_PREVIEWED - len(refused)]
            counts[Change.REFUSED] += len({row.row for row in portion.refused})
        return Preview(reader.layout, tuple(shown), tuple(refused), counts)

    def run(
        self,
        actor: Actor,
        plan: Plan,
        table: Table,
        file_name: str,
        digest: bytes,
        photos: Photos | None = None,
        report: Callable[[int, int], object] = lambda *_: None,
    ) -> ImportRun:
        """Bring the list in, and say what became of it.

        ``digest`` is that of the file; ``report`` hears how many rows of how many are through.

        The same list sent again goes on where the last run was cut off, or changes nothing. What the sender has changed since
        is taken over, but for what people here have written into the case themselves.

        Raises ``Invalid``, and changes nothing, where the list cannot be read to its end.
        """
        _check(actor, plan)
        return self.bring(actor, plan, self._reader(plan, table), file_name, digest, photos, report)

    def bring(
        self,
        actor: Actor,
        plan: Plan,
        reader: DraftReader,
        file_name: str,
        digest: bytes,
        photos: Photos | None = None,
        report: Callable[[int, int], object] = lambda *_: None,
    ) -> ImportRun:
        """As ``run``, of records that are no rows of a table."""
        _check(actor, plan)
        paths = photos.by_number(reader.first_rows) if photos is not None else {}
        run = self._begun(actor, plan, file_name, plan.digest(digest))
        for portion in reader.portions(after=run.rows_done):
            run = self._portion(actor, plan, run, portion, photos, paths)
            report(run.rows, reader.count)
        with self._store.transaction() as records:
            run = replace(records.imports.get(run.run_id), finished_at=self._clock())
            records.imports.save(run)
            told = {name: getattr(run, name) for name in ("source", "new", "changed", "refused", "photos")}
            records.audit.append(actor, "import_list", run.run_id, told)
        return run

    def runs(self, actor: Actor, limit: int = 50) -> list[ImportRun]:
        """The latest first."""
        require(actor, Permission.OPEN_CASES)
        with self._store.reading() as records:
            return records.imports.runs(limit)

    def look(self, actor: Actor, run_id: str, limit: int = 200) -> tuple[ImportRun, int, list[RefusedRow]]:
        """The run, how many pairs its records have been put into since, and what was refused, by row."""
        require(actor, Permission.OPEN_CASES)
        with self._store.reading() as records:
            return records.imports.get(run_id), records.imports.hits(run_id), records.imports.refused(run_id, limit)

    def _reader(self, plan: Plan, table: Table) -> ListReader:
        return ListReader(table, dict(plan.columns), plan.kind, self._clock().date())

    def _begun(self, actor: Actor, plan: Plan, file_name: str, digest: str) -> ImportRun:
        with self._store.transaction() as records:
            cut_off = records.imports.cut_off(plan.source, digest, actor.station_id)
            if cut_off is not None:
                return cut_off
            now = self._clock()
            run = ImportRun(self._new_id(), plan.source, file_name, digest, actor.station_id, actor.account_id, now)
            records.imports.begin(run)
        return run

    def _portion(
        self, actor: Actor, plan: Plan, run: ImportRun, portion: Portion, photos: Photos | None, paths: dict[str, list[str]]
    ) -> ImportRun:
        try:
            return self._brought(actor, plan, run, portion, photos, paths)
        except Conflict:  # another run of the same source is at work, and has just opened one of them
            return self._brought(actor, plan, run, portion, photos, paths)

    def _brought(
        self, actor: Actor, plan: Plan, run: ImportRun, portion: Portion, photos: Photos | None, paths: dict[str, list[str]]
    ) -> ImportRun:
        """The cases with their place in the list, in one transaction; where photos came along these stand between the two.

        What was not counted before a kill is done again.
        """
        if photos is None:
            with self._store.transaction() as records:
                done = self._written(records, actor, plan, run, portion.drafts)
                return _counted(records, run, portion, done, 0, [])
        with self._store.transaction() as records:
            done = self._written(records, actor, plan, run, portion.drafts)
        added, wrong = self._add_photos(actor, done, photos, paths)
        with self._store.transaction() as records:
            return _counted(records, run, portion, done, added, wrong)

    def _written(self, records: Records, actor: Actor, plan: Plan, run: ImportRun, drafts: Sequence[Draft]) -> list[_Done]:
        known = records.imports.known(plan.source, [draft.source_id for draft in drafts])
        opened = self._opened(records, actor, plan, [each for each in drafts if each.source_id not in known])
        done = [
            opened.get(draft.source_id) or self._renewed(records, actor, run, draft, known[draft.source_id]) for draft in drafts
        ]
        records.imports.put([_kept(each, run) for each in done if each.case_id])
        return done

    def _opened(self, records: Records, actor: Actor, plan: Plan, drafts: Sequence[Draft]) -> dict[str, _Done]:
        """The sender's number -> what became of the record; all of them in a few statements."""
        new = [NewCase(each.kind, each.description, each.contact, Source(plan.source, each.source_id)) for each in drafts]
        opened = open_cases(records, actor, plan.legal_basis, new, self._clock(), self._new_id)
        return {
            draft.source_id: _Done(draft, "", Change.REFUSED, KEPT_OUT)
            if case is None
            else _Done(draft, case.case_id, Change.NEW)
            for draft, case in zip(drafts, opened, strict=True)
        }

    def _renewed(self, records: Records, actor: Actor, run: ImportRun, draft: Draft, earlier: ImportedRecord) -> _Done:
        """What this run did before a kill is not done again, and still counted."""
        if earlier.run_id == run.run_id:
            return _Done(draft, earlier.case_id, earlier.change)
        if earlier.digest == draft.digest:
            return _Done(draft, earlier.case_id, Change.UNCHANGED)
        case = records.cases.get(earlier.case_id)
        if case.station_id != actor.station_id or case.kind is not draft.kind:
            mistake = OTHER_KIND if case.station_id == actor.station_id else OTHERS
            return _Done(draft, "", Change.REFUSED, mistake)
        told, now, here = earlier.told, fingerprints(draft.description), fingerprints(case.description)
        theirs = [name for name in now if now[name] != told.get(name, "") and here[name] in ("", told.get(name, ""))]
        if theirs:
            said = replace(case.description, **{name: getattr(draft.description, name) for name in theirs})
            amended(records, actor, case, said, case.legal_basis, self._clock())
        self._add_contact(records, draft, case.case_id)
        return _Done(draft, case.case_id, Change.CHANGED)

    def _add_contact(self, records: Records, draft: Draft, case_id: str) -> None:
        given = draft.contact
        if given is None or any(
            (each.name, each.phone) == (given.name, given.phone) for each in records.cases.contacts(case_id)
        ):
            return
        records.cases.add_contact(Contact(self._new_id(), case_id, given.role, given.name, given.phone, given.place))

    def _add_photos(
        self, actor: Actor, done: Sequence[_Done], photos: Photos, by_number: dict[str, list[str]]
    ) -> tuple[int, list[RefusedRow]]:
        """How many are new here, and what is wrong with the others, without their names: a photo never costs its case."""
        added, wrong = 0, []
        for each in done:
            if not each.case_id:
                continue
            named = {name: photos.named(name) for name in each.draft.photos}
            if None in named.values():
                wrong.append(RefusedRow("", each.draft.row, Column.PHOTOS, NOT_SENT))
            for path in filter(None, named.values()) if named else by_number.get(each.draft.source_id, ()):
                try:
                    added += self._added(actor, each.case_id, photos.read(path))
                except Refused as error:
                    wrong.append(RefusedRow("", each.draft.row, Column.PHOTOS, str(error)))
        return added, wrong

    def _added(self, actor: Actor, case_id: str, data: bytes) -> bool:
        """Whether the photo is new here."""
        digest = hashlib.sha256(data).hexdigest()
        with self._store.reading() as records:
            if any(photo.sha256 == digest for photo in records.photos.of_case(case_id)):
                return False
        self._intake.add_photo(actor, case_id, data)
        return True


def _check(actor: Actor, plan: Plan) -> None:
    require(actor, Permission.OPEN_CASES)
    require(actor, Permission.EDIT_CASES)
    if not plan.source.strip() or len(plan.source) > LONGEST_SOURCE:
        raise Invalid(f"Say who sent the list, in at most {LONGEST_SOURCE} characters.", "source")


def _expected(draft: Draft, earlier: ImportedRecord | None) -> Change:
    if earlier is None:
        return Change.NEW
    return Change.UNCHANGED if earlier.digest == draft.digest else Change.CHANGED


def _counted(
    records: Records, run: ImportRun, portion: Portion, done: Sequence[_Done], photos: int, wrong: Sequence[RefusedRow]
) -> ImportRun:
    refused = [*portion.refused, *(RefusedRow("", each.draft.row, "", each.mistake) for each in done if each.mistake)]
    records.imports.refuse([replace(row, run_id=run.run_id) for row in (*refused, *wrong)])
    changes = Counter(each.change for each in done)
    counted = replace(
        run,
        rows_done=portion.last,
        new=run.new + changes[Change.NEW],
        changed=run.changed + changes[Change.CHANGED],
        unchanged=run.unchanged + changes[Change.UNCHANGED],
        refused=run.refused + len({row.row for row in refused}),
        photos=run.photos + photos,
    )
    records.imports.save(counted)
    return counted


def _kept(done: _Done, run: ImportRun) -> ImportedRecord:
    told = fingerprints(done.draft.description)
    return ImportedRecord(done.case_id, done.draft.digest, run.run_id, done.change, told)
