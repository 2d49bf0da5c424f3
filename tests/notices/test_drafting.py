"""What a notice tells and what it keeps back: marks, sensitive fields, numbers of families, photos (DOMAIN.md section 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOON, a_case, a_contact, a_face, a_photo
from tests.house import House
from tests.noticing import SAID, a_draft, now, told_of
from tracing.domain import (
    CaseForm,
    CaseKind,
    Description,
    LegalBasis,
    NoticeField,
    NoticeMark,
    NoticePhoto,
    PartialDate,
    PhotoCut,
)
from tracing.errors import Incomplete, Invalid
from tracing.intake import ContactDraft
from tracing.notices.drafting import (
    CONTROL,
    NEEDED,
    NO_SUCH_MARK,
    ONE_MARK_BACK,
    PRIVATE,
    RESERVED,
    TOLD_ELSEWHERE,
    TOO_MANY,
    WHY_SENSITIVE,
    NoticeDraft,
    check,
    composed,
    photographed,
    private_numbers,
    too_long,
)
from tracing.notices.views import USUAL
from tracing.notices.wording import SENSITIVE, Source, kept_back, only, source_of, told
from tracing.vision import Box

TODAY = NOON.date()
SCAR, FINGER = NoticeMark(text="左眉有一道疤"), NoticeMark(text="右手缺小指")


def source(form: dict[str, Any] | None = None, **said: Any) -> Source:
    case = a_case(kind=CaseKind.SHELTERED, **SAID | said)
    return source_of(case, CaseForm(case.case_id, form or {}), TODAY)


def a(**changes: Any) -> NoticeDraft:
    return NoticeDraft(**{"station": "救助站", "contact": "0551-62998000", "shown": USUAL, "marks": (SCAR,)} | changes)


def mistakes(known: Source, draft: NoticeDraft, private: tuple[str, ...] = ()) -> dict[str, str]:
    try:
        check(known, composed(known, draft), private)
    except Incomplete as error:
        return error.mistakes
    return {}


def test_a_notice_tells_what_is_known_of_the_fields_that_are_chosen_and_holds_nothing_of_the_others() -> None:
    known = source({"build": "thin", "hair": "花白短发"})
    made = composed(known, a(shown=USUAL - {NoticeField.NAME, NoticeField.SEEN_PLACE}))
    assert made.words == replace(known.words, name="", seen_place="", marks=(SCAR,))
    assert (made.words.build, made.words.hair, made.words.height_cm) == ("thin", "花白短发", 168)
    assert NoticeField.PHOTO not in made.shown, "none was chosen"
    assert set(made.taken) == made.shown
    assert "合肥站" not in str(made)
    assert "王建国" not in str(made)


def test_a_field_of_which_nothing_is_known_is_not_shown_whatever_was_chosen() -> None:
    known = source(names=(), height_cm=None, clothing="", seen_at=None)
    assert composed(known, a()).shown == {NoticeField.SEX, NoticeField.AGE, NoticeField.MARKS, NoticeField.SEEN_PLACE}


@given(st.sets(st.sampled_from(NoticeField)))
def test_words_hold_the_chosen_fields_alone(shown: set[NoticeField]) -> None:
    everything = replace(source({"build": "thin"}).words, health="heart", intellect="slow", mind="confused")
    kept = only(everything, frozenset(shown))
    assert told(kept) == frozenset(shown) - {NoticeField.PHOTO}


def test_clothing_and_place_may_be_told_in_other_words_than_the_case_has() -> None:
    made = composed(source(), a(clothing=" 蓝色外套 ", seen_place="合肥市瑶海区"))
    assert (made.words.clothing, made.words.seen_place) == ("蓝色外套", "合肥市瑶海区")
    assert NoticeField.CLOTHING not in composed(source(), a(clothing="")).shown


@pytest.mark.parametrize(
    ("said", "age"),
    [
        ({"age_min": 60, "age_max": 70}, (60, 70, False)),
        ({"birth_date": PartialDate(1958, 3, 2)}, (67, 67, True)),  # a day before the birthday
        ({"birth_date": PartialDate(1958, 3, 1)}, (68, 68, True)),
        ({"birth_date": PartialDate(1958)}, (67, 68, True)),
        ({"age_min": 60, "age_max": None}, (60, None, False)),
    ],
)
def test_an_age_is_known_from_a_birth_date_or_else_estimated(said: dict[str, Any], age: tuple[int, int, bool]) -> None:
    words = source(**said).words
    assert (words.age_min, words.age_max, words.age_known) == age


# One true mark


def test_one_mark_at_least_is_kept_back() -> None:
    assert mistakes(source(), a()) == {}
    assert mistakes(source(), a(marks=(SCAR, FINGER))) == {"marks": ONE_MARK_BACK}
    assert mistakes(source(marks=()), a(marks=())) == {}, "there is none to keep"
    assert composed(source(), a()).back == (FINGER,)
    assert composed(source(), a(shown=USUAL - {NoticeField.MARKS}, marks=(SCAR, FINGER))).back == (SCAR, FINGER)


def test_a_mark_of_the_form_counts_and_one_that_it_reserves_is_never_told() -> None:
    rows = ({"mark": "tattoo", "body_part": "左臂", "note": "一条龙", "keep_back": "yes"}, {"mark": "mole", "body_part": "颈"})
    known = source({"body_marks": rows})
    dragon, mole = NoticeMark("", "tattoo", "左臂", "", "一条龙"), NoticeMark("", "mole", "颈", "", "")
    assert known.marks == (SCAR, FINGER, dragon, mole)
    assert mistakes(known, a(marks=(SCAR, FINGER, mole))) == {}
    assert mistakes(known, a(marks=(SCAR, dragon))) == {"marks": RESERVED}
    assert mistakes(known, a(marks=(NoticeMark(text="made up"),))) == {"marks": NO_SUCH_MARK}


@pytest.mark.parametrize("where", ["clothing", "seen_place"])
def test_what_is_kept_back_is_not_told_in_other_words_of_the_notice(where: str) -> None:
    for words in ("他的右手缺小指，穿蓝衣", "右手 缺小指", "右手　缺\n小指"):
        assert mistakes(source(), a(**{where: words})) == {where: TOLD_ELSEWHERE}


@given(st.lists(st.text(st.characters(categories=["Lo", "Ll"]), min_size=3, max_size=8), max_size=5, unique=True), st.data())
def test_whoever_has_marks_keeps_one_of_them_or_has_no_notice(marks: list[str], data: st.DataObject) -> None:
    known = source(marks=tuple(marks))
    chosen = data.draw(st.sets(st.sampled_from(known.marks)) if known.marks else st.just(set()))
    draft = a(marks=tuple(chosen), shown=USUAL)
    if known.marks and not set(known.marks) - chosen:
        assert mistakes(known, draft)["marks"] in (ONE_MARK_BACK, TOLD_ELSEWHERE)
    else:
        assert mistakes(known, draft).get("marks") != ONE_MARK_BACK
        assert kept_back(known, draft.shown, composed(known, draft).words) or not known.marks


# Sensitive fields


def test_sensitive_fields_are_off_and_each_is_switched_on_by_itself_with_a_reason(house: House) -> None:
    case = told_of(house)
    house.services.filing.write(house.intake, case.case_id, {"health_note": "糖尿病", "health_flags": ["confused"]})
    proposed = house.services.notices.proposal(house.intake, case.case_id)
    assert not proposed.draft.shown & SENSITIVE
    assert "糖尿病" not in str(proposed), "what the form holds of it is not copied"
    for field in SENSITIVE:
        without = a_draft(house, case, shown=USUAL | {field}, **{field.value: "需按时服药"})
        with pytest.raises(Incomplete) as refused:
            house.services.notices.draft(house.intake, case.case_id, without)
        assert refused.value.mistakes == {f"{field}_reason": WHY_SENSITIVE}
        made = house.services.notices.draft(
            house.intake, case.case_id, replace(without, reasons={"mind": "no", field: "his family will know him by it"})
        )
        assert now(house, made).reasons == {field: "his family will know him by it"}
        assert made.shown & SENSITIVE == {field}
        view = house.services.notices.get(house.manager, made.notice_id)
        assert view.notice.reasons[field], "shown to whoever approves"


# Whose number


def test_a_notice_never_tells_the_number_of_somebody_who_seeks_the_person() -> None:
    private = ("+86 138-0013 8000", "12")
    assert mistakes(source(), a(contact="找李女士 １３８ ００１３ ８０００"), private) == {"contact": PRIVATE}
    assert mistakes(source(), a(clothing="call 13800138000"), private) == {"clothing": PRIVATE}
    assert mistakes(source(), a(contact="0551-6299 8012"), private) == {}, "two digits are no number"


@pytest.mark.parametrize("told", ["13800138000", "139 0013 9000"])
@pytest.mark.parametrize(
    "private",
    [
        "13800138000/139-0013-9000",
        "138 0013 8000，或 13900139000（邻居）",
        "13800138000 13900139000",
        "１３８　００１３　８０００、13900139000 转 802",
        "+86 138 0013 8000; 139 0013 9000; li1966@example.cn",
    ],
)
def test_each_of_several_numbers_in_one_field_is_private(private: str, told: str) -> None:
    assert mistakes(source(), a(contact=f"李女士 {told}"), (private,)) == {"contact": PRIVATE}


def test_digits_of_an_address_are_nobodys_number() -> None:
    home = "合肥市蜀山区望江路123号5栋2单元601室"
    assert mistakes(source(), a(seen_place=home), (home,)) == {}


def test_numbers_of_reporters_and_relatives_are_private_and_those_of_a_custodian_are_not() -> None:
    contacts = [a_contact("c", role="reporter", phone="13800138000"), a_contact("c", role="custodian", phone="055162998000")]
    relatives = ({"name": "李秀英", "relation": "wife", "contact": "13900139000"}, {"name": "王建军 13700137000"})
    numbers = private_numbers(contacts, relatives)
    assert {"13800138000", "13900139000", "王建军 13700137000"} <= set(numbers), "in whatever field it was typed"
    assert not any("055162998000" in each for each in numbers)
    assert "13900139000" not in private_numbers(contacts, "")


def test_the_numbers_of_the_case_are_known_when_it_is_drafted(house: House) -> None:
    contact = ContactDraft("reporter", "李秀英", "138 0013 8000")
    said = Description(**SAID)
    case = house.services.intake.open_case(house.intake, CaseKind.MISSING, said, LegalBasis.SEPARATE_CONSENT, contact)
    house.services.filing.write(
        house.intake, case.case_id, {"relatives": [{"name": "王小明", "relation": "son", "contact": "139 0013 9000"}]}
    )
    for number in ("13800138000", "139-0013-9000"):
        with pytest.raises(Incomplete) as refused:
            house.services.notices.draft(house.intake, case.case_id, a_draft(house, case, contact=f"call {number}"))
        assert refused.value.mistakes == {"contact": PRIVATE}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"station": " "}, {"station": NEEDED}),
        ({"contact": ""}, {"contact": NEEDED}),
        ({"contact": "1" * 101}, {"contact": too_long(100)}),
        ({"clothing": "长" * 201, "station": "站" * 61}, {"clothing": too_long(200), "station": too_long(60)}),
        ({"clothing": "blue\x00"}, {"clothing": CONTROL}),
        ({"station": "", "contact": "x\x07"}, {"station": NEEDED, "contact": CONTROL}),
    ],
)
def test_all_that_is_wrong_is_said_at_once(changes: dict[str, Any], wrong: dict[str, str]) -> None:
    assert mistakes(source(), a(**changes)) == wrong


def test_only_so_many_marks_are_told_and_line_breaks_make_no_tower() -> None:
    known = source(marks=tuple(f"mark {number}" for number in range(10)))
    assert mistakes(known, a(marks=known.marks[:9])) == {"marks": TOO_MANY}
    assert mistakes(known, a(marks=known.marks[:8])) == {}
    made = composed(source(), a(clothing="blue\n\n\ncoat", contact=" 0551\n1234567 "))
    assert (made.words.clothing, made.contact) == ("blue coat", "0551 1234567")


# Photos


def test_a_photo_is_cut_around_the_face_of_the_person_and_others_are_blurred() -> None:
    photo = a_photo("case", width=1000, height=800)
    own = a_face(photo.photo_id, box=Box(400, 300, 500, 420), of_interest=True)
    other = a_face(photo.photo_id, box=Box(700, 300, 760, 380), of_interest=False)
    cut = photographed(photo, [other, own], PhotoCut.FACE, blur=True)
    assert cut.cut is PhotoCut.FACE
    assert cut.box is not None
    assert cut.box.left <= 400 < 500 <= cut.box.right
    assert cut.box.top <= 300 < 420 <= cut.box.bottom
    assert cut.box.width / cut.box.height == pytest.approx(0.8, abs=0.01)
    (blurred,) = cut.blurred
    assert blurred.left < 700 < 760 < blurred.right
    assert photographed(photo, [other, own], PhotoCut.WHOLE, blur=False) == NoticePhoto(
        photo.photo_id, PhotoCut.WHOLE, blur=False
    )
    assert photographed(photo, [other], PhotoCut.FACE, blur=True).cut is PhotoCut.WHOLE, "nobody has said whose face it is"


@given(
    st.tuples(st.integers(8, 4000), st.integers(8, 4000)),
    st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 1), st.floats(0.01, 1)),
)
def test_wherever_the_face_is_the_cut_lies_inside_of_the_photo(
    size: tuple[int, int], place: tuple[float, float, float, float]
) -> None:
    photo = a_photo("case", width=size[0], height=size[1])
    left, top = int(place[0] * (size[0] - 2)), int(place[1] * (size[1] - 2))
    box = Box(left, top, min(size[0], left + 2 + int(place[2] * size[0])), min(size[1], top + 2 + int(place[3] * size[1])))
    faces = [a_face(photo.photo_id, box=box), a_face(photo.photo_id, box=box, of_interest=False)]
    cut = photographed(photo, faces, PhotoCut.FACE, blur=True)
    for each in (cut.box, *cut.blurred):
        assert each is not None
        assert 0 <= each.left < each.right <= photo.width
        assert 0 <= each.top < each.bottom <= photo.height


def test_a_photo_of_another_case_or_one_that_nobody_has_looked_at_is_refused(house: House) -> None:
    case, other = told_of(house), house.missing(2)
    with house.services.store.reading() as records:
        (foreign,) = records.photos.of_case(other.case_id)
    for photo_id in (foreign.photo_id, "0" * 32):
        with pytest.raises(Invalid) as refused:
            house.services.notices.draft(house.intake, case.case_id, a_draft(house, case, photo_id=photo_id))
        assert refused.value.field == "photo"


def test_the_form_proposes_the_photo_whose_face_is_known_and_keeps_a_mark_back(house: House) -> None:
    case = told_of(house)
    with house.services.store.reading() as records:
        (known,) = records.photos.of_case(case.case_id)
    house.photograph(case, 9, faces=0)
    proposed = house.services.notices.proposal(house.intake, case.case_id).draft
    assert proposed.photo_id == known.photo_id
    assert proposed.marks == (SCAR,)
    assert proposed.blur


def test_years_before_the_first_of_march_are_counted_to_the_day() -> None:
    case = a_case(kind=CaseKind.SHELTERED, **SAID | {"birth_date": PartialDate(2012, 2, 29)})
    words = source_of(case, CaseForm(case.case_id), date(2026, 2, 28)).words
    assert (words.age_min, words.age_max) == (13, 13)
