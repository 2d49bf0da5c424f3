"""Lists of other departments on the page: handed in, their columns said, checked, run, and the refused rows mended."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.api.staff.conftest import Browser, text_of
from tests.fakes import painted_photo
from tests.house import House
from tests.importing.handed import LIST, zipped
from tracing.access import SYSTEM
from tracing.domain import Role
from tracing.importing import working
from tracing.importing.handing_in import MOST_WAITING, UNUSED_FOR
from tracing.importing.importing import Importing
from tracing.importing.surveys import Surveys
from tracing.records import CaseFilter

SAID = {"purpose": "import", "source": "Police", "kind": "missing", "legal_basis": "statutory_duty"}


def send(browser: Browser, table: str | bytes = LIST, photos: bytes | None = None, status: int = 200, **said: str) -> str:
    """Hand a list in by the form; the page that follows, its columns."""
    browser.see("/lists/new")
    data = table.encode() if isinstance(table, str) else table
    files = {"file": ("list.csv", data, "text/csv")} if data else {}
    if photos is not None:
        files["photos"] = ("photos.zip", photos, "application/zip")
    return browser.send("/lists/new", status, files, **SAID | said)


def as_recognised(browser: Browser, source: str, status: int = 200, **changed: str) -> str:
    """Say the columns as the page proposes them, but for those that are changed."""
    chosen: dict[str, str] = {}
    for name, options in re.findall(r'<select[^>]* name="(column-\d+)"[^>]*>(.*?)</select>', source, re.DOTALL):
        selected = re.search(r'<option value="([^"]*)" selected', options)
        assert selected is not None
        chosen[name] = selected[1]
    version = re.search(r'name="version" value="(\d+)"', source)
    assert version is not None
    return browser.send(f"{browser.url}/columns", status, version=version[1], **chosen | changed)


def checked(browser: Browser, house: House, source: str) -> str:
    """To the page that says what would become of it."""
    as_recognised(browser, source)
    house.services.worker.work_off()
    return browser.see(browser.url)


def started(browser: Browser, source: str) -> str:
    version = re.search(r'name="version" value="(\d+)"', source)
    assert version is not None
    return browser.send(f"{browser.url.split('?')[0]}/start", version=version[1])


def brought(browser: Browser, house: House, table: str | bytes = LIST, photos: bytes | None = None, **said: str) -> str:
    """To the page of its result."""
    started(browser, checked(browser, house, send(browser, table, photos, **said)))
    house.services.worker.work_off()
    return browser.see(browser.url)


def counted(source: str) -> dict[str, int]:
    """What the page counts."""
    found = re.findall(r"<dt>([^<]+)</dt><dd><strong>(\d+)</strong>", source)
    return {name: int(number) for name, number in found}


def cases(house: House) -> int:
    return house.services.casework.find(house.intake, CaseFilter(), 1).total


def test_a_list_goes_from_the_form_to_its_result_and_nothing_is_done_before_somebody_says_so(
    lin: Browser, house: House
) -> None:
    text = text_of(columns := send(lin, photos=zipped({"1.png": painted_photo(1)})))
    assert "编号" in text
    assert "王建国" in text, "a sample below its heading"
    preview = checked(lin, house, columns)
    assert counted(preview)["New"] == 2
    assert cases(house) == 0
    going = started(lin, preview)
    assert "It waits for its turn." in text_of(going)
    assert cases(house) == 0
    house.services.worker.work_off()
    counts = counted(done := lin.see(lin.url))
    assert (counts["Records"], counts["New"], counts["New photos"], counts["Refused"]) == (2, 2, 1, 0)
    assert "data-poll" not in done
    assert cases(house) == 2
    assert "records: 2, new: 2" in text_of(lin.see("/lists"))


def test_a_column_that_was_not_recognised_is_said_and_one_that_was_can_be_left_out(lin: Browser, house: House) -> None:
    page = send(lin, "Nr,Nummer,Name\nA7,17,Wang\n")
    assert "column-1" in page
    as_recognised(lin, page, **{"column-1": "source_id", "column-0": "-"})
    house.services.worker.work_off()
    assert counted(lin.see(lin.url))["New"] == 1
    page = send(lin, "Nr,Nummer,Name\nA7,17,Wang\n")
    again = as_recognised(lin, page, 422, **{"column-0": "-"})
    assert "number" in text_of(again)
    assert 'role="alert"' in again


def test_the_preview_says_of_each_wrong_row_what_is_wrong_and_what_to_do_sheet_by_sheet(lin: Browser, house: House) -> None:
    rows = "".join(f"{number if number > 30 else ''},甲{number},1066\n" for number in range(1, 41))
    preview = checked(lin, house, send(lin, f"编号,姓名,身高\n{rows}"))
    counts = counted(preview)
    assert (counts["New"], counts["Refused"]) == (10, 30)
    first = re.findall(r'<th scope="row">(\d+)</th>', preview)
    second = re.findall(r'<th scope="row">(\d+)</th>', lin.see(f"{lin.url}?sheet=2"))
    assert [int(number) for number in first + second] == list(range(2, 32))
    assert "The sender's number is missing" in text_of(preview)
    assert re.search(r"身高 .*\b10 ", text_of(preview)), "a height that cannot be understood is told, and kept as it came"


def test_the_rows_that_were_refused_come_back_as_a_table_to_mend_and_hand_in_again(lin: Browser, house: House) -> None:
    table = '编号,姓名,性别,备注\n1,王建国,男,\n,李梅,女,"=HYPERLINK(""http://evil"")"\n'
    done = brought(lin, house, table)
    assert counted(done)["Refused"] == 1
    answer = lin.client.get(f"{lin.url}/refused.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    head, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[1:] == ["编号", "姓名", "性别", "备注"]
    assert row[0].startswith("The sender's number is missing")
    assert row[1:4] == ["", "李梅", "女"]
    assert row[4] == '\'=HYPERLINK("http://evil")', "a spreadsheet would run it"
    assert counted(brought(lin, house, answer.text.replace(",,李梅", ",2,李梅")))["New"] == 1
    assert cases(house) == 2
    (case,) = house.services.casework.find(house.intake, CaseFilter(text="李梅"), 9).cases
    assert (case.description.circumstances or "").endswith('=HYPERLINK("http://evil")')


def test_the_same_list_again_changes_nothing_and_a_correction_is_one(lin: Browser, house: House) -> None:
    brought(lin, house)
    counts = counted(checked(lin, house, send(lin)))
    assert (counts["New"], counts["Unchanged"]) == (0, 2)
    counts = counted(brought(lin, house, LIST.replace("李梅", "李梅香")))
    assert (counts["New"], counts["Changed"], counts["Unchanged"]) == (0, 1, 1)


def test_pairs_of_an_imports_records_are_linked(lin: Browser, house: House) -> None:
    here = house.sheltered(7, age_min=40)
    table = "编号,姓名,年龄\n7,王建国,40\n"
    done = brought(lin, house, table, zipped({"7.png": painted_photo(7)}))
    assert counted(done)["Possible pairs so far"] == 1
    with house.services.store.reading() as records:
        (pair,) = records.pairs.of_case(here.case_id)
    assert f'href="/pairs/{pair.pair_id}"' in done
    lin.see(f"/pairs/{pair.pair_id}")


def test_a_comparison_keeps_nothing_but_the_hits_and_leads_to_them(lin: Browser, house: House) -> None:
    house.sheltered(7, age_min=40)
    done = brought(lin, house, "编号,姓名,年龄\n7,王建国,40\n", zipped({"7.png": painted_photo(7)}), purpose="compare")
    counts = counted(done)
    assert (counts["Compared by face"], counts["New hits"], cases(house)) == (1, 1, 1)
    (link,) = re.findall(r'href="(/lists/hits\?run=[^"]+)"', done)
    assert "record 7 of Police" in text_of(lin.see(link))
    standing = text_of(lin.see("/lists"))
    assert "Police last list through" in standing


@pytest.mark.long
def test_while_it_runs_the_page_tells_how_far_it_is_and_how_long_it_takes(
    lin: Browser, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = "编号,姓名,性别\n" + "".join(f"{number},甲{number},男\n" for number in range(1, 301))
    started(lin, checked(lin, house, send(lin, table)))
    monkeypatch.setattr(working, "SLICE_S", 0.0)
    counting = Importing._count

    def slowly(*args: Any, **more: Any) -> Any:
        house.clock.advance(seconds=10)
        return counting(*args, **more)

    monkeypatch.setattr(Importing, "_count", slowly)
    house.services.worker.round()
    going = lin.see(lin.url)
    text = text_of(going)
    assert re.search(r"\d+ of 300 records · [\d.]+ a second · .+ to go", text), text
    assert "data-poll" in going
    assert 0 < cases(house) < 300
    lin.see(f"/lists/{_waiting(house)}")
    assert "/lists/runs/" in lin.url, "its page is that of its run"
    house.services.worker.work_off()
    assert counted(lin.see(lin.url))["New"] == 300


def left(house: House) -> list[Path]:
    """Files of lists on the disk."""
    return [each for each in (house.services.settings.data_dir / "lists").rglob("*") if each.is_file()]


def _waiting(house: House) -> str:
    (handed,) = house.services.handed_lists.waiting(house.intake)
    return handed.list_id


def test_a_list_can_be_stopped_and_thrown_away_and_what_it_did_stays(lin: Browser, house: House) -> None:
    send(lin)
    list_id = _waiting(house)
    assert "The list is thrown away." in text_of(lin.send(f"/lists/{list_id}/drop"))
    lin.see(f"/lists/{list_id}", 404)
    assert left(house) == []


def test_what_nobody_goes_on_with_is_gone_after_a_day(lin: Browser, house: House) -> None:
    send(lin)
    house.clock.advance(seconds=(UNUSED_FOR + timedelta(hours=1)).total_seconds())
    house.services.handed_lists.tend()
    lin.sign_in("lin")
    assert "Handed in" not in text_of(lin.see("/lists"))
    assert left(house) == []
    assert house.services.handed_lists.waiting(house.intake) == []


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"purpose": ""}, "purpose", "Choose one"),
        ({"source": " "}, "source", "department"),
        ({"kind": "unknown"}, "kind", "Choose one"),
    ],
)
def test_what_is_missing_stands_at_its_field_and_what_was_typed_stays(
    lin: Browser, house: House, said: dict[str, str], field: str, words: str
) -> None:
    page = send(lin, status=422, **{"source": "Police of Hefei"} | said)
    assert "choose the files again" in text_of(page)
    assert re.search(rf'id="{field}-error"|href="#{field}"', page), page
    assert "source" in said or 'value="Police of Hefei"' in page
    assert house.services.handed_lists.waiting(house.intake) == []


@pytest.mark.parametrize(
    ("table", "photos"),
    [(b"", None), (b"PK\x03\x04 broken", None), (b"\xff\xfe\x00", None), (LIST.encode(), b"no archive")],
)
def test_what_is_no_list_is_refused_and_nothing_of_it_stays(
    lin: Browser, house: House, table: bytes, photos: bytes | None
) -> None:
    page = send(lin, table, photos, 422)
    assert 'role="alert"' in page
    assert house.services.handed_lists.waiting(house.intake) == []
    assert left(house) == []


def test_a_file_that_is_too_large_is_refused_and_nothing_of_it_stays(
    lin: Browser, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    object.__setattr__(house.services.settings, "max_list_mib", 1)
    page = send(lin, b"a,b\n" * (300 << 10), None, 422)
    assert "larger than 1 MiB" in text_of(page)
    assert left(house) == []


def test_of_one_persons_lists_only_a_few_wait(lin: Browser, house: House) -> None:
    for _ in range(MOST_WAITING):
        send(lin)
    assert "start one, or throw one away" in text_of(send(lin, status=429))


def test_two_who_say_the_columns_do_not_overwrite_each_other(lin: Browser, sun: Browser, house: House) -> None:
    page = send(lin)
    url = lin.url
    sun.see(url)
    as_recognised(sun, page)
    lin.see(url)
    assert "somebody" in text_of(as_recognised(lin, page, 409)).lower()


def test_lists_are_for_those_who_bring_them_in(chen: Browser, browsers: Callable[..., Browser]) -> None:
    for browser in (chen, browsers("qian")):
        for path in ("/lists", "/lists/new"):
            browser.see(path, 403)
        browser.send("/lists/new", 403, {"file": ("list.csv", LIST.encode(), "text/csv")}, **SAID)


def test_a_list_is_its_stations(lin: Browser, browsers: Callable[..., Browser], house: House) -> None:
    send(lin)
    list_id = _waiting(house)
    for station in ("main", "north"):
        house.services.stations.add(SYSTEM, station)
    house.services.accounts.add(SYSTEM, "ning", Role.INTAKE, station_id="north")
    north = browsers("ning")
    assert "Handed in" not in text_of(north.see("/lists"))
    north.see(f"/lists/{list_id}", 404)
    north.send(f"/lists/{list_id}/drop", 404)
    assert _waiting(house) == list_id


def test_a_list_that_cannot_be_done_says_why_and_the_columns_can_be_said_again(
    lin: Browser, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = send(lin)
    with monkeypatch.context() as patched:
        patched.setattr(Surveys, "steps", broken)
        as_recognised(lin, page)
        for _ in range(working.MOST_TRIES):
            house.services.worker.round()
    failed = lin.see(lin.url)
    assert "could not be brought to its end" in text_of(failed)
    assert counted(checked(lin, house, failed))["New"] == 2


def broken(*_: Any) -> None:
    raise RuntimeError("a mistake of ours")


def test_it_is_all_there_in_chinese(browsers: Callable[..., Browser], house: House) -> None:
    lin = browsers("lin", "zh-CN")
    table = "编号,姓名,性别,身高\n1,王建国,男,\n2,李梅,女,1066\n"
    preview = text_of(checked(lin, house, send(lin, table)))
    started(lin, lin.see(lin.url))
    house.services.worker.work_off()
    for text in (preview, text_of(lin.see(lin.url)), text_of(lin.see("/lists")), text_of(lin.see("/lists/new"))):
        english = set(re.findall(r"[A-Za-z]{3,}", text)) - {
            "CSV",
            "xlsx",
            "zip",
            "MiB",
            "Police",
            "list",
            "csv",
            "jpg",
            "lin",
            "English",
        }
        assert not english, text
