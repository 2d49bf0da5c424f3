"""Who may sign in, with what, for how long, and what is kept of the secrets."""

from __future__ import annotations

import logging

import pytest
from argon2 import PasswordHasher

from tests.house import House
from tests.stories import at_once, by_hand, rows_naming
from tracing.access import SYSTEM
from tracing.accounts import KEY_PREFIX, digest
from tracing.domain import Account, Role
from tracing.errors import Conflict, Invalid, NotAllowed, NotSignedIn
from tracing.passwords import LONGEST, SHORTEST

PASSWORD = "correct horse battery"


@pytest.fixture
def li(house: House) -> Account:
    """An account with a password."""
    account, _ = house.services.accounts.add(SYSTEM, "li", Role.REVIEWER, password=PASSWORD)
    return account


def stored(house: House, name: str) -> Account:
    with house.services.store.reading() as records:
        account = records.accounts.by_name(name)
    assert account is not None
    return account


def test_a_program_of_a_partner_has_a_key_and_no_password(house: House) -> None:
    with pytest.raises(Invalid, match="no password"):
        house.services.accounts.add(SYSTEM, "repository", Role.PARTNER, "a long password")
    house.services.accounts.add(SYSTEM, "repository", Role.PARTNER, with_api_key=True)
    with pytest.raises(Invalid, match="no password"):
        house.services.accounts.set_password(SYSTEM, "repository", "a long password")


def test_a_password_is_kept_as_argon2id_and_nowhere_else(house: House, li: Account) -> None:
    kept = stored(house, "li").password_hash
    assert kept.startswith("$argon2id$v=19$")
    assert PasswordHasher().verify(kept, PASSWORD)
    assert not PasswordHasher().check_needs_rehash(kept), "as dear as the library's defaults"
    assert rows_naming(house, PASSWORD) == {}


def test_the_same_password_twice_is_kept_in_two_ways(house: House, li: Account) -> None:
    other, _ = house.services.accounts.add(SYSTEM, "wang", Role.REVIEWER, password=PASSWORD)
    assert other.password_hash != li.password_hash


def test_an_api_key_is_only_a_digest_in_the_database(house: House) -> None:
    account, key = house.services.accounts.add(SYSTEM, "program", Role.SERVICE, with_api_key=True)
    assert key is not None
    assert key.startswith(KEY_PREFIX)
    assert len(key) > 40
    assert stored(house, "program").api_key_hash == digest(key)
    assert rows_naming(house, key) == rows_naming(house, key.removeprefix(KEY_PREFIX)) == {}
    actor = house.services.accounts.by_api_key(key)
    assert (actor.account_id, actor.role) == (account.account_id, Role.SERVICE)


def test_a_session_is_only_a_digest_in_the_database(house: House, li: Account) -> None:
    signed_in = house.services.accounts.sign_in("li", PASSWORD)
    assert rows_naming(house, signed_in.token) == {}
    assert house.services.accounts.by_session(signed_in.token) == signed_in.actor


def test_whatever_is_wrong_the_sentence_is_the_same(house: House, li: Account) -> None:
    accounts = house.services.accounts
    accounts.add(SYSTEM, "keyless", Role.REVIEWER)
    accounts.add(SYSTEM, "gone", Role.REVIEWER, password=PASSWORD)
    accounts.disable(SYSTEM, "gone")
    said = set()
    for name, password in [
        ("li", "wrong horse battery"),
        ("li", ""),
        ("li", PASSWORD + " "),
        ("li", "x" * 100_000),
        ("li", "\ud800" * 12),
        ("Li", PASSWORD),
        ("nobody", PASSWORD),
        ("", ""),
        ("keyless", ""),
        ("keyless", PASSWORD),
        ("gone", PASSWORD),
        ("li' OR '1'='1", PASSWORD),
    ]:
        with pytest.raises(NotSignedIn) as refused:
            accounts.sign_in(name, password)
        said.add(str(refused.value))
    assert said == {"The name or the password is wrong."}


