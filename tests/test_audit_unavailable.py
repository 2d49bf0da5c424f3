"""Where the audit takes no row (L12), nothing is confirmed or leaves the house; whoever comes in is taken in all the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from api.metrics import Metrics
from tests.fakes import painted_photo
from tests.house import House
from tests.noticing import a_notice, told_of
from tests.partners.stories import EVERYTHING, repository, shared
from tests.stories import by_hand
from tests.test_reunions import WHOLE
from tracing.access import SYSTEM
from tracing.consistency import Fault
from tracing.domain import CaseKind, Description, Event, Judgement, LegalBasis, NoticeState
from tracing.errors import AuditUnavailable, Unavailable
from tracing.store.records import Transaction
from tracing.store.records.audit import SqlAudit
from tracing.verdict import Proof

GONE = "ALTER TABLE events RENAME TO events_elsewhere"
BACK = "ALTER TABLE events_elsewhere RENAME TO events"


def spool(house: House) -> list[Path]:
    return sorted((house.services.settings.data_dir / "spool").glob("*"))


def actions(house: House) -> list[str]:
    with house.services.store.reading() as records:
        return [each.action for each in records.audit.events(0, 100_000)]


def brought(house: House) -> list[Event]:
    with house.services.store.reading() as records:
        return [each for each in records.audit.events(0, 100_000) if "spooled" in each.detail]


def test_l12_whoever_comes_in_is_taken_in_and_their_rows_wait_sealed(house: House) -> None:
    by_hand(house, GONE)
    at = house.clock.now
    case = house.open(CaseKind.SHELTERED, names=("王建国",))
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1))
    assert house.services.store.spooled() == 2
    for file in spool(house):
        assert case.case_id.encode() not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0
    house.clock.advance(hours=3)
    by_hand(house, BACK)
    assert house.services.store.bring_in() == 2
    assert spool(house) == []
    rows = brought(house)
    assert [(each.action, each.subject, each.actor, each.at) for each in rows] == [
        ("open_case", case.case_id, house.intake.account_id, at),
        ("add_photo", case.case_id, house.intake.account_id, at),
    ]
    assert rows[1].detail["photo_id"] == photo.photo_id
    assert house.services.auditing.verify(house.auditor).first_bad is None
    house.services.intake.analyse(photo.photo_id)
    assert house.faults() == []


@pytest.fixture
def steps(house: House) -> dict[str, Callable[[], object]]:
    """What needs the audit: each was ready to be done."""
    one, other = house.missing(1), house.sheltered(1)
    pair = house.pair(one, other)
    house.judge(house.reviewer, pair)
    reuniting = house.confirm(house.pair(house.missing(40), house.sheltered(40)))
    brought_home = house.confirm(house.pair(house.missing(50), house.sheltered(50)))
    house.services.review.verify(house.manager, brought_home.pair_id, Proof.DNA, "file 7")
    handed_over = house.confirm(house.pair(house.missing(60), house.sheltered(60)))
    house.services.review.verify(house.manager, handed_over.pair_id, Proof.DNA, "file 8")
    house.services.review.reunite(house.manager, handed_over.pair_id, "", WHOLE)
    unwanted = house.missing(70)
    notice, approved = a_notice(house, told_of(house, 80)), a_notice(house, told_of(house, 90), NoticeState.APPROVED)
    shared(house)
    partner = repository(house)
    return {
        "confirm": lambda: house.judge(house.second, pair, Judgement.SAME_VERY_LIKELY),
        "revoke": lambda: house.services.review.revoke(house.manager, reuniting.pair_id, "a mistake"),
        "verify": lambda: house.services.review.verify(house.manager, reuniting.pair_id, Proof.DNA, "file 9"),
        "reunite": lambda: house.services.review.reunite(house.manager, brought_home.pair_id, "to the brother"),
        "close": lambda: house.services.casework.suspend(house.manager, one.case_id, "a check"),
        "print": lambda: house.services.filing.read(house.intake, one.case_id, "print_form"),
        "print the hand-over": lambda: house.services.hand_overs.read(house.manager, handed_over.pair_id),
        "print a notice": lambda: house.services.notices.printed(house.manager, notice.notice_id),
        "export": lambda: house.services.dossiers.export(house.manager, one.case_id),
        "tell partners": lambda: house.services.telling.persons(partner, EVERYTHING),
        "publish": lambda: house.services.notices.publish(house.manager, approved.notice_id, approved.version),
        "withdraw the face": lambda: house.services.withdrawing.withdraw(house.intake, unwanted.case_id, "she asked us to"),
        "erase": lambda: house.services.retention.erase_case(house.manager, unwanted.case_id),
        "amend": lambda: house.services.casework.amend(
            house.intake, one.case_id, Description(names=("王",)), LegalBasis.STATUTORY_DUTY
        ),
    }


STEPS = (
    *("confirm", "revoke", "verify", "reunite", "close", "print", "print the hand-over", "print a notice", "export"),
    *("tell partners", "publish", "withdraw the face", "erase", "amend"),
)


@pytest.mark.parametrize("step", STEPS)
def test_l12_what_needs_the_audit_is_refused_and_changes_nothing(
    house: House, steps: dict[str, Callable[[], object]], step: str
) -> None:
    assert steps.keys() == set(STEPS)
    before = actions(house)
    by_hand(house, GONE)
    with pytest.raises(AuditUnavailable):
        steps[step]()
    assert spool(house) == []
    by_hand(house, BACK)
    assert actions(house) == before
    assert house.faults() == []
    steps[step]()


def test_l12_whoever_comes_on_duty_signs_in_all_the_same_and_their_rows_wait(house: House) -> None:
    password = "long enough for this"
    house.services.accounts.set_password(SYSTEM, "lin", password)
    by_hand(house, GONE)
    signed_in = house.services.accounts.sign_in("lin", password)
    assert house.services.accounts.by_session(signed_in.token) == house.intake
    by_hand(house, BACK)
    house.services.store.bring_in()
    assert [(each.action, each.actor) for each in brought(house)] == [("sign_in", house.intake.account_id)]


def test_the_metrics_tell_of_an_audit_that_is_away(house: House) -> None:
    house.services.worker.round()
    by_hand(house, GONE)
    house.open(CaseKind.MISSING)
    told = Metrics(house.services).exposition(SYSTEM).decode().splitlines()
    assert {"tracing_audit_spooled 1.0", "tracing_open_cases 1.0"} <= set(told)


def test_looking_goes_on_and_is_written_down_afterwards(house: House) -> None:
    case = house.missing(1)
    by_hand(house, GONE)
    assert house.services.casework.read(house.reviewer, case.case_id).case_id == case.case_id
    by_hand(house, BACK)
    house.services.store.bring_in()
    assert [(each.action, each.actor) for each in brought(house)] == [("read_case", house.reviewer.account_id)]


def test_rows_are_brought_in_once_although_the_process_died_before_the_file_was_gone(house: House) -> None:
    by_hand(house, GONE)
    house.open(CaseKind.MISSING)
    (file,) = spool(house)
    content = file.read_bytes()
    by_hand(house, BACK)
    house.services.store.bring_in()
    file.write_bytes(content)
    house.services.store.bring_in()
    assert len(brought(house)) == 1
    assert spool(house) == []


def test_as_long_as_the_audit_is_away_the_rows_stay_where_they_are(house: House) -> None:
    by_hand(house, GONE)
    house.open(CaseKind.MISSING)
    (file,) = spool(house)
    with pytest.raises(AuditUnavailable):
        house.services.store.bring_in()
    assert spool(house) == [file]


def test_what_was_rolled_back_is_not_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand(house, GONE)
    flush = Transaction.flush

    def dies_afterwards(records: Transaction) -> None:
        flush(records)
        assert house.services.store.spooled() == 1
        raise RuntimeError("the commit fails")

    monkeypatch.setattr(Transaction, "flush", dies_afterwards)
    with pytest.raises(RuntimeError, match="commit"):
        house.open(CaseKind.MISSING)
    assert spool(house) == []


SPOILS: dict[str, Callable[[bytes], bytes]] = {
    "the last bit": lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    "the end": lambda content: content[: len(content) // 2],
    "everything": lambda _: b"",
    "what is no file of ours": lambda _: b"{}",
}


@pytest.mark.parametrize("spoil", SPOILS)
def test_rows_that_were_damaged_are_set_aside_and_told_and_those_after_them_come_in(
    house: House, spoil: str, caplog: pytest.LogCaptureFixture
) -> None:
    by_hand(house, GONE)
    first = house.open(CaseKind.MISSING)
    (damaged,) = spool(house)
    others = {house.open(CaseKind.MISSING).case_id for _ in range(2)}
    damaged.write_bytes(SPOILS[spoil](damaged.read_bytes()))
    os.utime(damaged, ns=(0, 0))  # and it is the first one
    by_hand(house, BACK)
    assert told(house) == [damaged.stem], "also before a worker came to it"
    assert house.services.store.bring_in() == 2
    assert {each.subject for each in brought(house)} == others
    assert house.services.casework.read(house.intake, first.case_id).case_id == first.case_id
    assert spool(house) == [damaged.with_suffix(".damaged")]
    assert damaged.stem in caplog.text
    assert (house.services.store.spooled(), house.services.store.spoiled()) == (0, [damaged.stem])
    assert b"tracing_audit_spoiled 1.0" in Metrics(house.services).exposition(SYSTEM)
    assert told(house) == [damaged.stem]
    assert house.services.store.bring_in() == 0
    damaged.with_suffix(".damaged").unlink()
    assert told(house) == []


def told(house: House) -> list[str]:
    """Files that the check names."""
    found = house.services.consistency.check()
    return [each.subject for each in found if each.fault is Fault.AUDIT_ROWS_LOST]


def test_a_file_that_the_disk_does_not_give_waits_and_those_after_it_come_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand(house, GONE)
    house.open(CaseKind.MISSING)
    first = spool(house)[0]
    house.open(CaseKind.MISSING)
    by_hand(house, BACK)
    read = Path.read_bytes

    def fails(path: Path) -> bytes:
        if path == first:
            raise OSError(5, "Input/output error")
        return read(path)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", fails)
        assert house.services.store.bring_in() == 1
        assert told(house) == [first.stem]
    assert spool(house) == [first]
    assert house.services.store.bring_in() == 1
    assert len(brought(house)) == 2
    assert told(house) == []


def test_with_no_room_for_the_spool_either_nobody_is_taken_in_unseen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand(house, GONE)
    (house.services.settings.data_dir / "spool").write_text("a file where the folder belongs")
    with pytest.raises(AuditUnavailable):
        house.open(CaseKind.MISSING)


def test_the_audit_is_not_given_up_where_the_whole_database_is_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing is saved, and a row would tell what has not happened."""

    def away(_: SqlAudit) -> None:
        raise Unavailable("The connection to the database was lost.")

    monkeypatch.setattr(SqlAudit, "_chain", away)
    with pytest.raises(Unavailable, match="lost"):
        house.open(CaseKind.MISSING)
    assert spool(house) == []
