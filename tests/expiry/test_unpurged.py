"""A case whose time is over, and that no worker has erased yet, is told by no page and no number: all is as after the purge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from api.app import create_app
from tests.api.staff.conftest import PASSWORD, Browser
from tests.erasures.answers import HERE, PARAMETER, SKIPPED
from tests.erasures.person import MARKS, make_person
from tests.erasures.run import ids_of
from tests.house import House, a_house
from tests.stories import by_hand
from tracing.access import SYSTEM
from tracing.clues.boards import BoardKind
from tracing.coverage import SearchedBy
from tracing.domain import Case, CaseKind

DRAWN_BY_LOT: Final = re.compile(r'name="(csrf|form_id)" value="[^"]*"')
TELLS_WHAT_IS_TO_GO: Final = ("/retention",)
"""The page from which managers let go of what is over says how much that is."""


class Unpurged:
    """Two cases that are over, in everything that a case can be in, and whoever stays."""

    def __init__(self, house: House) -> None:
        self.house = house
        person = make_person(house)
        house.services.review.revoke(house.manager, house.pair(person.case, person.other).pair_id, "it was somebody else")
        house.services.worker.work_off()
        house.services.purging.tend()  # what is done once a day is done
        duty = house.services.clockwork.startable(house.case(person.case))[0]
        house.services.clockwork.start(house.intake, person.case.case_id, duty.rule_id, "somebody lost him")
        house.clock.advance(days=40)  # so that it has run out
        house.services.clockwork.tend()
        house.services.purging.tend()
        self.gone: tuple[Case, ...] = person.cases
        self.stays = person.other
        for each in self.gone:
            by_hand(house, "UPDATE cases SET expires_at = opened_at WHERE case_id = ?", values=(each.case_id,))

    def purge(self) -> None:
        self.house.services.purging.tend()
        with self.house.services.store.reading() as records:
            assert not records.expiry.cases_over(self.house.clock(), 9)


@pytest.fixture
def unpurged(tmp_path: Path) -> Iterator[Unpurged]:
    with a_house(tmp_path / "var") as house:
        yield Unpurged(house)


def figures(house: House) -> dict[str, object]:
    services = house.services
    return {
        "statistics": services.statistics.counts(SYSTEM),
        "of the station": services.statistics.counts(house.manager),
        "waiting": services.desk.waiting(house.manager),
        "coverage": services.coverage.report(SYSTEM, limit=99),
        "coverage by clues": services.coverage.report(SYSTEM, limit=99, by=SearchedBy.CLUES),
        "marked": len(services.safeguarding.waiting(house.manager)),
        "duties": services.compliance.by_station(SYSTEM),
        "overdue": services.compliance.overdue(SYSTEM),
        "reunions": services.compliance.reunions(SYSTEM),
        "recognition": services.recognition.report(SYSTEM),
        "queue": services.review.queue(house.reviewer).total,
    }


def test_l7_no_number_counts_it(unpurged: Unpurged) -> None:
    """DOMAIN.md, L7: of few cases a number says as much as a name."""
    house = unpurged.house
    before = figures(house)
    for each in unpurged.gone:
        by_hand(house, "UPDATE cases SET expires_at = NULL WHERE case_id = ?", values=(each.case_id,))
    living = figures(house)
    for each in unpurged.gone:
        by_hand(house, "UPDATE cases SET expires_at = opened_at WHERE case_id = ?", values=(each.case_id,))
    unpurged.purge()
    assert before == figures(house)
    assert {name for name, number in living.items() if number != before[name]} >= {
        "statistics",
        "coverage",
        "overdue",
        "waiting",
    }


def answers(house: House, stays: Case) -> dict[tuple[str, str], tuple[int, str]]:
    """(role, address) -> status and body of every GET, about somebody who stays."""
    app = create_app(house.services)
    paths = sorted({str(route.path) for route in iter_route_contexts(app.routes) if "GET" in (route.methods or ())})
    ids, found = ids_of(house.services, stays.case_id), {}
    for role in ("lin", "chen", "sun", "qian"):
        house.services.accounts.set_password(SYSTEM, role, PASSWORD)
        program = TestClient(
            app, base_url=HERE, headers={"Authorization": f"Bearer {house.services.accounts.new_api_key(SYSTEM, role)}"}
        )
        browser = Browser(app).sign_in(role)
        for path in paths:
            if not path.startswith((*SKIPPED, *TELLS_WHAT_IS_TO_GO)):
                client = program if path.startswith("/api/") else browser.client
                asked = PARAMETER.sub(lambda name: ids.get(name[1], "0" * 32), path)
                answer = client.get(asked, follow_redirects=False)
                found[role, asked] = (answer.status_code, DRAWN_BY_LOT.sub("", answer.content.decode("latin-1")))
        browser.client.post("/logout", data={"csrf": browser.token})
        browser.client.close()
        program.close()
    app.state.analyses.close()
    return found


@pytest.mark.long
def test_l7_no_page_tells_of_it(unpurged: Unpurged) -> None:
    before = answers(unpurged.house, unpurged.stays)
    assert [asked for asked, (status, _) in before.items() if status >= 500] == []
    assert sum(status == 200 for status, _ in before.values()) > 100
    unpurged.purge()
    after = answers(unpurged.house, unpurged.stays)
    assert [asked for asked, answer in before.items() if answer != after[asked]] == []


def test_l7_no_question_finds_it(unpurged: Unpurged) -> None:
    """By words, and by the boards of an interview, which draw from all cases."""
    house, gone = unpurged.house, {each.case_id for each in unpurged.gone}
    asking = house.open(CaseKind.SHELTERED)
    house.services.worker.work_off()
    for words in (MARKS["said"], MARKS["name"], "颍上"):
        answers = house.services.enquiries.ask(house.intake, words)
        assert not gone & {each.case.case_id for each in answers.found}, words
    for kind in BoardKind:
        house.services.interview_help.next(house.intake, asking.case_id, kind)


def test_every_chore_is_done_although_something_is_over(unpurged: Unpurged) -> None:
    unpurged.house.clock.advance(days=2)
    unpurged.house.services.worker.rest()
    assert unpurged.house.faults() == []