def test_a_disabled_account_neither_signs_in_nor_stays_signed_in(house: House, li: Account) -> None:
    accounts = house.services.accounts
    key = accounts.new_api_key(SYSTEM, "li")
    token = accounts.sign_in("li", PASSWORD).token
    accounts.disable(SYSTEM, "li")
    for use in (lambda: accounts.by_session(token), lambda: accounts.by_api_key(key), lambda: accounts.sign_in("li", PASSWORD)):
        with pytest.raises(NotSignedIn):
            use()
    accounts.enable(SYSTEM, "li")
    assert accounts.by_api_key(key).account_id == accounts.sign_in("li", PASSWORD).actor.account_id
    with pytest.raises(NotSignedIn):
        accounts.by_session(token)


def test_a_session_expires(house: House, li: Account) -> None:
    token = house.services.accounts.sign_in("li", PASSWORD).token
    for _ in range(24):
        assert house.services.accounts.by_session(token).name == "li"
        house.clock.advance(minutes=30)
    with pytest.raises(NotSignedIn):
        house.services.accounts.by_session(token)


def test_expired_sessions_are_swept_out_by_the_next_one(house: House, li: Account) -> None:
    old = house.services.accounts.sign_in("li", PASSWORD)
    house.clock.advance(hours=13)
    house.services.accounts.sign_in("li", PASSWORD)
    with house.services.store.reading() as records:
        assert records.accounts.session(old.session.token_hash) is None


def test_signing_out_ends_this_session_and_no_other(house: House, li: Account) -> None:
    accounts = house.services.accounts
    here, there = accounts.sign_in("li", PASSWORD).token, accounts.sign_in("li", PASSWORD).token
    accounts.sign_out(here)
    accounts.sign_out(here)
    with pytest.raises(NotSignedIn):
        accounts.by_session(here)
    assert accounts.by_session(there).name == "li"


def test_a_new_password_ends_every_session_and_the_old_password(house: House, li: Account) -> None:
    accounts = house.services.accounts
    tokens = [accounts.sign_in("li", PASSWORD).token for _ in range(2)]
    accounts.set_password(SYSTEM, "li", "another long password")
    for token in tokens:
        with pytest.raises(NotSignedIn):
            accounts.by_session(token)
    with pytest.raises(NotSignedIn):
        accounts.sign_in("li", PASSWORD)
    assert accounts.sign_in("li", "another long password").actor.name == "li"


