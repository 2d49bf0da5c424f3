"""Nothing of anybody leaves: every field of a case is filled with marked words, and what arrives holds none of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from tests.factories import an_emergency
from tests.families.sent import TYPED, a_report
from tests.house import House, a_house
from tests.messages.conftest import RULES, rest, write_rules
from tests.messages.receivers import hooks
from tracing.domain import Judgement, Sex
from tracing.messages.rules import Happening
from tracing.messages.wording import PAGES, SENTENCES, SUBJECT, TEST, sentence

ALPHABET = "qxz王建国四川成都"
MARKED = st.text(ALPHABET, min_size=6, max_size=12).map(lambda word: f"MARK{word}")


@given(words=st.lists(MARKED, min_size=12, max_size=12, unique=True))
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_l5_no_word_of_a_case_leaves_the_house(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    folder: Path = tmp_path_factory.mktemp("told")
    names, place, clothing, marks, story, accent, ethnic, language, reason, note, station, seen = words
    with hooks() as receiver:
        rules = write_rules(folder / "messages.toml", RULES.format(url=receiver.url))
        with a_house(folder / "var", notify_rules=rules, timezone="UTC", public_url="https://tracing.example") as house:
            said = {
                "names": (names,),
                "sex": Sex.MALE,
                "marks": (marks,),
                "clothing": clothing,
                "seen_place": place,
                "circumstances": story,
                "accent": accent,
                "ethnic_group": ethnic,
                "languages": (language,),
                "age_min": 67,
                "age_max": 71,
                "height_cm": 173,
            }
            missing, sheltered = house.missing(1, **said), house.sheltered(1, **said)
            house.sheltered(2, **said | {"names": ()})  # whom nobody knows: clocks run
            pair = house.pair(missing, sheltered)
            house.judge(house.reviewer, pair, Judgement.SAME_LIKELY)
            with house.services.store.transaction() as records:
                records.stations.add_emergency(an_emergency(missing, reason=f"{reason} {note} {station} {seen}"))
            a_report(house, photos=0, typed=dict(zip(TYPED, words, strict=False)))
            house.clock.advance(hours=1)
            for _ in range(4):
                rest(house)
            house.clock.advance(days=20)
            for _ in range(4):
                rest(house)
            hidden = [*words, missing.reference, sheltered.reference, missing.case_id, sheltered.case_id, pair.pair_id]
            hidden += [house.reviewer.name, house.reviewer.account_id, Judgement.SAME_LIKELY]
    events = {body["message"].splitlines()[0].split(":")[0] for body in receiver.bodies}
    assert len(events) == len(Happening), "all were told, else nothing is shown"
    for raw in receiver.raw:
        arrived = raw.decode() + raw.decode("unicode_escape", "replace")
        assert [word for word in hidden if word in arrived] == []


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("happening", list(Happening))
def test_each_sentence_takes_a_number_and_nothing_else(happening: Happening, language: str) -> None:
    assert set(SENTENCES[happening]) == set(SUBJECT) == set(TEST) == {"zh_CN", "en"}
    text = SENTENCES[happening][language]
    assert text.count("{") == text.count("{number}") == 1
    assert sentence(happening, language, 3, "") == text.replace("{number}", "3")
    assert sentence(happening, language, 3, "https://t.example").endswith(f"\nhttps://t.example{PAGES[happening]}")
    with pytest.raises(ValueError, match="invalid literal"):
        sentence(happening, language, "王建国", "")  # type: ignore[arg-type]


@pytest.mark.parametrize("word", ["家属", "家人", "亲属", "family:", "relative", "您"])
def test_no_sentence_speaks_to_a_family(word: str) -> None:
    assert not any(word in text for texts in (*SENTENCES.values(), TEST) for text in texts.values())


@pytest.mark.parametrize("happening", list(Happening))
def test_the_page_that_is_named_is_there(happening: Happening, house: House) -> None:
    with TestClient(create_app(house.services)) as client:
        assert client.get(PAGES[happening], follow_redirects=False).status_code == 303
        assert client.get(f"{PAGES[happening]}-nowhere", follow_redirects=False).status_code == 404
