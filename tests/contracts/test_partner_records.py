"""What every record store promises about what partners are told, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON, a_case, a_suggestion, an_id
from tracing.domain import Case, Generation, Pair, PairState, Share, ToldNote, ToldRecord, Wanted
from tracing.errors import Conflict
from tracing.ports import RecordStore

LATER = NOON + timedelta(hours=1)


def a_share(case: Case, number: int = 1) -> Share:
    return Share(case.case_id, f"a.example/{number}", NOON, an_id(), "agreed", NOON + timedelta(days=365))


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
