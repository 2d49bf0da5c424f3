"""Whoever is let go stands in a list outside of the database, which no full disk and no power cut spoils."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from tests.factories import NOON
from tests.store.backup.machines import Machines, cut_off, files_no_longer_than
from tests.stories import a_neighbour
from tracing.domain import LetGo
from tracing.errors import Damaged, Unavailable
from tracing.gallery import ERASED, WITHDRAWN
from tracing.records import CaseFilter
from tracing.store.backup import ledger
from tracing.store.backup.ledger import FILE, ErasureLedger, every_step_in, steps_in

NEW_LINE = b"\n"


def test_a_process_that_died_before_it_told_the_backups_of_an_erasure_is_made_up_for_by_the_next(made: Machines) -> None:
    case = made.house.missing(7)
    made.house.services.retention.erase_case(made.house.manager, case.case_id)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ledger, "_add_if_there", cut_off)
        with pytest.raises(KeyboardInterrupt):
            made.house.services.ledger.follow()
    with a_neighbour(made.house) as neighbour:
        neighbour.ledger.follow()
    assert case.case_id in {step.case_id for step in steps_in(made.disk / FILE)}


def test_the_ledger_names_nobody_and_is_written_once_by_many(made: Machines) -> None:
    cases = made.house.missing(7, names=["王建国"]), made.house.missing(8)
    for case in cases:
        made.house.services.retention.erase_case(made.house.manager, case.case_id)
    with a_neighbour(made.house) as neighbour:
        assert (neighbour.ledger.follow(), made.house.services.ledger.follow()) == (2, 2), "both see it"
        assert neighbour.ledger.follow() == 0
    file = made.house.services.settings.ledger_file
    assert [step.case_id for step in steps_in(file)][1:] == [case.case_id for case in cases]
    assert file.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert {tuple(sorted(line)) for line in lines} == {("action", "at", "case_id", "kept_out", "seq", "sum")}


def test_a_worker_that_never_rests_keeps_the_list_of_erased_cases_up_to_date(made: Machines) -> None:
    case = made.house.missing(7)
    made.house.services.retention.erase_case(made.house.manager, case.case_id)
    made.house.services.worker.round()
    assert case.case_id in {step.case_id for step in steps_in(made.disk / FILE)}


def test_a_disk_that_could_not_be_reached_is_told_at_the_next_backup(made: Machines) -> None:
    made.disk.rename(made.disk.with_name("unplugged"))
    case = made.house.missing(7)
    made.house.services.retention.erase_case(made.house.manager, case.case_id)
    assert made.house.services.ledger.follow() == 1
    assert not made.disk.exists()
    made.disk.with_name("unplugged").rename(made.disk)
    made.house.services.ledger.share(made.disk)
    assert case.case_id in {step.case_id for step in steps_in(made.disk / FILE)}


def test_a_torn_line_of_the_ledger_hides_no_other(made: Machines) -> None:
    file = made.house.services.settings.ledger_file
    file.write_text('{"seq": 3, "at": "2026-1')
    case = made.house.missing(7)
    made.house.services.retention.erase_case(made.house.manager, case.case_id)
    made.house.services.ledger.follow()
    assert [step.case_id for step in steps_in(file)] == [case.case_id]


@pytest.mark.parametrize("room", [0, 1, 60])
def test_a_line_of_the_ledger_for_which_the_disk_has_no_room_is_written_whole_later_and_stops_no_restore(
    made: Machines, room: int
) -> None:
    file = made.house.services.settings.ledger_file
    cases = made.house.missing(7), made.house.missing(8)
    for case in cases:
        made.house.services.retention.erase_case(made.house.manager, case.case_id)
        before = file.read_bytes() if file.exists() else b""
        with files_no_longer_than(len(before) + room), pytest.raises(Unavailable, match="cannot be written"):
            made.house.services.ledger.follow()
        assert before == (file.read_bytes() if file.exists() else b"")
        made.house.services.ledger.follow()
    assert [step.case_id for step in every_step_in(file)][-2:] == [case.case_id for case in cases]


def test_a_line_that_a_power_cut_has_torn_stops_no_restore_once_the_ledger_goes_on(made: Machines) -> None:
    file = made.house.services.settings.ledger_file
    cases = [made.house.missing(person) for person in (7, 8, 9)]
    for case, torn_off in zip(cases, (b'": false}\n', b"\n", b""), strict=True):
        made.house.services.retention.erase_case(made.house.manager, case.case_id)
        with a_neighbour(made.house) as neighbour:  # which begins where the file ends
            neighbour.ledger.follow()
        file.write_bytes(file.read_bytes().removesuffix(torn_off))
    assert [step.case_id for step in every_step_in(file)][-3:] == [case.case_id for case in cases]


def test_l8_no_bit_of_the_ledger_changes_unnoticed(tmp_path: Path) -> None:
    """Another id would let its person come back. A space may become another blank: the line says the same."""
    file = tmp_path / FILE
    told = [LetGo(seq, NOON, action, f"{seq:032x}", seq == 1) for seq, action in enumerate((ERASED, WITHDRAWN), 1)]
    ledger.add_lines(file, told)
    written = file.read_bytes()
    for place, bit in product(range(len(written)), range(8)):
        changed = bytearray(written)
        changed[place] ^= 1 << bit
        file.write_bytes(changed)
        try:
            steps = every_step_in(file)
        except Damaged:
            continue
        assert steps == told, f"bit {bit} of byte {place}"


def test_lines_of_an_earlier_version_are_read(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.write_text(
        '{"seq": 1, "at": "2026-03-01T12:00:00+00:00", "action": "erase_case", "case_id": "ab", "kept_out": true}\n'
    )
    assert every_step_in(file) == [LetGo(1, NOON, ERASED, "ab", True)]


def test_a_spoiled_line_is_named_and_what_it_said_is_written_anew(made: Machines) -> None:
    case = made.house.missing(7)
    made.house.services.retention.erase_case(made.house.manager, case.case_id)
    made.house.services.ledger.follow()
    assert made.house.faults() == []
    files = made.house.services.settings.ledger_file, made.disk / FILE
    for file in files:
        file.write_bytes(file.read_bytes().replace(case.case_id.encode(), case.case_id[:-1].encode() + b"!"))
    last = [f"{file}:{file.read_bytes().count(NEW_LINE)}" for file in files]
    assert made.house.faults() == [f"erased_unreadable: {line}" for line in last]
    with a_neighbour(made.house) as neighbour:
        neighbour.ledger.follow()
    for file in files:
        assert case.case_id in {step.case_id for step in steps_in(file)}
        with pytest.raises(Damaged):
            every_step_in(file)


def test_however_far_the_ledger_lags_behind_all_of_it_is_written_before_anybody_is_answered(
    made: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "PORTION", 1)
    cases = [made.house.missing(person) for person in (7, 8, 9)]
    for case in cases:
        made.house.services.retention.erase_case(made.house.manager, case.case_id)
    made.house.services.ledger.follow()
    assert [step.case_id for step in steps_in(made.house.services.settings.ledger_file)][-3:] == [
        case.case_id for case in cases
    ]


def test_after_a_restore_the_ledger_counts_the_rows_of_the_audit_anew(made: Machines) -> None:
    """The audit is set back, so its numbers come again for other steps."""
    case = made.house.missing(7)
    made.house.services.retention.erase_case(made.house.manager, case.case_id)
    made.house.services.ledger.follow()
    settings = made.empty()
    with made.restored(settings) as services:
        ledger = ErasureLedger(made.disk / FILE, services.store)
        ledger.set_back(made.house.clock())
        with services.store.reading() as records:
            (victim, *_) = records.cases.find(CaseFilter(), 1)
        services.retention.erase_case(made.house.manager, victim.case_id)
        again = ErasureLedger(made.disk / FILE, services.store)
        assert again.follow() == 1
        assert [step.case_id for step in steps_in(made.disk / FILE)][-1] == victim.case_id
