"""A family with a phone: what it types, and the pages by which it sends it."""

from __future__ import annotations

import hashlib
import re
from itertools import count
from typing import Any, Final

from starlette.testclient import TestClient

from tests.fakes import painted_photo
from tests.house import House

WHO: Final = {
    "names": "王建国、国娃",
    "sex": "male",
    "age": "约67岁",
    "height": "168",
    "looks": "瘦，走路有点跛",
    "marks": "左眉有一道疤\n右手缺小指",
    "languages": "四川话",
}
SEEN: Final = {
    "seen_at": "2026年3月",
    "seen_place": "合肥站北广场",
    "circumstances": "去买菜以后没有回家",
    "clothing": "蓝色棉外套",
}
YOU: Final = {
    "relation": "女儿",
    "name": "李秀英",
    "phone": "138 0013 8000",
    "place": "合肥市蜀山区",
    "relatives": "哥哥 王建军 13900139000",
}
PRIVATE: Final = ("李秀英", "13800138000", "138 0013 8000", "蜀山区", "王建军", "13900139000")


def challenge_of(page: str) -> str:
    found = re.search(r'name="challenge" value="([^"]+)"', page)
    assert found, "the page asks for no work"
    return found[1]


def answer_to(challenge: str) -> str:
    """The work that a browser does."""
    bits = int(challenge.split(".")[1])
    for number in count():
        if int.from_bytes(hashlib.sha256(f"{challenge}:{number}".encode()).digest(), "big") >> (256 - bits) == 0:
            return str(number)
    raise AssertionError


def begin(reader: TestClient, face: bool = True) -> str:
    """The address of a draft."""
    challenge = challenge_of(reader.get("/report").text)
    said = {"agree": "1", "challenge": challenge, "answer": answer_to(challenge)} | ({"face": "1"} if face else {})
    answer = reader.post("/report", data=said, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).removesuffix("/who")


def write(reader: TestClient, draft: str, photos: int = 1, person: int = 1, **other: dict[str, str]) -> None:
    """Every page of the draft."""
    for step, typed in {"who": WHO, "seen": SEEN, "you": YOU}.items():
        answer = reader.post(f"{draft}/{step}", data=typed | other.get(step, {}), follow_redirects=False)
        assert answer.status_code == 303, answer.text
    for number in range(photos):
        add_photo(reader, draft, painted_photo(person, shot=number), "2019")


def add_photo(reader: TestClient, draft: str, data: bytes, taken_on: str = "", status: int = 200) -> Any:
    answer = reader.post(f"{draft}/photos", data={"taken_on": taken_on}, files={"photo": ("photo.png", data, "image/png")})
    assert answer.status_code == status, answer.text
    return answer


def send(reader: TestClient, draft: str) -> tuple[str, str]:
    """Number and secret."""
    answer = reader.post(f"{draft}/send")
    assert answer.status_code == 200, answer.text
    codes = re.findall(r"<dd><bdi>([0-9A-Z-]+)</bdi></dd>", answer.text)
    assert len(codes) == 2
    return codes[0], codes[1]


def reported(
    reader: TestClient, face: bool = True, photos: int = 1, person: int = 1, **other: dict[str, str]
) -> tuple[str, str]:
    draft = begin(reader, face)
    write(reader, draft, photos, person, **other)
    return send(reader, draft)


def follow(reader: TestClient, reference: str, secret: str, status: int = 200) -> str:
    answer = reader.post("/follow", data={"reference": reference, "secret": secret})
    assert answer.status_code == status, answer.text
    return str(answer.text)


def the_report(house: House, reference: str):  # type: ignore[no-untyped-def]
    with house.services.store.reading() as records:
        found = records.reports.by_reference(reference)
    assert found is not None
    return found


def saw(reader: TestClient, token: str, said: str = "在火车站看到一个很像的人", **more: Any) -> Any:
    """Somebody sends what they have seen, with the work done; ``files`` may be among ``more``."""
    files = more.pop("files", None)
    challenge = challenge_of(reader.get(f"/n/{token}/seen").text)
    data = {"said": said, "challenge": challenge, "answer": answer_to(challenge)} | more
    return reader.post(f"/n/{token}/seen", data=data, files=files)
