"""What every record store promises about what partners are told, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON, a_case, a_suggestion, an_account, an_id
from tracing.domain import (
    Case,
    CaseState,
    Clone,
    Generation,
    LegalBasis,
    Pair,
    PairState,
    Partner,
    ReceivedNote,
    Relation,
    Role,
    Share,
    Source,
    ToldNote,
    ToldRecord,
    Wanted,
)
from tracing.errors import Conflict
from tracing.ports import RecordStore
from tracing.records import Ends, Opening, Records

LATER = NOON + timedelta(hours=1)


def a_share(case: Case, number: int = 1) -> Share:
    return Share(case.case_id, f"a.example/{number}", NOON, an_id(), "agreed", NOON + timedelta(days=365))


def redate(records: Records, until: Ends) -> None:
    records.expiry.redate(records.expiry.misdated(until), until)


def told(share: Share, **changes: object) -> ToldRecord:
    record = ToldRecord(share.record_id, "d" * 64, NOON, NOON, share.ends_at)
    return replace(record, **changes)  # type: ignore[arg-type]


def a_note(share: Share, number: int = 1, pair: Pair | None = None) -> ToldNote:
    pair_id = pair.pair_id if pair is not None else None
    return ToldNote(f"{share.record_id}.{number}", share.record_id, share.record_id, pair_id, "d" * 64, NOON, NOON)


@pytest.fixture
def cases(store: RecordStore) -> list[Case]:
    made = [a_case() for _ in range(3)]
    with store.transaction() as records:
        for case in made:
            records.cases.add(case)
    return made


def test_a_case_is_shared_once(store: RecordStore, cases: list[Case]) -> None:
    share = a_share(cases[0])
    with store.transaction() as records:
        records.partners.share(share)
        with pytest.raises(Conflict, match="already"):
            records.partners.share(replace(share, record_id="a.example/other"))
        records.partners.share(a_share(cases[1], 2))
        records.partners.shorten(cases[1].case_id, LATER)
    with store.reading() as records:
        assert records.partners.share_of(cases[0].case_id) == share
        assert records.partners.share_of(cases[2].case_id) is None
        assert [each.case_id for each in records.partners.shares("", 10)] == [cases[0].case_id, cases[1].case_id]
        assert [each.ends_at for each in records.partners.shares(cases[0].case_id, 10)] == [LATER]
        assert len(records.partners.shares("", 1)) == 1
        assert records.partners.shares_of(["a.example/1", "a.example/9"]) == {"a.example/1": share}
        assert records.partners.shares_of_cases([cases[0].case_id, cases[2].case_id]) == {cases[0].case_id: share}


def test_what_has_ended_keeps_its_id_and_its_dates_alone(store: RecordStore, cases: list[Case]) -> None:
    share, other = a_share(cases[0]), a_share(cases[1], 2)
    with store.transaction() as records:
        for each in (share, other):
            records.partners.share(each)
        records.partners.put([told(share), told(other)])
        records.partners.put_notes([a_note(share), a_note(share, 2), a_note(other)])
        records.partners.end([share.record_id], LATER)
    with store.reading() as records:
        assert records.partners.told([share.record_id, other.record_id]) == {
            share.record_id: ToldRecord(share.record_id, "", LATER, LATER, LATER),
            other.record_id: told(other),
        }
        assert records.partners.told([share.record_id])[share.record_id].ended
        assert list(records.partners.notes_of([share.record_id, other.record_id])) == [other.record_id]
        assert records.partners.share_of(cases[0].case_id) is None
        assert records.partners.orphans() == []


def test_of_an_erased_case_the_record_is_an_orphan_without_a_digest_to_guess_by(store: RecordStore, cases: list[Case]) -> None:
    share = a_share(cases[0])
    with store.transaction() as records:
        records.partners.share(share)
        records.partners.put([told(share)])
        records.partners.put_notes([a_note(share)])
        assert records.partners.orphans() == []
    with store.transaction() as records:
        records.cases.erase(cases[0].case_id)
    with store.reading() as records:
        assert records.partners.orphans() == [share.record_id]
        assert records.partners.told([share.record_id])[share.record_id].digest == "erased"
        assert records.partners.notes_of([share.record_id]) == {}


def test_a_note_that_rests_on_a_pair_goes_with_either_case(
    store: RecordStore, cases: list[Case], generation: Generation
) -> None:
    share = a_share(cases[0])
    with store.transaction() as records:
        records.pairs.suggest([a_suggestion(cases[0], cases[1], generation.generation_id)], NOON)
        (pair,) = records.pairs.of_case(cases[0].case_id)
        records.partners.share(share)
        records.partners.put([told(share)])
        records.partners.put_notes([a_note(share), a_note(share, 2, pair)])
    with store.transaction() as records:
        records.cases.erase(cases[1].case_id)
    with store.reading() as records:
        assert records.partners.notes_of([share.record_id]) == {share.record_id: [a_note(share)]}


def test_pages_are_in_the_order_of_entry_date_and_id(store: RecordStore, cases: list[Case]) -> None:
    shares = [a_share(case, number) for number, case in enumerate(cases)]
    with store.transaction() as records:
        records.partners.put([told(share) for share in reversed(shares)])
        records.partners.put([told(shares[0], entry_date=LATER)])
        records.partners.put_notes([a_note(share) for share in shares])
    with store.reading() as records:
        page = records.partners.page
        order = ["a.example/1", "a.example/2", "a.example/0"]
        assert [each.record_id for each in page(Wanted())] == order
        assert [each.record_id for each in page(Wanted(1, 1))] == order[1:2]
        assert [each.record_id for each in page(Wanted(min_entry_date=LATER))] == order[2:]
        assert [each.record_id for each in page(Wanted(record_id="a.example/2"))] == ["a.example/2"]
        notes = records.partners.note_page
        assert [each.note_id for each in notes(Wanted())] == ["a.example/0.1", "a.example/1.1", "a.example/2.1"]
        assert [each.note_id for each in notes(Wanted(record_id="a.example/2"))] == ["a.example/2.1"]
    with store.transaction() as records:
        records.partners.drop_notes(["a.example/1.1"])
        assert len(records.partners.note_page(Wanted())) == 2


def test_entry_dates_are_whole_seconds_and_never_go_back(store: RecordStore) -> None:
    with store.transaction() as records:
        assert records.partners.entry_date(NOON.replace(microsecond=999_999)) == NOON
        assert records.partners.entry_date(LATER) == LATER
    with store.transaction() as records:
        assert records.partners.entry_date(NOON) == LATER


def test_pairs_that_are_verified_or_revoked_speak_of_who_is_who(
    store: RecordStore, cases: list[Case], generation: Generation
) -> None:
    with store.transaction() as records:
        records.pairs.suggest(
            [a_suggestion(cases[0], other, generation.generation_id) for other in cases[1:]],
            NOON,
        )
        one, _ = records.pairs.of_case(cases[0].case_id)
        assert records.partners.links([each.case_id for each in cases]) == []
        for state in (PairState.VERIFIED, PairState.REVOKED):
            one = records.pairs.save(replace(one, state=state))
            assert records.partners.links([one.high_case_id]) == [one]


def a_received(case: Case, number: int = 1, linked: str = "") -> ReceivedNote:
    return ReceivedNote(f"a.example/note.{number}", case.case_id, an_id(), "d" * 64, NOON, linked, "believed_alive", True)


def test_an_account_is_tied_to_one_domain_at_a_time(store: RecordStore) -> None:
    account = an_account(role=Role.PARTNER)
    partner = Partner(account.account_id, "a.example", LegalBasis.STATUTORY_DUTY, False, NOON)
    with store.transaction() as records:
        records.accounts.add(account)
        assert records.partners.partner(account.account_id) is None
        records.partners.tie(partner)
        records.partners.tie(replace(partner, domain="b.example", deaths=True))
    with store.reading() as records:
        assert records.partners.partner(account.account_id) == replace(partner, domain="b.example", deaths=True)
        assert [each.domain for each in records.partners.partners()] == ["b.example"]


def test_a_clone_ends_with_its_record_whatever_its_kind_is_kept_for(store: RecordStore, cases: list[Case]) -> None:
    one, other, third = cases
    with store.transaction() as records:
        records.partners.put_clones([Clone(one.case_id, NOON, LATER), Clone(other.case_id, NOON)])
        records.partners.put_clones([Clone(other.case_id, LATER)])
        assert records.cases.get(one.case_id).expires_at == LATER
        assert records.cases.get(other.case_id).expires_at is None
    with store.reading() as records:
        assert records.partners.clones([each.case_id for each in cases]) == {
            one.case_id: Clone(one.case_id, NOON, LATER),
            other.case_id: Clone(other.case_id, LATER),
        }
    with store.transaction() as records:
        redate(records, lambda *_: LATER + timedelta(days=1))
        assert records.cases.get(one.case_id).expires_at == LATER
        assert records.cases.get(third.case_id).expires_at == LATER + timedelta(days=1)
        redate(records, lambda *_: NOON)
    with store.transaction() as records:
        redate(records, lambda *_: None)
        saved = records.cases.save(replace(records.cases.get(one.case_id), state=CaseState.SUSPENDED))
        assert saved.expires_at == LATER


def test_a_received_note_is_kept_once_and_says_who_is_who(store: RecordStore, cases: list[Case]) -> None:
    note = a_received(cases[0], linked="a.example/2")
    with store.transaction() as records:
        assert records.partners.received(note.note_id) is None
        records.partners.put_received(note)
        assert records.partners.received(note.note_id) == note
        records.partners.put_received(replace(note, taken=False, source_date=LATER))
    with store.reading() as records:
        assert records.partners.received(note.note_id) == replace(note, taken=False, source_date=LATER)
        assert records.partners.says_same(cases[0].case_id, "a.example/2")
        assert not records.partners.says_same(cases[0].case_id, "a.example/3")
        assert not records.partners.says_same(cases[1].case_id, "a.example/2")


def test_what_partners_call_an_erased_person_is_gone_from_the_notes_about_others(store: RecordStore, cases: list[Case]) -> None:
    clone, ours, stays = cases
    with store.transaction() as records:
        records.rights.add_sources({clone.case_id: Source("a.example", "a.example/1")})
        records.partners.share(a_share(ours, 7))
        records.partners.put_received(a_received(stays, 1, "a.example/1"))
        records.partners.put_received(a_received(stays, 2, "a.example/7"))
        records.partners.put_received(a_received(stays, 3, "a.example/8"))
        records.partners.put_received(a_received(clone, 4))
        records.partners.put_clones([Clone(clone.case_id, NOON)])
    with store.transaction() as records:
        for case in (clone, ours):
            records.cases.erase(case.case_id)
    with store.reading() as records:
        found = [records.partners.received(f"a.example/note.{number}") for number in (1, 2, 3, 4)]
        assert [None if each is None else each.linked_id for each in found] == ["", "", "a.example/8", None]
        assert records.partners.clones([clone.case_id]) == {}


def test_of_a_record_that_has_ended_the_latest_end_is_known_until_it_is_over(store: RecordStore) -> None:
    one, other, alive = (Source("a.example", f"a.example/{number}") for number in (1, 2, 3))
    with store.reading() as records:
        assert records.ended.of([one]) == {}, "nor is a key made to look"
    with store.transaction() as records:
        records.ended.put({}, NOON)
        records.ended.put({one: NOON, other: LATER}, NOON)
    with store.transaction() as records:
        records.ended.put({one: LATER, other: NOON}, LATER)
        records.ended.put({one: NOON}, NOON)
    with store.transaction() as records:
        assert records.ended.of([one, other, alive]) == {one: LATER, other: LATER}
        assert records.ended.of([replace(one, source="b.example")]) == {}
        assert records.ended.over(None) == (2, 0)
        assert records.ended.over(NOON, drop=True) == (2, 0)
        records.ended.put({alive: NOON}, NOON)
        assert records.ended.over(NOON, drop=True) == (3, 1)
        assert records.ended.over(LATER) == (2, 2)
        assert records.ended.of([alive]) == {}


def test_a_pair_that_partners_link_is_not_without_support(
    store: RecordStore, cases: list[Case], generation: Generation
) -> None:
    low, high = sorted(case.case_id for case in cases[:2])
    with store.transaction() as records:
        records.pairs.open([Opening(low, high, Relation.DUPLICATE, generation.generation_id)], NOON)
        pair = records.pairs.between(low, high)
        assert pair is not None
        records.clues.searched(records.clues.wanted([low, high]), NOON)
    with store.transaction() as records:
        assert records.clues.unsupported(NOON, 10) == [pair.pair_id]
        assert records.partners.link(pair.pair_id, NOON)
        assert not records.partners.link(pair.pair_id, LATER)
        assert records.clues.unsupported(NOON, 10) == []
        records.partners.unlink(pair.pair_id)
        assert records.clues.unsupported(NOON, 10) == [pair.pair_id]
