"""Instead of a puzzle from elsewhere: work of the browser, or patience; signed, used once, and limited by address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.public.app import create_app
from tests.api.public.conftest import HERE
from tests.api.public.families import WHO, answer_to, begin, challenge_of
from tests.house import House, a_house
from tests.noticing import a_notice, told_of
from tracing.bootstrap import public_of
from tracing.domain import ReportState
from tracing.families.challenges import LASTS, proves


def start(reader: TestClient, challenge: str, answer: str = "", **headers: str) -> int:
    said = {"agree": "1", "challenge": challenge, "answer": answer}
    return reader.post("/report", data=said, headers=headers, follow_redirects=False).status_code


def new(reader: TestClient) -> str:
    return challenge_of(reader.get("/report").text)


def drafts(house: House) -> int:
    with house.services.store.reading() as records:
        return records.reports.count(ReportState.DRAFT)


def test_l18_work_is_used_once(house: House, reader: TestClient) -> None:
    challenge = new(reader)
    answer = answer_to(challenge)
    assert start(reader, challenge, answer) == 303
    again = reader.post("/report", data={"agree": "1", "face": "1", "challenge": challenge, "answer": answer})
    assert again.status_code == 422
    assert "sent already" in again.text
    assert 'name="face" value="1" checked' in again.text
    assert challenge_of(again.text) != challenge
    assert drafts(house) == 1


def test_l18_what_is_no_challenge_of_ours_or_not_its_answer_opens_nothing(house: House, reader: TestClient) -> None:
    challenge = new(reader)
    answer = answer_to(challenge)
    said, bits, purpose, drawn, signed = challenge.split(".")
    forged = [
        "",
        "x",
        challenge[:-1] + ("0" if challenge[-1] != "0" else "1"),
        ".".join((said, "1", purpose, drawn, signed)),
        ".".join((str(int(said) - 100), bits, purpose, drawn, signed)),
        ".".join((said, bits, "sighting", drawn, signed)),
        challenge + "\x00",
        "１" + challenge[1:],
        challenge * 9,
    ]
    for each in forged:
        assert start(reader, each, answer_to(each) if each.count(".") == 4 and each.isascii() else "0") == 422, each
    wrong = next(str(number) for number in range(10**6) if not proves(challenge, str(number), int(bits)))
    for each in (wrong, "-1", "1e3", "9" * 99, "٣", answer + " x"):
        assert start(reader, challenge, each) == 422, each
    assert drafts(house) == 0
    assert start(reader, challenge, answer) == 303


def test_a_challenge_of_one_form_is_none_of_another(house: House, reader: TestClient) -> None:
    notice = a_notice(house, told_of(house))
    challenge = challenge_of(reader.get(f"/n/{notice.token}/seen").text)
    assert start(reader, challenge, answer_to(challenge)) == 422


def test_without_a_script_a_form_is_taken_after_a_while_and_nothing_of_it_is_lost(house: House, reader: TestClient) -> None:
    challenge = new(reader)
    early = reader.post("/report", data={"agree": "1", "face": "1", "challenge": challenge, "answer": ""})
    assert early.status_code == 422
    assert "in 20 seconds" in early.text
    assert challenge_of(early.text) == challenge, "whoever has waited does not wait anew"
    assert early.text.count(" checked") == 2
    house.clock.advance(seconds=house.services.settings.public_wait_seconds)
    assert start(reader, challenge) == 303
    assert start(reader, challenge) == 422, "once"


def test_a_page_that_lay_open_too_long_is_answered_with_a_new_one(house: House, reader: TestClient) -> None:
    challenge = new(reader)
    house.clock.advance(seconds=LASTS.total_seconds() + 1)
    assert start(reader, challenge, answer_to(challenge)) == 422
    fresh = new(reader)
    assert start(reader, fresh, answer_to(fresh)) == 303


def test_the_lane_without_work_takes_fewer(tmp_path: Path) -> None:
    with a_house(tmp_path / "var", public_slow_writes_per_hour=2, public_writes_per_hour=4) as house:
        services = public_of(house.services.settings, house.clock)
        with TestClient(create_app(services), base_url=HERE, client=("203.0.113.9", 1)) as reader:
            slow = [new(reader) for _ in range(3)]
            house.clock.advance(minutes=1)
            assert [start(reader, each) for each in slow] == [303, 303, 429]
            quick = [new(reader) for _ in range(5)]
            assert [start(reader, each, answer_to(each)) for each in quick] == [303] * 4 + [429]
        with TestClient(create_app(services), base_url=HERE, client=("203.0.113.10", 1)) as other:
            challenge = new(other)
            assert start(other, challenge, answer_to(challenge)) == 303


def test_what_another_site_makes_a_browser_send_is_refused(house: House, reader: TestClient) -> None:
    challenge = new(reader)
    answer = answer_to(challenge)
    assert start(reader, challenge, answer, Origin="https://evil.example") == 403
    assert start(reader, challenge, answer, **{"Sec-Fetch-Site": "cross-site"}) == 403
    draft = begin(reader)
    for path in (f"{draft}/who", f"{draft}/photos", f"{draft}/photos/remove", f"{draft}/send", "/follow", "/follow/withdraw"):
        assert reader.post(path, data=WHO, headers={"Origin": "https://evil.example"}).status_code == 403, path
    assert start(reader, challenge, answer, Origin=HERE) == 303


def test_spent_work_is_forgotten_when_nobody_can_use_it_any_more(house: House, reader: TestClient) -> None:
    begin(reader)
    house.clock.advance(hours=49)
    house.services.families.tend()
    with house.services.store.transaction() as records:
        assert records.handed.forget_spent(house.clock()) == 0


@pytest.fixture
def easy(tmp_path: Path) -> Iterator[tuple[House, FastAPI]]:
    with a_house(tmp_path / "var", public_proof_bits=0) as house:
        services = public_of(house.services.settings, house.clock)
        yield house, create_app(services)
        services.close()


def test_an_operator_may_ask_for_no_work(easy: tuple[House, FastAPI]) -> None:
    with TestClient(easy[1], base_url=HERE) as reader:
        challenge = new(reader)
        assert start(reader, challenge) == 303
        assert start(reader, challenge) == 422


def test_no_page_with_work_runs_any_other_script(readers: Callable[..., TestClient]) -> None:
    answer = readers().get("/report")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.text.count("<script") == 1
    assert "set-cookie" not in answer.headers
    assert "script-src" not in readers().get("/follow").headers["content-security-policy"]
