"""The pages on which a person's rights are carried out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from api.app import create_app
from tests.api.staff.conftest import PASSWORD, Browser, text_of
from tests.house import House, a_house
from tracing.access import SYSTEM
from tracing.domain import Analysis, Backup, CaseKind, Role
from tracing.errors import NotFound


def test_the_face_is_withdrawn_with_a_reason_and_given_back(lin: Browser, house: House) -> None:
    case = house.sheltered(1)
    assert "Rights of the person" in lin.see(f"/cases/{case.case_id}")
    lin.see(f"/cases/{case.case_id}/rights")
    lin.send(f"/cases/{case.case_id}/rights/withdraw", status=422, reason="")
    page = lin.send(f"/cases/{case.case_id}/rights/withdraw", reason="he asked us to")
    assert "he asked us to" in page
    assert house.let_go() == ["withdraw_face"]
    assert "Face withdrawn" in text_of(lin.see(f"/cases/{case.case_id}"))
    lin.see(f"/cases/{case.case_id}/rights")
    lin.send(f"/cases/{case.case_id}/rights/give-back", reason="he agreed")
    assert house.let_go() == ["withdraw_face", "give_face_back"]
    house.services.worker.work_off()
    with house.services.store.reading() as records:
        assert [photo.analysis for photo in records.photos.of_case(case.case_id)] == [Analysis.ENROLLED]


def test_a_manager_lets_partners_be_told_with_a_reason_and_ends_it(sun: Browser, lin: Browser, house: House) -> None:
    case = house.open(CaseKind.MISSING, age_min=60)
    rights = f"/cases/{case.case_id}/rights"
    assert "Let partners be told" not in lin.see(rights)
    lin.send(f"{rights}/share", status=403, reason="because")
    assert "Let partners be told" in sun.see(rights)
    sun.send(f"{rights}/share", status=422, reason="")
    page = sun.send(f"{rights}/share", reason="the daughter signed for it")
    assert "the daughter signed for it" in page
    assert "Partners are told of this person until" in text_of(page)
    page = sun.send(f"{rights}/unshare", reason="she does not want it any more")
    assert "Let partners be told" in page
    assert house.let_go() == ["unshare_case"]
    child = house.open(CaseKind.MISSING, age_min=6)
    sun.see(f"/cases/{child.case_id}/rights")
    page = sun.send(f"/cases/{child.case_id}/rights/share", status=409, reason="the father agreed")
    assert "may be, under 14" in text_of(page)
    assert "the father agreed" in page, "nothing that was typed is lost"


def test_where_no_domain_is_set_the_page_offers_no_partners(tmp_path: Path) -> None:
    with a_house(tmp_path / "var", pfif_domain="") as house:
        house.services.accounts.set_password(SYSTEM, "sun", PASSWORD)
        case = house.open(CaseKind.MISSING, age_min=60)
        app = create_app(house.services)
        sun = Browser(app).sign_in("sun")
        assert "partner" not in sun.see(f"/cases/{case.case_id}/rights").lower()
        sun.client.close()
        app.state.analyses.close()


def test_who_takes_in_finds_no_erasure_on_the_page(lin: Browser, house: House) -> None:
    case = house.sheltered(1)
    assert "Ask for the erasure" not in lin.see(f"/cases/{case.case_id}/rights")
    lin.send(f"/cases/{case.case_id}/rights/erase", status=403, reason="because")
    lin.send(f"/cases/{case.case_id}/rights/export", status=403)


def test_one_manager_asks_and_another_erases(sun: Browser, browsers: Callable[..., Browser], house: House) -> None:
    case = house.missing(1)
    house.hire("zhou", Role.MANAGER)
    zhou = browsers("zhou")
    sun.see(f"/cases/{case.case_id}/rights")
    page = sun.send(f"/cases/{case.case_id}/rights/erase", reason="the family asked", suppress="1")
    assert "Another manager has to carry it out." in page
    sun.send(f"/cases/{case.case_id}/rights/erase", status=403, reason="again")
    assert "How long what is kept" in text_of(zhou.see("/"))
    assert "the family asked" in zhou.see("/retention")
    zhou.see(f"/cases/{case.case_id}/rights")
    with house.services.store.transaction() as records:
        records.backups.add(Backup("of-before", "/mnt/older", case.opened_at - timedelta(hours=1)))
        records.backups.add(Backup("of-today", "/mnt/nightly", house.clock()))
    erased = zhou.send(f"/cases/{case.case_id}/rights/erase", reason="checked")
    assert "The case is erased." in erased
    assert house.let_go() == ["erase_case"]
    assert "/mnt/nightly" in erased
    assert "/mnt/older" not in erased
    with pytest.raises(NotFound):
        house.case(case)
    assert len(house.services.suppressing.all(house.manager)) == 1


def test_a_held_photo_is_let_in_and_a_keep_out_lifted(sun: Browser, lin: Browser, house: House) -> None:
    house.services.retention.erase_case(house.manager, house.missing(1).case_id, suppress=True)
    back = house.open(CaseKind.SHELTERED)
    photo_id = house.photograph(back, 1).photo.photo_id
    assert "This may be somebody who asked not to be searched." in text_of(lin.see(f"/cases/{back.case_id}"))
    shown = sun.see("/retention")
    assert back.reference in shown
    assert f"/photos/{photo_id}/image?variant=screen" in shown
    assert shown.count("face-box") == 1, "which face it is about"
    sun.send(f"/retention/let-in/{photo_id}", status=422, reason="")
    page = sun.send(f"/retention/let-in/{photo_id}", reason="much younger")
    assert "No photo waits for a decision." in text_of(page)
    (view,) = house.services.suppressing.all(house.manager)
    sun.send(f"/retention/lift/{view.keepout.keepout_id}", reason="she came herself")
    assert house.services.suppressing.all(house.manager) == []


def test_the_file_comes_with_its_name_and_opens(sun: Browser, house: House) -> None:
    case = house.missing(1)
    sun.see(f"/cases/{case.case_id}/rights")
    answer = sun.client.post(f"/cases/{case.case_id}/rights/export", data={"csrf": sun.token})
    assert answer.headers["content-disposition"] == f'attachment; filename="{case.reference}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["person.json", "photos/01"]
