"""No picture that is shown tells where it was taken (L20): the original is kept as it came, all else is drawn anew."""

from __future__ import annotations

import hashlib
import io
from typing import Final

import pytest
from fastapi import FastAPI
from PIL import Image, PngImagePlugin
from starlette.testclient import TestClient

from api.pictures import Variant
from tests.api.public.conftest import public_app, reader, readers
from tests.api.staff.conftest import PASSWORD, Browser
from tests.factories import a_hit
from tests.fakes import painted_photo
from tests.families.sent import a_report, hand_in, photo_of
from tests.house import House
from tests.importing.handed import put
from tests.noticing import a_notice, told_of
from tracing.access import SYSTEM

__all__ = ["public_app", "reader", "readers"]
"""Their fixtures of the pages for everybody."""
PLACE: Final = b"theplacewherethefamilylives"
GPS: Final = 0x8825


def located(person: int = 1) -> bytes:
    """A painted photo with the place wherever a PNG may hold one: EXIF with GPS, two kinds of text, XMP, and behind its end."""
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    exif.get_ifd(GPS).update({1: "N", 2: (30.0, 34.0, 12.0), 3: "E", 4: (104.0, 4.0, 1.0), 0x1B: PLACE})
    words = PngImagePlugin.PngInfo()
    words.add_text("Location", PLACE.decode())
    words.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{PLACE.decode()}</x:xmpmeta>")
    file = io.BytesIO()
    with Image.open(io.BytesIO(painted_photo(person))) as image:
        image.save(file, "PNG", exif=exif, pnginfo=words)
    data = file.getvalue() + PLACE
    assert data.count(PLACE) >= 5
    return data


def bare(data: bytes) -> bool:
    """Neither the place nor anything that could hold one."""
    if PLACE in data:
        return False
    if data.startswith(b"%PDF"):
        return True
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return not dict(image.getexif()) and not {"exif", "xmp", "comment", "Location"} & image.info.keys()


def test_l20_no_picture_of_a_case_tells_where_it_was_taken_and_the_original_is_kept_with_its_hash(
    app: FastAPI, house: House, intake: TestClient, reader: TestClient
) -> None:
    data, case = located(), told_of(house, 7)
    photo = intake.post(f"/api/v1/cases/{case.case_id}/photos", files={"photo": ("it.png", data, "image/png")}).json()
    with house.services.store.reading() as records:
        kept = records.photos.get(photo["photo_id"])
    assert kept.sha256 == hashlib.sha256(data).hexdigest()
    assert house.services.photos.get(kept.photo_key) == data
    notice = a_notice(house, case, photo_id=kept.photo_id)
    house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    lin = Browser(app).sign_in("lin").client
    shown = [intake.get(f"/api/v1/photos/{kept.photo_id}/image?variant={variant}") for variant in Variant]
    shown += [lin.get(f"/photos/{kept.photo_id}/image?variant={variant}") for variant in Variant]
    shown += [intake.get(f"/api/v1/notices/{notice.notice_id}/{what}") for what in ("image", "poster", "share")]
    shown += [reader.get(f"/n/{notice.token}/{what}") for what in ("photo.jpg", "poster.pdf", "share.png")]
    assert [answer.status_code for answer in shown] == [200] * (2 * len(Variant) + 6)
    assert all(bare(answer.content) for answer in shown)
    lin.close()


def test_l20_no_picture_that_strangers_sent_tells_where_it_was_taken(app: FastAPI, house: House) -> None:
    """Of a report, before a person of the station has accepted it; and the face of a list's record."""
    report = a_report(house, photos=0)
    hand_in(house, located(), report_id=report.report_id)
    house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    lin = Browser(app).sign_in("lin").client
    hit = put(house, a_hit(house.sheltered(1)), portrait=house.services.reader.thumbnail(located(), 480))
    for address in (f"/reports/{report.report_id}/photos/{photo_of(house, report)}", f"/lists/hits/{hit.hit_id}/image"):
        answer = lin.get(address)
        assert answer.status_code == 200, address
        assert bare(answer.content), address
    lin.close()


@pytest.mark.parametrize("data", [located(), painted_photo(1) + PLACE])
def test_a_picture_that_tells_it_is_found(data: bytes) -> None:
    assert not bare(data)
