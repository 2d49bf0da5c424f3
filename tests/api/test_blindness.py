"""Nobody who has still to judge a pair can learn, by any GET, what the machine or a colleague thinks of it.

Proved twice over every GET route of the application, for programs and for browsers: no answer holds any of the words and
numbers that would tell, and every answer is the same, to the byte, in two worlds that differ in nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any, Final

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.staff.words import SAID
from api.v1.candidate_answers import EvidenceAnswer
from tests.api.conftest import HERE
from tests.api.staff.conftest import PASSWORD, Browser, text_of
from tests.api.test_routes import filled, routes
from tests.factories import a_hit, a_lead
from tests.house import House
from tests.importing.handed import put
from tests.stories import by_hand
from tracing.access import SYSTEM
from tracing.clues.explained import Explained, Part, kept
from tracing.domain import Actor, Case, ClueHit, Judgement, KnownAnswer, Pair, Role, Told
from tracing.verdict import Proof, Verdict

SCORE: Final = 0.7319460257
BITS: Final = 18.4417
TELLING_NUMBERS: Final = ("18.44", "18.4", "0.7319", "0.732", "0.73", "73.19", "73.2", "73%", "73 %")
"""The score of every pair, as it may be written."""
TELLING_WORDS: Final = ("zebra", "over-sure")
"""Of the colleague's reason, and their name."""
TELLING_KEYS: Final = {
    *("score", "rank", "evidence", "score_seen", "clue_evidence", "bits", "strength", "lines"),
    *(EvidenceAnswer.model_fields.keys() - {"guarded"}),
}
"""Of JSON, if they hold anything. A case has a field of its own that is called as the one of evidence."""
SENTENCES: Final = (*SAID["Band"].values(), "Score ", "Strangers expected", "What the machine says")
"""Of pages."""
QUERIES: Final = {
    "/api/v1/cases": ("state=open", "state=matched", "kind=missing&limit=1"),
    "/coverage": ("by=clues",),
    "/cases/{case_id}/timeline": ("kind=pair", "kind=clock"),
    "/api/v1/cases/{case_id}/timeline": ("limit=1",),
    "/cases": ("state=open", "state=matched", "kind=missing"),
    "/api/v1/cases/{case_id}/candidates": (
        *("limit=1", "relation=trace", "limit=1&relation=trace", "source=clues", "source=clues&limit=1"),
    ),
    "/api/v1/review/queue": ("limit=1", "limit=1&offset=1", "limit=1&offset=2", "relation=trace"),
    "/api/v1/photos/{photo_id}/image": ("variant=face",),
    "/review": ("relation=trace", "sheet=2", "ages=adult", "overdue=1", "station=main"),
}
OF_THE_ENCODER: Final = {
    *("/figures", "/figures/report", "/figures/report.csv", "/figures/report.pdf"),
    *("/api/v1/statistics/figures", "/api/v1/statistics/report", "/api/v1/statistics/recognition"),
}
"""They hold scores, and every number between 0 and 1; that they depend on nothing of the pair is looked at all the same."""
DRAWN_BY_LOT: Final = re.compile(r'name="(csrf|form_id)" value="[^"]*"')
"""A form's secret, and the id of the case that a form may open."""


