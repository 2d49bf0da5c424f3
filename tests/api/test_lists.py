"""Lists of other departments by the JSON API: handed in, said, checked, started, their runs, and the hits."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.factories import a_hit
from tests.fakes import painted_photo
from tests.house import House
from tests.importing.handed import LIST, put, zipped
from tracing.access import SYSTEM
from tracing.domain import Case, ListHit, Role

SAID = {"purpose": "import", "source": "Police"}


def hand_in(
    client: TestClient, table: str = LIST, photos: bytes | None = None, status: int = 201, **said: str
) -> dict[str, Any]:
    files = {"file": ("list.csv", table.encode(), "text/csv")}
    if photos is not None:
        files["photos"] = ("photos.zip", photos, "application/zip")
    answer = client.post("/api/v1/lists", data=SAID | said, files=files)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def checked(client: TestClient, house: House, handed: dict[str, Any], **columns: str | None) -> dict[str, Any]:
    body = {"columns": columns, "version": handed["version"]}
    answer = client.put(f"/api/v1/lists/{handed['list_id']}/columns", json=body)
    assert answer.status_code == 202, answer.text
    assert answer.json()["stage"] == "checking"
    house.services.worker.work_off()
    return dict(client.get(f"/api/v1/lists/{handed['list_id']}").json())


def brought(client: TestClient, house: House, handed: dict[str, Any]) -> dict[str, Any]:
    ready = checked(client, house, handed)
    answer = client.post(f"/api/v1/lists/{handed['list_id']}/start", json={"version": ready["version"]})
    assert answer.status_code == 202, answer.text
    house.services.worker.work_off()
    return dict(client.get(f"/api/v1/list-runs/{answer.json()['run_id']}").json())


def test_a_list_goes_from_its_file_to_its_counts(intake: TestClient, house: House) -> None:
    handed = hand_in(intake, photos=zipped({"1.png": painted_photo(1)}))
    assert (handed["stage"], handed["missing"], handed["check"]) == ("columns", None, None)
    assert handed["headings"][1] == {"heading": "姓名", "column": "names", "samples": ["王建国", "李梅"]}
    ready = checked(intake, house, handed)
    assert (ready["stage"], ready["rows"]) == ("checked", 2)
    assert ready["check"]["counts"]["new"] == 2
    assert ready["check"]["with_photos"] == 1
    assert intake.get("/api/v1/cases").json()["total"] == 0
    started = intake.post(f"/api/v1/lists/{handed['list_id']}/start", json={"version": ready["version"]}).json()
    waiting = intake.get("/api/v1/lists").json()
    assert [each["run_id"] for each in waiting["lists"]] == [started["run_id"]]
    house.services.worker.work_off()
    run = intake.get(f"/api/v1/list-runs/{started['run_id']}").json()
    assert {name: run["counts"][name] for name in ("new", "changed", "unchanged", "refused", "photos")} == {
        "new": 2,
        "changed": 0,
        "unchanged": 0,
        "refused": 0,
        "photos": 1,
    }
    assert run["finished_at"] is not None
    after = intake.get("/api/v1/lists").json()
    assert after["lists"] == []
    assert [(each["source"], each["overdue"]) for each in after["sources"]] == [("Police", False)]
    listed = intake.get("/api/v1/list-runs").json()
    assert (listed["total"], listed["runs"][0]["run_id"]) == (1, run["run_id"])


def test_columns_are_said_by_their_headings_and_null_leaves_one_out(intake: TestClient, house: House) -> None:
    handed = hand_in(intake, "Nr,Nummer,Name\nA7,17,Wang\n")
    ready = checked(intake, house, handed, Nummer="source_id", Nr=None)
    assert [each["column"] for each in ready["headings"]] == [None, "source_id", "names"]
    assert ready["check"]["counts"]["new"] == 1
    for columns, status in (
        ({"Nummer": None, "Nr": None}, 422),
        ({"Nr": "shoe_size"}, 422),
        ({"Nummer": "source_id", "Nr": None}, 409),
    ):
        version = 0 if status == 409 else ready["version"]
        answer = intake.put(f"/api/v1/lists/{handed['list_id']}/columns", json={"columns": columns, "version": version})
        assert answer.status_code == status, columns


def test_rows_that_are_refused_are_told_by_their_numbers_before_and_after(intake: TestClient, house: House) -> None:
    handed = hand_in(intake, "编号,姓名\n1,甲\n,乙\n,丙\n")
    ready = checked(intake, house, handed)
    assert ready["check"]["counts"]["refused"] == 2
    told = intake.get(f"/api/v1/lists/{handed['list_id']}/refused?limit=1&offset=1").json()
    assert (told["total"], [each["row"] for each in told["rows"]]) == (2, [4])
    run = brought(intake, house, ready)
    told = intake.get(f"/api/v1/list-runs/{run['run_id']}/refused?limit=1").json()
    assert (told["total"], [each["row"] for each in told["rows"]]) == (2, [3])
    assert "乙" not in str(told)
    assert "number is missing" in told["rows"][0]["mistake"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"purpose": "both"}, "purpose"),
        ({"source": " "}, "source"),
        ({"kind": "?"}, "kind"),
        ({"purpose": "compare", "legal_basis": "none"}, "legal_basis"),
        ({"colour": "red"}, None),
    ],
)
def test_what_is_wrong_with_a_form_is_named(intake: TestClient, house: House, said: dict[str, str], field: str | None) -> None:
    assert hand_in(intake, status=422, **said).get("field") == field
    assert intake.get("/api/v1/lists").json()["lists"] == []
    assert [each for each in (house.services.settings.data_dir / "lists").rglob("*") if each.is_file()] == []


def test_a_form_without_a_list_is_refused(intake: TestClient) -> None:
    assert intake.post("/api/v1/lists", data=SAID).json()["field"] == "file"
    assert intake.post("/api/v1/lists", json=SAID).status_code == 422
    wrong = {"Content-Type": "multipart/form-data; boundary=x"}
    assert intake.post("/api/v1/lists", content=b"nonsense", headers=wrong).status_code == 400


def test_a_list_can_be_thrown_away(intake: TestClient, house: House) -> None:
    handed = hand_in(intake)
    assert intake.delete(f"/api/v1/lists/{handed['list_id']}").status_code == 204
    for call in (intake.get, intake.delete):
        assert call(f"/api/v1/lists/{handed['list_id']}").status_code == 404


def test_a_list_of_another_station_is_not_there(intake: TestClient, calls: Any, house: House) -> None:
    handed = hand_in(intake)
    for station in ("main", "north"):
        house.services.stations.add(SYSTEM, station)
    house.services.accounts.add(SYSTEM, "ning", Role.INTAKE, station_id="north")
    north = calls("ning")
    assert north.get("/api/v1/lists").json()["lists"] == []
    assert north.get(f"/api/v1/lists/{handed['list_id']}").status_code == 404
    assert north.get("/api/v1/list-runs").json()["total"] == 0


def test_a_comparison_keeps_its_hits_alone(intake: TestClient, house: House) -> None:
    here = house.sheltered(7, age_min=40)
    photos = zipped({"7.png": painted_photo(7)})
    run = brought(intake, house, hand_in(intake, "编号,姓名,年龄\n7,王建国,40\n", photos, purpose="compare"))
    assert (run["counts"]["compared"], run["hits"], run["counts"]["new"]) == (1, 1, 0)
    (hit,) = intake.get(f"/api/v1/list-hits?run_id={run['run_id']}").json()["hits"]
    assert (hit["source_id"], hit["case"]["case_id"], hit["state"]) == ("7", here.case_id, "open")
    assert intake.get("/api/v1/cases").json()["total"] == 1
    again = brought(intake, house, hand_in(intake, "编号,姓名,年龄\n7,王建国,40\n", photos, purpose="compare"))
    assert again["run_id"] != run["run_id"]
    assert intake.get("/api/v1/list-hits").json()["total"] == 1, "the same record brings no second hit"


@pytest.fixture
def case(house: House) -> Case:
    return house.sheltered(1, age_min=60, age_max=60)


@pytest.fixture
def hit(house: House, case: Case) -> ListHit:
    return put(house, a_hit(case, found_at=house.clock()), portrait=b"jpeg")


def test_a_hit_is_decided_once_with_a_reason_and_its_photo_goes(
    reviewer: TestClient, auditor: TestClient, hit: ListHit
) -> None:
    path = f"/api/v1/list-hits/{hit.hit_id}"
    blind, watched = reviewer.get(path).json(), auditor.get(path).json()
    assert (blind["band"], blind["reasons"]) == (None, [])
    assert (watched["band"], watched["reasons"]) == (hit.band, list(hit.reasons))
    assert reviewer.get(f"{path}/image").content == b"jpeg"
    body = {"state": "no_match", "reason": "another ear", "version": 1}
    assert reviewer.post(f"{path}/decision", json=body | {"reason": " "}).status_code == 422
    answer = reviewer.post(f"{path}/decision", json=body)
    assert (answer.status_code, answer.json()["state"], answer.json()["reason"]) == (200, "no_match", "another ear")
    assert reviewer.post(f"{path}/decision", json=body).status_code == 409
    assert reviewer.get(f"{path}/image").status_code == 404
    assert reviewer.get("/api/v1/list-hits").json()["total"] == 0
    assert reviewer.get("/api/v1/list-hits?state=no_match").json()["total"] == 1
    assert auditor.post(f"{path}/decision", json=body).status_code == 403
