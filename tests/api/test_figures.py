"""What programs are told of the quality of the recognition."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.house import House
from tracing import bootstrap
from tracing.domain import Channel, Outcome
from tracing.embeddings.cards import card_on_file


def test_the_figures_of_the_encoder_in_use(
    calls: Callable[[str], TestClient], house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = calls("partner").get("/api/v1/statistics/figures").json()
    assert (ours["problem"], ours["card"]["sets"]) == ("", ["asianfaces", "fgnet", "lfw"])
    monkeypatch.setattr(bootstrap, "card_on_file", partial(card_on_file, ours=tmp_path))
    without = calls("partner").get("/api/v1/statistics/figures").json()
    assert without["card"] is None
    assert "nobody has measured" in without["problem"]
    card = house.measured()
    told = calls("chen").get("/api/v1/statistics/figures").json()
    assert (told["encoder_id"], told["problem"]) == (card.encoder_id, "")
    assert told["card"]["misses"] == {"value": 0.1, "low": 0.07, "high": 0.13}
    assert [(each["name"], each["weak"], each["certain"]) for each in told["card"]["groups"]] == [
        ("0-7", True, True),
        ("7-60", False, False),
        ("0-20", False, False),
        ("20-", True, False),
        ("fgnet", True, True),
    ]


def test_the_recognition_in_daily_work_names_nobody(calls: Callable[[str], TestClient], house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(2)
    house.services.casework.close(
        house.intake, missing.case_id, Outcome.FOUND_ELSEWHERE, "they called", Channel.NOTICE, sheltered.reference
    )
    answer = calls("qian").get("/api/v1/statistics/recognition")
    told = answer.json()
    assert (told["found"], told["closings"], told["confirmed"]["pairs"]) == (0, {"notice": 1}, 0)
    assert told["misses"] == [{"channel": "notice", "made": "not_listed", "rank": None, "listed": 0, "gallery_size": 1}]
    assert told["strangers"]["fit"] == "too_few"
    assert missing.case_id not in answer.text
    assert sheltered.reference not in answer.text


def test_l19_candidates_and_pairs_come_with_their_warnings(calls: Callable[[str], TestClient], house: House) -> None:
    house.measured()
    child, found = house.missing(1, age_min=5, age_max=5), house.sheltered(1, age_min=5, age_max=6)
    warning = {"by": "age", "group": "0-7", "misses": 0.55, "overall": 0.1, "certain": True}
    for who in ("chen", "qian"):
        told = calls(who).get(f"/api/v1/cases/{child.case_id}/candidates").json()
        assert told["warnings"] == [warning]
        assert [each["warnings"] for each in told["candidates"]] == [[warning]]
        pair = calls(who).get(f"/api/v1/pairs/{house.pair(child, found).pair_id}").json()
        assert pair["warnings"] == [warning]
        assert ("score" in pair) is (who == "qian"), "a warning opens nobody's eyes"


def test_the_metrics_count_pairs_and_closings(calls: Callable[[str], TestClient], house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    house.confirm(house.pair(house.missing(2), house.sheltered(2)))
    house.services.casework.close(
        house.intake, missing.case_id, Outcome.FOUND_ELSEWHERE, "they called", Channel.POLICE, sheltered.reference
    )
    house.services.casework.close(house.intake, sheltered.case_id, Outcome.SETTLED, "settled")
    told = calls("qian").get("/metrics").text
    assert 'tracing_pairs{state="confirmed"} 1.0' in told
    assert 'tracing_closings{channel="police",in_galleries="yes"} 1.0' in told
    assert 'tracing_closings{channel="not_said",in_galleries="no"} 1.0' in told
    house.services.casework.reopen(house.intake, missing.case_id, "a mistake")
    assert "police" not in calls("qian").get("/metrics").text
