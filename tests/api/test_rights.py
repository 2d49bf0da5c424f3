"""What a person may ask for, asked by a program: their data, no search by their face, to be erased, not to be brought back."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta

from starlette.testclient import TestClient

from tests.api.conftest import problem
from tests.house import House
from tracing.domain import Analysis, Backup, CaseKind, Role

WHY = {"reason": "she asked us to"}
Calls = Callable[[str], TestClient]


def test_l15_one_persons_data_are_exported_whole_and_the_audit_says_by_whom(manager: TestClient, house: House) -> None:
    case = house.missing(1, names=("王建国",))
    answer = manager.post(f"/api/v1/cases/{case.case_id}/export")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == f'attachment; filename="{case.reference}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["person.json", "photos/01"]
        told = json.loads(archive.read("person.json"))
    assert told["sections"]["case"]["data"]["description"]["names"] == ["王建国"]
    with house.services.store.reading() as records:
        made = [each for each in records.audit.of_subject(case.case_id) if each.action == "export_case"]
    assert [each.actor for each in made] == [house.manager.account_id]


def test_l15_whoever_may_not_erase_does_not_export_and_nobody_while_relatives_may_be_the_danger(
    manager: TestClient, intake: TestClient, partner: TestClient, auditor: TestClient, house: House
) -> None:
    case = house.missing(1)
    for client in (intake, partner, auditor):
        assert client.post(f"/api/v1/cases/{case.case_id}/export").status_code == 403
    house.services.safeguarding.mark(house.intake, case.case_id, "the father beat her")
    assert problem(manager.post(f"/api/v1/cases/{case.case_id}/export")) == (409, "safeguarded")
    assert problem(manager.post(f"/api/v1/cases/{'0' * 32}/export")) == (404, "not-found")


def test_l15_a_correction_is_made_by_the_api(partner: TestClient, house: House) -> None:
    case = house.missing(1, names=("王建国",), height_cm=168)
    answer = partner.patch(f"/api/v1/cases/{case.case_id}", json={"height_cm": 171})
    assert (answer.status_code, answer.json()["height_cm"], answer.json()["names"]) == (200, 171, ["王建国"])


def test_a_face_is_withdrawn_and_given_back(partner: TestClient, house: House) -> None:
    case = house.sheltered(1)
    face = f"/api/v1/cases/{case.case_id}/face"
    assert partner.get(face).json() == {"withdrawal": None}
    assert problem(partner.post(f"{face}/give-back", json=WHY)) == (409, "wrong-state")
    assert problem(partner.post(f"{face}/withdraw", json={"reason": " "})) == (422, "invalid")
    withdrawn = partner.post(f"{face}/withdraw", json=WHY)
    assert (withdrawn.status_code, withdrawn.json()["reason"]) == (201, WHY["reason"])
    assert partner.get(face).json()["withdrawal"] == withdrawn.json()
    assert house.let_go() == ["withdraw_face"]
    with house.services.store.reading() as records:
        assert [photo.analysis for photo in records.photos.of_case(case.case_id)] == [Analysis.WITHDRAWN]
    assert partner.post(f"{face}/give-back", json=WHY).json() == {"photos": 1}
    assert house.let_go() == ["withdraw_face", "give_face_back"]
    house.services.worker.work_off()
    with house.services.store.reading() as records:
        assert [photo.analysis for photo in records.photos.of_case(case.case_id)] == [Analysis.ENROLLED]


def test_one_manager_asks_and_another_erases(manager: TestClient, calls: Calls, house: House) -> None:
    case = house.missing(1)
    house.hire("zhou", Role.MANAGER)
    place = f"/api/v1/cases/{case.case_id}/erase"
    asked = manager.post(place, json=WHY | {"suppress": True})
    assert (asked.status_code, asked.json()) == (200, {"erased": False, "backups": []})
    assert problem(manager.post(place, json=WHY)) == (403, "not-allowed")
    (waiting,) = calls("zhou").get("/api/v1/erasures").json()["erasures"]
    assert (waiting["case_id"], waiting["reason"], waiting["suppress"]) == (case.case_id, WHY["reason"], True)
    with house.services.store.transaction() as records:
        records.backups.add(Backup("of-before", "/mnt/older", case.opened_at - timedelta(hours=1)))
        records.backups.add(Backup("of-today", "/mnt/nightly", house.clock()))
    erased = calls("zhou").post(place, json={"reason": "checked"}).json()
    assert erased["erased"] is True
    assert [each["folder"] for each in erased["backups"]] == ["/mnt/nightly"]
    assert house.let_go() == ["erase_case"], "no backup brings her back, whatever happens from here on"
    assert problem(manager.get(f"/api/v1/cases/{case.case_id}")) == (404, "not-found")
    assert len(manager.get("/api/v1/keepouts").json()["keepouts"]) == 1


def test_an_erasure_that_is_not_wanted_any_more_is_taken_back(manager: TestClient, house: House) -> None:
    case = house.missing(1)
    place = f"/api/v1/cases/{case.case_id}/erase"
    assert problem(manager.post(f"{place}/take-back")) == (409, "wrong-state")
    manager.post(place, json=WHY)
    assert manager.post(f"{place}/take-back").status_code == 204
    assert manager.get("/api/v1/erasures").json() == {"erasures": []}
    assert manager.get(f"/api/v1/cases/{case.case_id}").status_code == 200


def test_a_held_photo_is_let_in_and_a_keep_out_lifted(manager: TestClient, house: House) -> None:
    house.services.retention.erase_case(house.manager, house.missing(1).case_id, suppress=True)
    back = house.open(CaseKind.SHELTERED)
    photo_id = house.photograph(back, 1).photo.photo_id
    (held,) = manager.get("/api/v1/held-photos").json()["photos"]
    assert (held["photo_id"], held["reference"]) == (photo_id, back.reference)
    let_in = f"/api/v1/photos/{photo_id}/let-in"
    assert problem(manager.post(let_in, json={"reason": ""})) == (422, "invalid")
    assert manager.post(let_in, json={"reason": "much younger"}).status_code == 204
    assert problem(manager.post(let_in, json={"reason": "again"}))[0] == 409
    assert manager.get("/api/v1/held-photos").json() == {"photos": []}
    (keepout,) = manager.get("/api/v1/keepouts").json()["keepouts"]
    assert keepout["encoders"], "it is recognised by a face"
    lift = f"/api/v1/keepouts/{keepout['keepout_id']}/lift"
    assert manager.post(lift, json={"reason": "she came herself"}).status_code == 204
    assert problem(manager.post(lift, json=WHY)) == (404, "not-found")
    assert manager.get("/api/v1/keepouts").json() == {"keepouts": []}
