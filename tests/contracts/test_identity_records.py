"""What every record store promises about identities of a provider of sign-ins, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON, an_account
from tracing.domain import Account, Identity
from tracing.errors import Conflict
from tracing.ports import RecordStore

ISSUER = "https://login.gov.example"


@pytest.fixture
def li(store: RecordStore) -> Account:
    account = an_account()
    with store.transaction() as records:
        records.accounts.add(account)
    return account


def test_who_waits_is_found_by_code_and_who_is_linked_by_account(store: RecordStore, li: Account) -> None:
    waiting = Identity(ISSUER, "li", NOON, "CODE")
    linked = replace(waiting, code="", account_id=li.account_id, linked_at=NOON)
    with store.transaction() as records:
        records.identities.save(waiting)
        assert records.identities.get(ISSUER, "li") == records.identities.by_code("CODE") == waiting
        assert records.identities.linked() == []
        records.identities.save(linked)
    with store.transaction() as records:
        assert records.identities.of_account(li.account_id) == records.identities.get(ISSUER, "li") == linked
        assert records.identities.linked() == [linked]
        assert records.identities.by_code("CODE") is None
        assert records.identities.by_code("") is None
        records.identities.remove(linked)
        assert records.identities.of_account(li.account_id) is None


def test_the_same_name_of_another_issuer_is_somebody_else(store: RecordStore) -> None:
    with store.transaction() as records:
        records.identities.save(Identity(ISSUER, "li", NOON, "ONE"))
        assert records.identities.get("https://evil.example", "li") is None
        assert records.identities.get(ISSUER, "LI") is None
        records.identities.save(Identity("https://evil.example", "li", NOON, "OTHER"))
        assert records.identities.by_code("ONE") != records.identities.by_code("OTHER")


def test_an_account_has_one_identity_and_a_code_one_owner(store: RecordStore, li: Account) -> None:
    with store.transaction() as records:
        records.identities.save(Identity(ISSUER, "li", NOON, account_id=li.account_id, linked_at=NOON))
        records.identities.save(Identity(ISSUER, "wang", NOON, "CODE"))
    with pytest.raises(Conflict), store.transaction() as records:
        records.identities.save(Identity(ISSUER, "wang", NOON, account_id=li.account_id, linked_at=NOON))
    with pytest.raises(Conflict), store.transaction() as records:
        records.identities.save(Identity(ISSUER, "zhao", NOON, "CODE"))
    with store.transaction() as records:
        found = records.identities.by_code("CODE")
    assert found is not None
    assert found.subject == "wang"


def test_who_waits_too_long_is_forgotten_and_who_is_linked_never(store: RecordStore, li: Account) -> None:
    with store.transaction() as records:
        records.identities.save(Identity(ISSUER, "li", NOON, account_id=li.account_id, linked_at=NOON))
        records.identities.save(Identity(ISSUER, "early", NOON, "ONE"))
        records.identities.save(Identity(ISSUER, "late", NOON + timedelta(hours=1), "TWO"))
        assert records.identities.end_waiting(NOON + timedelta(minutes=1)) == 1
        assert records.identities.get(ISSUER, "early") is None
        assert records.identities.get(ISSUER, "late") is not None
        assert records.identities.get(ISSUER, "li") is not None