class World:
    """A missing person with three possible pairs, and somebody who has judged none of them."""

    def __init__(self, house: House, app: FastAPI, role: Role) -> None:
        self.house = house
        self.app = app
        self.missing: Case = house.missing(1)
        others = [house.sheltered(1, names=(f"intake {number}",)) for number in range(3)]
        self.pairs: list[Pair] = [house.pair(self.missing, other) for other in others]
        self.colleague = house.hire("over-sure", Role.REVIEWER)
        self.actor: Actor = house.hire("blind", role)
        self.key = house.services.accounts.new_api_key(SYSTEM, "blind")
        house.services.accounts.set_password(SYSTEM, "blind", PASSWORD)
        self.score({pair.pair_id: SCORE - place / 100_000 for place, pair in enumerate(self.pairs)})
        told = house.services.interviews.record(house.intake, self.missing.case_id, Told("his father is a carpenter"))
        self.clue_id = told.clue.clue_id
        house.services.worker.work_off()
        self.let_clues_speak()
        self.bring_a_hit()
        for pair in self.pairs:  # as somebody leaves them who looks, and goes home without a judgement
            house.services.review.claim(self.colleague, pair.pair_id)
        house.clock.advance(hours=1)

    def score(self, scores: dict[str, float]) -> None:
        for rank, (pair_id, score) in enumerate(sorted(scores.items(), key=lambda item: -item[1]), start=1):
            by_hand(self.house, "UPDATE pairs SET score = ?, rank = ? WHERE pair_id = ?", values=(score, rank, pair_id))

    def turn_the_scores_round(self) -> None:
        self.score({pair.pair_id: SCORE + place / 100_000 for place, pair in enumerate(self.pairs)})

    def let_clues_speak(self) -> None:
        """For each pair, by a weight of its own."""
        weights = [BITS + place / 1000 for place, _ in enumerate(self.pairs)]
        part = Part("striped like a zebra", "clue", self.clue_id)
        hits = [
            ClueHit(pair.pair_id, weight, kept((Explained("word", "same", part, part, weight),)), self.house.clock())
            for pair, weight in zip(self.pairs, weights, strict=True)
        ]
        with self.house.services.store.transaction() as records:
            records.clues.put_hits(hits)

    def bring_a_hit(self) -> None:
        """Of a list, whose record may be the missing person."""
        self.hit = put(self.house, a_hit(self.missing), portrait=b"jpeg")

    def let_the_list_say_less(self) -> None:
        """Another band of the face, and nothing of what is written."""
        by_hand(self.house, "DELETE FROM list_portraits")
        by_hand(self.house, "DELETE FROM list_hits")
        put(self.house, replace(self.hit, band="weak", reasons=()), portrait=b"jpeg")

    def take_the_clues_away(self) -> None:
        with self.house.services.store.transaction() as records:
            records.clues.drop_hits([pair.pair_id for pair in self.pairs])

    def let_the_colleague_judge(self) -> None:
        verdict = Verdict(Judgement.SAME_VERY_LIKELY, "striped like a zebra", confidence=5, features={"ears": "similar"})
        self.house.services.review.decide(self.colleague, self.pairs[0].pair_id, verdict)

    def paths(self) -> Iterator[tuple[str, str]]:
        """(route, address) of every GET, with the ids of the pair and its cases filled in, with none, and with queries."""
        with self.house.services.store.reading() as records:
            photos = {case_id: records.photos.of_case(case_id)[0].photo_id for case_id in self.pairs[0].case_ids}
            faces = {case_id: records.faces.of_photo(photo_id)[0].face_id for case_id, photo_id in photos.items()}
        for method, route in routes(self.app):
            if method != "GET":
                continue
            yield route, route
            for case_id in self.pairs[0].case_ids:
                names = {"pair_id": self.pairs[0].pair_id, "case_id": case_id, "locale": "en", "clue_id": self.clue_id}
                names |= {"photo_id": photos[case_id], "face_id": faces[case_id]}
                names |= {"hit_id": self.hit.hit_id, "run_id": self.hit.run_id}
                for query in ("", *QUERIES.get(route, ())):
                    yield route, filled(route, names) + (f"?{query}" if query else "")

    def answers(self, only: Collection[str] = ()) -> dict[tuple[str, str, str], tuple[int, str]]:
        """(how, route, address) -> status and body, to the person with an API key and to the one in a browser."""
        found: dict[tuple[str, str, str], tuple[int, str]] = {}
        with TestClient(self.app, base_url=HERE, headers={"Authorization": f"Bearer {self.key}"}) as program:
            browser = Browser(self.app).sign_in("blind")
            for how, client in (("program", program), ("browser", browser.client)):
                for route, path in self.paths():
                    if only and route not in only:
                        continue
                    if route == "/metrics":  # holds times; its numbers are those of the statistics
                        continue
                    answer = client.get(path, follow_redirects=False)
                    body = DRAWN_BY_LOT.sub("", answer.content.decode("latin-1"))
                    found[how, route, path] = (answer.status_code, body)
            browser.client.post("/logout", data={"csrf": browser.token})  # their own page lists where they are signed in
            browser.client.close()
        return found


@pytest.fixture(params=[pytest.param(each, marks=pytest.mark.long) for each in (Role.REVIEWER, Role.MANAGER)])
def world(house: House, app: FastAPI, request: pytest.FixtureRequest) -> World:
    return World(house, app, request.param)


def told(value: Any) -> Iterator[str]:
    """The keys of a JSON answer that hold something they must not."""
    if isinstance(value, dict):
        yield from (f"{key}={held!r}" for key, held in value.items() if key in TELLING_KEYS and held is not None)
        value = [held for key, held in value.items() if key != "quality"]  # of a photo: it has a score of its own
    if isinstance(value, list):
        for each in value:
            yield from told(each)


