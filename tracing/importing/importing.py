"""Bring a list in: each record becomes one case, once; a repeat changes nothing, and a run that was cut off goes on.

What the sender has changed since is taken over, but for what people here have written into the case themselves.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from tracing.amending import amended
from tracing.domain import Actor, Change, Contact, ImportedRecord, ImportRun, RefusedRow
from tracing.errors import Conflict, Refused
from tracing.importing.columns import Column
from tracing.importing.drafts import Draft, fingerprints
from tracing.importing.jobs import ListJob, Sent
from tracing.importing.portions import Portion
from tracing.importing.runs import Runs
from tracing.importing.withholding import known
from tracing.intake import Intake
from tracing.opening import KEPT_OUT, NewCase, open_cases
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import Records

OTHERS: Final = "This record is a case of another station."
OTHER_KIND: Final = "This record was of the other kind before; a case does not change its kind."


@dataclass(frozen=True, slots=True)
class _Done:
    draft: Draft
    case_id: str
    change: Change
    mistake: str = ""


class Importing(ListJob):
    def __init__(self, store: RecordStore, runs: Runs, intake: Intake, clock: Clock, new_id: NewId) -> None:
        super().__init__(store, runs, clock)
        self._intake = intake
        self._new_id = new_id

    def _portion(self, sent: Sent, run: ImportRun, portion: Portion) -> ImportRun:
        try:
            return self._brought(sent, run, portion)
        except Conflict:  # another run of the same source is at work, and has just opened one of them
            return self._brought(sent, run, portion)

    def _brought(self, sent: Sent, run: ImportRun, portion: Portion) -> ImportRun:
        """The cases with their place in the list, in one transaction; where photos came along these stand between the two.

        What was not counted before a kill is done again.
        """
        if sent.photos is None:
            with self._store.transaction() as records:
                return self._counted(records, run, portion, self._written(records, sent, run, portion.drafts))
        with self._store.transaction() as records:
            done = self._written(records, sent, run, portion.drafts)
        added, wrong = self._add_photos(sent, done)
        with self._store.transaction() as records:
            return self._counted(records, run, portion, done, added, wrong)

    def _counted(
        self,
        records: Records,
        run: ImportRun,
        portion: Portion,
        done: Sequence[_Done],
        photos: int = 0,
        wrong: Sequence[RefusedRow] = (),
    ) -> ImportRun:
        refused = [*portion.refused, *(RefusedRow("", each.draft.row, "", each.mistake) for each in done if each.mistake)]
        records.imports.refuse([replace(row, run_id=run.run_id) for row in (*refused, *wrong)])
        changes = Counter(each.change for each in done)
        brought = {str(each): changes[each] for each in (Change.NEW, Change.CHANGED, Change.UNCHANGED)}
        return self._count(records, run, portion, **brought, refused=len({row.row for row in refused}), photos=photos)

    def _written(self, records: Records, sent: Sent, run: ImportRun, drafts: Sequence[Draft]) -> list[_Done]:
        records.rights.withhold([each.source(sent.plan.source) for each in drafts if each.identity])
        here = known(records, sent.plan.source, drafts)
        opened = self._opened(records, sent, [each for each in drafts if each.source_id not in here])
        done = [
            opened.get(draft.source_id) or self._renewed(records, sent.actor, run, draft, here[draft.source_id])
            for draft in drafts
        ]
        records.imports.put([_kept(each, run, here.get(each.draft.source_id)) for each in done if each.case_id])
        return done

    def _opened(self, records: Records, sent: Sent, drafts: Sequence[Draft]) -> dict[str, _Done]:
        """The sender's number -> what became of the record; all of them in a few statements."""
        plan = sent.plan
        new = [NewCase(each.kind, each.description, each.contact, each.source(plan.source)) for each in drafts]
        opened = open_cases(records, sent.actor, plan.legal_basis, new, self._clock(), self._new_id)
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
        spoken_of = now.keys() - draft.absent
        theirs = [name for name in spoken_of if now[name] != told.get(name, "") and here[name] in ("", told.get(name, ""))]
        if theirs:
            said = replace(case.description, **{name: getattr(draft.description, name) for name in theirs})
            amended(records, actor, case, said, case.legal_basis, self._clock())
        added = self._add_contact(records, draft, case.case_id)
        # Without a digest nobody knows whether the sender has changed anything; whether that changes anything here is seen.
        same = not (earlier.digest or theirs or added)
        return _Done(draft, case.case_id, Change.UNCHANGED if same else Change.CHANGED)

    def _add_contact(self, records: Records, draft: Draft, case_id: str) -> bool:
        """Whether it is new here."""
        given = draft.contact
        if given is None or any(
            (each.name, each.phone) == (given.name, given.phone) for each in records.cases.contacts(case_id)
        ):
            return False
        records.cases.add_contact(Contact(self._new_id(), case_id, given.role, given.name, given.phone, given.place))
        return True

    def _add_photos(self, sent: Sent, done: Sequence[_Done]) -> tuple[int, list[RefusedRow]]:
        """How many are new here, and what is wrong with the others, without their names: a photo never costs its case."""
        assert sent.photos is not None  # noqa: S101 -- for the type checker
        added = 0
        wrong: list[RefusedRow] = []
        for each in done:
            if not each.case_id:
                continue
            paths, mistakes = sent.whose.of(each.draft.own_number, each.draft.photos)
            wrong += [RefusedRow("", each.draft.row, Column.PHOTOS, mistake) for mistake in mistakes]
            for path in paths:
                try:
                    added += self._added(sent.actor, each.case_id, sent.photos.read(path))
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


def _kept(done: _Done, run: ImportRun, earlier: ImportedRecord | None) -> ImportedRecord:
    """With what the sender has told of each field last, which need not be in this list."""
    told = fingerprints(done.draft.description)
    if earlier is not None:
        told |= {name: earlier.told[name] for name in done.draft.absent if name in earlier.told}
    return ImportedRecord(done.case_id, done.draft.digest, run.run_id, done.change, told)
