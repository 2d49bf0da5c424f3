"""The monthly report as a page, as CSV, as PDF, by the JSON API and by the command: the same numbers everywhere."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fpdf import FPDF
from starlette.testclient import TestClient
from typer.testing import CliRunner

from scripts.main import app as commands
from tests.api.conftest import HERE
from tests.api.staff.conftest import PASSWORD, Browser, text_of
from tests.house import House
from tests.neighbours import NORTH, Neighbours
from tracing.access import SYSTEM
from tracing.domain import CaseKind, Role
from tracing.reporting.months import Month

Browsers = Callable[..., Browser]
CELL = re.compile(r"<(?:td|th scope=\"row\")>(.*?)</(?:td|th)>")


@pytest.fixture
def month(house: House) -> Month:
    """One in which twelve people came, and seven more without a photo."""
    for person in range(1, 13):
        house.sheltered(person)
    for _ in range(7):
        house.open(CaseKind.SHELTERED)
    ended = Month.of(house.clock().date())
    house.clock.advance(days=35)
    return ended


def test_the_page_shows_pictures_with_words_and_the_tables_under_them(month: Month, sun: Browser) -> None:
    page = sun.see(f"/figures/report?month={month}")
    assert "Monthly report, March 2026" in page
    for picture in re.findall(r"<svg class=\"bars report-bars\".*?</svg>", page, re.DOTALL):
        assert 'role="img"' in picture
        assert "<title" in picture
        assert "<desc" in picture
    assert page.count("report-bars") >= 4
    assert page.count("<table") > page.count("report-bars")
    assert "bar-hidden" in page, "a number that is not shown has a hatched piece, and not colour alone"
    assert " style=" not in page


def test_chinese_dates_and_numbers_are_written_as_chinese_are(month: Month, browsers: Browsers) -> None:
    text = text_of(browsers("sun", language="zh-CN").see(f"/figures/report?month={month}"))
    assert "2026年3月月度报告" in text
    assert "2026年3月1日至2026年3月31日" in text


def test_page_sheet_and_api_tell_the_same_numbers(month: Month, sun: Browser, house: House, app: FastAPI) -> None:
    page = sun.see(f"/figures/report?month={month}")
    sheet = sun.client.get(f"/figures/report.csv?month={month}")
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert sheet.content.startswith(b"\xef\xbb\xbf"), "a spreadsheet program takes it for Chinese"
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    key = house.services.accounts.new_api_key(SYSTEM, "qian")
    with TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {key}"}) as program:
        told = program.get(f"/api/v1/statistics/report?month={month}").json()
    section = page.split('id="funnel-sheltered"')[1].split("</section>")[0]
    cells = CELL.findall(section)
    for place, line in enumerate(told["steps"]["sheltered"]):
        label, shown = cells[5 * place], cells[5 * place + 1]
        number = line["reached"]["number"]
        mark = {"few": "<5", "hidden": "–"}.get(line["reached"]["shown"], str(number))
        assert shown.replace("&lt;", "<") == mark
        assert any(row[:2] == [label, shown.replace("&lt;", "<")] for row in rows if row)
    assert told["steps"]["sheltered"][0]["reached"] == {"shown": "exact", "number": 19}
    assert told["month"] == str(month)


def test_the_paper_has_every_section_of_the_page(month: Month, sun: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    plain = FPDF.multi_cell

    def noted(self: FPDF, w: float, h: float | None = None, text: str = "", **more: object) -> object:
        written.append(text)
        return plain(self, w, h, text, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(FPDF, "multi_cell", noted)
    paper = sun.client.get(f"/figures/report.pdf?month={month}")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    said = "".join(written).replace("\n", "").replace(" ", "")
    page = sun.see(f"/figures/report?month={month}")
    for title in re.findall(r"<h2 id=\"[^\"]+\">(.*?)</h2>", page):
        assert text_of(title).replace(" ", "") in said, title


@pytest.mark.parametrize(("asked", "says"), [("2099-01", "not over yet"), ("nonsense", "such as 2026-10")])
def test_a_month_without_a_report_is_refused_on_the_page_itself(sun: Browser, asked: str, says: str) -> None:
    page = sun.see(f"/figures/report?month={asked}", 422)
    assert says in page
    assert "<select" in page, "so that another one can be chosen"


def test_a_page_without_data_says_so(sun: Browser) -> None:
    assert "No data yet" in sun.see("/figures/report")


def test_a_station_is_chosen_by_those_who_may(house: House, browsers: Browsers) -> None:
    near = Neighbours(house)
    for _ in range(12):
        house.open(CaseKind.SHELTERED)
        house.open(CaseKind.SHELTERED, near.intake)
    house.clock.advance(days=35)
    central = browsers("pool zhou").see(f"/figures/report?station={NORTH}")
    assert 'name="station"' in central
    assert f"Station {NORTH}" in central
    own = browsers("north sun").see("/figures/report")
    assert 'name="station"' not in own
    assert f"Station {NORTH}" in own
    assert browsers("north sun").client.get("/figures/report.csv?station=main").status_code == 403


def test_the_report_of_a_month_is_the_same_before_and_after_a_colleague_s_judgement(house: House, browsers: Browsers) -> None:
    """Who has still to judge a pair learns from it of no judgement (``tests/api/test_blindness.py`` asks every page)."""
    pairs = [house.pair(house.missing(person), house.sheltered(person)) for person in range(1, 9)]
    for pair in pairs[:6]:
        house.confirm(pair)
    house.hire("wen", Role.REVIEWER)
    house.judge(house.reviewer, pairs[6])
    month = Month.of(house.clock().date())
    house.clock.advance(days=35)
    house.services.accounts.set_password(SYSTEM, "wen", PASSWORD)
    paths = [f"/figures/report{ending}?month={month}" for ending in ("", ".csv", ".pdf")]
    wen = browsers("wen")
    before = [_shown(wen, path) for path in paths]
    house.judge(house.reviewer, pairs[7])
    assert [_shown(wen, path) for path in paths] == before


def _shown(browser: Browser, path: str) -> bytes:
    """Without the secret of the form that signs out."""
    return re.sub(rb'name="csrf" value="[^"]+"', b"", browser.client.get(path).content)


def test_the_command_prints_and_writes_what_the_page_shows(
    house: House, month: Month, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRACING_DATA_DIR", str(house.services.settings.data_dir))
    folder = tmp_path
    run = CliRunner().invoke(commands, ["report", "--month", str(month), "--language", "zh"])
    assert run.exit_code == 0, run.output
    assert "月度报告" in run.output
    files = ["--csv", str(folder / "r.csv"), "--pdf", str(folder / "r.pdf")]
    run = CliRunner().invoke(commands, ["report", "--month", str(month), *files])
    assert run.exit_code == 0, run.output
    assert (folder / "r.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (folder / "r.pdf").read_bytes().startswith(b"%PDF")
    assert CliRunner().invoke(commands, ["report", "--month", str(month), *files]).exit_code != 0, "nothing is overwritten"
    run = CliRunner().invoke(commands, ["report", "--month", str(month), "--json"])
    assert '"month": "2026-03"' in run.output
