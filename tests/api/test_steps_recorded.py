"""What people do to somebody leaves a row in the audit (L11, L12): who, what for, of whom, by which model, how alike."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any, Final

import numpy as np
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.api.conftest import problem
from tests.api.staff.conftest import PASSWORD, Browser
from tests.api.test_routes import ACCOUNTS, filled
from tests.fakes import painted_photo
from tests.hostile.things import ROWS, Things
from tests.house import House
from tests.noticing import a_notice, told_of
from tests.stories import pairs_of
from tracing.access import SYSTEM
from tracing.domain import Actor, CaseKind, PairState, Purpose, Role
from tracing.store.records.audit import SqlAudit

CHANGES_NOBODY: Final = {
    "POST /api/v1/clues/suggestions": "Marks words in what is typed, and keeps nothing.",
    "PUT /api/v1/lists/{list_id}/columns": "What a heading means; the list itself was recorded, and is when it starts.",
}
"""Operations that leave no row, and why."""
AS_NOBODY_ELSE: Final = {
    "POST /api/v1/cases/{case_id}/approval/withdraw": Role.INTAKE,
    "POST /api/v1/pairs/{pair_id}/reconsider": Role.REVIEWER,
}
"""Where the one who did a step before takes it back."""
ORDER: Final = (Role.MANAGER, Role.INTAKE, Role.SERVICE, Role.REVIEWER, Role.PARTNER)


def one_row(house: House, action: str, subject: str, actor: Actor) -> dict[str, Any]:
    """Of this person and nobody else; what it says."""
    with house.services.store.reading() as records:
        found = [each for each in records.audit.events(0, 100_000) if (each.action, each.subject) == (action, subject)]
    assert [each.actor for each in found] == [actor.account_id], action
    return dict(found[0].detail)


def test_l11_each_step_says_by_whom_what_for_of_whom_by_which_model_and_how_alike(
    house: House, intake: TestClient, reviewer: TestClient, manager: TestClient
) -> None:
    """Create, view, search, compare, judge, export, print, erase."""
    missing = house.missing(1)
    form = {"photo": ("photo.png", painted_photo(1), "image/png"), "case": ("case.json", '{"kind": "sheltered"}')}
    made = intake.post("/api/v1/intakes", files=form).json()
    case_id, photo_id = made["case"]["case_id"], made["photos"][0]["photo_id"]
    assert one_row(house, "open_case", case_id, house.intake)["kind"] == CaseKind.SHELTERED
    assert one_row(house, "add_photo", case_id, house.intake)["photo_id"] == photo_id
    (pair,) = pairs_of(house, missing)
    searched = one_row(house, "search", case_id, SYSTEM)
    with house.services.store.reading() as records:
        generation_id, run = records.generations.active().generation_id, records.pairs.run(searched["run_id"])
    assert (searched["purpose"], searched["generation_id"]) == (Purpose.IDENTIFY_INTAKE, generation_id)
    assert [(line.case_id, line.score) for line in run.list] == [(missing.case_id, pair.score)]
    reviewer.get(f"/api/v1/cases/{case_id}")
    one_row(house, "read_case", case_id, house.reviewer)
    reviewer.get(f"/api/v1/pairs/{pair.pair_id}")
    assert set(one_row(house, "read_pair", pair.pair_id, house.reviewer)["cases"]) == {missing.case_id, case_id}
    judged = reviewer.post(f"/api/v1/pairs/{pair.pair_id}/decisions", json={"judgement": "same_likely", "reason": "the scar"})
    assert judged.status_code == 201, judged.text
    row = one_row(house, "judge_pair", pair.pair_id, house.reviewer)
    assert (row["judgement"], row["list_id"]) == ("same_likely", run.run_id)
    assert (row["generation_id"], row["score"]) == (generation_id, pair.score)
    notice = a_notice(house, told_of(house, 2))
    assert intake.get(f"/api/v1/notices/{notice.notice_id}/share").status_code == 200
    assert one_row(house, "print_notice", notice.case_id, house.intake)["notice_id"] == notice.notice_id
    assert manager.post(f"/api/v1/cases/{case_id}/export").status_code == 200
    one_row(house, "export_case", case_id, house.manager)
    other = house.hire("yue", Role.MANAGER)
    house.services.retention.say_erase(other, case_id, "she asked for it", suppress=False)
    erased = manager.post(f"/api/v1/cases/{case_id}/erase", json={"reason": "the second word", "suppress": False})
    assert erased.status_code == 200, erased.text
    assert one_row(house, "erase_case", case_id, house.manager)["asked_by"] == other.account_id


def test_l11_who_asks_by_words_or_lines_up_a_photo_leaves_whom_they_were_shown(house: House, intake: TestClient) -> None:
    shown = [house.missing(1, names=("王建国",), seen_place="阜阳"), house.missing(2, names=("王建国",), seen_place="阜阳")]
    house.services.worker.work_off()
    found = intake.post("/api/v1/clues/enquiries", json={"words": "王建国 阜阳"}).json()["found"]
    assert len(found) == 2
    assert set(one_row(house, "enquire", "", house.intake)["cases"]) == {each.case_id for each in shown}
    asking = house.open(CaseKind.SHELTERED)
    with house.services.store.reading() as records:
        (template,) = records.faces.templates(shown[0].case_id, "dlib-resnet-v1")
    run = house.services.matching.line_up(house.auditor, asking.case_id, np.stack([template.vector])).run
    row = one_row(house, "line_up", asking.case_id, house.auditor)
    assert (row["purpose"], row["generation_id"]) == (Purpose.QUALITY_TEST, run.generation_id)
    assert row["cases"] == sorted(line.case_id for line in run.list)
    assert row["score"] == max(line.score for line in run.list)
    told = [entry.about for entry in house.services.timeline.of_case(house.reviewer, asking.case_id).entries]
    assert not any(name in about for about in told for name in ("cases", "score")), "who judges would learn it from the story"


FULL: Final = "CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no more rows'); END"


def altered(house: House, statement: str) -> None:
    """What becomes of the database beside the service."""
    with closing(sqlite3.connect(house.services.settings.data_dir / "tracing.sqlite")) as connection, connection:
        connection.execute(statement)


def test_l12_while_the_audit_takes_no_row_the_api_and_the_page_take_people_in_and_let_nothing_out(
    house: House, app: FastAPI, intake: TestClient, reviewer: TestClient, second: TestClient, manager: TestClient
) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    decisions = f"/api/v1/pairs/{house.pair(missing, sheltered).pair_id}/decisions"
    verdict = {"judgement": "same_very_likely", "reason": "the scar"}
    assert reviewer.post(decisions, json=verdict).status_code == 201
    house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    lin = Browser(app).sign_in("lin")
    before = lin.see("/cases/new?kind=sheltered")
    altered(house, FULL)
    form = {"photo": ("photo.png", painted_photo(2), "image/png"), "case": ("case.json", '{"kind": "sheltered"}')}
    assert intake.post("/api/v1/intakes", files=form).status_code in (201, 202)
    typed = dict(re.findall(r'name="(\w+)" value="([^"]*)"', before)) | {"legal_basis": "statutory_duty"}
    page = lin.send("/cases/new?kind=sheltered", files={"photos": ("photo.png", painted_photo(3), "image/png")}, **typed)
    assert "S-2026-00003" in page
    for refused in (second.post(decisions, json=verdict), manager.post(f"/api/v1/cases/{missing.case_id}/export")):
        assert problem(refused) == (503, "audit-unavailable")
    assert house.pair(missing, sheltered).state is PairState.FIRST_POSITIVE
    assert house.services.store.spooled() >= 4
    altered(house, "DROP TRIGGER full")
    house.services.worker.rest()
    assert house.services.store.spooled() == 0
    assert second.post(decisions, json=verdict).json()["state"] == "confirmed"
    assert house.services.auditing.verify(SYSTEM).first_bad is None
    assert house.faults() == []


Calls = Callable[[str], TestClient]


def unrecorded(house: House, calls: Calls, only: str = "") -> tuple[int, list[str]]:
    """How many operations that change something were carried out, and those after which the audit names nobody.

    ``only``: of those with this in their address.
    """
    things, done, silent = Things(house), 0, []
    accounts = {each.name: each.account_id for each in house.services.accounts.all()}
    for label, row in ROWS.items():
        if row.method == "GET" or only not in row.path:
            continue
        role = AS_NOBODY_ELSE.get(label) or next(role for role in ORDER if role in row.roles)
        for of in ("GET", label):  # what is there for all of them, as long as that is at the step; else its own
            found = things.of(of)
            with house.services.store.reading() as records:
                head, _ = records.audit.head()
            answer = calls(ACCOUNTS[role]).request(row.method, filled(row.path, found), **things.request(label, found))
            if answer.status_code < 300:
                break
        assert answer.status_code < 300, f"{label} by {role}: {answer.text}"
        with house.services.store.reading() as records:
            who = {each.actor for each in records.audit.events(head, 1000)}
        silent += [] if accounts[ACCOUNTS[role]] in who else [label]
        done += 1
    return done, silent


@pytest.mark.long
def test_l11_every_route_that_changes_something_says_who_did_it(house: House, calls: Calls) -> None:
    done, silent = unrecorded(house, calls)
    assert silent == list(CHANGES_NOBODY)
    assert done > 50


def test_a_step_that_leaves_no_row_is_found(house: House, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    append = SqlAudit.append

    def all_but_one(audit: SqlAudit, actor: Actor, action: str, *more: Any) -> None:
        if action != "withdraw_face":
            append(audit, actor, action, *more)

    monkeypatch.setattr(SqlAudit, "append", all_but_one)
    assert unrecorded(house, calls, "/face/") == (2, ["POST /api/v1/cases/{case_id}/face/withdraw"])
