"""`tracing check`: silent while all is well, and loud about every damage done by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house import House
from tests.stories import by_hand, latest_run
from tracing.consistency import Fault
from tracing.domain import CaseKind, Judgement, LegalBasis, Outcome, Photo, Told
from tracing.verdict import Proof


@pytest.fixture
def lived_in(house: House) -> House:
    """A house in which a bit of everything has happened."""
    missing, sheltered = house.missing(1), house.sheltered(1)
    house.missing(1, names=("alike",))
    house.judge(house.reviewer, house.pair(missing, sheltered))
    house.photograph(house.open(CaseKind.SHELTERED), 5, faces=2)
    past = house.sheltered(2)
    house.services.casework.close(house.intake, past.case_id, Outcome.SELF_LEFT, "left")
    house.confirm(house.pair(house.missing(2), past))
    house.services.safeguarding.mark(house.intake, house.sheltered(7).case_id, "the father beats him")
    assert house.faults() == []
    return house


def found(house: House) -> set[Fault]:
    return {finding.fault for finding in house.services.consistency.check(read_photos=True)}


def a_photo(house: House) -> Photo:
    with house.services.store.reading() as records:
        photo_id = min(records.photos.keys().values())
        return records.photos.get(photo_id)


def file_of(house: House, photo: Photo) -> Path:
    (path,) = house.services.settings.photo_dir.rglob(photo.photo_key)
    return path


# --- clean after every story ---------------------------------------------------------------------------------------


def reunion(house: House) -> None:
    pair = house.confirm(house.pair(house.missing(1), house.sheltered(1)))
    house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "file 7")
    house.services.review.reunite(house.manager, pair.pair_id, "to the brother")


def revocation(house: House) -> None:
    pair = house.confirm(house.pair(house.missing(1), house.sheltered(1)))
    house.services.review.revoke(house.manager, pair.pair_id, "a mistake")


def dispute(house: House) -> None:
    pair = house.pair(house.missing(1), house.sheltered(1))
    house.judge(house.reviewer, pair)
    house.judge(house.second, pair, Judgement.EXCLUDED)
    house.judge(house.manager, pair, Judgement.EXCLUDED)


def loss_of_basis(house: House) -> None:
    case = house.missing(1)
    house.services.casework.amend(house.intake, case.case_id, legal_basis=LegalBasis.NONE)
    house.sheltered(1)


def erasure_of_a_match(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    house.confirm(house.pair(missing, sheltered))
    house.services.retention.erase_case(house.manager, sheltered.case_id)


def another_choice(house: House) -> None:
    report = house.photograph(house.open(CaseKind.MISSING), 3, faces=2)
    for face in report.faces:
        house.services.intake.choose_face(house.intake, face.face_id)


@pytest.mark.parametrize("story", [reunion, revocation, dispute, loss_of_basis, erasure_of_a_match, another_choice])
def test_after_every_story_nothing_contradicts_anything(house: House, story: Callable[[House], None]) -> None:
    story(house)
    assert house.faults() == []
    house.services.worker.work_off()
    assert house.faults() == []


def test_an_empty_service_is_without_fault(house: House) -> None:
    heard: list[str] = []
    assert house.services.consistency.check(read_photos=True, report=heard.append) == []
    assert heard == ["files", "rows", "gallery", "searches", "clues", "audit"]


# --- files ---------------------------------------------------------------------------------------------------------


def test_a_photo_file_that_is_gone_is_found(lived_in: House) -> None:
    photo = a_photo(lived_in)
    file_of(lived_in, photo).unlink()
    findings = lived_in.services.consistency.check()
    assert [(finding.fault, finding.subject) for finding in findings] == [(Fault.ROW_WITHOUT_FILE, photo.photo_id)]


def test_a_photo_file_that_belongs_to_nobody_is_found(lived_in: House) -> None:
    key = lived_in.services.photos.put(b"left behind")
    findings = lived_in.services.consistency.check()
    assert [(finding.fault, finding.subject) for finding in findings] == [(Fault.FILE_WITHOUT_ROW, key)]


@pytest.mark.parametrize("place", [0, 20, -1])
def test_one_altered_byte_of_a_photo_file_is_found(lived_in: House, place: int) -> None:
    photo = a_photo(lived_in)
    path = file_of(lived_in, photo)
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    findings = lived_in.services.consistency.check(read_photos=True)
    assert [(finding.fault, finding.subject) for finding in findings] == [(Fault.FILE_DAMAGED, photo.photo_id)]


def test_a_photo_file_that_was_cut_off_is_found(lived_in: House) -> None:
    path = file_of(lived_in, a_photo(lived_in))
    path.write_bytes(path.read_bytes()[:10])
    assert found(lived_in) == {Fault.FILE_DAMAGED}


def test_another_photo_in_the_place_of_this_one_is_found(lived_in: House) -> None:
    paths = sorted(path for path in lived_in.services.settings.photo_dir.glob("*/*/*") if path.is_file())
    paths[0].write_bytes(paths[1].read_bytes())
    assert found(lived_in) == {Fault.FILE_DAMAGED}


def test_an_altered_digest_is_found(lived_in: House) -> None:
    by_hand(lived_in, "UPDATE photos SET sha256 = ? WHERE photo_id = ?", values=["0" * 64, a_photo(lived_in).photo_id])
    assert found(lived_in) == {Fault.FILE_DAMAGED}


# --- rows ----------------------------------------------------------------------------------------------------------

# ruff: noqa: S608 -- the statements are put together of our own words
ONE_PHOTO = "(SELECT min(photo_id) FROM photos WHERE analysis = 'enrolled')"
LAST_PLACE = "(SELECT max(seq) FROM gallery_changes WHERE collection IS NOT NULL)"
A_FACE = "(SELECT min(face_id) FROM faces WHERE of_interest)"


@pytest.mark.parametrize(
    ("damage", "faults"),
    [
        (f"DELETE FROM photos WHERE photo_id = {ONE_PHOTO}", {Fault.FILE_WITHOUT_ROW, Fault.ORPHAN, Fault.ROW_MISSING}),
        (f"DELETE FROM faces WHERE face_id = {A_FACE}", {Fault.ORPHAN, Fault.PHOTO_WITHOUT_FACE}),
        (f"UPDATE faces SET of_interest = 0 WHERE face_id = {A_FACE}", {Fault.PHOTO_WITHOUT_FACE, Fault.TEMPLATE_OF_BYSTANDER}),
        ("UPDATE faces SET of_interest = 1 WHERE NOT of_interest", {Fault.PHOTO_WITHOUT_FACE, Fault.FACE_WITHOUT_TEMPLATE}),
        (f"DELETE FROM templates WHERE face_id = {A_FACE}", {Fault.FACE_WITHOUT_TEMPLATE}),
        ("DELETE FROM cases WHERE state = 'open'", {Fault.ORPHAN, Fault.ROW_MISSING}),
        ("DELETE FROM cases WHERE state = 'closed'", {Fault.ORPHAN, Fault.ROW_MISSING}),
        ("DELETE FROM decisions WHERE position = 1", {Fault.ROW_MISSING}),
        ("DELETE FROM decisions WHERE position = (SELECT max(position) FROM decisions)", {Fault.ROW_MISSING}),
        ("DELETE FROM pairs WHERE state = 'proposed'", {Fault.PAIR_MISSING}),
        ("DELETE FROM pairs WHERE state = 'first_positive'", {Fault.ORPHAN, Fault.PAIR_MISSING}),
        ("DELETE FROM pairs WHERE state = 'confirmed'", {Fault.ORPHAN, Fault.PAIR_MISSING}),
        ("UPDATE cases SET guarded_since = NULL", {Fault.GUARD_OUT_OF_STEP}),
        ("DELETE FROM safeguards", {Fault.GUARD_OUT_OF_STEP}),
        ("UPDATE cases SET child_said = 1", {Fault.CHILD_OUT_OF_STEP}),
        ("DELETE FROM matches", {Fault.MATCH_OUT_OF_STEP}),
        ("UPDATE pairs SET state = 'confirmed' WHERE state = 'first_positive'", {Fault.MATCH_OUT_OF_STEP}),
        ("UPDATE pairs SET state = 'proposed' WHERE state = 'confirmed'", {Fault.MATCH_OUT_OF_STEP}),
        (f"DELETE FROM gallery_changes WHERE seq = {LAST_PLACE}", {Fault.GALLERY_DIFFERS}),
        ("DELETE FROM gallery_changes WHERE seq = (SELECT min(seq) FROM gallery_changes)", {Fault.GALLERY_DIFFERS}),
        ("UPDATE gallery_changes SET collection = 'in_care' WHERE collection = 'missing'", {Fault.GALLERY_DIFFERS}),
        ("UPDATE gallery_changes SET collection = NULL WHERE collection = 'missing'", {Fault.GALLERY_DIFFERS}),
        ("UPDATE cases SET state = 'suspended' WHERE state = 'open'", {Fault.GALLERY_DIFFERS}),
        ("UPDATE templates SET sealed = zeroblob(600)", {Fault.GALLERY_DIFFERS}),
        ("DELETE FROM search_runs", {Fault.CASE_UNSEARCHED}),
        ("DELETE FROM accounts WHERE name = 'qian'", {Fault.ROW_MISSING}),
    ],
)  # fmt: skip
def test_whatever_a_hand_does_to_the_rows_is_found(lived_in: House, damage: str, faults: set[Fault]) -> None:
    by_hand(lived_in, damage)
    assert faults <= found(lived_in)


def test_a_pair_that_is_gone_with_its_decisions_is_found(lived_in: House) -> None:
    judged = "(SELECT pair_id FROM pairs WHERE state = 'first_positive')"
    by_hand(
        lived_in,
        f"DELETE FROM decisions WHERE pair_id = {judged}",
        "DELETE FROM pairs WHERE state = 'first_positive'",
    )
    assert Fault.PAIR_MISSING in found(lived_in)


def test_a_case_that_a_search_passed_over_is_found(lived_in: House) -> None:
    case = lived_in.missing(9)
    run = latest_run(lived_in, case)
    by_hand(lived_in, "DELETE FROM search_runs WHERE run_id = ?", values=[run.run_id])
    findings = lived_in.services.consistency.check()
    assert [(finding.fault, finding.subject) for finding in findings] == [(Fault.CASE_UNSEARCHED, case.case_id)]


# --- the audit -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM events WHERE seq = 3",
        "DELETE FROM events WHERE seq = 1",
        "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)",
        "DELETE FROM events WHERE seq > 5",
        "DELETE FROM events",
        "UPDATE events SET actor = replace(actor, substr(actor, 1, 1), 'x') WHERE seq = 9",
        "UPDATE events SET action = 'read_case' WHERE seq = 9",
        "UPDATE events SET subject = subject || '0' WHERE seq = 9",
        'UPDATE events SET detail = \'{"role":"manager"}\' WHERE seq = 2',
        "UPDATE events SET at = '2026-03-01 12:00:00.000001' WHERE seq = 9",
        "UPDATE events SET previous_hash = hash WHERE seq = 9",
        "UPDATE events SET seq = 1000 WHERE seq = 9",
        "UPDATE audit_head SET seq = seq + 1",
        "UPDATE audit_head SET hash = replace(hash, substr(hash, 1, 1), 'x')",
    ],
)
def test_whatever_a_hand_does_to_the_audit_is_found(lived_in: House, damage: str) -> None:
    by_hand(lived_in, damage)
    assert Fault.AUDIT_BROKEN in found(lived_in)


def test_one_changed_byte_of_the_audit_is_found_at_its_row(lived_in: House) -> None:
    by_hand(
        lived_in,
        "UPDATE events SET hash = substr(hash, 1, 63) || CASE substr(hash, 64) WHEN 'a' THEN 'b' ELSE 'a' END WHERE seq = 7",
    )
    (finding,) = lived_in.services.consistency.check()
    assert (finding.fault, finding.subject) == (Fault.AUDIT_BROKEN, "7")


def test_every_fault_there_is_has_a_damage_here() -> None:
    tried = {fault for _, faults in _damages() for fault in faults}
    elsewhere = {Fault.ROW_WITHOUT_FILE, Fault.FILE_DAMAGED, Fault.AUDIT_BROKEN}
    elsewhere |= {Fault.AUDIT_ROWS_LOST, Fault.ERASED_UNREADABLE}  # files too
    assert tried | elsewhere == set(Fault)


def _damages() -> list[tuple[str, set[Fault]]]:
    tests = (test_whatever_a_hand_does_to_the_rows_is_found, test_whatever_a_hand_does_to_the_clues_is_found)
    return [damage for test in tests for mark in test.pytestmark for damage in mark.args[1]]  # type: ignore[attr-defined]


def test_a_check_changes_nothing(lived_in: House) -> None:
    with lived_in.services.store.reading() as records:
        before = (records.audit.head(), records.gallery.head())
    lived_in.services.consistency.check(read_photos=True)
    with lived_in.services.store.reading() as records:
        assert (records.audit.head(), records.gallery.head()) == before


# --- clues ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def told(house: House) -> House:
    """A house in which clues alone have put two people together, and in which one was closed and searched before."""
    house.open(CaseKind.MISSING, names=("刘国强",), seen_place="安徽省阜阳市")
    found_one, gone = house.open(CaseKind.SHELTERED), house.open(CaseKind.SHELTERED, seen_place="安徽省阜阳市")
    said = house.services.interviews.record(house.intake, found_one.case_id, Told("我屋里在富阳，老爹叫刘国强"))
    house.services.interviews.revise(house.intake, said.clue.clue_id, Told("我屋里在富阳，我老爹叫刘国强"), "heard again", 1)
    house.services.worker.work_off()
    house.services.casework.close(house.intake, gone.case_id, Outcome.SELF_LEFT, "left")
    assert house.faults() == []
    return house


KEY_OF_THE_CLOSED = "INSERT INTO clue_keys (key, case_id) SELECT 'place:34', case_id FROM cases WHERE state = 'closed'"
A_KEY = "DELETE FROM clue_keys WHERE key = (SELECT min(key) FROM clue_keys)"
ONE_MORE_KEY = "INSERT INTO clue_keys (key, case_id) SELECT 'place:11', min(case_id) FROM clue_searches WHERE wanted = done"


@pytest.mark.parametrize(
    ("damage", "faults"),
    [
        (A_KEY, {Fault.CLUE_KEYS_DIFFER}),
        (ONE_MORE_KEY, {Fault.CLUE_KEYS_DIFFER}),
        ("UPDATE cases SET accent = 'Sichuanese' WHERE state = 'open'", {Fault.CLUE_KEYS_DIFFER}),
        ("UPDATE case_texts SET words = replace(words, '富阳', '阜阳')", {Fault.CLUE_KEYS_DIFFER}),
        ("DELETE FROM case_texts", {Fault.CLUE_KEYS_DIFFER}),
        (KEY_OF_THE_CLOSED, {Fault.CLUE_LEFT_BEHIND}),
        ("UPDATE cases SET state = 'suspended' WHERE kind = 'missing'", {Fault.CLUE_LEFT_BEHIND}),
        ("DELETE FROM clue_hits", {Fault.PAIR_UNSUPPORTED}),
        ("UPDATE clues SET superseded_at = recorded_at", {Fault.CLUE_OUT_OF_LINE}),
        ("DELETE FROM clues WHERE version = 1", {Fault.CLUE_OUT_OF_LINE}),
        ("DELETE FROM clues WHERE version = 2", {Fault.CLUE_OUT_OF_LINE}),
    ],
)  # fmt: skip
def test_whatever_a_hand_does_to_the_clues_is_found(told: House, damage: str, faults: set[Fault]) -> None:
    by_hand(told, damage)
    assert faults <= found(told)


def test_what_a_search_has_left_behind_is_tidied_up(told: House) -> None:
    by_hand(told, KEY_OF_THE_CLOSED, "DELETE FROM clue_hits")
    assert found(told) == {Fault.CLUE_LEFT_BEHIND, Fault.PAIR_UNSUPPORTED}
    assert told.services.clue_search.tidy() == 1
    assert told.faults() == []
