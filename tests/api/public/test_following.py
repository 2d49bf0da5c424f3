"""With number and secret a family follows its report: coarse words, one more photo, and the way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.public.app import create_app
from tests.api.public.conftest import HERE
from tests.api.public.families import WHO, follow, reported, the_report
from tests.api.staff.conftest import text_of
from tests.fakes import painted_photo
from tests.house import House, a_house
from tests.stories import rows_naming
from tracing.bootstrap import public_of
from tracing.domain import Analysis, Case, Channel, Declined, Outcome, ReportState


def accepted(house: House, reference: str) -> Case:
    report = the_report(house, reference)
    return house.services.family_reports.accept(house.intake, report.report_id, report.version)


def stage(reader: TestClient, reference: str, secret: str) -> str:
    found = re.search(r"<h1>(.+?)</h1>", follow(reader, reference, secret))
    assert found
    return found[1]


def test_a_family_reads_how_far_it_has_come_in_coarse_words(house: House, reader: TestClient) -> None:
    known = reported(reader, person=5)
    assert "received your report" in stage(reader, *known)
    case = accepted(house, known[0])
    assert stage(reader, *known) == "A station has accepted your report."
    house.services.worker.work_off()
    assert "being searched for" in stage(reader, *known)
    other = house.sheltered(5, names=("无名氏",))
    house.services.worker.work_off()
    house.confirm(house.pair(case, other))
    page = follow(reader, *known)
    assert "being searched for" in page, "a match is told by people"
    for secret in (other.reference, case.reference, case.case_id, other.case_id, "无名氏", "王建国", "李秀英"):
        assert secret not in page
    house.services.casework.suspend(house.intake, house.missing(9).case_id, "another one")
    assert not re.search(r"\b[2-9]\b|candidate|score", text_of(page).replace(known[0], "").partition("Sent on")[0])


def test_it_is_told_that_a_case_is_closed_and_never_why(house: House, reader: TestClient) -> None:
    known = reported(reader)
    case = accepted(house, known[0])
    house.services.casework.close(house.intake, case.case_id, Outcome.FOUND_ELSEWHERE, "在上海找到", Channel.POLICE)
    page = follow(reader, *known)
    assert "ended its work" in page
    assert "上海" not in page
    assert 'type="file"' not in page


def test_l21_while_relatives_may_be_the_danger_no_word_tells_that_somebody_was_found(house: House, reader: TestClient) -> None:
    known, others = reported(reader, person=5), reported(reader, person=6)
    case, unmarked = accepted(house, known[0]), accepted(house, others[0])
    house.services.worker.work_off()
    assert stage(reader, *known) == stage(reader, *others)
    house.services.safeguarding.mark(house.intake, case.case_id, "怕父亲")
    for each in (case, unmarked):
        house.services.casework.close(house.intake, each.case_id, Outcome.FOUND_ELSEWHERE, "found", Channel.POLICE)
    assert "ended its work" in stage(reader, *others)
    assert "being searched for" in stage(reader, *known)


def test_a_report_that_was_declined_says_what_to_do(house: House, reader: TestClient) -> None:
    known = reported(reader)
    report = the_report(house, known[0])
    house.services.family_reports.decline(house.manager, report.report_id, report.version, Declined.NOT_FOR_US)
    assert "police" in follow(reader, *known)


def test_a_photo_that_comes_later_goes_to_the_station_and_to_the_case(house: House, reader: TestClient) -> None:
    known = reported(reader, photos=0)
    data = {"reference": known[0], "secret": known[1], "taken_on": "2021"}

    def add(shot: int, status: int = 200) -> str:
        photo = {"photo": ("a.png", painted_photo(4, shot=shot), "image/png")}
        answer = reader.post("/follow/photo", data=data, files=photo)
        assert answer.status_code == status
        return str(answer.text)

    assert "1 photo" in add(1)
    case = accepted(house, known[0])
    add(2)
    house.services.families.tend()
    house.services.worker.work_off()
    with house.services.store.reading() as records:
        photos = records.photos.of_case(case.case_id)
    assert [(str(each.taken_on), each.analysis) for each in photos] == [("2021", Analysis.ENROLLED)] * 2
    broken = reader.post("/follow/photo", data=data, files={"photo": ("a.png", b"nothing", "image/png")})
    assert broken.status_code == 422
    assert 'value="2021"' in broken.text
    reader.post("/follow/withdraw", data=data | {"sure": "1"})
    assert "is over" in add(3, status=422)
    assert house.faults() == []


def test_l9_withdrawing_erases_what_no_station_has_accepted(house: House, reader: TestClient) -> None:
    known = reported(reader)
    page = reader.post("/follow/withdraw", data={"reference": known[0], "secret": known[1]})
    assert page.status_code == 422, "a box has to be ticked"
    answer = reader.post("/follow/withdraw", data={"reference": known[0], "secret": known[1], "sure": "1"})
    assert "has been erased" in answer.text
    assert rows_naming(house, known[0]) == {}
    follow(reader, *known, status=422)
    twice, unknown = (
        reader.post("/follow/withdraw", data={"reference": reference, "secret": known[1], "sure": "1"})
        for reference in (known[0], "FR-ABCD2345")
    )
    assert (twice.status_code, unknown.status_code) == (422, 422)
    assert "it is erased" in twice.text, "a second tap on a slow line leaves nobody in doubt"
    assert twice.text == unknown.text.replace("FR-ABCD2345", known[0]), "and tells nobody what there was"
    for chore in house.services.worker._chores:
        chore()
    assert list(house.services.photos.keys()) == []
    assert house.faults() == []


def test_l9_withdrawing_ends_the_search_of_an_accepted_one_and_leaves_the_rest_to_people(
    house: House, reader: TestClient
) -> None:
    known = reported(reader, person=5)
    case = accepted(house, known[0])
    house.services.worker.work_off()
    withdrawn = reader.post("/follow/withdraw", data={"reference": known[0], "secret": known[1], "sure": "1"})
    assert "closes the case" in withdrawn.text
    house.services.families.tend()
    assert house.services.withdrawing.of_case(house.intake, case.case_id) is not None
    with house.services.store.reading() as records:
        assert {each.analysis for each in records.photos.of_case(case.case_id)} == {Analysis.WITHDRAWN}
    assert house.case(case).state == "open", "people close it"
    ((view,), _) = house.services.family_reports.find(house.intake, [ReportState.WITHDRAWN], 9)
    assert view.case is not None
    assert "withdrawn" in stage(reader, *known)
    house.services.withdrawing.give_back(house.manager, case.case_id, "it was not the family who withdrew")
    house.services.families.tend()
    assert house.services.withdrawing.of_case(house.intake, case.case_id) is None, "it is carried out once"


def test_l18_a_wrong_number_and_a_wrong_secret_are_answered_alike(house: House, readers: Callable[..., TestClient]) -> None:
    known = reported(readers())
    pages = set()
    for number, (reference, secret) in enumerate(
        [
            (known[0], "0000-0000-0000-0000"),
            ("FR-00000000", known[1]),
            ("FR-00000000", "0000-0000-0000-0000"),
            (known[0], ""),
            ("", ""),
            ("FR-%00", "\x00" * 50),
            ("FR-" + "9" * 500, "9" * 500),
        ]
    ):
        page = follow(readers(address=f"198.51.100.{number}"), reference, secret, status=422)
        pages.add(re.sub(r'value="[^"]*"', "", page))
    assert len(pages) == 1
    assert WHO["names"] not in pages.pop()


def test_l18_the_work_is_the_same_whether_there_is_such_a_report_or_not(
    house: House, reader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One look-up, which opens nothing, and one digest."""
    from tracing.families.secrets import Secrets
    from tracing.store.records.families import SqlReports

    done: list[str] = []
    opens, look, built = Secrets.opens, SqlReports.secret_of, SqlReports._built
    monkeypatch.setattr(Secrets, "opens", lambda *args: (done.append("digest"), opens(*args))[1])
    monkeypatch.setattr(SqlReports, "secret_of", lambda *args: (done.append("look"), look(*args))[1])
    monkeypatch.setattr(SqlReports, "_built", lambda *args: (done.append("opened"), built(*args))[1])
    known = reported(reader)
    for reference in (known[0], "FR-00000000"):
        done.clear()
        follow(reader, reference, "0000-0000-0000-0000", status=422)
        assert done == ["look", "digest"]


