"""A list becomes cases once: repeats change nothing, changes are taken over, what people wrote stays, a cut-off run goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import pytest

from tests.fakes import painted_photo
from tests.house import House
from tests.importing.handed import two_stations
from tests.stories import killed_after
from tracing.access import SYSTEM
from tracing.domain import Analysis, Case, CaseKind, Change, LegalBasis, PartialDate, Sex, Source
from tracing.errors import Invalid, NotAllowed
from tracing.exchange.photo_sets import PhotoSet
from tracing.importing import importing
from tracing.importing.columns import Column
from tracing.importing.importing import OTHER_KIND, OTHERS
from tracing.importing.plans import Plan
from tracing.importing.whose_photos import DISPUTED, NOT_SENT
from tracing.records import CaseFilter

HEADINGS: Final = ("编号", "姓名", "性别", "年龄", "联系人", "联系电话", "备注")
PLAN: Final = Plan("Police of Sichuan", CaseKind.MISSING, LegalBasis.STATUTORY_DUTY)


@dataclass(frozen=True)
class Line:
    number: int
    cells: tuple[str, ...]
    days: Mapping[int, date] = field(default_factory=dict)


@dataclass
class Sent:
    """Photos that came along, by path."""

    files: dict[str, bytes]

    def named(self, name: str, source_id: str) -> str | None:
        return name if name in self.files else None

    def by_number(self, source_ids: Collection[str]) -> tuple[dict[str, list[str]], set[str]]:
        found = {each: [path for path in sorted(self.files) if path.split(".")[0].split("-")[0] == each] for each in source_ids}
        return {each: paths for each, paths in found.items() if paths}, set()

    def read(self, path: str) -> bytes:
        if not self.files[path]:
            raise Invalid(f"{path} cannot be read.", "photos")
        return self.files[path]


def a_table(*records: tuple[str, ...], headings: tuple[str, ...] = HEADINGS) -> Callable[[], Iterator[Line]]:
    return lambda: (Line(number, cells) for number, cells in enumerate((headings, *records), 1))


WANG: Final = ("1", "王建国", "男", "60", "王秀英", "13800000000", "")
LI: Final = ("2", "李梅", "女", "", "", "", "")


def bring(house: House, *records: tuple[str, ...], plan: Plan = PLAN, photos: Sent | None = None, **more: Any) -> Any:
    table = a_table(*records, **more)
    digest = hashlib.sha256(repr(list(table())).encode()).digest()
    return house.services.importing.run(house.intake, plan, table, "list.csv", digest, photos)


def counts(run: Any) -> tuple[int, int, int, int]:
    return run.new, run.changed, run.unchanged, run.refused


def cases(house: House) -> dict[str, Case]:
    found = house.services.casework.find(house.intake, CaseFilter(), 1000).cases
    return {case.title: case for case in found}


def test_each_record_becomes_a_case(house: House) -> None:
    run = bring(house, WANG, LI)
    assert counts(run) == (2, 0, 0, 0)
    assert run.finished_at is not None
    wang = cases(house)["王建国"]
    assert (wang.kind, wang.legal_basis, wang.station_id) == (
        CaseKind.MISSING,
        LegalBasis.STATUTORY_DUTY,
        house.intake.station_id,
    )
    assert wang.description.age_min == wang.description.age_max == 60
    (contact,) = house.services.casework.contacts(house.intake, wang.case_id)
    assert (contact.name, contact.phone, contact.role) == ("王秀英", "13800000000", "reporter")
    with house.services.store.reading() as records:
        assert records.rights.source(wang.case_id) == Source(PLAN.source, "1")
        (event,) = records.audit.of_subject(run.run_id)
    assert (event.action, event.detail["new"]) == ("import_list", 2)
    assert house.faults() == []


def test_the_same_list_again_changes_nothing(house: House) -> None:
    bring(house, WANG, LI)
    before = cases(house)
    house.clock.advance(hours=1)
    assert counts(bring(house, LI, WANG)) == (0, 0, 2, 0)
    assert cases(house) == before


def test_what_the_sender_changed_is_taken_over_and_what_people_wrote_here_stays(house: House) -> None:
    bring(house, WANG)
    wang = cases(house)["王建国"]
    here = replace(wang.description, accent="阜阳", age_min=58, age_max=62)
    house.services.casework.amend(house.intake, wang.case_id, here)
    run = bring(house, ("1", "王建国、王建军", "男", "61", "王秀英", "13900000000", "走失时穿黑衣"))
    assert counts(run) == (0, 1, 0, 0)
    said = house.case(wang).description
    assert said.names == ("王建国", "王建军")
    assert said.circumstances == "走失时穿黑衣"
    assert (said.accent, said.age_min, said.age_max) == ("阜阳", 58, 62)
    phones = [each.phone for each in house.services.casework.contacts(house.intake, wang.case_id)]
    assert sorted(phones) == ["13800000000", "13900000000"]


def test_a_record_is_the_senders_alone(house: House) -> None:
    bring(house, WANG)
    assert counts(bring(house, WANG, plan=replace(PLAN, source="Police of Yunnan"))) == (1, 0, 0, 0)


def test_a_bad_row_costs_no_other_and_is_told(house: House) -> None:
    run = bring(house, WANG, ("", "无号"), ("1", "again"), LI)
    assert counts(run) == (2, 0, 0, 2)
    refused = house.services.list_runs.look(house.intake, run.run_id).wrong
    assert [(each.row, each.column) for each in refused] == [(3, "编号"), (4, "编号")]
    assert "stands in row 2" in refused[1].mistake
    assert "无号" not in repr(refused)


def test_a_list_without_a_column_says_nothing_of_it_and_an_empty_cell_that_there_is_nothing(house: House) -> None:
    bring(house, WANG)
    assert counts(bring(house, ("1", "王建国"), headings=("编号", "姓名"))) == (0, 1, 0, 0)
    said = cases(house)["王建国"].description
    assert (said.sex, said.age_min, said.age_max) == (Sex.MALE, 60, 60)
    assert counts(bring(house, ("1", "王建国", "", "61"), headings=("编号", "姓名", "性别", "年龄"))) == (0, 1, 0, 0)
    said = cases(house)["王建国"].description
    assert (said.sex, said.age_min, said.age_max) == (None, 61, 61)


def test_l8_somebody_who_asked_not_to_be_kept_stays_away_from_the_next_list(house: House) -> None:
    bring(house, WANG, LI)
    wang = cases(house)["王建国"]
    house.services.retention.erase_case(SYSTEM, wang.case_id, suppress=True)
    run = bring(house, WANG, LI)
    assert counts(run) == (0, 0, 1, 1)
    assert "王建国" not in cases(house)
    refused = house.services.list_runs.look(house.intake, run.run_id).wrong
    assert "asked not to be kept" in refused[0].mistake


def test_a_record_does_not_change_its_kind_and_not_the_station_of_its_case(house: House) -> None:
    bring(house, WANG)
    north = two_stations(house)
    changed = ("1", "王建军")
    for actor, kind, why in (
        (house.intake, CaseKind.SHELTERED, OTHER_KIND),
        (north, CaseKind.MISSING, OTHERS),
    ):
        run = house.services.importing.run(actor, replace(PLAN, kind=kind), a_table(changed), "x.csv", kind.encode())
        assert counts(run) == (0, 0, 0, 1)
        refused = house.services.list_runs.look(actor, run.run_id).wrong
        assert refused[0].mistake == why
    assert list(cases(house)) == ["王建国"]


def test_photos_come_along_by_name_or_number_and_once(house: House) -> None:
    headings = (*HEADINGS, "照片")
    listed = [(*WANG, "a.png、gone.png"), (*LI, "")]
    sent = Sent({"a.png": painted_photo(1), "2.png": painted_photo(2), "2-1.png": painted_photo(2, shot=3), "9.png": b""})
    run = bring(house, *listed, photos=sent, headings=headings)
    assert (counts(run), run.photos) == ((2, 0, 0, 0), 3)
    told = house.services.list_runs.look(house.intake, run.run_id).wrong
    assert [(each.row, each.column, each.mistake) for each in told] == [(2, "photos", NOT_SENT)]
    assert bring(house, *listed, photos=sent, headings=headings).photos == 0
    house.services.worker.work_off()
    with house.services.store.reading() as records:
        assert len(records.photos.of_case(cases(house)["李梅"].case_id)) == 2
    assert house.faults() == []


def test_a_photo_called_after_the_number_comes_along_where_the_column_only_says_that_there_is_one(house: House) -> None:
    headings = (*HEADINGS, "照片")
    sent = Sent({"1.png": painted_photo(1), "2.png": painted_photo(2)})
    run = bring(house, (*WANG, "有"), (*LI, "gone.png"), photos=sent, headings=headings)
    assert run.photos == 2
    told = house.services.list_runs.look(house.intake, run.run_id).wrong
    assert [(each.row, each.mistake) for each in told] == [(3, NOT_SENT)]


def test_a_photo_that_may_be_another_persons_is_left_out_and_told(house: House) -> None:
    headings = (*HEADINGS, "照片")
    files = {"1/1.png": painted_photo(1), "1/2.png": painted_photo(2), "2/1.png": painted_photo(3)}
    sent = PhotoSet({path: lambda data=data: data for path, data in files.items()})  # type: ignore[misc]
    seen = house.services.surveys.whole(house.intake, PLAN, a_table((*WANG, ""), (*LI, ""), headings=headings), sent)
    assert (seen.with_photos, seen.photos_missing) == (1, 2)
    run = bring(house, (*WANG, ""), (*LI, ""), photos=sent, headings=headings)
    assert run.photos == 1
    told = house.services.list_runs.look(house.intake, run.run_id).wrong
    assert [(each.row, each.mistake) for each in told] == [(2, DISPUTED), (3, DISPUTED)]
    assert bring(house, (*WANG, "1.png、2.png"), (*LI, "1.png"), photos=sent, headings=headings).photos == 2


def test_a_name_that_leads_to_the_folder_of_another_record_is_told(house: House) -> None:
    headings = (*HEADINGS, "照片")
    sent = PhotoSet({"2/front.png": lambda: painted_photo(2)})
    run = bring(house, (*WANG, "front.png"), (*LI, "front.png"), photos=sent, headings=headings)
    assert run.photos == 1
    told = house.services.list_runs.look(house.intake, run.run_id).wrong
    assert [(each.row, each.mistake) for each in told] == [(2, DISPUTED)]
    assert bring(house, (*WANG, "2/front.png"), LI, photos=sent, headings=headings).photos == 1, "it is said to be his"


def test_l9_a_list_that_brings_the_photo_of_a_withdrawn_face_again_brings_no_face(house: House) -> None:
    """Neither the same photo nor another one, neither with the same record nor with a changed one."""
    photo = painted_photo(1)
    bring(house, WANG, photos=Sent({"1.png": photo}))
    wang = cases(house)["王建国"]
    house.services.worker.work_off()
    house.services.withdrawing.withdraw(house.intake, wang.case_id, "he asked us to")
    changed = (*WANG[:3], "61", *WANG[4:])
    for record, files in ((WANG, {"1.png": photo}), (changed, {"1.png": photo, "1-2.png": painted_photo(1, shot=9)})):
        bring(house, record, photos=Sent(files))
        house.services.worker.work_off()
        with house.services.store.reading() as records:
            assert records.faces.of_case(wang.case_id) == []
            assert {each.analysis for each in records.photos.of_case(wang.case_id)} == {Analysis.WITHDRAWN}
    asking = house.sheltered(1)
    assert not house.paired(asking, wang)
    assert house.faults() == []


def test_a_photo_that_cannot_be_read_never_costs_the_case(house: House) -> None:
    run = bring(house, WANG, LI, photos=Sent({"1.png": b"", "2.png": b"no photo"}))
    assert (counts(run), run.photos) == ((2, 0, 0, 0), 0)
    told = house.services.list_runs.look(house.intake, run.run_id).wrong
    assert [(each.row, each.column) for each in told] == [(2, "photos"), (3, "photos")]


def test_pairs_that_came_of_it_are_counted(house: House) -> None:
    house.sheltered(1)
    run = bring(house, WANG, LI, photos=Sent({"1.png": painted_photo(1, shot=7), "2.png": painted_photo(2)}))
    house.services.worker.work_off()
    assert house.services.list_runs.look(house.intake, run.run_id).hits == 1


@pytest.mark.parametrize("survived", range(1, 9))
def test_a_run_that_is_cut_off_goes_on_and_counts_everything_once(
    house: House, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    monkeypatch.setattr(importing.Importing, "together", 2)
    listed = [(str(number), f"person {number}") for number in range(1, 6)]
    sent = Sent({f"{number}.png": painted_photo(number) for number in range(1, 6)})
    with killed_after(survived, house, monkeypatch):
        bring(house, *listed, photos=sent)
    run = bring(house, *listed, photos=sent)
    assert counts(run) == (5, 0, 0, 0)
    assert len(cases(house)) == 5
    assert len(house.services.list_runs.all(house.intake)[0]) == 1
    assert counts(bring(house, *listed, photos=sent)) == (0, 0, 5, 0)


def test_a_preview_says_what_would_come_of_it_and_changes_nothing(house: House) -> None:
    bring(house, WANG, LI)
    changed = a_table(("1", "王建国", "男", "61"), LI, ("3", "new", "?"), ("", "no number"))
    seen = house.services.surveys.whole(house.intake, PLAN, changed)
    assert seen.counts == {Change.NEW: 1, Change.CHANGED: 1, Change.UNCHANGED: 1, Change.REFUSED: 1}
    assert [draft.source_id for draft in seen.drafts] == ["1", "2", "3"]
    assert seen.drafts[2].unread == (("性别", "?"),)
    assert [row.row for row in seen.refused] == [5]
    assert len(cases(house)) == 2


def test_a_list_that_breaks_off_is_refused_as_a_whole(house: House) -> None:
    def broken() -> Iterator[Line]:
        yield from a_table(WANG)()
        raise Invalid("The file is no table from line 3 on.", "file")

    with pytest.raises(Invalid, match="line 3"):
        house.services.importing.run(house.intake, PLAN, broken, "list.csv", b"1")
    assert cases(house) == {}
    assert house.services.list_runs.all(house.intake)[0] == []


def test_headings_that_nobody_knows_are_said(house: House) -> None:
    plan = replace(PLAN, columns=(("Nr", Column.SOURCE_ID), ("姓名", None), ("born", Column.BIRTH_DATE)))
    run = bring(house, ("7", "王", "1966"), plan=plan, headings=("Nr", "姓名", "born"))
    assert counts(run) == (1, 0, 0, 0)
    assert cases(house)[""].description.birth_date == PartialDate(1966)


def test_who_may_not_open_cases_imports_nothing(house: House) -> None:
    for call in (
        lambda: house.services.importing.run(house.reviewer, PLAN, a_table(WANG), "x", b""),
        lambda: house.services.surveys.whole(house.reviewer, PLAN, a_table(WANG)),
        lambda: house.services.list_runs.all(house.auditor),
        lambda: house.services.list_runs.look(house.auditor, "x"),
    ):
        with pytest.raises(NotAllowed):
            call()


@pytest.mark.parametrize("source", ["", "  ", "x" * 201])
def test_a_list_needs_a_sender(house: House, source: str) -> None:
    with pytest.raises(Invalid, match="who sent"):
        bring(house, WANG, plan=replace(PLAN, source=source))


def test_another_run_of_the_same_source_at_the_same_time_opens_no_case_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that comes second finds the case of the first."""
    opened = importing.Importing._opened

    def overtaken(self: Any, records: Any, sent: Any, drafts: Any) -> Any:
        """The other one has opened the case of this record after this one had looked for it."""
        monkeypatch.setattr(importing.Importing, "_opened", opened)
        opened(self, records, sent, drafts)
        return opened(self, records, sent, drafts)

    monkeypatch.setattr(importing.Importing, "_opened", overtaken)
    run = bring(house, WANG)
    assert counts(run) == (1, 0, 0, 0)
    assert len(cases(house)) == 1
    assert house.faults() == []
