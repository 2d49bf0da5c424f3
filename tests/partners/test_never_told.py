"""Whatever somebody writes about a person, and wherever: no word but the few that may stands in any answer to partners."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageDraw
from starlette.testclient import TestClient

from api.language import LANGUAGES
from api.public.app import create_app as create_public_app
from tests.api.notices.test_poster import text_of
from tests.api.public.conftest import HERE
from tests.fakes import painted_photo
from tests.house import House
from tests.noticing import a_draft, told_of
from tests.partners.stories import repository
from tracing.bootstrap import public_of
from tracing.domain import (
    ActionKind,
    ActionOutcome,
    Actor,
    Case,
    CaseKind,
    Description,
    LegalBasis,
    Notice,
    NoticeField,
    Outcome,
    PartialDate,
    Sex,
    Share,
    Told,
)
from tracing.errors import Refused
from tracing.intake import ContactDraft
from tracing.notices import drafting
from tracing.questions import Ask, Question, asked

FEEDS: Final = ("persons", "persons.atom", "notes", "notes.atom")
PHONE: Final = "13899990000"
ID_NUMBER: Final = "11010119660203123X"
adults = st.tuples(st.integers(14, 90), st.integers(0, 30))
anybody = st.tuples(st.integers(0, 20), st.integers(0, 9)) | st.none()
words = st.text("痕迹永不外传机密甲乙丙丁戊己庚辛", min_size=4, max_size=9)


def whole_form(kind: CaseKind, word: Callable[[str], str]) -> dict[str, Any]:
    """An answer to every question, with a word of its own wherever a text fits."""
    return {name: _answer(question, word) for name, question in asked(kind).items()}


def _answer(question: Question, word: Callable[[str], str]) -> Any:
    match question.ask:
        case Ask.ROWS:
            return [{column.name: _answer(column, word) for column in question.columns}]
        case Ask.SEVERAL:
            return [each for each in question.choices if each != "child"]
        case Ask.LINES:
            return [word(question.name)]
        case Ask.ONE:
            return question.choices[0]
        case Ask.NUMBER:
            return "47"
        case Ask.DAY:
            return "1971-07-13"
        case Ask.MOMENT:
            return "2026-02-27T04:44"
    return word(question.name)


def described(data: st.DataObject, word: Callable[[str], str]) -> Description:
    """Of an adult every other time: of the others partners are told nothing at all."""
    adult = data.draw(st.booleans())
    ages = data.draw(adults if adult else anybody)
    mark = word("mark")
    born = data.draw(
        st.sampled_from([None, PartialDate(1971, 7, 13), PartialDate(1971), *([] if adult else [PartialDate(2020)])])
    )
    return Description(
        names=(f"王{PHONE}", "李"),
        sex=data.draw(st.none() | st.sampled_from(Sex)),
        birth_date=born,
        age_min=ages[0] if ages else None,
        age_max=sum(ages) if ages else None,
        ethnic_group=word("ethnic_group"),
        languages=("普通话", ID_NUMBER),
        accent=f"阜阳 {ID_NUMBER}；{mark}",
        height_cm=170,
        marks=(mark,),
        clothing=f"蓝 call {PHONE} or a@{PHONE}.example, {mark}",
        seen_at=PartialDate(2025, 11, 23),
        seen_place=f"成都 {PHONE}, {mark}",
        circumstances=word("circumstances"),
    )


PEOPLE: Final = count(3)
"""Everybody has a face of their own: one who was erased is kept out, and whoever looks like them would have no template."""
STEPS: Final = ("nothing", "suspend", "close", "no basis", "withdraw", "erase", "unshare", "amend")


def step(house: House, case: Case, name: str, word: Callable[[str], str]) -> None:
    services = house.services
    match name:
        case "suspend":
            services.casework.suspend(house.manager, case.case_id, word("suspension"))
        case "close":
            outcome = Outcome.WITHDRAWN if case.kind is CaseKind.MISSING else Outcome.SELF_LEFT
            services.casework.close(house.manager, case.case_id, outcome, word("closing"))
        case "no basis":
            services.casework.amend(house.intake, case.case_id, legal_basis=LegalBasis.NONE)
        case "withdraw":
            services.withdrawing.withdraw(house.intake, case.case_id, word("withdrawal"))
        case "erase":
            services.retention.erase_case(house.manager, case.case_id, suppress=True)
        case "unshare":
            services.case_sharing.unshare(house.manager, case.case_id, word("unsharing"))
        case "amend":
            services.casework.amend(house.intake, case.case_id, legal_basis=LegalBasis.VITAL_INTEREST)


def _as_told(vector: Any) -> list[str]:
    """A template in the ways in which it could be written."""
    data = np.asarray(vector, "<f4")
    return [data.tobytes().hex()[:32], base64.b64encode(data.tobytes()).decode()[:32], repr(float(data[0]))[:9]]


@pytest.fixture
def partner_calls(house: House, calls: Callable[[str], TestClient]) -> TestClient:
    repository(house)
    return calls("repository")


def answers(client: TestClient) -> str:
    found = []
    for feed in FEEDS:
        for query in ("max_results=200", "max_results=200&omit_notes=yes"):
            answer = client.get(f"/api/v1/pfif/{feed}?{query}")
            assert answer.status_code == 200, answer.text
            found.append(answer.text)
    return "\n".join(found)


@pytest.mark.long
@pytest.mark.parametrize("grown_up", [True, False], ids=["somebody who may be told of", "anybody"])
def test_no_word_that_is_not_for_partners_stands_in_any_answer(grown_up: bool, house: House, partner_calls: TestClient) -> None:
    """Of most people partners are told nothing at all, so that half of them are made such that they are."""
    object.__setattr__(house.services.quotas, "_searches", 0)

    @settings(max_examples=20)
    @given(data=st.data())
    def whatever_was_written(data: st.DataObject) -> None:
        told: dict[str, str] = {}

        def word(place: str) -> str:
            told[place] = f"{data.draw(words, place)}{place}zq"
            return told[place]

        case = written_down(house, data, word)
        if grown_up:
            of_age(house, case)
        ids = ids_of(house, case)
        share = _shared(house, house.manager, case, word("reason"))
        assert share is not None or not grown_up, "else this test looks at empty answers"
        before = answers(partner_calls)
        if share is not None:
            assert share.record_id in before
            step(house, case, data.draw(st.sampled_from(STEPS)), word)
            house.clock.advance(minutes=2)
            house.services.telling.follow()
        after = answers(partner_calls)
        forbidden = {
            *told.values(),
            *ids,
            PHONE,
            ID_NUMBER,
            "1971-07",
            "2025-11",
            "汉族",
            "trafficking",
            "statutory",
            "consent",
        }
        assert [each for each in forbidden if each in before + after] == []

    whatever_was_written()


def written_down(house: House, data: st.DataObject, word: Callable[[str], str]) -> Case:
    """A case with something in every place where somebody may write."""
    services, kind = house.services, data.draw(st.sampled_from(CaseKind))
    basis = data.draw(st.just(LegalBasis.STATUTORY_DUTY) | st.sampled_from(LegalBasis))
    contact = ContactDraft(word("role"), word("contact"), PHONE, word("place"))
    case = services.intake.open_case(house.intake, kind, described(data, word), basis, contact)
    photo = services.intake.add_photo(house.intake, case.case_id, painted_photo(next(PEOPLE)))
    services.intake.analyse(photo.photo_id)
    services.filing.write(house.intake, case.case_id, whole_form(kind, word))
    services.interviews.record(house.intake, case.case_id, Told(word("clue")))
    services.actions.record(house.intake, case.case_id, ActionKind.DNA, ActionOutcome.ASKED, note=word("action"))
    return case


def of_age(house: House, case: Case, **more: Any) -> None:
    """Somebody of whom partners and the public may be told."""
    said = replace(house.case(case).description, birth_date=None, age_min=60, age_max=70, **more)
    house.services.casework.amend(house.intake, case.case_id, said, LegalBasis.STATUTORY_DUTY)


def ids_of(house: House, case: Case) -> set[str]:
    """By which the case, its photos or its templates could be told, as they may be written."""
    found = {case.case_id, case.reference, house.intake.account_id, house.manager.account_id}
    with house.services.store.reading() as records:
        for photo in records.photos.of_case(case.case_id):
            found |= {photo.photo_id, photo.photo_key, photo.sha256}
        for encoder_id in records.generations.live_encoders():
            for template in records.faces.templates(case.case_id, encoder_id):
                found |= set(_as_told(template.vector))
    return found


def _shared(house: House, actor: Actor, case: Case, reason: str) -> Share | None:
    try:
        return house.services.case_sharing.share(actor, case.case_id, reason)
    except Refused:
        return None


def test_a_word_that_leaks_is_noticed(house: House, partner_calls: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the property above could hold because nothing is ever told."""
    import tracing.partners.outline as outline

    described = outline._described
    monkeypatch.setattr(outline, "_described", lambda said, marks: described(said, marks) + said.circumstances)
    case = house.open(CaseKind.MISSING, age_min=60, circumstances="痕迹永不外传")
    house.services.case_sharing.share(house.manager, case.case_id, "agreed")
    assert "痕迹永不外传" in answers(partner_calls)