def test_l18_guesses_are_slowed_down_by_number_and_by_address(house: House, readers: Callable[..., TestClient]) -> None:
    known = reported(readers())
    statuses = []
    for number in range(12):
        guesser = readers(address=f"198.51.100.{number}")
        answer = guesser.post("/follow", data={"reference": known[0], "secret": f"{number:016}"})
        statuses.append(answer.status_code)
    assert statuses[:5] == [422] * 5
    assert 429 in statuses, "of one number, from wherever"
    statuses = [
        readers(address="198.51.100.99").post("/follow", data={"reference": f"FR-{number:08}", "secret": "x"}).status_code
        for number in range(60)
    ]
    assert statuses[:20] == [422] * 20
    assert statuses[-1] == 429, "of one address, whatever number"
    house.clock.advance(hours=1)
    assert "received" in follow(readers(), *known)


def test_a_secret_is_understood_as_people_copy_it(reader: TestClient) -> None:
    reference, secret = reported(reader)
    for typed in (secret.lower(), secret.replace("-", " "), secret.replace("-", ""), f" {secret} "):
        follow(reader, reference, typed)
    follow(reader, reference.lower().replace("-", " "), secret)
    follow(reader, f"\u2068{reference}\u2069", secret.replace("-", "-\u200b"))
    follow(reader, reference.removeprefix("FR-"), secret)
    wide = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
    follow(reader, reference.translate(wide), secret.translate(wide))


def test_what_a_family_does_stands_in_the_audit_without_a_word_of_it(house: House, reader: TestClient) -> None:
    known = reported(reader)
    case = accepted(house, known[0])
    reader.post("/follow/withdraw", data={"reference": known[0], "secret": known[1], "sure": "1"})
    house.services.families.tend()
    with house.services.store.reading() as records:
        events = records.audit.events(0, 10_000)
    of_families = [
        each for each in events if each.action in ("send_report", "accept_report", "withdraw_report", "heed_withdrawal")
    ]
    assert [(each.action, each.actor) for each in of_families] == [
        ("send_report", "everybody"),
        ("accept_report", house.intake.account_id),
        ("withdraw_report", "everybody"),
        ("heed_withdrawal", "system"),
    ]
    assert of_families[-1].subject == case.case_id
    told = repr(events)
    for word in ("王建国", "李秀英", known[0], known[1]):
        assert word not in told


def test_the_day_on_which_it_was_sent_is_that_of_the_family(tmp_path: Path) -> None:
    with a_house(tmp_path / "var", timezone="Asia/Shanghai") as house:
        house.clock.now = datetime(2026, 3, 1, 18, tzinfo=UTC)
        services = public_of(house.services.settings, house.clock)
        with TestClient(create_app(services), base_url=HERE, headers={"Accept-Language": "zh"}) as reader:
            assert "2026年3月2日" in follow(reader, *reported(reader, photos=0))
        services.close()