def words(world: World, how: str, route: str, body: str) -> list[str]:
    """What an answer holds and must not."""
    if route == "/static" or "image" in route or route.endswith("openapi.json"):
        return []
    found = [word for word in (*TELLING_WORDS, world.colleague.account_id) if word in body]
    if route in OF_THE_ENCODER:
        return found
    found += [number for number in TELLING_NUMBERS if number in body]
    if body.startswith(("{", "[")):
        return found + list(told(json.loads(body)))
    return found + [sentence for sentence in SENTENCES if sentence in body] if how == "browser" else found


def leaks(world: World, *changes: Callable[[World], object], only: Collection[str] = ()) -> list[str]:
    """Every answer that tells something, or that is another one after a change that the person may not notice."""
    before = world.answers(only)
    found = _telling(world, before)
    for change in changes:
        change(world)
        after = world.answers(only)
        assert before.keys() == after.keys()
        found += [f"{how} {path}: {status}" for (how, _, path), (status, _) in after.items() if status >= 500]
        found += [f"{how} {path}: differs" for (how, _, path), answer in after.items() if answer != before[how, _, path]]
        found += _telling(world, after)
        before = after
    return found


def _telling(world: World, answers: dict[tuple[str, str, str], tuple[int, str]]) -> list[str]:
    return [
        f"{how} {path}: {word}" for (how, route, path), (_, body) in answers.items() for word in words(world, how, route, body)
    ]


@pytest.mark.parametrize("world", [pytest.param(Role.REVIEWER, marks=pytest.mark.long)], indirect=True)
def test_every_get_route_is_asked_and_those_of_the_pair_answer(world: World) -> None:
    answers = world.answers()
    asked = {route for _, route, _ in answers}
    assert asked == {route for method, route in routes(world.app) if method == "GET"} - {"/metrics"}
    assert len(asked) > 20
    pair_id = world.pairs[0].pair_id
    for how, path in (
        ("program", f"/api/v1/pairs/{pair_id}"),
        ("program", "/api/v1/review/queue"),
        ("program", f"/api/v1/cases/{world.missing.case_id}/candidates"),
        ("browser", f"/pairs/{pair_id}"),
        ("browser", "/review"),
        ("browser", f"/cases/{world.missing.case_id}"),
    ):
        (answered,) = (answer for (by, _, at), answer in answers.items() if (by, at) == (how, path))
        assert answered[0] == 200, path
        assert pair_id in answered[1], path


def test_before_the_own_judgement_no_answer_tells_or_depends_on_what_anybody_thinks(world: World) -> None:
    """Not the machine of the faces, nor of the clues, nor of a hit of a list; nor the colleague who judged first."""
    clues = (World.take_the_clues_away, World.let_clues_speak)
    others = (World.turn_the_scores_round, World.let_the_list_say_less, World.let_the_colleague_judge)
    assert leaks(world, *clues, *others) == []


def test_after_a_new_photo_no_answer_tells_what_was_said_before(world: World) -> None:
    verdict = Verdict(Judgement.LOOKS_LIKE_RELATIVE, "striped like a zebra")
    world.house.services.review.decide(world.colleague, world.pairs[0].pair_id, verdict)
    world.house.clock.advance(hours=1)
    world.house.photograph(world.missing, 1, shot=900)
    world.turn_the_scores_round()
    assert world.house.services.review.view(world.actor, world.pairs[0].pair_id).may_judge
    with world.house.services.store.reading() as records:
        assert records.pairs.open_leads(), "which is not told either"
    assert leaks(world, lambda world: world.score({pair.pair_id: SCORE for pair in world.pairs})) == []


def test_after_the_own_judgement_the_same_answers_tell(world: World) -> None:
    """Else the tests above would look at pages that never tell anybody anything."""
    world.let_the_colleague_judge()
    pair_id = world.pairs[0].pair_id
    world.house.services.review.decide(world.actor, pair_id, Verdict(Judgement.EXCLUDED, "another nose"))
    telling = {(how, route) for (how, route, path), (_, body) in world.answers().items() if words(world, how, route, body)}
    assert telling >= {
        ("program", "/api/v1/pairs/{pair_id}"),
        ("program", "/api/v1/cases/{case_id}/candidates"),
        ("browser", "/pairs/{pair_id}"),
    }


def open_a_lead(world: World) -> None:
    with world.house.services.store.transaction() as records:
        records.pairs.open_lead(a_lead(world.pairs[0].pair_id, opened_by=world.colleague.account_id))


CHANGES: Final = {
    "clues": World.take_the_clues_away,
    "score": World.turn_the_scores_round,
    "colleague": World.let_the_colleague_judge,
    "lead": open_a_lead,
    "list": World.let_the_list_say_less,
}