HIDDEN: Final = (NoticeField.HEALTH, NoticeField.INTELLECT, NoticeField.MIND)
NOTICED: Final = ("", "/n/{token}", "/n/{token}/seen", "/feed.atom")
WRITTEN_BY: Final = {
    "health": NoticeField.HEALTH,
    "intellect": NoticeField.INTELLECT,
    "mind": NoticeField.MIND,
    "build": NoticeField.BUILD,
    "hair": NoticeField.BUILD,
}
"""Where somebody may write what a notice tells only where the preview showed it so."""


@pytest.fixture
def passer_by(house: House) -> Iterator[TestClient]:
    """Somebody from the street, who is never asked to wait."""
    services = public_of(house.services.settings.model_copy(update={"public_requests_per_minute": 1_000_000}), house.clock)
    yield TestClient(create_public_app(services), base_url=HERE, client=("203.0.113.9", 4000))
    services.close()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is drawn into a picture: nobody reads it out of the PNG again."""
    texts: list[str] = []
    draw = ImageDraw.ImageDraw.text

    def text(pen: ImageDraw.ImageDraw, xy: Any, said: Any, *more: Any, **options: Any) -> None:
        texts.append(str(said))
        draw(pen, xy, said, *more, **options)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", text)
    return texts


def published(house: House, case: Case, shown: frozenset[NoticeField], word: Callable[[str], str]) -> Notice:
    """Something is typed into every field of the form, whether the field is chosen or not."""
    with house.services.store.reading() as records:
        (photo, *_) = records.photos.of_case(case.case_id)
    typed = {name: word(name) for name in ("health", "intellect", "mind")}
    reasons = {name: word(f"{name}_reason") for name in HIDDEN}
    draft = a_draft(
        house, case, shown=shown, marks=(), clothing="蓝", seen_place="成都", photo_id=photo.photo_id, reasons=reasons, **typed
    )
    made = house.services.notices.draft(house.intake, case.case_id, draft)
    made = house.services.notices.approve(house.manager, made.notice_id, made.version, word("approval"))
    return house.services.notices.publish(house.manager, made.notice_id, made.version)


def told_to_everybody(passer_by: TestClient, token: str, drawn: list[str]) -> str:
    """Pages and feed in both languages, poster and picture; without blanks, for words are broken over lines."""
    found = []
    for language in LANGUAGES:
        for path in NOTICED:
            answer = passer_by.get(path.format(token=token), params={"language": language})
            assert answer.status_code == 200, answer.text
            found.append(answer.text)
    found.append(text_of(passer_by.get(f"/n/{token}/poster.pdf").content))
    drawn.clear()
    assert passer_by.get(f"/n/{token}/share.png").status_code == 200
    assert drawn
    return "".join("".join([*found, *drawn]).split())


@pytest.mark.long
def test_no_notice_tells_of_health_or_of_why_unless_it_was_shown_so_before_it_was_approved(
    house: House, partner_calls: TestClient, passer_by: TestClient, drawn: list[str]
) -> None:
    """Nor are partners ever told of it, whatever a notice says."""
    object.__setattr__(house.services.quotas, "_searches", 0)
    opted_in = 0

    @settings(max_examples=25)
    @given(data=st.data(), shown=st.frozensets(st.sampled_from(NoticeField)))
    def whatever_was_written(data: st.DataObject, shown: frozenset[NoticeField]) -> None:
        nonlocal opted_in
        told: dict[str, str] = {}

        def word(place: str) -> str:
            told[place] = f"{data.draw(words, place)}{place}zq"
            return told[place]

        case = written_down(house, data, word)
        of_age(house, case, names=("王建国",))
        ids = ids_of(house, case)
        assert _shared(house, house.manager, case, word("reason")) is not None
        notice = published(house, case, shown, word)
        everybody = told_to_everybody(passer_by, notice.token, drawn)
        allowed = {told[place] for place, field in WRITTEN_BY.items() if field in shown and place in told}
        forbidden = {*told.values(), *ids, PHONE, ID_NUMBER, "trafficking", "statutory"}
        assert [each for each in forbidden - allowed if each in everybody] == []
        for name in shown & set(HIDDEN):
            opted_in += 1
            assert told[name] in everybody, "else nothing is ever told, and the above holds for nothing"
        to_partners = answers(partner_calls)
        assert [each for each in forbidden if each in to_partners] == []
        house.services.notices.withdraw(house.manager, notice.notice_id, notice.version, word("end"))

    whatever_was_written()
    assert opted_in, "else nobody has ever chosen one of them"


def test_health_that_leaks_into_a_notice_is_noticed(
    house: House, passer_by: TestClient, drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the property above could hold because nobody looks at the right answers."""
    case, shown = told_of(house), frozenset(NoticeField) - set(HIDDEN)
    notice = published(house, case, shown, "永不外传{}".format)
    assert "永不外传" not in told_to_everybody(passer_by, notice.token, drawn)
    monkeypatch.setattr(drafting, "only", lambda said, _: said)
    leaking = published(house, case, shown, "永不外传{}".format)
    everybody = told_to_everybody(passer_by, leaking.token, drawn)
    assert [name for name in HIDDEN if f"永不外传{name}" not in everybody] == []