@pytest.mark.parametrize("change", ["set_password", "disable"])
def test_a_sign_in_that_is_overtaken_by_a_change_leaves_no_session(
    house: House, li: Account, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    accounts = house.services.accounts
    matches = accounts._passwords.match

    def slow(hashed: str, password: str) -> bool:
        if change == "disable":
            accounts.disable(SYSTEM, "li")
        else:
            accounts.set_password(SYSTEM, "li", "another long password")
        return matches(hashed, password)

    monkeypatch.setattr(accounts._passwords, "match", slow)
    with pytest.raises(NotSignedIn):
        accounts.sign_in("li", PASSWORD)
    assert rows_naming(house, li.account_id).keys() == {"accounts", "events"}


def test_a_new_api_key_replaces_the_old_one(house: House, li: Account) -> None:
    accounts = house.services.accounts
    old = accounts.new_api_key(SYSTEM, "li")
    new = accounts.new_api_key(SYSTEM, "li")
    with pytest.raises(NotSignedIn):
        accounts.by_api_key(old)
    assert accounts.by_api_key(new).name == "li"


@pytest.mark.parametrize("key", ["", "trc_", "trc_wrong", "\ud800", "x" * 100_000])
def test_no_key_and_a_wrong_key_sign_nobody_in(house: House, key: str) -> None:
    with pytest.raises(NotSignedIn):
        house.services.accounts.by_api_key(key)
    with pytest.raises(NotSignedIn):
        house.services.accounts.by_session(key)


def test_the_digest_itself_opens_nothing(house: House, li: Account) -> None:
    signed_in = house.services.accounts.sign_in("li", PASSWORD)
    with pytest.raises(NotSignedIn):
        house.services.accounts.by_session(signed_in.session.token_hash)


def test_a_password_that_was_hashed_with_weaker_settings_is_hashed_anew(house: House, li: Account) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    by_hand(house, "UPDATE accounts SET password_hash = ? WHERE name = 'li'", values=[weak])
    house.services.accounts.sign_in("li", PASSWORD)
    assert stored(house, "li").password_hash != weak
    assert house.services.accounts.sign_in("li", PASSWORD).actor.name == "li"


@pytest.mark.parametrize("password", ["x" * (SHORTEST - 1), "x" * (LONGEST + 1), ""])
def test_too_short_and_too_long_passwords_are_refused(house: House, li: Account, password: str) -> None:
    for step in (
        lambda: house.services.accounts.add(SYSTEM, "new", Role.INTAKE, password=password),
        lambda: house.services.accounts.set_password(SYSTEM, "li", password),
    ):
        with pytest.raises(Invalid) as refused:
            step()
        assert refused.value.field == "password"


def test_the_longest_password_works_to_its_last_character(house: House) -> None:
    longest = "é" * LONGEST
    house.services.accounts.add(SYSTEM, "long", Role.INTAKE, password=longest)
    assert house.services.accounts.sign_in("long", longest).actor.name == "long"
    for wrong in (longest[:-1], longest + "é", longest + "x" * 5000):
        with pytest.raises(NotSignedIn):
            house.services.accounts.sign_in("long", wrong)


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\nb", "a\x00b", "a\x1b[31m"])
def test_a_name_that_cannot_be_read_is_refused(house: House, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        house.services.accounts.add(SYSTEM, name, Role.INTAKE)
    assert refused.value.field == "name"


def test_a_name_is_taken_once(house: House, li: Account) -> None:
    with pytest.raises(Conflict, match="li"):
        house.services.accounts.add(SYSTEM, " li ", Role.MANAGER)
    results = at_once(*[lambda: house.services.accounts.add(SYSTEM, "twin", Role.INTAKE)] * 3)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Conflict", "tuple"]


def test_an_unknown_account_cannot_be_changed(house: House) -> None:
    for step in (house.services.accounts.disable, house.services.accounts.new_api_key):
        with pytest.raises(Invalid) as refused:
            step(SYSTEM, "nobody")
        assert refused.value.field == "name"


def test_only_the_operator_makes_accounts(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.services.accounts.add(house.manager, "friend", Role.MANAGER)
    assert "friend" not in house.services.accounts.names().values()


def test_every_change_of_an_account_is_audited_without_any_secret(house: House, li: Account) -> None:
    accounts = house.services.accounts
    key = accounts.new_api_key(SYSTEM, "li")
    accounts.sign_in("li", PASSWORD)
    accounts.set_password(SYSTEM, "li", "another long password")
    accounts.disable(SYSTEM, "li")
    accounts.enable(SYSTEM, "li")
    with house.services.store.reading() as records:
        events = records.audit.of_subject(li.account_id)
    assert [event.action for event in events] == [
        "add_account", "new_api_key", "sign_in", "set_password", "disable_account", "enable_account",
    ]  # fmt: skip
    told = " ".join(str(event.detail) for event in events)
    assert not any(secret in told for secret in (key, PASSWORD, digest(key), "argon2", "li"))


def test_no_secret_reaches_the_log(house: House, li: Account, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = house.services.accounts.new_api_key(SYSTEM, "li")
    token = house.services.accounts.sign_in("li", PASSWORD).token
    assert not any(secret in caplog.text for secret in (key, token, PASSWORD))