@pytest.mark.parametrize("world", [Role.REVIEWER], indirect=True)
@pytest.mark.parametrize(
    ("target", "leak", "change", "route"),
    [
        ("api.v1.pairs.sees_scores", lambda *_, **__: True, "score", "/api/v1/pairs/"),
        ("tracing.candidates.judges_blind", lambda *_: False, "score", "/candidates"),
        ("tracing.candidates.sees_scores", lambda *_, **__: True, "score", "/candidates"),
        ("tracing.candidates._ranked", None, "score", "/candidates"),
        ("tracing.review.judges_blind", lambda *_: False, "colleague", "/pairs/"),
        ("tracing.review.shown_pair", lambda _, pair, judged: pair, "colleague", "/pairs/"),
        ("tracing.candidates.shown_pair", lambda _, pair, judged: pair, "colleague", "/candidates"),
        ("tracing.statistics.blind_state", lambda state: state, "colleague", "/api/v1/statistics"),
        ("tracing.leads.judges_blind", lambda *_: False, "lead", "/api/v1/leads"),
        ("tracing.clues.findings.judges_blind", lambda *_: False, "clues", "/api/v1/pairs/"),
        ("tracing.importing.looking._masked", lambda _, hit: hit, "list", "/list-hits"),
        ("tracing.importing.looking.judges_blind", lambda *_, **__: False, "list", "/lists/hits"),
        ("tracing.timeline.judges_blind", lambda *_: False, "colleague", "/timeline"),
    ],
)
def test_a_planted_leak_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch, target: str, leak: Callable[..., Any] | None, change: str, route: str
) -> None:
    if leak is None:  # the candidates stand in the order of their scores
        monkeypatch.setattr("tracing.candidates.CandidateList", _in_order_of_score(world))
    else:
        monkeypatch.setattr(target, leak)
    asked = {path for _, path in routes(world.app) if route in path}
    assert leaks(world, CHANGES[change], only=asked)


def _in_order_of_score(world: World) -> Callable[..., Any]:
    from tracing.candidates import CandidateList

    def sorted_list(run: Any, alarms: Any, views: Any) -> CandidateList:
        with world.house.services.store.reading() as records:
            return CandidateList(
                run, alarms, tuple(sorted(views, key=lambda view: -records.pairs.get(view.pair.pair_id).score))
            )

    return sorted_list


TELLING_ROUTES: Final = {
    "/api/v1/cases",
    "/api/v1/cases/{case_id}",
    "/api/v1/cases/{case_id}/candidates",
    "/api/v1/statistics",
    "/cases/{case_id}",
}
"""Where a settled pair shows first."""


class Settled(World):
    """A missing person and an intake, seen by a reviewer while the pair is new; beside them another pair that waits.

    Afterwards colleagues settle the pair, and the reviewer gets it as a known-answer pair.
    """

    def __init__(self, house: House, app: FastAPI) -> None:
        self.house = house
        self.app = app
        self.missing = house.missing(1)
        self.pairs = [house.pair(self.missing, house.sheltered(1))]
        house.pair(house.missing(2), house.sheltered(2))
        self.colleague = house.reviewer
        self.actor = house.hire("blind", Role.REVIEWER)
        self.key = house.services.accounts.new_api_key(SYSTEM, "blind")
        house.services.accounts.set_password(SYSTEM, "blind", PASSWORD)
        self.score({self.pairs[0].pair_id: SCORE})
        self.clue_id = house.services.interviews.record(house.intake, self.missing.case_id, Told("he said Fuyang")).clue.clue_id
        self.bring_a_hit()
        house.clock.advance(hours=1)

    def settle(self, mated: bool) -> None:
        """Verified, or excluded by two people."""
        pair, review = self.pairs[0], self.house.services.review
        if mated:
            self.house.confirm(pair)
            review.verify(self.house.manager, pair.pair_id, Proof.DNA, "striped like a zebra")
            return
        for actor, judgement in (
            (self.house.reviewer, Judgement.SAME_LIKELY),
            (self.house.second, Judgement.EXCLUDED),
            (self.house.manager, Judgement.EXCLUDED),
        ):
            review.decide(actor, pair.pair_id, Verdict(judgement, "striped like a zebra"))

    def give(self, mated: bool) -> str:
        """The new id lies beside that of the pair, so that both stand at the same place wherever ids say the place."""
        pair = self.pairs[0]
        known_id = pair.pair_id[:-1] + ("e" if pair.pair_id.endswith("f") else "f")
        with self.house.services.store.transaction() as records:
            now = self.house.clock()
            records.known.add(KnownAnswer(known_id, self.actor.account_id, pair.pair_id, mated, now, pair.suggested_at))
        return known_id


@pytest.mark.long
@pytest.mark.parametrize("mated", [True, False], ids=["mated", "not mated"])
def test_a_known_answer_pair_looks_in_every_answer_like_the_pair_when_it_was_new(
    house: House, app: FastAPI, mated: bool
) -> None:
    world = Settled(house, app)
    new, pair_id = world.answers(), world.pairs[0].pair_id
    world.settle(mated)
    assert world.answers(TELLING_ROUTES) != {key: new[key] for key in new if key[1] in TELLING_ROUTES}
    known_id = world.give(mated)
    given = {key: (status, body.replace(known_id, pair_id)) for key, (status, body) in world.answers().items()}
    assert [key for key in new if given[key] != new[key]] == []
    world.pairs = [replace(world.pairs[0], pair_id=known_id)]
    by_its_own_id = {
        (how, route, path.replace(known_id, pair_id)): (status, body.replace(known_id, pair_id))
        for (how, route, path), (status, body) in world.answers({"/pairs/{pair_id}", "/api/v1/pairs/{pair_id}"}).items()
    }
    assert [key for key in by_its_own_id if by_its_own_id[key] != new[key]] == []
    assert len(by_its_own_id) >= 4
    assert any(status == 200 and known_id in body for status, body in world.answers({"/review"}).values()), "it is there at all"


@pytest.mark.parametrize("mated", [True, False], ids=["mated", "not mated"])
def test_a_known_answer_pair_is_told_once_it_is_judged_and_then_the_disguise_is_off(
    house: House, app: FastAPI, mated: bool
) -> None:
    world = Settled(house, app)
    world.settle(mated)
    settled, known_id = world.answers(TELLING_ROUTES), world.give(mated)
    with TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {world.key}"}) as program:
        assert program.post(f"/api/v1/pairs/{known_id}/claim").json()["state"] == "under_review"
        said = {"judgement": "same_likely", "reason": "ears"}
        told = program.post(f"/api/v1/pairs/{known_id}/decisions", json=said).json()
        assert told["known_answer"] == {"mated": mated, "right": mated}
        assert told["decision"]["judgement"] == "same_likely"
        read = program.get(f"/api/v1/pairs/{known_id}").json()
        assert read["known_answer"] == told["known_answer"]
        assert not {"score", "evidence"} & read.keys()
        assert program.post(f"/api/v1/pairs/{known_id}/decisions", json=said).status_code == 403
    browser = Browser(app).sign_in("blind")
    page = text_of(browser.see(f"/pairs/{known_id}?decided=1"))
    assert "test whose answer is known" in page
    assert ("You saw it too." in page) == mated
    browser.client.close()
    assert world.answers(TELLING_ROUTES) == settled


def test_to_everybody_else_nothing_is_disguised(house: House, app: FastAPI) -> None:
    world = Settled(house, app)
    world.settle(mated=True)
    key = house.services.accounts.new_api_key(SYSTEM, "sun")
    with TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {key}"}) as program:
        read = ("/api/v1/statistics", f"/api/v1/cases/{world.missing.case_id}", "/api/v1/review/queue")

        def pairs_counted() -> list[str]:
            return [line for line in program.get("/metrics").text.splitlines() if line.startswith("tracing_pairs")]

        before, metrics = [program.get(path).json() for path in read], pairs_counted()
        known_id = world.give(mated=True)
        assert [program.get(path).json() for path in read] == before
        assert pairs_counted() == metrics
        assert program.get(f"/api/v1/pairs/{known_id}").status_code == 404


@pytest.mark.parametrize(
    ("target", "leak"),
    [
        ("tracing.disguise.Disguise.case", lambda _, case: case),
        ("tracing.disguise.Disguise.pair", lambda _, pair: pair),
        ("tracing.disguise.Disguise.history", lambda _, __, events: list(events)),
        ("tracing.casework.replace", lambda wanted, **_: wanted),
    ],
)
def test_a_hole_in_the_disguise_is_found(
    house: House, app: FastAPI, monkeypatch: pytest.MonkeyPatch, target: str, leak: Callable[..., Any]
) -> None:
    world = Settled(house, app)
    new = world.answers(TELLING_ROUTES)
    world.settle(mated=True)
    known_id, pair_id = world.give(mated=True), world.pairs[0].pair_id
    monkeypatch.setattr(target, leak)
    given = world.answers(TELLING_ROUTES)
    assert [key for key in new if given[key][1].replace(known_id, pair_id) != new[key][1]]
